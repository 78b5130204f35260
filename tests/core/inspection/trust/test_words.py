"""What is said of numbers given by hand."""

import pytest
import torch

from core.inspection.maps import AttributionMap
from core.inspection.trust.check import Trust, Variant
from core.inspection.trust.erasing import Curve
from core.inspection.trust.words import findings, verdict

MAP = AttributionMap(torch.ones(1, 4, 4), True, 0)
SHARES = torch.tensor([0.0, 1.0])


def trust(weights: list[float], classes: list[float], deletion: float, insertion: float) -> Trust:
    random = torch.tensor([[0.5, 0.5], [0.6, 0.6], [0.4, 0.4]])  # areas 0.5 ± 0.1
    return Trust(
        MAP,
        1.0,
        tuple(Variant(f"layer{k}", MAP, one, one, one) for k, one in enumerate(weights)),
        tuple(Variant(str(k), MAP, one, one, one) for k, one in enumerate(classes)),
        tuple(
            Curve(name, SHARES, torch.tensor([area, area]), random)
            for name, area in (("deletion", deletion), ("insertion", insertion))
        ),
    )


@pytest.mark.parametrize(
    ("weights", "classes", "deletion", "insertion", "good"),
    [
        ([0.8, 0.3, 0.1], [0.1, 0.2], 0.2, 0.9, [True, True, True, True]),
        ([0.9, 0.8, 0.7], [0.9, 0.7], 0.9, 0.2, [False, False, False, False]),
        ([0.4, 0.3], [0.3], 0.45, 0.6, [None, None, None, None]),
    ],
)
def test_each_number_has_its_words(
    weights: list[float], classes: list[float], deletion: float, insertion: float, good: list[bool | None]
) -> None:
    found = findings(trust(weights, classes, deletion, insertion))
    assert [one.name for one in found] == ["Weights", "Class", "Deletion", "Insertion"]
    assert [one.good for one in found] == good
    assert f"{weights[-1]:.2f}" in found[0].sentence
    assert f"{sum(classes) / len(classes):.2f}" in found[1].sentence
    assert f"area {deletion:.2f} against 0.50 ± 0.10" in found[2].sentence


def test_where_the_resemblance_ends_is_named() -> None:
    sentence = findings(trust([0.8, 0.3, 0.1], [0.1], 0.2, 0.9))[0].sentence
    assert "no longer like the original from layer1 on" in sentence


def test_the_verdict_counts() -> None:
    assert "no check speaks against the map; 4 of 4" in verdict(trust([0.1], [0.1], 0.2, 0.9))
    assert "2 of 4 checks “Weights”, “Class” speak against" in verdict(trust([0.9], [0.9], 0.2, 0.9))
    assert "the check “Class” speaks against" in verdict(trust([0.1], [0.9], 0.2, 0.9))
    nothing = AttributionMap(torch.zeros(1, 4, 4), True, 0)
    assert "0 everywhere" in verdict(Trust(nothing))


def test_a_shape_that_stays_under_other_signs_speaks_neither_for_nor_against() -> None:
    same_shape = Trust(MAP, 1.0, (Variant("1", MAP, 0.9, 0.1, 0.8),), (Variant("1", MAP, 0.9, -0.2, 0.8),))
    found = findings(same_shape)
    assert [one.good for one in found] == [None, None]
    assert "(rank correlation 0.90)" in found[0].sentence and "(0.10 with signs)" in found[0].sentence
    assert "(−0.20 with signs)" in found[1].sentence
