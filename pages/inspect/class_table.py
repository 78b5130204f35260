"""Class by class: how well each is recognised, and whether they differ by more than chance."""

import pandas as pd
import streamlit as st

from core.inspection.evenness import evenness
from core.inspection.report import wilson_interval
from pages.inspect.subject import Subject
from pages.shared.glossary import meaning
from pages.shared.markdown import unbroken

MOST_ROWS = 20  # of the table; more scroll
_INTERVAL = "95 % interval"


def draw(subject: Subject) -> None:
    """Precision, recall with its interval, F1 and support of each class; whether they differ by more than chance."""
    st.markdown("##### Class by class")
    st.markdown(unbroken(subject.report.sentence(subject.classes)))
    rows = []
    for name, scores in zip(subject.classes, subject.report.classes, strict=True):
        low, high = wilson_interval(scores.hits, scores.support)
        interval = f"{100 * low:.1f} – {100 * high:.1f} %" if scores.support else "—"
        rows.append((name, scores.precision, scores.recall, interval, scores.f1, scores.support))
    table = pd.DataFrame(rows, columns=["class", "precision", "recall", _INTERVAL, "F1", "support"])
    shares = ["precision", "recall", "F1"]
    shown = table.astype(dict.fromkeys(shares, float)).style.format(_per_cent, subset=shares)
    helps = {name: meaning(name) for name in (*shares, "support")}
    helps["recall"] += " It is the class's own accuracy."
    helps[_INTERVAL] = f"Wilson interval of the recall. {meaning('Wilson interval')}"
    st.dataframe(
        shown,
        hide_index=True,
        placeholder="—",
        height=35 * (min(len(table), MOST_ROWS) + 1) + 2,
        column_config={name: st.column_config.Column(help=text) for name, text in helps.items()},
        key="inspect_classes",
    )
    st.caption("— is undefined: a class without test images has no recall, one never predicted no precision.")
    if found := evenness(subject.report):
        st.markdown(unbroken(found.sentence(subject.classes)), help=meaning("chi-square test"))


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f} %"
