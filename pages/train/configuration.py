"""How a network is trained: the controls of a TrainingConfig, the usual ones first and the others a click away."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import pandas as pd
import streamlit as st

from core.figures.rate_plan import RATE_PLAN_CHART
from core.training import device
from core.training.config import RANGES, TrainingConfig
from core.training.optimizers import OPTIMIZERS
from core.training.precision import PRECISIONS
from core.training.schedules import SCHEDULES, rate_curve
from pages.shared.glossary import meaning

RATE_KEY = "train_learning_rate"
SHUFFLED_LABELS_KEY = "train_shuffled_labels"
_DEFAULT = TrainingConfig()
_TEXTS = {  # field → its label and its term in the glossary: numbers as people write them, 0.001 or 1e-3
    "learning_rate": ("Learning rate", "learning rate"),
    "warm_up": ("Warm-up, share of the run", "warm-up"),
    "weight_decay": ("Weight decay (L2)", "weight decay"),
    "l1": ("L1 penalty", "L1 penalty"),
    "label_smoothing": ("Label smoothing", "label smoothing"),
    "clip_norm": ("Longest gradient (0: any)", "gradient clipping"),
    "first_learns": ("It learns, share of the run (1: always)", "freezing the first layer"),
    "easy_seen": ("Easy ones seen, share (1: always)", "leaving easy images out"),
    "seconds": ("Seconds at most (0: no limit)", "epoch"),
}
_WHOLE = {  # field → its label and its term
    "epochs": ("Epochs", "epoch"),
    "batch_size": ("Batch size", "batch"),
    "patience": ("Patience (0: none)", "early stopping"),
    "stopping_layers": ("Layers that stop, in turn", "freezing layers in turn"),
    "seed": ("Seed", "seed"),
}


@dataclass(frozen=True)
class Chosen:
    """What the controls say."""

    config: TrainingConfig
    shuffled_labels: bool
    unreadable: tuple[str, ...]  # a sentence for each text that is no number


def key_of(field: str) -> str:
    """The session's key of a field's control."""
    return f"train_{field}"


def show(config: TrainingConfig, shuffled_labels: bool) -> None:
    """Make the controls say this, from the next run of the page on."""
    for field in fields(TrainingConfig):
        value = getattr(config, field.name)
        st.session_state[key_of(field.name)] = f"{value or 0:g}" if field.name in _TEXTS else value
    st.session_state[SHUFFLED_LABELS_KEY] = shuffled_labels


def draw() -> Chosen:
    """Draw the controls and read them."""
    values: dict[str, object] = {}
    unreadable: list[str] = []

    def text(field: str) -> None:
        values[field], problem = _number(field)
        if problem:
            unreadable.append(problem)

    def whole(field: str) -> None:
        values[field] = _whole(field)

    left, right = st.columns(2, gap="xsmall")
    with left, st.container(gap="xsmall"):
        whole("epochs")
        values["optimizer"] = _choose_optimizer()
    with right, st.container(gap="xsmall"):
        whole("batch_size")
        text("learning_rate")
    with st.popover("More settings", icon=":material/tune:", width="stretch"), st.container(width=620):
        left, right = st.columns(2, gap="medium")
        with left, st.container(gap="xsmall"):
            st.markdown("**The rate over the run**")
            values["schedule"] = _choose_schedule()
            text("warm_up")
            curve_place = st.container()
            st.markdown("**When it ends**")
            text("seconds")
            whole("patience")
            st.markdown("**The first layer**")
            text("first_learns")
            whole("stopping_layers")
            values["whitened"] = _switch("whitened", "Whiten the first kernels", False, meaning("whitening"))
        with right, st.container(gap="xsmall"):
            st.markdown("**Against overfitting and leaps**")
            for field in ("weight_decay", "l1", "label_smoothing", "clip_norm"):
                text(field)
            st.markdown("**The images**")
            text("easy_seen")
            values["shuffle"] = _switch("shuffle", "Shuffle in each epoch", True, meaning("shuffling"))
            shuffled_labels = _switch(
                "shuffled_labels",
                "Shuffle the labels",
                False,
                "Deal the training labels out at random: an experiment in which there is nothing to learn.",
            )
            st.markdown("**Chance and machine**")
            whole("seed")
            values["device"] = _choose_device()
            values["precision"] = _choose_precision()
    values["seconds"] = values["seconds"] or None
    config = TrainingConfig(**values)  # type: ignore[arg-type]
    if not unreadable and not config.problems():
        with curve_place:
            _draw_curve(config)
    return Chosen(config, shuffled_labels, tuple(unreadable))


def _draw_curve(config: TrainingConfig) -> None:
    """The learning rate as it is planned."""
    table = pd.DataFrame(rate_curve(config), columns=["share", "rate"])
    st.vega_lite_chart(
        table,
        RATE_PLAN_CHART,
        height=130,
        key="train_rate_plan",
        alt="The learning rate over the run, as it is planned",
    )
    if SCHEDULES[config.schedule].on_plateau:
        st.caption("Where it will fall depends on the validation loss and can't be drawn before.")


def _choose_optimizer() -> str:
    explained = (
        f"**{kind.label}**: ${kind.formula}$. {kind.explanation} "
        f"A good first learning rate: {kind.learning_rate:g}."
        for kind in OPTIMIZERS.values()
    )
    labels = {name: kind.label for name, kind in OPTIMIZERS.items()}
    return _one_of("optimizer", "Optimizer", labels, meaning("optimizer"), *explained)


def _choose_schedule() -> str:
    explained = (f"**{kind.label}**: ${kind.formula}$. {kind.explanation}" for kind in SCHEDULES.values())
    labels = {name: kind.label for name, kind in SCHEDULES.items()}
    return _one_of("schedule", "Schedule", labels, meaning("schedule"), *explained)


def _choose_device() -> str:
    labels = {name: device.describe(device.resolve(name)) for name in ("auto", *device.available())}
    labels["auto"] = f"Automatic: {labels['auto']}"
    explained = "Where the network is trained. Automatic takes CUDA, else Apple's MPS, else the CPU."
    return _one_of("device", "Device", labels, explained)


def _choose_precision() -> str:
    explained = (f"**{kind.label}**: {kind.explanation}" for kind in PRECISIONS.values())
    labels = {name: kind.label for name, kind in PRECISIONS.items()}
    return _one_of("precision", "Precision", labels, meaning("mixed precision"), *explained)


def _one_of(field: str, label: str, labels: Mapping[str, str], *explained: str) -> str:
    names = list(labels)
    return st.selectbox(
        label,
        names,
        index=names.index(getattr(_DEFAULT, field)),
        format_func=lambda name: labels.get(name, name),
        key=key_of(field),
        persist_state="session",
        help="\n\n".join(explained),
    )


def _switch(field: str, label: str, default: bool, explanation: str) -> bool:
    return st.toggle(label, default, key=key_of(field), persist_state="session", help=explanation)


def _whole(field: str) -> int:
    (label, term), default = _WHOLE[field], getattr(_DEFAULT, field)
    number = st.number_input(
        label,
        int(RANGES[field].low),
        int(RANGES[field].high),
        default,
        step=1,
        key=key_of(field),
        persist_state="session",
        help=meaning(term),
    )
    return default if number is None else int(number)


def _number(field: str) -> tuple[float, str]:
    """What was typed, and a sentence if it is no number."""
    label, term = _TEXTS[field]
    # not the widget's own default: the page itself may change the value
    st.session_state.setdefault(key_of(field), f"{getattr(_DEFAULT, field) or 0:g}")
    text = st.text_input(label, key=key_of(field), persist_state="session", help=meaning(term))
    try:
        return float(text), ""
    except ValueError:
        return 0.0, f"The {label.lower()} “{text}” is not a number; write it like 0.001 or 1e-3."
