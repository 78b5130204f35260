import pytest
import torch
import vl_convert

from core.figures.projection import COLOURINGS, projection_chart, projection_table
from core.inspection.predictions import Predictions

CLASSES = ("Shirt", "Coat")
# image 0 is wrong, 1 and 2 are right
PREDICTIONS = Predictions(torch.tensor([[0.0, 2.0], [0.0, 2.0], [2.0, 0.0]]), torch.tensor([0, 1, 0]))
POINTS = torch.tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])


def test_a_row_for_each_image_and_the_wrong_ones_on_top() -> None:
    table = projection_table(POINTS, PREDICTIONS, CLASSES)
    assert table["image"].tolist() == [1, 2, 0]
    assert table["right"].tolist() == ["right", "right", "wrong"]
    assert table.iloc[2][["x", "y", "true", "predicted"]].tolist() == [0.0, 1.0, "Shirt", "Coat"]
    assert table["confidence"].tolist() == pytest.approx([0.8808] * 3, abs=1e-4)  # 1 / (1 + e⁻²)


@pytest.mark.parametrize("colouring", COLOURINGS)
def test_vega_can_draw_each_colouring(colouring: str) -> None:
    values = projection_table(POINTS, PREDICTIONS, CLASSES).to_dict("records")
    picture = {
        **projection_chart(colouring, CLASSES),
        "data": {"values": values},
        "width": 300,
        "height": 200,
    }
    svg = vl_convert.vegalite_to_svg(picture)
    assert svg.count('aria-roledescription="circle"') == 3
    for name in ("right", "wrong") if colouring == "right" else CLASSES:
        assert f">{name}<" in svg


def test_another_colouring_is_refused() -> None:
    with pytest.raises(KeyError):
        projection_chart("size", CLASSES)
