"""What the notebook's cells show before anyone runs them: this run's own results, in the words of its code."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable

import nbformat.v4 as notebooks
import numpy as np
from nbformat import NotebookNode

from core.training.export.notebook import plots, program
from core.training.export.notebook.subject import Subject

RESOLUTION = 80  # pixels an inch


def recorded(subject: Subject) -> str:
    """The line above each result."""
    return f"Recorded in run {subject.run.number}:\n"


def preparation(subject: Subject) -> str:
    """What the data cell prints."""
    run = subject.run
    mean, std = ([round(value, 4) for value in values] for values in (subject.mean, subject.std))
    text = f"mean {mean} standard deviation {std}\n"
    if run.test_images is None:
        return text
    return text + (
        f"{run.train_images:,} training, {run.validation_images:,} validation and {run.test_images:,} test images\n"
    )


def network(subject: Subject) -> str:
    """What the network's cell prints."""
    return f"{subject.network.parameters:,} parameters\n"


def training(subject: Subject) -> str:
    """What the training prints."""
    lines, before = [], 0
    for look in subject.looks:
        points = [point for point in subject.running if before < point.step <= look.step]
        before = look.step
        if not points:
            continue
        images = [point.images for point in points]
        loss = np.average([point.loss for point in points], weights=images)
        right = np.average([point.accuracy for point in points], weights=images)
        lines.append(
            f"epoch {math.ceil(look.epoch)}, step {look.step}: training (running) loss {loss:.4f}, "
            f"accuracy {right:.2%}; validation loss {look.loss:.4f}, accuracy {look.accuracy:.2%}\n"
        )
    best = subject.best
    if subject.patience and best and best.step != subject.looks[-1].step:
        lines.append(f"The weights are those of the lowest validation loss, {best.loss:.4f}.\n")
    return "".join(lines)


def test(subject: Subject) -> str:
    """What the last cell prints; "" before the run was tested."""
    run = subject.run
    if run.test_accuracy is None:
        return ""
    return f"test loss {run.test_loss:.4f}, test accuracy {run.test_accuracy:.2%} on {run.test_images:,} images\n"


def curves(subject: Subject) -> bytes:
    """The picture of the curves, PNG; b"" before there is one."""
    running = [(point.epoch, point.loss, point.accuracy, point.images) for point in subject.running]
    looks = [(math.ceil(look.epoch), look.loss, look.accuracy) for look in subject.looks]
    if not running or not looks:
        return b""
    return png(program.CURVES_SIZE, 2, lambda axes: plots.draw_curves(axes, running, looks))


def confusion(subject: Subject) -> bytes:
    """The picture of the confusion matrix of the validation images, PNG; b"" before there is one."""
    best = subject.best
    counts = next((seen.counts for seen in subject.confusions if best and seen.step == best.step), None)
    if counts is None:
        return b""
    classes = subject.dataset.classes
    return png(program.CONFUSION_SIZE, 1, lambda axes: plots.draw_confusion(axes[0], counts, classes))


def printed(subject: Subject, text: str) -> list[NotebookNode]:
    """The output of a cell that printed `text`."""
    return [notebooks.new_output("stream", text=recorded(subject) + text)] if text else []


def shown(subject: Subject, picture: bytes) -> list[NotebookNode]:
    """The output of a cell that showed a picture."""
    if not picture:
        return []
    data = {"image/png": base64.b64encode(picture).decode(), "text/plain": "<Figure>"}
    return [
        notebooks.new_output("stream", text=recorded(subject)),
        notebooks.new_output("display_data", data=data),
    ]


def png(size: tuple[float, float], columns: int, draw: Callable[..., None], rows: int = 1) -> bytes:
    """What `draw` puts on a list of axes, row by row; without pyplot, whose state all threads would share."""
    from matplotlib.figure import Figure

    content = io.BytesIO()
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    draw(figure.subplots(rows, columns, squeeze=False).flatten())
    figure.savefig(content, format="png", dpi=RESOLUTION)
    return content.getvalue()
