"""Several runs side by side: their curves, what differs between them, and whether that is more than chance."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from html import escape

import pandas as pd
import streamlit as st

from core.figures.comparison import (
    AXES,
    CHARTS,
    MEASURES,
    MOST_RUNS,
    Format,
    comparison_table,
    curves_file,
    highest_loss,
    leaping,
    run_label,
)
from core.figures.palette import run_colour
from core.training.reports.curves import Curve, CurveReader
from core.training.reports.settings import differing
from core.training.reports.words import listed
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from pages.shared.server import run_store
from pages.train import compare_words, compared
from pages.train.curves import HEIGHT
from pages.train.disc import disc

_KEY = "train_compared_runs"
_FORMATS: dict[Format, str] = {"svg": "image/svg+xml", "png": "image/png"}


@lru_cache(maxsize=4)  # one, but for tests, which change the store
def _reader(store: RunStore) -> CurveReader:
    return CurveReader(store)


def draw(run: Run, runs: Sequence[Run]) -> None:
    """The shown run and those it is compared with."""
    chosen, axis = _choose(run, runs)
    curves = [_reader(run_store()).curves(each) for each in chosen]
    _charts(chosen, curves, axis)
    if len(chosen) < 2:
        st.caption("Choose another run above to see what differs, or tick several in the table below.")
        return
    _differences(chosen)
    compare_words.draw(chosen, curves)


def _choose(run: Run, runs: Sequence[Run]) -> tuple[list[Run], str]:
    """The runs, the shown one first, and what the x-axis counts."""
    by_id = {other.id: other for other in runs}
    chosen = compared.chosen(run, runs)
    st.session_state[_KEY] = [other.id for other in chosen[1:]]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    left.multiselect(
        f"Run {run.number} compared with",
        [other.id for other in runs if other.id != run.id],
        format_func=lambda run_id: run_label(by_id[run_id]) if run_id in by_id else run_id,
        key=_KEY,
        max_selections=MOST_RUNS - 1,
        placeholder="Choose runs" if len(runs) > 1 else "There is no other run yet",
        on_change=lambda: compared.put([run.id, *st.session_state[_KEY]]),
    )
    axis = right.segmented_control(
        "x-axis",
        list(AXES),
        default="seconds",
        format_func=lambda name: "images" if name == "seen" else name,
        key="train_compare_axis",
        persist_state="session",
        required=True,
    )
    return chosen, axis or "seconds"


def _charts(runs: Sequence[Run], curves: Sequence[Mapping[tuple[str, str], Curve]], axis: str) -> None:
    table = comparison_table(runs, curves, axis)
    for column, (measure, (title, _)) in zip(st.columns(2), MEASURES.items(), strict=True):
        column.vega_lite_chart(
            table,
            CHARTS[measure, axis],
            height=HEIGHT - 15,
            key=f"train_compare_{measure}",
            alt=f"{title} of the training and validation splits of the compared runs over {AXES[axis]}",
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(_legend(runs) + _left_out(runs, curves), width="stretch")
        for kind, mime in _FORMATS.items():
            st.download_button(
                kind.upper(),
                partial(curves_file, runs, curves, axis, kind),
                f"runs-{'-'.join(str(run.number) for run in runs)}.{kind}",
                mime,
                icon=":material/download:",
                key=f"train_compare_{kind}",
                on_click="ignore",
                help="Both charts with their legend.",
            )


def _legend(runs: Sequence[Run]) -> str:
    """The runs with their colours, and what thin and strong lines are."""
    names = "".join(
        f'<span style="white-space: nowrap; margin-right: 1em">'
        f'<span style="color: {run_colour(run.number)}">●</span> {escape(run_label(run))}</span> '
        for run in runs
    )
    return f'<small>{names}<span style="opacity: 0.7">thin: training, running · strong: validation</span></small>'


def _left_out(runs: Sequence[Run], curves: Sequence[Mapping[tuple[str, str], Curve]]) -> str:
    """What of the curves is not in the charts."""
    if not (wild := leaping(runs, curves)):
        return ""
    names = listed([f"run {run.number}" for run in wild])
    return (
        f"<br><small>Of {names}, points with a loss above {highest_loss(curves):.3g} are left out, or nothing else "
        "could be seen.</small>"
    )


def _differences(runs: Sequence[Run]) -> None:
    """A row for each run with the settings in which they differ, and what came of it."""
    table = pd.DataFrame(
        {
            "colour": [disc(run.number) for run in runs],
            "run": [run.number for run in runs],
            "name": [run.name for run in runs],
            **{each.label: each.texts for each in differing(runs)},
            "validation accuracy": [run.validation_accuracy for run in runs],
            "test accuracy": [run.test_accuracy for run in runs],
            "seconds": [run.seconds for run in runs],
        }
    )
    st.dataframe(
        table,
        key="train_compare_differences",
        hide_index=True,
        placeholder="—",
        column_config={
            "colour": st.column_config.ImageColumn("", width=30),
            "run": st.column_config.NumberColumn(format="%d", width=45),
            "validation accuracy": st.column_config.NumberColumn(format="percent"),
            "test accuracy": st.column_config.NumberColumn(format="percent"),
            "seconds": st.column_config.NumberColumn(format="%.1f"),
        },
        alt="The compared runs with the settings in which they differ",
    )
