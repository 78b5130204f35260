"""The tables behind the charts of a run's health and of a magnified step, against numbers by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.figures.health import (
    DEAD,
    MOST_POINTS,
    NORM_CHART,
    RATIO_CHART,
    SATURATED,
    UNIT_CHART,
    flow_table,
    unit_table,
)
from core.figures.magnifier import (
    CLASS_CHART,
    GRADIENT_CHART,
    MOST_CLASSES,
    class_table,
    gradient_table,
    image_table,
)
from core.training.observations import Health, StepUnderMagnifier, packed


def look(step: int) -> Health:
    return Health(
        step,
        step / 100,
        0.0,
        64,
        ["conv1", "linear1"],
        [0.0, 0.5],
        [math.nan, 1e-3],
        ["relu1", "tanh1"],
        [0.25, None],
        [None, 0.5],
    )


def test_a_row_for_each_layer_and_look_and_nothing_that_a_logarithm_lacks() -> None:
    table = flow_table([look(1), look(21)])
    assert list(table["layer"]) == ["conv1", "linear1"] * 2
    assert table["gradient_norm"].isna().tolist() == [True, False] * 2
    assert table["update_ratio"].isna().tolist() == [True, False] * 2
    assert table["gradient_norm"][1] == 0.5


def test_units_have_a_row_for_what_can_happen_to_them() -> None:
    table = unit_table([look(1)])
    rows = list(zip(table["layer"], table["what"], table["share"], strict=True))
    assert rows == [("relu1", DEAD, 0.25), ("tanh1", SATURATED, 0.5)]


def test_without_looks_the_tables_are_empty() -> None:
    assert len(flow_table([])) == len(unit_table([])) == 0


def test_many_looks_are_thinned_and_those_drawn_stay() -> None:
    looks = [look(20 * i + 1) for i in range(5000)]
    fewer, all_of_them = (set(flow_table(looks[:n])["step"]) for n in (4999, 5000))
    assert len(all_of_them) * 2 <= MOST_POINTS + 2
    assert looks[-1].step in all_of_them
    assert fewer - {looks[4998].step} <= all_of_them


def magnified(classes: int = 3, norms: tuple[float, ...] = (3.0, 4.0, 0.0)) -> StepUnderMagnifier:
    """Two images; logits 0, ln 2 and ln 5 (then as many of −20 as there are further classes)."""
    logits = [0.0, math.log(2), math.log(5), *[-20.0] * (classes - 3)]
    return StepUnderMagnifier(
        step=7,
        epoch=0.1,
        seconds=1.0,
        images=64,
        shape=[2, 1, 4, 4],
        pixels=packed(np.zeros((2, 1, 4, 4), np.uint8)),
        labels=[1, classes - 1],
        logits=[logits, logits],
        losses=[math.log(4), math.log(8 / 5)],
        loss=1.0,
        gradient_norm=5.0,
        learning_rate=0.1,
        weight_decay=0.0,
        parameters=["conv1.weight", "conv1.bias", "linear1.weight"],
        gradient_norms=list(norms),
        weights=[],
    )


def test_softmax_by_hand() -> None:
    """e to the power of the logits is 1, 2, 5: the probabilities are 1/8, 2/8 and 5/8."""
    table = class_table(magnified(), 0, ("a", "b", "c"))
    assert list(table["class"]) == ["c", "b", "a"]
    assert table["probability"].tolist() == pytest.approx([5 / 8, 2 / 8, 1 / 8])
    assert list(table["role"]) == ["predicted", "true", "other"]


def test_of_many_classes_the_likely_ones_and_the_true_one() -> None:
    names = tuple(str(k) for k in range(40))
    table = class_table(magnified(classes=40), 1, names)
    assert len(table) == MOST_CLASSES
    assert list(table["class"][:3]) == ["2", "1", "0"]
    assert dict(zip(table["class"], table["role"], strict=True))["39"] == "true"


def test_a_layer_s_gradient_is_that_of_its_weights_and_biases_together() -> None:
    """Lengths 3 and 4 make 5; the bars begin a power of ten below the shortest, and 0 has none."""
    table = gradient_table(magnified())
    assert list(table["layer"]) == ["conv1", "linear1"]
    assert table["norm"].tolist() == [5.0, 0.0]
    assert table["low"].tolist() == [-1, -1]
    assert table["logarithm"].tolist() == pytest.approx([math.log10(5), -1])


def test_gradients_that_are_all_zero_have_bars_of_no_length() -> None:
    table = gradient_table(magnified(norms=(0.0, 0.0, 0.0)))
    assert (table["logarithm"] == table["low"]).all()


def test_the_images_with_labels_predictions_and_losses() -> None:
    table = image_table(magnified(), ("a", "b", "c"))
    assert list(table["label"]) == ["b", "c"]
    assert list(table["predicted"]) == ["c", "c"]
    assert list(table["loss"]) == [math.log(4), math.log(8 / 5)]
    assert table["image"].str.startswith("data:image/png;base64,").all()
    assert "counts" not in table
    weighed = image_table(replace(magnified(), counts=[4.0, 1.0]), ("a", "b", "c"))
    assert list(weighed["counts"]) == [4.0, 1.0]


@pytest.mark.parametrize("chart", [NORM_CHART, RATIO_CHART, UNIT_CHART, CLASS_CHART, GRADIENT_CHART])
def test_every_field_that_a_chart_draws_is_in_its_table(chart: dict[str, object]) -> None:
    tables = (flow_table([look(1)]), unit_table([look(1)]))
    step = magnified()
    columns = {"usual"} | {c for t in tables for c in t} | set(class_table(step, 0, ("a", "b", "c")))
    columns |= set(gradient_table(step))

    def fields(part: object) -> set[str]:
        if isinstance(part, dict):
            own = {str(part["field"])} if "field" in part else set()
            return own.union(*(fields(value) for value in part.values()))
        if isinstance(part, list):
            return set().union(*(fields(value) for value in part))
        return set()

    assert fields(chart) and fields(chart) <= columns
