"""The example programs, against gradients derived by hand and worked out in plain Python."""

import math
from pathlib import Path

import pytest

from core.autograd.graph.check import check_all
from core.autograd.graph.trace import Trace
from core.autograd.language.interpreter import run

FOLDER = Path(__file__).parents[3] / "assets" / "autograd" / "examples"
Matrix = list[list[float]]


def product(a: Matrix, b: Matrix) -> Matrix:
    return [[sum(p * q for p, q in zip(row, column, strict=True)) for column in turned(b)] for row in a]


def turned(a: Matrix) -> Matrix:
    return [list(column) for column in zip(*a, strict=True)]


def softmax(z: list[float]) -> list[float]:
    return [math.exp(v) / sum(math.exp(u) for u in z) for v in z]


def four_variables() -> dict[str, object]:
    """loss = ((ab + cd)² − a) / d; with r = ab + cd = 6 − 4 = 2 and t = r² − a = 2:

    ∂a = (2rb − 1)/d = 11/4, ∂b = 2ra/d = 8/4, ∂c = 2rd/d = 2r = 4, ∂d = 2rc/d − t/d² = −1 − 2/16
    """
    return {"a": 2.75, "b": 2.0, "c": 4.0, "d": -1.125}


def sigmoid_neuron() -> dict[str, object]:
    """z = 2·0.5 − 1·1.5 + 0.25 = −0.25, loss = (s − 1)²: ∂z = 2(s − 1) · s(1 − s), ∂w = ∂z · x, ∂b = ∂z"""
    s = 1 / (1 + math.exp(0.25))
    dz = 2 * (s - 1) * s * (1 - s)
    return {"w": [2 * dz, -dz], "b": dz}


def two_layers() -> dict[str, object]:
    """∂logits = (softmax − one-hot)/3; ∂W2 = hᵀ ∂logits; ∂h = ∂logits W2ᵀ, kept where ReLU was on;
    ∂W1 = Xᵀ ∂(X W1)
    """
    x, target = [[1.0, 2.0], [-1.0, 0.5], [0.0, -2.0]], [0, 1, 1]
    w1, w2 = [[0.5, -0.5, 1.0], [0.25, 1.0, -1.0]], [[1.0, -1.0], [0.5, 0.25], [-0.5, 1.0]]
    before = product(x, w1)
    h = [[max(0.0, value) for value in row] for row in before]
    soft = [softmax(row) for row in product(h, w2)]
    up = [[(p - (j == t)) / 3 for j, p in enumerate(row)] for row, t in zip(soft, target, strict=True)]
    up_before = [
        [g if v > 0 else 0.0 for g, v in zip(gs, vs, strict=True)]
        for gs, vs in zip(product(up, turned(w2)), before, strict=True)
    ]
    return {"W1": product(turned(x), up_before), "W2": product(turned(h), up)}


def softmax_jacobian() -> Matrix:
    """∂s_i/∂z_j = s_i (δ_ij − s_j), from the quotient rule on exp(z_i) / Σ exp(z_k)"""
    s = softmax([2.0, 1.0, 0.0])
    return [[s[i] * ((i == j) - s[j]) for j in range(3)] for i in range(3)]


def residual_block() -> dict[str, object]:
    """x W1 + 0.5 = (0.5 − 0.5 + 0.5, −1 − 2 + 0.5) = (0.5, −2.5), so h = (0.5, 0) and
    y = x + h W2 = (1 + 0.5, −2 + 0.25) = (1.5, −1.75); loss = ½ Σ y², so ∂y = y.

    ∂W2 = hᵀ y: row 0 is 0.5 · y, row 1 is 0 because that unit is off. ∂h = y W2ᵀ, only its first element
    1.5 · 1 − 1.75 · 0.5 = 0.625 passes the ReLU. ∂W1 = xᵀ (0.625, 0).
    ∂x = y (over the residual connection) + 0.625 · (0.5, 0.25) (through the layers)
    """
    return {
        "W2": [[0.75, -0.875], [0.0, 0.0]],
        "W1": [[0.625, 0.0], [-1.25, 0.0]],
        "x": [[1.5 + 0.3125, -1.75 + 0.15625]],
    }


def batch_normalisation() -> dict[str, object]:
    """n_i = (x_i − m)/σ with m = 4, σ² = 5 + ε; y = γ n + β; loss = ¼ Σ (y − t)², so
    u_i = ∂y_i = (y_i − t_i)/2.

    ∂β = Σ u, ∂γ = Σ u n. Through n: ∂m/∂x_j = ¼ and ∂σ/∂x_j = n_j/4, hence
    ∂x_j = γ/σ · (u_j − mean(u) − n_j · mean(u n))
    """
    x, target, gamma, beta = [1.0, 3.0, 5.0, 7.0], [0.0, 1.0, 0.0, 3.0], 2.0, 0.5
    sigma = math.sqrt(5 + 1e-5)
    n = [(value - 4) / sigma for value in x]
    u = [(gamma * v + beta - t) / 2 for v, t in zip(n, target, strict=True)]
    un = sum(a * b for a, b in zip(u, n, strict=True))
    dx = [gamma / sigma * (a - sum(u) / 4 - b * un / 4) for a, b in zip(u, n, strict=True)]
    return {"x": dx, "gamma": un, "beta": sum(u)}


def convolution() -> dict[str, object]:
    """y_ij = Σ_ab k_ab · x_(i+a)(j+b) and loss = ½ Σ y², so ∂y = y: ∂k_ab = Σ_ij y_ij x_(i+a)(j+b),
    and each y_ij gives y_ij · k_ab to pixel (i+a, j+b)
    """
    x, k = [[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, -1.0, 1.0]], [[1.0, -1.0], [0.5, 2.0]]
    places = [(i, j, a, b) for i in range(2) for j in range(2) for a in range(2) for b in range(2)]
    y, dk, dx = ([[0.0] * n for _ in range(n)] for n in (2, 2, 3))
    for i, j, a, b in places:
        y[i][j] += k[a][b] * x[i + a][j + b]
    for i, j, a, b in places:
        dk[a][b] += y[i][j] * x[i + a][j + b]
        dx[i + a][j + b] += y[i][j] * k[a][b]
    return {"image": dx, "kernel": dk}


def recurrent_neuron() -> dict[str, object]:
    """h_t = tanh(w h_(t−1) + x_t), so dh_t/dw = (1 − h_t²)(h_(t−1) + w · dh_(t−1)/dw), carried forwards"""
    w, h, dh = 0.6, 0.0, 0.0
    for x in (1.0, 0.5, -1.0, 2.0):
        now = math.tanh(w * h + x)
        h, dh = now, (1 - now * now) * (h + w * dh)
    return {"w": dh}


# None: no gradient has arrived
BY_HAND: dict[str, dict[str, object]] = {
    "01_product": {"a": -3.0},  # d ab / da = b
    "02_three_times_squared": {"x": [[4.5, 4.5], [4.5, 4.5]]},  # ¼ · 6(x + 2) at x = 1
    "03_reused_variable": {"x": 7.0},  # 2x + 3 at 2
    "04_four_variables": four_variables(),
    "05_sigmoid_neuron": sigmoid_neuron(),
    # ∂ Σ xb / ∂b = column sums of x; ∂/∂x = b in every row
    "06_broadcasting": {"b": [5.0, 7.0, 9.0], "x": [[10.0, 20.0, 30.0]] * 2},
    "07_two_layers": two_layers(),
    "08_softmax_jacobian": {"z": None},  # torch.autograd.grad returns gradients, and puts none into .grad
    "09_residual_block": residual_block(),
    "10_batch_normalisation": batch_normalisation(),
    "11_convolution": convolution(),
    "12_dynamic_graph": {"x": 20.0},  # 2 → ·x 4 → ·x 8 → −3x 2 → ·x 4: x⁴ − 3x², 4x³ − 6x at 2
    "13_gradient_descent": {"w": 0.0},  # zeroed at the end of the last turn
    "14_recurrent_neuron": recurrent_neuron(),
    "15_kink": {"x": [0.0, 0.0, 3.0]},  # 3 where x > 0; at 0 PyTorch's convention is 0
    "16_forgotten_zero_grad": {"x": 6.0},  # 2 + 2 + 2
    "17_backward_twice": {"x": 12.0},  # 3x² at 2, from the first call alone
    "18_in_place_saved": {"x": None},
    "19_in_place_leaf": {"w": 4.0},  # 2(w − 1) at 3
    "20_detached_half": {"x": 3.0},  # the copy is a constant 3
    "21_detached_wholly": {"w": None},
    "22_not_a_scalar": {"x": None},
}

# the examples that end in an error on purpose: the statement, words of the explanation
ERRORS: dict[str, tuple[str, str]] = {
    "17_backward_twice": ("y.backward()", "freed"),
    "18_in_place_saved": ("loss.backward()", "changed in place"),
    "19_in_place_leaf": ("w -= 0.1 * w.grad", "in place"),
    "21_detached_wholly": ("loss.backward()", "`.detach()` cut it off"),
    "22_not_a_scalar": ("y.backward()", "(3,)"),
}


def example(name: str) -> Trace:
    return run((FOLDER / f"{name}.py").read_text(encoding="utf-8"))


def test_every_example_has_its_derivation() -> None:
    assert {file.stem for file in FOLDER.glob("*.py")} == set(BY_HAND)
    assert len(BY_HAND) >= 16


@pytest.mark.parametrize("name", BY_HAND)
def test_gradients(name: str) -> None:
    trace = example(name)
    leaves = {
        title
        for title, number in trace.names.items()
        if trace.values[number].is_leaf and trace.values[number].requires_grad
    }
    assert leaves == set(BY_HAND[name])
    for leaf, expected in BY_HAND[name].items():
        gradient = trace.value(leaf).tensor.grad
        if expected is None:
            assert gradient is None
        else:
            assert gradient is not None
            ours = gradient.double().reshape(-1).tolist()
            assert ours == pytest.approx(flat(expected), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", BY_HAND)
def test_only_the_mistakes_end_in_an_error_and_say_so(name: str) -> None:
    trace = example(name)
    text = trace.program.source
    assert ("ends in an error on purpose" in text) == (name in ERRORS)
    if name not in ERRORS:
        assert trace.error is None
        return
    statement, words = ERRORS[name]
    assert trace.error is not None
    assert text.splitlines()[trace.error.line - 1] == statement
    assert words in trace.error.message


def test_the_rows_of_the_jacobian() -> None:
    trace = example("08_softmax_jacobian")
    rows = [backward.gradients[trace.names["z"]].tolist() for backward in trace.passes]
    assert flat(rows) == pytest.approx(flat(softmax_jacobian()), abs=1e-6)
    assert flat(trace.value("J").data.tolist()) == pytest.approx(flat(softmax_jacobian()), abs=1e-6)


def test_the_other_branch_of_the_dynamic_graph() -> None:
    # at x = 1, y stays below 5, so all four turns multiply: x⁵, whose slope at 1 is 5
    source = (FOLDER / "12_dynamic_graph.py").read_text(encoding="utf-8")
    trace = run(source.replace("torch.tensor(2.0", "torch.tensor(1.0"))
    assert float(trace.value("x").tensor.grad) == 5.0
    assert len(trace.operations) < len(example("12_dynamic_graph").operations)


def test_gradient_descent_arrives_where_it_should() -> None:
    # the distance from 1 shrinks by 1 − 2 · 0.1 = 0.8 a turn: 1 + 0.8³ = 1.512
    trace = example("13_gradient_descent")
    assert float(trace.value("w").data) == pytest.approx(1.512)
    assert trace.printed[-1].text == "turn 2: loss 0.4096, w 1.5120"


def test_the_kink_is_called_one() -> None:
    trace = example("15_kink")
    checks = check_all(trace)[0]
    assert checks[trace.names["x"]].state == "kink"


def flat(item: object) -> list[float]:
    return [value for part in item for value in flat(part)] if isinstance(item, list) else [item]  # type: ignore[list-item]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_each_begins_with_a_title_and_two_or_three_sentences(file: Path) -> None:
    title, *comment = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    text = " ".join(line.removeprefix("#").strip() for line in comment)
    assert len(title) < 50
    assert 2 <= text.count(". ") + 1 <= 3 and text.endswith(".")
