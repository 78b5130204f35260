"""What the charts of attacks are drawn from."""

import torch

from core.figures.adversarial import difference, robustness_records, step_chart, step_records
from core.figures.probability_pairs import paired_bars
from core.inspection.adversarial import Attack
from core.inspection.robustness import Robustness


def an_attack() -> Attack:
    images = torch.zeros(2, 1, 1, 2)
    images[1, 0, 0] = torch.tensor([-4.0, 4.0])
    return Attack(4.0, images, torch.tensor([[2.0, 0.0], [0.0, 1.0]]).log_softmax(1))


def test_the_difference_reaches_the_ends_of_its_scale_at_epsilon() -> None:
    picture = difference(an_attack())
    assert picture.getpixel((0, 0)) == (0xC9, 0xE0, 0xFF) and picture.getpixel((1, 0)) == (0xFF, 0xDC, 0xAE)


def test_steps_are_told_for_both_classes() -> None:
    records = step_records(an_attack())
    assert records["class"].unique().tolist() == ["said at first", "said now"]
    sums = records.groupby("step")["probability"].sum()
    assert sums.round(6).tolist() == [1.0, 1.0]  # there are but two classes
    step_chart(an_attack()).to_dict()  # valid


def test_robustness_has_one_record_for_each_method_and_strength() -> None:
    records = robustness_records(Robustness((0.0, 2.0), (0.9, 0.5), (0.9, 0.25), 20))
    assert records.to_dict("records")[-1] == {"strength": 2.0, "method": "PGD", "accuracy": 0.25}
    assert len(records) == 4


def test_each_bar_has_the_one_of_before() -> None:
    now, before = torch.tensor([0.25, 0.75]).log(), torch.tensor([0.5, 0.5]).log()
    bars = paired_bars(now, before, ("a", "b"), None)
    assert [round(bar["length"], 4) for bar in bars] == [0.25, 0.75]
    assert [bar["before"]["text"] for bar in bars] == ["50 %", "50 %"]
    assert [bar["strong"] for bar in bars] == [False, True]
    assert "predicted class" in bars[1]["title"]
    assert "before" not in paired_bars(now, None, ("a", "b"), 0)[0]


def test_what_is_no_number_has_no_length() -> None:
    nothing = torch.full((2,), torch.nan)
    for bar in paired_bars(nothing, nothing, ("a", "b"), 1):
        assert bar["length"] == bar["before"]["length"] == 0 and bar["text"] == bar["before"]["text"] == "—"
