"""The two pictures of the notebook; it contains these functions as they stand here."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes


def draw_curves(axes: Sequence[Axes], running: Sequence, validation: Sequence) -> None:
    """Loss and accuracy over the epochs.

    running: (epoch, loss, accuracy, images) of the training batches while the weights moved, averaged to at
    most 100 points; validation: (epoch, loss, accuracy) after each epoch.
    """
    parts = np.array_split(np.array(running, float), min(len(running), 100))
    means = [[part[-1, 0], *np.average(part[:, 1:3], axis=0, weights=part[:, 3])] for part in parts]
    for column, (axis, title) in enumerate(zip(axes, ("loss", "accuracy"), strict=True), start=1):
        axis.plot(*np.array(means)[:, [0, column]].T, color="#3f90da", label="training (running)")
        axis.plot(*np.array(validation)[:, [0, column]].T, "o-", color="#e76300", label="validation")
        axis.set(title=title, xlabel="epoch")
        axis.grid(alpha=0.3)
        axis.legend()


def draw_confusion(axis: Axes, counts: Sequence[Sequence[int]], classes: Sequence[str]) -> None:
    """How many images of each true class (row) were taken for each class (column); shaded by the row's share."""
    images = np.array(counts)
    shares = images / images.sum(axis=1, keepdims=True).clip(min=1)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if len(classes) <= 20:  # with more there is no room for numbers
        for (row, column), count in np.ndenumerate(images):
            colour = "white" if shares[row, column] > 0.5 else "black"
            axis.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)
    axis.set_xticks(range(len(classes)), classes, rotation=90)
    axis.set_yticks(range(len(classes)), classes)
    axis.set(xlabel="predicted", ylabel="true")
