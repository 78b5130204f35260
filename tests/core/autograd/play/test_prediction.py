"""What may be seen while a gradient is being predicted, and how answers are judged."""

import pytest
import torch

from core.autograd.graph.check import check_all
from core.autograd.language.interpreter import run
from core.autograd.play.prediction import answer, derivation, judge, questions, read_number, until

PRODUCT = (
    "a = torch.tensor(2.0, requires_grad=True)\nb = torch.tensor(-3.0, requires_grad=True)\n"
    "c = a * b\nd = c * 5\nd.backward()\nprint(a.grad)\na.grad.zero_()\ne = a.grad * 2\n"
)


def test_questions_are_leaves_first_and_never_the_seed() -> None:
    trace = run(PRODUCT)
    assert sorted(each.title for each in questions(trace)[:2]) == ["∂d/∂a", "∂d/∂b"]
    assert [each.title for each in questions(trace)[2:]] == ["∂d/∂c"]
    by_title = {each.title: answer(trace, each) for each in questions(trace)}
    assert by_title == {"∂d/∂a": [[-15.0]], "∂d/∂b": [[10.0]], "∂d/∂c": [[5.0]]}


def test_the_film_stops_before_the_answer() -> None:
    question = next(each for each in questions(run(PRODUCT)) if each.title == "∂d/∂a")
    cut = until(run(PRODUCT), question)
    gradients = [g for backward in cut.passes for g in backward.gradients.values()]
    steps = cut.passes[0].steps
    seen = gradients + [
        tensor
        for step in steps
        for tensor in (*step.upstream, *(handed.amount for handed in step.contributions), step.after)
        if tensor is not None
    ]
    seen += [value.data for value in cut.values]
    seen += [
        value.tensor.grad for value in cut.values if value.tensor.is_leaf and value.tensor.grad is not None
    ]
    assert all(-15.0 not in tensor.reshape(-1).tolist() for tensor in seen)
    assert not cut.printed and "e" not in cut.names
    assert 5.0 in [float(each) for each in gradients]  # the upstream gradient, which the student needs
    assert check_all(cut)[0]  # the shortened trace can be checked and drawn as any other


def test_before_the_last_of_two_uses_nothing_has_arrived() -> None:
    source = "x = torch.tensor(2.0, requires_grad=True)\ny = x ** 2 + 3 * x\ny.backward()\n"
    question = questions(run(source))[0]
    trace = run(source)
    assert [step.name for step in derivation(trace, question)] == ["MulBackward0", "PowBackward0"]
    cut = until(trace, question)
    handed = [each.value for step in cut.passes[0].steps for each in step.contributions]
    assert question.value not in handed


def test_a_later_pass_can_be_asked() -> None:
    source = "x = torch.tensor(1.0, requires_grad=True)\nfor i in range(3):\n    y = (i + 1) * x\n"
    source += "    y.backward()\n"
    third = questions(run(source))[2]
    assert third.backward == 2 and answer(run(source), third) == [[3.0]]  # of this pass, not the sum 6
    assert len(until(run(source), third).passes) == 3


def test_large_and_infinite_gradients_are_not_asked() -> None:
    assert not questions(run("x = torch.ones(7, requires_grad=True)\nx.sum().backward()\n"))
    assert not questions(run("x = torch.tensor(0.0, requires_grad=True)\ny = torch.sqrt(x)\ny.backward()\n"))
    assert not questions(run("x = torch.ones(2)\n"))


def test_elements_are_judged_one_by_one() -> None:
    right = [[100.0, 0.0], [-0.25, 3.0]]
    assert judge(right, [[100.9, 0.004], [-0.25, None]]) == [[True, True], [True, False]]
    assert judge(right, [[101.1, 0.006], [0.25, 3.0]]) == [[False, False], [False, True]]


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.5", 0.5), (" −3 ", -3.0), ("1/4", 0.25), ("0,5", 0.5), ("1e-3", 0.001), ("", None), ("x", None),
     ("1/0", None), ("inf", None), ("nan", None)],
)  # fmt: skip
def test_numbers_as_people_type_them(text: str, number: float | None) -> None:
    assert read_number(text) == number


def test_a_vectors_answer_is_one_row() -> None:
    source = "x = torch.tensor([1.0, 2.0], requires_grad=True)\n(x * x).sum().backward()\n"
    question = questions(run(source))[0]
    assert (question.rows, question.columns) == (1, 2)
    assert torch.tensor(answer(run(source), question)).tolist() == [[2.0, 4.0]]
