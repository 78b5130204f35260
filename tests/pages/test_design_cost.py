"""Measuring a design's time on the page: asked for, waiting, stopped, done, and of a design that has changed."""

import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.networks.edit import replace_setting
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.timing import LayerTime, Timing, TimingOrder
from core.training.workers.measurement import Measurement
from pages.design.cost_measurement import Measured
from pages.design.cost_result import duration, milliseconds
from pages.design.cost_table import table

SCRIPT = """
from core.networks.analysis import analyse
from pages.design import cost
from pages.shared.choice import current_network

cost.show(analyse(current_network(), (1, 28, 28), 10))
"""
IMAGE = (1, 28, 28)
LINEAR = NAMED_NETWORKS["Net_Linear"]
ORDER = TimingOrder(replace(LINEAR, name="design"), IMAGE, 10, 64)
TIMING = Timing(
    device="CPU (test)",
    threads=1,
    batch_size=64,
    layers=(
        LayerTime("flatten1", "Flatten", 0, 0.001, 0.001, 0.0001),
        LayerTime("linear1", "Linear", 7_840, 0.004, 0.012, 0.0006),
    ),
    between=LayerTime("between layers", "", 0, 0.001, 0.001, 0.0003),
    forward=0.005,
    backward=0.013,
    step=0.002,
    inference=0.0009,
    spread=0.04,
    turns=20,
    image_turns=100,
)


def visit(network: NetworkSpec = LINEAR, *results: Measured) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.session_state["network"] = network
    if results:
        app.session_state["cost_results"] = results
    app.run()
    assert not app.exception
    return app


def measured(order: TimingOrder = ORDER, disturbed: bool = False) -> Measured:
    return Measured(order, "Net_Linear", TIMING, 1.7e9, disturbed)


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_nothing_is_measured_until_somebody_asks() -> None:
    app = visit()
    assert keys(app) == {"cost_measure"}
    assert not app.dataframe and not app.metric


def test_a_measurement_runs_beside_the_page_and_ends_in_a_table() -> None:
    app = visit()
    app.button(key="cost_measure").click().run()
    assert not app.exception
    assert keys(app) == {"cost_stop"}
    deadline = time.monotonic() + 300
    while "cost_stop" in keys(app) and time.monotonic() < deadline:
        time.sleep(0.3)
        app.run()
        assert not app.exception
    shown = app.dataframe[0].value
    assert list(shown["layer"]) == ["flatten1", "linear1", "between layers", "total"]
    assert shown["forward"].iloc[-1] == pytest.approx(shown["forward"].iloc[:-1].sum())
    assert shown["share"].iloc[:-1].sum() == pytest.approx(100)
    assert not app.info  # it is the present design's


def test_a_measurement_can_be_stopped() -> None:
    app = visit()
    app.button(key="cost_measure").click().run()
    under_way: Measurement = app.session_state["cost_under_way"]
    app.button(key="cost_stop").click().run()
    assert not app.exception
    assert keys(app) == {"cost_measure"}
    under_way.join(30)
    assert under_way.state == "refused" and not app.dataframe


def test_who_comes_second_waits_for_the_first() -> None:
    first = Measurement(TimingOrder(LINEAR, IMAGE))
    try:
        app = visit()
        app.button(key="cost_measure").click().run()
        assert "cost_under_way" not in app.session_state
        assert keys(app) == {"cost_stop"}
        first.stop()
        first.join(30)
        app.run()  # the next look
        assert "cost_under_way" in app.session_state
        app.button(key="cost_stop").click().run()
    finally:
        first.stop()
        first.join(30)


def test_what_can_not_be_measured_says_why() -> None:
    conv = layer("Conv2d", out_channels=512, padding=1)
    large = NetworkSpec("Large", (conv,) * 4 + (layer("GlobalAvgPool"), layer("Flatten"), layer("Linear")))
    app = visit(large)
    assert "smaller batch" in app.warning[0].value
    assert app.button(key="cost_measure").disabled
    app = visit(NetworkSpec("Broken", (layer("Linear"),)))
    assert "needs a flat input" in app.info[0].value and "under Build" in app.info[0].value


def test_totals_and_the_estimate_show_their_calculation() -> None:
    app = visit(LINEAR, measured())
    assert metrics(app) == {
        "Forward": "5 ms",
        "Backward": "13 ms",
        "Optimizer": "2 ms",
        "One image": "0.9 ms",
        "One epoch": "17 s",
    }
    (line,) = (text.value for text in app.markdown if text.value.startswith("One epoch"))
    assert "⌈54,000 / 64⌉ = 844 steps × (5 + 13 + 2) ms = **17 s**" in line
    app.number_input(key="cost_images").set_value(6_400).run()
    assert any("100 steps" in text.value and "**2 s**" in text.value for text in app.markdown)
    assert metrics(app)["One epoch"] == "2 s"


def test_a_step_that_takes_seconds_is_written_without_an_exponent() -> None:
    slow = replace(TIMING, forward=0.888, backward=2.19)
    app = visit(LINEAR, Measured(ORDER, "Net_Linear", slow, 1.7e9, False))
    assert any("(888 + 2,190 + 2) ms" in text.value for text in app.markdown)


def test_the_machine_the_time_and_what_disturbed_it_are_named() -> None:
    text = visit(LINEAR, measured(disturbed=True)).caption[0].value
    assert "CPU (test)" in text and "1 thread" in text and "20 training steps" in text
    assert "A run was training at the same time" in text
    assert "11 % longer" in text  # (6 + 14) / (5 + 13)
    assert "at the same time" not in visit(LINEAR, measured()).caption[0].value


@pytest.mark.parametrize(
    ("kinds", "said"),
    [(("ReLU", "MaxPool2d"), True), (("MaxPool2d", "ReLU"), False), (("ReLU", "Flatten"), False)],
)
def test_where_a_relu_is_computed_with_the_pooling_behind_it_the_page_says_so(
    kinds: tuple[str, str], said: bool
) -> None:
    layers = tuple(LayerTime(kind.lower(), kind, 0, 0.0, 0.0, 0.0001) for kind in kinds)
    timing = replace(TIMING, layers=(*layers, *TIMING.layers))
    text = visit(LINEAR, Measured(ORDER, "Net_Linear", timing, 1.7e9, False)).caption[0].value
    assert ("ReLU right before a MaxPool2d" in text) is said


def test_a_changed_design_keeps_the_times_of_the_one_before() -> None:
    changed = replace_setting(LINEAR, (1,), "bias", False)
    app = visit(changed, measured())
    assert "of the design before: Net\\_Linear" in app.info[0].value
    assert len(app.dataframe[0].value) == 4
    renamed = visit(replace(LINEAR, name="Other", weights="he-normal"), measured())
    assert not renamed.info  # neither makes a difference to the time
    frozen = visit(replace(LINEAR, frozen=True), measured())
    assert frozen.info


def test_another_batch_says_so() -> None:
    app = visit(LINEAR, measured())
    app.selectbox(key="cost_batch").set_value(128).run()
    assert "for batches of 64 images; measure again for batches of 128" in app.info[0].value


def test_the_present_design_s_own_times_come_before_later_ones() -> None:
    other = replace(ORDER, batch_size=128)
    assert not visit(LINEAR, measured(), measured(other)).info


def test_the_table_counts_the_speed_of_the_whole_batch() -> None:
    shown = table(TIMING)
    linear = shown[shown["layer"] == "linear1"].iloc[0]
    assert linear["speed"] == pytest.approx(7_840 * 64 / 0.004 / 1e9)
    assert linear["share"] == pytest.approx(100 * 16 / 20)
    assert shown["speed"].isna().tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5.34, "5.3 s"), (48.2, "48 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (0.61, "0.61 s")],
)
def test_durations_are_written_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0004123, "0.412 ms"), (0.02449, "24.5 ms"), (1.284, "1,280 ms")]
)
def test_milliseconds_have_three_digits(seconds: float, text: str) -> None:
    assert milliseconds(seconds) == text
