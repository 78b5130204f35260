import pytest
import torch

from core.figures.confusion import matrix_figure
from core.inspection.confusion import ConfusionMatrix

CLASSES = ("Shirt", "Coat", "Bag")
MATRIX = ConfusionMatrix(
    torch.tensor([[75, 25, 0], [1, 1599, 0], [0, 0, 0]])
)  # there is no bag, and none predicted


def cells(over: str, mute: bool = False) -> dict[str, dict[str, object]]:
    return {cell["id"]: cell for cell in matrix_figure(MATRIX, CLASSES, over, mute)["cells"]}


@pytest.mark.parametrize(
    ("over", "texts"),
    [
        ("counts", ["75", "25", "0", "1", "1,599", "0", "0", "0", "0"]),
        ("row", ["75.0", "25.0", "0", "0.1", "99.9", "0", "—", "—", "—"]),
        ("column", ["98.7", "1.5", "—", "1.3", "98.5", "—", "0", "0", "—"]),  # 75/76, 25/1624
    ],
)
def test_the_texts_row_by_row(over: str, texts: list[str]) -> None:
    assert [cell["text"] for cell in cells(over).values()] == texts


def test_the_shade_is_the_root_of_the_share() -> None:
    found = cells("counts")
    assert found["0-1"]["shade"] == 0.5  # √(25 / 100)
    assert found["2-0"]["shade"] == 0.0  # undefined
    assert cells("column")["0-1"]["shade"] == pytest.approx(0.124, abs=1e-3)  # √(25 / 1624)


def test_a_muted_diagonal_has_numbers_but_no_shade() -> None:
    found = cells("row", mute=True)
    assert (found["0-0"]["shade"], found["0-0"]["text"], found["0-0"]["right"]) == (0.0, "75.0", True)
    assert found["0-1"]["shade"] == 0.5


def test_each_cell_says_what_it_counts() -> None:
    found = cells("counts")
    assert found["0-1"]["sentence"] == (
        "Shirt taken for Coat: 25 of 100 Shirt images (25.0 %); of all predicted as Coat: 1.5 %"
    )
    assert found["1-1"]["sentence"] == (
        "Coat recognised: 1,599 of 1,600 Coat images (99.9 %); of all predicted as Coat: 98.5 %"
    )
    assert found["2-2"]["sentence"] == "Bag recognised: 0 of 0 Bag images (—); of all predicted as Bag: —"


def test_another_normalisation_is_refused() -> None:
    with pytest.raises(KeyError):
        matrix_figure(MATRIX, CLASSES, "diagonal")
