"""Learning curves as few points for the browser: thinned, smoothed, with marks where a setting changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from core.figures.feature_maps import packed
from core.training.observations import Change
from core.training.reports.curves import stride
from core.training.runs.curves import COLUMNS as METRIC_COLUMNS
from core.training.runs.curves import RUNNING, TRAINING, VALIDATION, Curves, Series
from core.training.runs.records import Run
from core.training.runs.states import ENDED

MOST_POINTS = 400  # of one curve; more than that many pixels are not there to tell them apart
LABELS: dict[Series, str] = {  # what the legend says
    RUNNING: "training (running)",
    VALIDATION: "validation (evaluated)",
    TRAINING: "training (evaluated)",
}
COLUMNS = ("x", *METRIC_COLUMNS, "loss_smooth", "accuracy_smooth")  # of the points that the browser gets
SETTINGS = {"learning_rate": "rate", "weight_decay": "weight decay", "batch_size": "batch"}
LABEL_WIDTH = 0.3  # of the axis: what a mark's label needs; one without this room stands on the next line
MOST_LINES = 4  # of labels, one above the other


@dataclass(frozen=True)
class Axis:
    """What a curve is drawn over."""

    title: str
    shortest: float  # that the axis shows of a run whose end is not known


AXES: dict[str, Axis] = {
    "step": Axis("step", 500),
    "epoch": Axis("epoch", 10),
    "images": Axis("training images seen", 50_000),
    "seconds": Axis("seconds of training", 10),
}


@dataclass(frozen=True)
class Mark:
    """A moment at which something changed."""

    step: int
    label: str


def marks(run: Run, changes: Sequence[Change], parent: int | None = None) -> list[Mark]:
    """The marks of a run in their order: where it branched off run number `parent`, its changes, its divergence."""
    found = [Mark(change.step, _changed(change)) for change in changes]
    if run.request.fork:
        found.append(Mark(run.request.fork.step, f"forked from run {parent}" if parent else "forked"))
    if run.state == "diverged":
        found.append(Mark(run.step, "loss not a number"))
    return sorted(found, key=lambda mark: mark.step)


def curve_figure(
    curves: Curves, run: Run, axis: str, smoothing: float = 0.0, marked: Sequence[Mark] = ()
) -> dict[str, Any]:
    """What a run's charts show over `axis`, a key of AXES: `reach`, `marks`, and for each of LABELS its points.

    Points are float32 (n, COLUMNS) after `packed`: those of Metric, x, and the loss and accuracy after smoothing.
    Running values are means over neighbouring reports where there are too many, weighted by their images;
    evaluated ones are left out in between. Losses that are not finite are left out.
    """
    reach = _reach(curves, run, axis)
    series = {}
    for kind, label in LABELS.items():
        points = curves.of(kind)
        points = points[np.isfinite(points[:, METRIC_COLUMNS.index("loss")])]
        columns = dict(zip(METRIC_COLUMNS, points.T, strict=True)) | {"x": positions(points, run, axis)}
        for name in ("loss", "accuracy"):
            columns[f"{name}_smooth"] = smoothed(columns[name], smoothing)
        few = _averaged(columns, smoothing) if kind == RUNNING else _thinned(columns)
        series[label] = packed(torch.from_numpy(np.stack([few[name] for name in COLUMNS], axis=1)))
    return {"reach": reach, "marks": _marks(curves, run, axis, reach, marked), "series": series}


def positions(points: np.ndarray, run: Run, axis: str) -> np.ndarray:
    """Where points (n, columns of Metric) lie on an axis: (n,)."""
    if axis == "images":
        return points[:, METRIC_COLUMNS.index("epoch")] * (run.train_images or 0)
    return points[:, METRIC_COLUMNS.index(axis)]


def smoothed(values: np.ndarray, weight: float) -> np.ndarray:
    """The exponential moving average of `values` (n,), corrected for its start from 0.

    s₀ = 0, sᵢ = weight · sᵢ₋₁ + (1 − weight) · vᵢ; the result is sᵢ / (1 − weightⁱ), as TensorBoard draws it.
    """
    if weight <= 0 or not len(values):
        return values
    return pd.Series(values).ewm(alpha=1 - weight, adjust=True).mean().to_numpy()


def _reach(curves: Curves, run: Run, axis: str) -> float:
    """A run that has ended fills the axis; of others the axis doubles when it is full, up to their known end."""
    reached = max(
        (float(positions(points, run, axis).max()) for points in curves.points.values()), default=0.0
    )
    if run.state in ENDED and reached:
        return reached
    config = run.request.config
    end = {
        "step": run.total_steps,
        "epoch": config.epochs,
        "images": config.epochs * (run.train_images or 0),
        "seconds": config.seconds,
    }[axis]
    shown = AXES[axis].shortest
    while shown < reached:
        shown *= 2
    return max(min(shown, float(end)) if end else shown, reached)


def _marks(curves: Curves, run: Run, axis: str, reach: float, marked: Sequence[Mark]) -> list[dict[str, Any]]:
    """Each mark with its place, its label, the side on which that has room and the line, from 0, on which it has."""
    points = np.concatenate([curves.of(series) for series in LABELS])
    points = points[points[:, 0].argsort(kind="stable")]
    places = (
        np.interp([mark.step for mark in marked], points[:, 0], positions(points, run, axis))
        if len(points)
        else np.zeros(len(marked))
    )
    # from where to where there are labels, line by line
    taken: list[list[tuple[float, float]]] = [[] for _ in range(MOST_LINES)]
    found: list[dict[str, Any]] = []
    for mark, x in zip(marked, places.tolist(), strict=True):
        side = "left" if x > reach / 2 else "right"
        low = x - LABEL_WIDTH * reach if side == "left" else x
        high = low + LABEL_WIDTH * reach
        free = (n for n in range(MOST_LINES) if all(high <= a or b <= low for a, b in taken[n]))
        line = next(free, len(found) % MOST_LINES)
        taken[line].append((low, high))
        found.append({"x": x, "label": mark.label, "side": side, "line": line})
    return found


def _changed(change: Change) -> str:
    if change.setting == "first_learns":
        return "first layer frozen" if change.after < 2 else f"{change.after:g} layers frozen"
    if change.setting == "easy_seen":
        return "easy images left out"
    what = SETTINGS.get(change.setting, change.setting.replace("_", " "))
    by = " (plateau)" if change.by == "plateau" else ""
    return f"{what} {_short(change.before)} → {_short(change.after)}{by}"


def _short(value: float) -> str:
    """A whole number as it is, another one to three digits: one from within a schedule has many."""
    return f"{value:.0f}" if value == round(value) else f"{value:.3g}"


def _averaged(columns: Mapping[str, np.ndarray], smoothing: float) -> dict[str, np.ndarray]:
    """Means of neighbours, weighted by images, where each group ends; smoothed values as they are there."""
    count = len(columns["x"])
    many = stride(count, MOST_POINTS)
    if many == 1:
        return dict(columns)
    starts = np.arange(0, count, many)
    ends = np.minimum(starts + many, count) - 1
    images = np.add.reduceat(columns["images"], starts)
    kept = {name: values[ends] for name, values in columns.items()} | {"images": images}
    for name in ("loss", "accuracy"):
        kept[name] = np.add.reduceat(columns[name] * columns["images"], starts) / images
        if smoothing <= 0:
            kept[f"{name}_smooth"] = kept[name]
    return kept


def _thinned(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every so-manieth point, counted from the first, and the last."""
    count = len(columns["x"])
    chosen = np.union1d(np.arange(0, count, stride(count, MOST_POINTS)), [count - 1] if count else []).astype(
        int
    )
    return {name: values[chosen] for name, values in columns.items()}
