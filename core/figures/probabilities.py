"""The probabilities of all classes for one image, as bars."""

import altair as alt
import pandas as pd

from core.figures.palette import PETROFF_10

ROLES = {  # what a class is for this image → its colour; blue is right and orange wrong, as in the matrix
    "true class": PETROFF_10[0],
    "predicted instead": PETROFF_10[6],
    "other": PETROFF_10[3],
}


def probability_table(
    probabilities: list[float], logits: list[float], classes: tuple[str, ...], true: int, predicted: int
) -> pd.DataFrame:
    """One row for each class, in the classes' order: class, probability, its text, logit, role."""
    roles = [
        "true class" if k == true else "predicted instead" if k == predicted else "other"
        for k in range(len(classes))
    ]
    return pd.DataFrame(
        {
            "class": list(classes),
            "probability": probabilities,
            "text": [_per_cent(p) for p in probabilities],
            "logit": logits,
            "role": roles,
        }
    )


def probability_bars(table: pd.DataFrame, height: int = 250) -> alt.LayerChart:
    """Horizontal bars over a fixed axis from 0 to 1; only the data differ from image to image."""
    y = alt.Y("class:N", sort=None, title=None, axis=alt.Axis(labelLimit=110, ticks=False, domain=False))
    base = alt.Chart(table).encode(
        y=y,
        x=alt.X("probability:Q", title=None, scale=alt.Scale(domain=[0, 1.18]), axis=None),
        tooltip=[
            alt.Tooltip("class:N"),
            alt.Tooltip("probability:Q", format=".4f"),
            alt.Tooltip("logit:Q", format=".3f"),
            alt.Tooltip("role:N"),
        ],
    )
    colour = alt.Color("role:N", scale=alt.Scale(domain=list(ROLES), range=list(ROLES.values())), legend=None)
    bars = base.mark_bar(cornerRadiusEnd=2).encode(color=colour)
    texts = base.mark_text(align="left", dx=4).encode(text="text:N")
    chart: alt.LayerChart = alt.layer(bars, texts).properties(height=height)
    return chart


def _per_cent(p: float) -> str:
    """Enough digits to tell a small probability from none: 63 %, 1.2 %, < 0.1 %."""
    if p != p:
        return "—"
    return f"{p:.0%}" if p >= 0.1 else f"{p:.1%}" if p >= 0.001 else "< 0.1%"
