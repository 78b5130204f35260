"""The charts of learning curves: what the browser is told once, before points come."""

from functools import cache
from typing import Any

from core.figures.curves import AXES, COLUMNS, LABELS
from core.figures.palette import SPLIT_COLOURS
from core.training.runs.curves import RUNNING, TRAINING, VALIDATION

_SERIES: dict[tuple[str, str], dict[str, Any]] = {  # how each is drawn
    RUNNING: {"colour": SPLIT_COLOURS["train"], "dash": [], "dots": False},
    VALIDATION: {"colour": SPLIT_COLOURS["validation"], "dash": [], "dots": True},
    TRAINING: {"colour": SPLIT_COLOURS["train"], "dash": [6, 4], "dots": True},
}
_NEAR = {  # what the browser tells of the point next to the pointer: column → what it is called, and its kind
    "epoch": ("epoch", "place"),
    "step": ("step", "count"),
    "seconds": ("seconds", "time"),
    "loss": ("loss", "loss"),
    "accuracy": ("accuracy", "share"),
    "learning_rate": ("learning rate", "rate"),
    "images": ("mean over images", "count"),
}


@cache
def loss_chart(axis: str, log: bool = False, evaluated: bool = False) -> dict[str, Any]:
    """The loss over `axis`, a key of AXES; with that of training evaluated, if wished. Raises KeyError."""
    # losses fall, and accuracies rise: the marks' labels stand where the curves seldom are
    return _chart("Loss (cross-entropy)", "loss", axis, evaluated, log=log, labels="top")


@cache
def accuracy_chart(axis: str, evaluated: bool = False) -> dict[str, Any]:
    """The accuracy over `axis`; with that of training evaluated, if wished. Raises KeyError."""
    return _chart("Accuracy", "accuracy", axis, evaluated, kind="share")


@cache
def rate_chart(axis: str) -> dict[str, Any]:
    """The learning rate over `axis`, as the steps had it. Raises KeyError."""
    rate = {"label": LABELS[RUNNING], "colour": "#b05fd6", "dash": [], "dots": False}
    return _chart("Learning rate", "learning_rate", axis, kind="rate") | {
        "series": [rate],
        "smooth": "learning_rate",
        "stairs": True,
        "zero": True,
        "legend": False,
    }


def _chart(
    title: str,
    field: str,
    axis: str,
    evaluated: bool = False,
    kind: str = "loss",
    log: bool = False,
    labels: str = "bottom",
) -> dict[str, Any]:
    """`field` is drawn faintly and `smooth` on top of it, both columns of a point; `kind` says how it is written."""
    shown = [series for series in LABELS if evaluated or series != TRAINING]
    return {
        "title": title,
        "alt": f"{title} over the {AXES[axis].title}",
        "field": field,
        "smooth": f"{field}_smooth",
        "kind": kind,
        "log": log,
        "stairs": False,
        "zero": False,
        "legend": True,
        "labels": labels,
        "axis": {"title": AXES[axis].title, "kind": "count" if axis in ("step", "images") else "place"},
        "series": [{"label": LABELS[series], **_SERIES[series]} for series in shown],
        "columns": list(COLUMNS),
        "near": [{"column": column, "title": name, "kind": how} for column, (name, how) in _NEAR.items()],
    }
