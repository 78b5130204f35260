import pytest
import torch

from core.figures.confusion import difference_figure, matrix_figure
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


def test_another_order_of_the_classes_moves_rows_and_columns_and_leaves_the_cells_names() -> None:
    figure = matrix_figure(MATRIX, CLASSES, "counts", order=(2, 0, 1))
    assert figure["classes"] == ["Bag", "Shirt", "Coat"]
    assert [cell["id"] for cell in figure["cells"]][:4] == ["2-2", "2-0", "2-1", "0-2"]
    given = cells("counts")
    assert {cell["id"]: cell for cell in figure["cells"]} == given


OTHER = ConfusionMatrix(torch.tensor([[84, 9, 7], [0, 1600, 0], [0, 0, 0]]))


def changes(over: str) -> dict[str, dict[str, object]]:
    figure = difference_figure(MATRIX, OTHER, CLASSES, over, ("run 1", "run 2"))
    return {cell["id"]: cell for cell in figure["cells"]}


def test_a_difference_is_second_minus_first() -> None:
    assert [cell["text"] for cell in changes("counts").values()][:6] == ["+9", "−16", "+7", "−1", "+1", "0"]
    assert [cell["text"] for cell in changes("row").values()] == [
        *("+9.0", "−16.0", "+7.0", "−0.1", "+0.1", "0"),
        *("—", "—", "—"),
    ]
    assert changes("column")["0-2"]["text"] == "—"  # the first never says Bag


def test_more_right_answers_and_fewer_mistakes_are_for_the_better() -> None:
    found = changes("counts")
    better = {cell: found[cell]["right"] for cell in ("0-0", "0-1", "0-2")}
    assert better == {"0-0": True, "0-1": True, "0-2": False}
    assert found["0-1"]["shade"] == 1.0  # the largest
    assert found["0-0"]["shade"] == 0.75  # √(9 / 16)
    assert found["0-1"]["sentence"] == "Shirt taken for Coat: 25 by run 1, 9 by run 2"


def test_between_equal_matrices_nothing_has_a_shade() -> None:
    figure = difference_figure(MATRIX, MATRIX, CLASSES, "row", ("a", "b"))
    assert {cell["shade"] for cell in figure["cells"]} == {0.0}
