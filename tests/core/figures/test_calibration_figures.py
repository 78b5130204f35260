import pytest
import torch
import vl_convert

from core.figures.calibration import CONFIDENCE_CHART, RELIABILITY_CHART, calibration_table, error_in_numbers
from core.inspection.calibration import Calibration
from core.inspection.predictions import Predictions

# confidences 0.9, 0.9 and 0.6; the first and the last are right
LOGITS = torch.tensor([[9.0, 1.0], [9.0, 1.0], [6.0, 4.0]], dtype=torch.float64).log()
CALIBRATION = Calibration.of(Predictions(LOGITS, torch.tensor([0, 1, 0])), bins=5)


def test_a_row_for_each_bin() -> None:
    table = calibration_table(CALIBRATION)
    assert table["images"].tolist()[:2] == [0, 0] and int(table["images"].sum()) == 3
    last = table.iloc[4]
    assert (last["accuracy"], last["images"]) == (0.5, 2)
    assert last["confidence"] == pytest.approx(0.9) and last["share"] == pytest.approx(2 / 3)
    assert last["part"] == pytest.approx(2 / 3 * 0.4)
    assert float(table["part"].sum()) == pytest.approx(CALIBRATION.ece)
    assert table.iloc[0][["accuracy", "confidence", "from", "to"]].isna().all()


def test_the_error_in_numbers_names_the_largest_parts_and_the_sum() -> None:
    text = error_in_numbers(CALIBRATION, most=1)
    assert r"&= \tfrac{2}{3}\,|0.500-0.900| \\ &+ \dots \\ &= 0.4000 " in text  # ⅔ · 0.4 + ⅓ · 0.4
    assert r"\dots" not in error_in_numbers(CALIBRATION, most=9)


@pytest.mark.parametrize("chart", [RELIABILITY_CHART, CONFIDENCE_CHART])
def test_vega_can_draw_them(chart: dict) -> None:
    values = calibration_table(CALIBRATION).astype(object).where(calibration_table(CALIBRATION).notna(), None)
    picture = {**chart, "data": {"values": values.to_dict("records")}, "width": 300, "height": 200}
    assert "<svg" in vl_convert.vegalite_to_svg(picture)
