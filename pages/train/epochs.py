"""A run epoch by epoch, on one slider: classes, confusion matrix, a few images and the first layer's kernels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
import torch
from torch import Tensor

from core.data.catalogue import DATASETS
from core.data.dataset import DataMissing
from core.data.splits import split
from core.figures.epochs import frame, look_figure
from core.training.config import DataChoice
from core.training.looks import Look, looks
from core.training.runs.records import Run
from core.training.runs.states import ACTIVE
from pages.shared.glossary import meaning
from pages.shared.server import dataset, run_store

ASSETS = Path(__file__).parents[2] / "assets"
KEY = "train_looks"
_SENT = (
    "train_epochs_sent"  # in the session: what the browser was sent last, so that it gets only what is new
)
_PARTS = (  # the last uses all others
    *("shared/numbers", "shared/plane"),
    *(f"train/epochs/{part}" for part in ("looks", "heat", "matrix", "watched", "kernels", "epochs")),
)

_component = st.components.v2.component(
    "autograd_lab_epochs",
    js="\n".join((ASSETS / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS),
    css=(ASSETS / "train" / "epochs" / "epochs.css").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class _Sent:
    """A stretch of looks, which the browser puts behind those that it has."""

    key: str  # of an attempt at a run: after a resumption, what lies past the checkpoint comes anew
    asked: object  # what the browser had asked for by then
    moment: tuple[object, ...]  # of the run; at another one there may be more
    last: int  # the step of the last look so far; -1 before the first
    data: dict[str, Any]


def draw(run: Run, _runs: Sequence[Run]) -> None:
    """The looks at the run so far, or why there is none."""
    sent = _due(run)
    st.session_state[_SENT] = sent
    if sent.last < 0:
        st.info(_nothing(run), icon=":material/hourglass_empty:")
        return
    if run.state == "diverged":
        st.caption(
            f"The loss was not a number any more at step {run.step:,}: these are the looks before that."
        )
    _component(key=KEY, data=sent.data, on_lacks_change=lambda: None)
    st.caption(
        "Taken on the validation images, with fixed weights, before the first step and after each epoch.",
        help=meaning("validation split") + " " + meaning("confusion matrix"),
    )


def _due(run: Run) -> _Sent:
    """What the browser is to have: what it had, where nothing is new, else the looks after those."""
    key = f"{run.id} {run.attempt}"
    known: _Sent | None = st.session_state.get(_SENT)
    asked = (st.session_state.get(KEY) or {}).get("lacks")
    if known is None or known.key != key or known.last < 0:
        return _stretch(run, key, asked, -1)
    if asked != known.asked:
        return _stretch(run, key, asked, _after(asked, key))
    if known.moment == _moment(run):
        return known
    newer = _stretch(run, key, asked, known.last)
    return newer if newer.data["looks"] else known


def _after(asked: object, key: str) -> int:
    """The last step that the browser says it has of this run; -1 for anything else."""
    if isinstance(asked, dict) and asked.get("key") == key and type(asked.get("after")) is int:
        return int(asked["after"])
    return -1


def _stretch(run: Run, key: str, asked: object, after: int) -> _Sent:
    """All looks past a step; with what never changes if they are the first."""
    found = looks(run_store(), run, after)
    data: dict[str, Any] = {"key": key, "after": after, "looks": [look_figure(look) for look in found]}
    if after < 0 and found:
        data["frame"] = _frame(run, found[0])
    return _Sent(key, asked, _moment(run), found[-1].step if found else after, data)


def _moment(run: Run) -> tuple[object, ...]:
    """Looks are complete when an epoch is, or when the run moves on or ends."""
    return (run.epoch, run.state)


def _frame(run: Run, look: Look) -> dict[str, Any]:
    choice = run.request.data
    watched = look.watched.images if look.watched else []
    try:
        pixels, labels = _watched(choice, tuple(watched))
    except DataMissing:
        pixels, labels = None, torch.empty(0)
    count = len(look.counts.counts)
    known = DATASETS.get(choice.dataset)
    classes = known.classes if known and len(known.classes) == count else [str(n) for n in range(count)]
    return frame(classes, pixels, labels.tolist())


@st.cache_data(max_entries=16, show_spinner=False)
def _watched(choice: DataChoice, positions: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """The watched validation images, uint8 (N, C, H, W), and their labels (N,); raises DataMissing."""
    training = dataset(choice.dataset).train
    splits = split(training.labels, choice.share, choice.validation_share, choice.split_seed)
    chosen = splits.validation[list(positions)]
    return training.pixels[chosen], training.labels[chosen]


def _nothing(run: Run) -> str:
    """Why there is no look at the network yet, a sentence."""
    if run.state == "queued":
        return "This run waits for its turn; its first look at the network comes before its first step."
    if run.step:
        if run.state in ACTIVE:
            return "The first look at the network comes at the end of this epoch."
        return "This run was trained before these looks were kept; train it again to see its epochs."
    if run.state in ACTIVE:
        return "The first look at the network comes in a moment."
    return "This run ended before there was anything to look at."
