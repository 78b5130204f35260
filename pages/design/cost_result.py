"""The measured times of a design: totals, the estimate of an epoch, and a row for each layer."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.data.catalogue import DATASETS
from core.training.config import DataChoice
from core.training.device import cores
from core.training.timing import Timing, TimingOrder
from core.training.workers.local_keeper import runs_at_once
from pages.design.cost_measurement import Measured
from pages.design.cost_table import COLUMNS, table
from pages.shared.glossary import meaning

IMAGES = round(60_000 * (1 - DataChoice().validation_share))  # Fashion-MNIST's training split
FEW = 4  # turns
ROW, MOST = 30, 1400  # pixels: of a row of the table, and of the table before it scrolls
_IMAGES = "cost_images"


def draw(measured: Measured, order: TimingOrder) -> None:
    """What was measured; says so where it is not the present design, or another batch."""
    if measured.order != order:
        st.info(other(measured, order), icon=":material/history:")
    timing = measured.timing
    images = int(st.session_state.setdefault(_IMAGES, IMAGES))
    totals(timing, images)
    estimate(timing, images)
    st.dataframe(
        table(timing),
        column_config=COLUMNS,
        hide_index=True,
        row_height=ROW,
        height=min((len(timing.layers) + 3) * ROW + 10, MOST),
        key="cost_table",
        placeholder="—",
    )
    st.caption(f"{origin(measured)} {clocks(timing)}{relus_with_pooling(timing)}")


def other(measured: Measured, order: TimingOrder) -> str:
    """What it is that was measured, where that is not what would be measured now."""
    before = measured.order
    if (before.network, before.input_shape) == (order.network, order.input_shape):
        return (
            f"These times are for batches of {before.batch_size} images; measure again for batches of "
            f"{order.batch_size}."
        )
    return (
        f"These times are of the design before: {_plain(measured.name)}, as it was at {clock(measured.when)}. "
        "It has changed since; measure again for the present one."
    )


def totals(timing: Timing, images: int) -> None:
    """The times of a step, of a single image and of an epoch."""
    batch = f"A batch of {timing.batch_size}"
    cells = (
        ("Forward", milliseconds(timing.forward), f"{batch}, in train mode, with the loss."),
        ("Backward", milliseconds(timing.backward), f"{batch}: the gradients of all parameters."),
        ("Optimizer", milliseconds(timing.step), "zero_grad and one step of Adam."),
        ("One image", milliseconds(timing.inference), "In eval mode, without gradients: one answer."),
        ("One epoch", duration(timing.epoch(images)), f"{meaning('epoch')} Estimated, see below."),
    )
    for column, (label, value, text) in zip(st.columns(len(cells)), cells, strict=True):
        column.metric(label, value, help=text)


def estimate(timing: Timing, images: int) -> None:
    """The time of one epoch, with the calculation."""
    steps = timing.steps(images)
    parts = " + ".join(_three_digits(1000 * part) for part in (timing.forward, timing.backward, timing.step))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Training images",
            1,
            10_000_000,
            key=_IMAGES,
            width=160,
            help=f"{meaning('training split')} {DATASETS['fashion-mnist'].title} has {IMAGES:,} with the usual "
            "tenth held out.",
            persist_state="session",
        )
        st.markdown(
            f"One epoch: ⌈{images:,} / {timing.batch_size}⌉ = {steps:,} steps × ({parts}) ms = "
            f"**{duration(timing.epoch(images))}**",
            help="Steps × (forward + backward + optimizer). Gathering batches and evaluating come on top: a "
            "few per cent for most networks, but several times as much for a tiny one.",
        )


def origin(measured: Measured) -> str:
    """On which machine, when, and what may have disturbed it."""
    timing = measured.timing
    threads = f"{timing.threads} thread{'s' if timing.threads > 1 else ''}"
    text = f"{_plain(measured.name)}, measured at {clock(measured.when)} on {timing.device}, {threads}, "
    text += f"low priority: {timing.turns:,} training steps and {timing.image_turns:,} single images."
    usual = max(1, (cores() - 1) // runs_at_once())
    if usual > timing.threads and timing.device.startswith("CPU"):
        text += f" Training uses {usual} threads here, and may be faster."
    if measured.disturbed:
        text += " A run was training at the same time, so that all times are longer than on an idle machine."
    return text


def clocks(timing: Timing) -> str:
    """How far to trust the numbers: what the clocks themselves cost, and how much the turns differ."""
    plain, total = timing.forward + timing.backward, timing.watched
    more = (total.forward + total.backward) / plain - 1
    text = "Each number is a median over the turns; the total is their sum. "
    if more > 0:
        text += f"Their clocks take time too: with them forward and backward took {100 * more:.0f} % longer. "
    if timing.turns < FEW:
        return f"{text}So few turns say little about how much they differ."
    return f"{text}The middle half of the training steps differ by ±{100 * timing.spread:.0f} %."


def relus_with_pooling(timing: Timing) -> str:
    """Why a ReLU may have no time of its own (`core.training.late_relu`); "" where there is none of that kind."""
    pairs = pairwise(layer.kind for layer in timing.layers)
    if ("ReLU", "MaxPool2d") not in pairs:
        return ""
    return (
        " In training, a ReLU right before a MaxPool2d is computed behind that pooling, on fewer values: its time is "
        "in the pooling's row."
    )


def milliseconds(seconds: float) -> str:
    """Three digits that count: 0.412 ms, 24.5 ms, 1,280 ms."""
    return f"{_three_digits(1000 * seconds)} ms"


def _three_digits(number: float) -> str:
    value = float(f"{number:.3g}")
    return f"{value:,.0f}" if value >= 100 else f"{value:g}"


def duration(seconds: float) -> str:
    """As a person says it: 5.3 s, 48 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def clock(when: float) -> str:
    """The time of day where the visitor is."""
    try:
        zone = ZoneInfo(st.context.timezone) if st.context.timezone else None
    except ZoneInfoNotFoundError:
        zone = None
    return f"{datetime.fromtimestamp(when, zone):%H:%M}"


def _plain(text: str) -> str:
    """A name that someone typed, without what Markdown would make of it."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|~$:<>" else c for c in text)
