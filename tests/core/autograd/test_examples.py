"""The example programs, against gradients derived by hand."""

import math
from pathlib import Path

import pytest

from core.autograd.language.interpreter import run

FOLDER = Path(__file__).parents[3] / "assets" / "autograd" / "examples"

# sigmoid neuron: z = 2·0.5 − 1·1.5 + 0.25 = −0.25; dL/dz = 2 (s − 1) · s (1 − s); dw = dz · x, db = dz
_S = 1 / (1 + math.exp(0.25))
_DZ = 2 * (_S - 1) * _S * (1 - _S)


def _two_layers() -> tuple[list[list[float]], list[list[float]]]:
    """W1 and W2's gradients with plain lists: softmax minus one-hot over 3, and back through two products."""
    x, target = [[1.0, 2.0], [-1.0, 0.5], [0.0, -2.0]], [0, 1, 1]
    w1, w2 = [[0.5, -0.5, 1.0], [0.25, 1.0, -1.0]], [[1.0, -1.0], [0.5, 0.25], [-0.5, 1.0]]

    def product(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
        return [
            [sum(p * q for p, q in zip(row, column, strict=True)) for column in zip(*b, strict=True)]
            for row in a
        ]

    def turned(a: list[list[float]]) -> list[list[float]]:
        return [list(column) for column in zip(*a, strict=True)]

    before = product(x, w1)
    h = [[max(0.0, value) for value in row] for row in before]
    logits = product(h, w2)
    soft = [[math.exp(v) / sum(math.exp(u) for u in row) for v in row] for row in logits]
    up = [[(p - (j == t)) / 3 for j, p in enumerate(row)] for row, t in zip(soft, target, strict=True)]
    up_h = product(up, turned(w2))
    up_before = [
        [g if v > 0 else 0.0 for g, v in zip(gs, vs, strict=True)]
        for gs, vs in zip(up_h, before, strict=True)
    ]
    return product(turned(x), up_before), product(turned(h), up)


_W1, _W2 = _two_layers()

BY_HAND: dict[str, dict[str, object]] = {
    "01_product": {"a": -3.0, "b": 2.0},
    "02_three_times_squared": {"x": [[4.5, 4.5], [4.5, 4.5]]},
    "03_reused_variable": {"x": 7.0},
    "04_sigmoid_neuron": {"w": [2 * _DZ, -_DZ], "b": _DZ},
    # ∂Σxb/∂b = column sums of x; ∂/∂x = b in every row
    "05_broadcasting": {"b": [5.0, 7.0, 9.0], "x": [[10.0, 20.0, 30.0]] * 2},
    "06_two_layers": {"W1": _W1, "W2": _W2},
    "07_gradient_descent": {"w": 0.0},  # zeroed at the end of the last turn
    "08_forgotten_zero_grad": {"x": 6.0},
}


def test_every_example_has_its_derivation() -> None:
    assert {file.stem for file in FOLDER.glob("*.py")} == set(BY_HAND)


@pytest.mark.parametrize("name", BY_HAND)
def test_gradients(name: str) -> None:
    trace = run((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    assert trace.error is None
    for leaf, expected in BY_HAND[name].items():
        ours = trace.value(leaf).tensor.grad.double().reshape(-1).tolist()
        assert ours == pytest.approx(_flat(expected), rel=1e-5, abs=1e-7)


def _flat(item: object) -> list[float]:
    return [value for part in item for value in _flat(part)] if isinstance(item, list) else [item]  # type: ignore[list-item]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_each_begins_with_a_title_and_two_or_three_sentences(file: Path) -> None:
    title, *comment = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    text = " ".join(line.removeprefix("#").strip() for line in comment)
    assert len(title) < 50
    assert 2 <= text.count(". ") + 1 <= 4 and text.endswith(".")
