"""The probabilities of one image over the checkpoints of a run, as lines."""

from typing import Any

import altair as alt
import pandas as pd

from core.figures.palette import CLASS_COLOURS
from core.inspection.image_history import ImageHistory

MOST_LINES = 4  # classes


def shown_classes(history: ImageHistory, true: int | None) -> list[int]:
    """The classes with the largest probability anywhere in the run, and the true one; in the classes' order."""
    largest = history.logits.softmax(dim=1).amax(dim=0)
    found = largest.argsort(descending=True, stable=True)[:MOST_LINES].tolist()
    if true is not None and true not in found:
        found = [*found[:-1], true]
    return sorted(found)


def history_records(history: ImageHistory, classes: tuple[str, ...], shown: list[int]) -> pd.DataFrame:
    """One record for each shown class and checkpoint."""
    probabilities = history.logits.softmax(dim=1)
    return pd.DataFrame(
        [
            {"epoch": epoch, "class": classes[k], "probability": float(probabilities[place, k])}
            for k in shown
            for place, epoch in enumerate(history.epochs)
        ]
    )


def history_chart(history: ImageHistory, classes: tuple[str, ...], true: int | None) -> Any:
    """Probability against epoch, a line for each shown class."""
    shown = shown_classes(history, true)
    colours = alt.Scale(
        domain=[classes[k] for k in shown], range=[CLASS_COLOURS[k % len(CLASS_COLOURS)] for k in shown]
    )
    return (
        alt.Chart(history_records(history, classes, shown), height=300)
        .mark_line(point=True)
        .encode(
            x=alt.X("epoch:Q", title="Epoch"),
            y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1]), title="Probability"),
            color=alt.Color("class:N", title=None, scale=colours, legend=alt.Legend(orient="top", columns=2)),
            tooltip=[
                "class:N",
                alt.Tooltip("epoch:Q", format=".3"),
                alt.Tooltip("probability:Q", format=".4f"),
            ],
        )
    )
