"""The choice between float32 and bfloat16: by measurement, and only where the device has bfloat16."""

import pytest
import torch
from torch import Tensor, nn

from core.training import precision
from core.training.precision import has_bfloat16  # itself: each test sees another in its place

MODEL = nn.Linear(4, 2)
IMAGES, LABELS = torch.ones(8, 4), torch.zeros(8, dtype=torch.int64)


def chosen(monkeypatch: pytest.MonkeyPatch, seconds: dict[str, list[float]], has: bool = True) -> str:
    """What is chosen if the steps of each precision take these seconds."""
    monkeypatch.setattr(precision, "has_bfloat16", lambda _device: has)
    left = {name: iter(times) for name, times in seconds.items()}
    monkeypatch.setattr(precision, "_seconds", lambda name, *_: next(left[name]))
    return precision.choose("auto", MODEL, IMAGES, LABELS)


@pytest.mark.parametrize(
    ("float32", "bfloat16", "expected"),
    [
        ([1.0] * 9, [0.5] * 9, "bfloat16"),
        ([1.0] * 9, [0.95] * 9, "float32"),  # too small a gain for its rounding
        ([0.5] * 9, [1.0] * 9, "float32"),
        ([0.003] * 40, [0.003] * 9 + [0.002] * 31, "bfloat16"),  # disturbed for the first nine short steps
        ([9.0, 3.0, 0.5, 7.0, 4.0, 5.0, 0.9, 3.0, 2.0], [1.0] * 9, "float32"),  # others took the machine
    ],
)
def test_the_quicker_is_chosen_by_the_best_of_several_steps(
    monkeypatch: pytest.MonkeyPatch, float32: list[float], bfloat16: list[float], expected: str
) -> None:
    assert chosen(monkeypatch, {"float32": float32, "bfloat16": bfloat16}) == expected


def test_nothing_is_measured_where_there_is_no_bfloat16_or_where_a_person_chose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert chosen(monkeypatch, {}, has=False) == "float32"
    assert precision.choose("bfloat16", MODEL, IMAGES, LABELS) == "bfloat16"


def test_measuring_leaves_weights_statistics_and_random_numbers_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precision, "has_bfloat16", lambda _device: True)
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    before: dict[str, Tensor] = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert precision.choose("auto", model, IMAGES, LABELS) in ("float32", "bfloat16")
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize(
    ("able", "has"),
    [
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({"avx512_bf16": False, "avx2": True}, False),
        ({}, False),
    ],
)
def test_a_cpu_has_bfloat16_by_instructions_of_its_own(
    monkeypatch: pytest.MonkeyPatch, able: dict[str, bool], has: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert has_bfloat16(torch.device("cpu")) is has
