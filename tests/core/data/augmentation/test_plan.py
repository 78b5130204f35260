"""What a person chooses: the table, a plan and its problems, JSON, and the plans with names."""

import json
import math

import pytest

from core.data.augmentation.named import NAMED_PLANS
from core.data.augmentation.plan import Augmentation, plan_from_list, plan_problems, plan_to_list
from core.data.augmentation.table import AUGMENTATIONS

EVERYTHING = tuple(Augmentation.usual(kind) for kind in AUGMENTATIONS)


def test_the_usual_settings_have_no_problems() -> None:
    assert plan_problems(EVERYTHING) == []


@pytest.mark.parametrize("kind", AUGMENTATIONS)
def test_a_record_is_complete(kind: str) -> None:
    known = AUGMENTATIONS[kind]
    assert known.explanation.endswith(".") and known.label[0].isupper()
    if known.range:
        assert known.range.lowest <= known.range.low <= known.range.high <= known.range.highest
        for end in (
            known.range.low,
            known.range.high,
            known.range.highest,
        ):  # a slider must be able to stand there
            steps = (end - known.range.lowest) / known.range.step
            assert steps == pytest.approx(round(steps))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            Augmentation("blur", 1.0),
            "There is no augmentation “blur”; there are crop, flip, rotation, zoom, shift, brightness, contrast, "
            "erasing, mixup.",
        ),
        (Augmentation("flip", 1.5), "Horizontal flip: the probability is 1.5; allowed is 0 to 1."),
        (Augmentation("flip", math.nan), "Horizontal flip: the probability is nan; allowed is 0 to 1."),
        (
            Augmentation("flip", 0.5, 0, 1),
            "Horizontal flip has no range, but 0 to 1 was given; leave both at 0.",
        ),
        (
            Augmentation("rotation", 1.0, 15, -15),
            "Rotation: the range is 15 to -15°; allowed is -180 to 180°, the lower number first.",
        ),
        (
            Augmentation("zoom", 1.0, 0.0, 1.0),
            "Zoom: the range is 0 to 1; allowed is 0.5 to 2, the lower number first.",
        ),
        (
            Augmentation("shift", 1.0, math.nan, 0.1),
            "Shift: the range is nan to 0.1; allowed is -0.5 to 0.5, the lower number first.",
        ),
        (
            Augmentation("crop", 1.0, -1.5, 2),
            "Random crop with padding: the range is -1.5 to 2 px; only whole numbers are allowed.",
        ),
    ],
)
def test_each_wrong_setting_gets_its_sentence(wrong: Augmentation, sentence: str) -> None:
    assert wrong.problems() == plan_problems((wrong,)) == [sentence]


def test_a_kind_that_is_there_twice_is_named() -> None:
    flip = Augmentation.usual("flip")
    assert plan_problems((flip, Augmentation.usual("zoom"), flip)) == [
        "Horizontal flip is there 2 times; keep one."
    ]


@pytest.mark.parametrize("plan", [(), EVERYTHING, *(named.plan for named in NAMED_PLANS.values())])
def test_a_plan_survives_json(plan: tuple[Augmentation, ...]) -> None:
    assert plan_from_list(json.loads(json.dumps(plan_to_list(plan)))) == plan


@pytest.mark.parametrize("name", NAMED_PLANS)
def test_a_named_plan_can_be_used_and_says_what_it_is_for(name: str) -> None:
    named = NAMED_PLANS[name]
    assert plan_problems(named.plan) == []
    assert named.reason.endswith(".")


def test_the_three_mods_of_the_course_project() -> None:
    """The numbers of the project, and as far to the other side of no change (0°, 0, 1)."""
    ranges = {
        name: {each.kind: (each.probability, each.low, each.high) for each in NAMED_PLANS[name].plan}
        for name in ("mod-1", "mod-2", "mod-3")
    }
    light = (1.0, 0.9, 1.1)
    assert ranges == {
        "mod-1": {
            "flip": (0.5, 0, 0),
            "rotation": (1.0, -15, 15),
            "shift": (1.0, -0.1, 0.1),
            "zoom": (1.0, 0.9, 1.1),
            "brightness": light,
        },
        "mod-2": {
            "flip": (0.5, 0, 0),
            "rotation": (1.0, -15, 15),
            "shift": (1.0, -0.1, 0.1),
            "zoom": (1.0, 0.95, 1.05),
            "brightness": light,
        },
        "mod-3": {
            "rotation": (1.0, -25, 25),
            "shift": (1.0, -0.1, 0.1),
            "zoom": (1.0, 0.95, 1.05),
            "brightness": light,
        },
    }
    assert "rotation −15°, shift 0.1, zoom 0.95, flip, brightness 0.9" in NAMED_PLANS["mod-2"].reason
    assert "rotation 25°, shift −0.1, zoom 0.95, no flip, brightness 1.1" in NAMED_PLANS["mod-3"].reason
