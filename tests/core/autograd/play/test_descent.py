"""Descent against steps worked out by hand."""

import math

import pytest
import torch

from core.autograd.errors import RefusalError
from core.autograd.language.interpreter import run
from core.autograd.play.descent import descend
from core.autograd.play.function import ProgramFunction, element_names, final_scalar, leaves_below
from core.autograd.play.landscape import frame, landscape

BOWL = "x = torch.tensor(4.0, requires_grad=True)\nloss = x ** 2\nloss.backward()\n"
TWO = (
    "a = torch.tensor(3.0, requires_grad=True)\nb = torch.tensor(-1.0, requires_grad=True)\n"
    "loss = a ** 2 + 10 * b ** 2\n"
)


def loss_of(source: str) -> ProgramFunction:
    trace = run(source)
    assert trace.error is None
    loss = final_scalar(trace)
    assert loss is not None
    return ProgramFunction(trace, leaves_below(trace, [loss.number]), (loss.number,))


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.9])
def test_descent_in_a_bowl_shrinks_x_by_one_minus_two_r(rate: float) -> None:
    path = descend(loss_of(BOWL), "descent", rate, 8)
    for step, ((x,), (slope,)) in enumerate(zip(path.points, path.gradients, strict=True)):
        assert x == pytest.approx(4 * (1 - 2 * rate) ** step, rel=1e-4)  # x ← x − r · 2x
        assert slope == pytest.approx(2 * x)
    assert len(path.losses) == 9 and path.diverged is None


def test_above_rate_one_it_diverges_and_says_at_which_step() -> None:
    # loss = 16 · 1.1^(2k) rises above 16 by ten times 16 first at k = 13: 1.1^26 = 11.9, 1.1^24 = 9.8
    path = descend(loss_of(BOWL), "descent", 1.05, 40)
    assert path.diverged == 13
    assert len(path.losses) == 14
    assert descend(loss_of(BOWL), "descent", 1.0, 40).diverged is None  # x flips its sign for ever


def test_momentum_by_hand() -> None:
    path = descend(loss_of(BOWL), "momentum", 0.1, 2)
    # v₁ = 8, x₁ = 4 − 0.8; v₂ = 0.9 · 8 + 6.4 = 13.6, x₂ = 3.2 − 1.36
    assert [x for (x,) in path.points] == pytest.approx([4, 3.2, 1.84])


def test_adams_first_step_is_the_rate() -> None:
    path = descend(loss_of(TWO), "adam", 0.1, 1)
    assert path.points[1] == pytest.approx((2.9, -0.9), abs=1e-5)  # m / √v = ±1 after the first gradient


def test_an_infinite_loss_is_divergence_and_a_falling_one_is_not() -> None:
    falling = descend(loss_of("x = torch.tensor(1.0, requires_grad=True)\nl = -x\n"), "descent", 1.0, 20)
    assert falling.diverged is None and falling.losses[-1] == pytest.approx(-21)
    logarithm = loss_of("x = torch.tensor(0.1, requires_grad=True)\nl = torch.log(x)\n")
    path = descend(logarithm, "descent", 1.0, 20)
    assert path.diverged == 1 and math.isnan(path.losses[1])  # 0.1 − 10 lies where there is no logarithm


def test_only_the_chosen_leaves_move() -> None:
    trace = run(TWO)
    function = ProgramFunction(trace, (trace.names["b"],), (trace.names["loss"],))
    path = descend(function, "descent", 0.01, 1)
    assert path.points == (pytest.approx((-1.0,)), pytest.approx((-0.8,)))  # b ← −1 − 0.01 · 20 · (−1)
    assert path.losses[0] == pytest.approx(19)


def test_what_no_grad_computes_follows_the_leaves_without_gradient() -> None:
    function = loss_of("x = torch.tensor(3.0, requires_grad=True)\nc = x.detach()\nl = x * c\n")
    path = descend(function, "descent", 0.1, 1)
    assert path.gradients[0] == (3.0,)  # c counts as constant
    assert path.losses[1] == pytest.approx(2.7**2)  # but moves with x


def test_the_last_turn_of_a_loop_is_what_is_descended() -> None:
    function = loss_of(
        "w = torch.tensor(2.0, requires_grad=True)\nfor i in range(2):\n    l = (w - 1) ** 2\n"
        "    l.backward()\n"
        "    with torch.no_grad():\n        w -= 0.1 * w.grad\n    w.grad.zero_()\n"
    )
    path = descend(function, "descent", 0.1, 1)
    assert [x for (x,) in path.points] == pytest.approx([1.8, 1.64])  # 1 + 0.8, 1 + 0.64


@pytest.mark.parametrize(("rate", "steps"), [(0.0, 5), (-1.0, 5), (math.nan, 5), (0.1, 0), (0.1, 201)])
def test_bounds(rate: float, steps: int) -> None:
    with pytest.raises(ValueError, match="given"):
        descend(loss_of(BOWL), "descent", rate, steps)


def test_the_map_holds_the_loss_at_each_point() -> None:
    function = loss_of(TWO)
    path = descend(function, "descent", 0.05, 10)
    (left, right), (bottom, top) = frame([path])
    assert left < min(p[0] for p in path.points) and right > 3.0
    land = landscape(function, ((left, right), (bottom, top)))
    for j in (0, 20, 40):
        for i in (0, 7, 40):
            assert land.losses[j][i] == pytest.approx(land.xs[i] ** 2 + 10 * land.ys[j] ** 2, rel=1e-4)


def test_a_diverging_path_does_not_stretch_the_map() -> None:
    path = descend(loss_of(TWO), "descent", 0.5, 40)
    (left, right), (bottom, top) = frame([path])
    assert path.diverged is not None
    assert right - left < 20 and top - bottom < 20


def test_elements_are_named_as_in_pytorch() -> None:
    trace = run("w = torch.ones(1, 2)\nb = torch.tensor(1.0)\n")
    assert element_names(trace, (0, 1)) == ("w[0, 0]", "w[0, 1]", "b")


def test_what_cannot_be_computed_anew_is_refused_in_words() -> None:
    function = loss_of("x = torch.ones(2, requires_grad=True)\ny = x[x > 0].reshape(2).sum()\n")
    assert descend(function, "descent", 2.0, 3).stopped  # at x = −1 nothing is left to reshape
    with pytest.raises(RefusalError, match="reshape"):
        function(torch.tensor([-1.0, 1.0]))


def test_no_single_number() -> None:
    assert final_scalar(run("x = torch.ones(2, requires_grad=True)\ny = x * 2\n")) is None
    assert final_scalar(run("")) is None


def test_all_of_a_path_that_overshoots_but_comes_back_is_on_the_map() -> None:
    path = descend(loss_of(TWO), "momentum", 0.05, 40)
    assert path.diverged is None
    (left, right), (bottom, top) = frame([path])
    assert all(left < a < right and bottom < b < top for a, b in path.points)
