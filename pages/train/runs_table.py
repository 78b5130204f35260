"""The runs of this server with what a report says of each: found, chosen, shown with one click, downloaded."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core.training.reports.table import report_csv, report_rows
from core.training.runs.records import Run
from pages.shared.glossary import meaning
from pages.train import run_actions, run_filter
from pages.train.disc import disc

_KEY = "train_runs"
CHOSEN = "train_chosen"  # in the session: ids of the runs that are ticked
_CELLS = "train_cells"  # in the session: the cell that the browser said was clicked last
_ROW, _MOST_HIGH = 36, 330  # pixels


def draw(runs: Sequence[Run], shown: Run, clicked_key: str) -> None:
    """Find, act, and the table; a click puts a run's id into the session's `clicked_key`."""
    found = run_filter.draw(runs)
    ticked = st.session_state.get(CHOSEN, [])
    chosen = [run for run in found if run.id in ticked]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="train_shelf"):
        run_actions.draw(chosen or [shown], clicked_key)
        st.download_button(
            "CSV",
            lambda: report_csv(found),  # made when it is asked for
            "runs.csv",
            "text/csv",
            icon=":material/download:",
            key="train_csv",
            on_click="ignore",
            help="The table as it is listed: comma-separated, units in the header, numbers plain.",
        )
    if found:
        _table(found, chosen, shown, clicked_key)
    else:
        st.caption("No run is like that. Change what you look for.")


def _table(runs: Sequence[Run], chosen: Sequence[Run], shown: Run, clicked_key: str) -> None:
    ids = [run.id for run in runs]

    def clicked() -> None:
        selection = st.session_state[_KEY]["selection"]
        st.session_state[CHOSEN], click = picked(selection, ids, st.session_state.get(_CELLS))
        st.session_state[_CELLS] = selection["cells"]
        if click:
            st.session_state[clicked_key] = click

    # anew each time: the browser knows rows by their places, which change when a run is added
    rows = [ids.index(run.id) for run in chosen]
    cells = [cell for cell in st.session_state.get(_CELLS) or [] if cell[0] < len(ids)]
    st.session_state[_KEY] = {"selection": {"rows": rows, "columns": [], "cells": cells}}
    st.dataframe(
        _frame(runs, shown),
        key=_KEY,
        on_select=clicked,
        selection_mode=["multi-row", "single-cell"],
        hide_index=True,
        placeholder="—",
        height=min(_ROW * (len(runs) + 1), _MOST_HIGH),
        column_config=_columns(),
        alt="The runs, a row each; a click on a cell shows that run, a tick chooses it",
    )


def picked(
    selection: Mapping[str, Any], ids: Sequence[str], cells_before: object
) -> tuple[list[str], str | None]:
    """The ids of the ticked rows, and of the row of which a cell was clicked; `ids` are those of the rows.

    A tick comes together with the cell that was clicked before (`cells_before`): that is no click on it.
    """
    chosen = [ids[row] for row in selection["rows"] if row < len(ids)]
    cells = selection["cells"]
    new = cells and cells != cells_before and cells[0][0] < len(ids)
    return chosen, ids[cells[0][0]] if new else None


def _frame(runs: Sequence[Run], shown: Run) -> pd.DataFrame:
    frame = _report(tuple(runs)).copy(deep=False)
    frame.insert(0, "colour", [disc(run.number, run.id == shown.id) for run in runs])
    return frame


@lru_cache(maxsize=8)  # of what the last visitors looked for
def _report(runs: tuple[Run, ...]) -> pd.DataFrame:
    return pd.DataFrame(report_rows(runs))


@lru_cache(maxsize=1)
def _columns() -> dict[str, ColumnConfig | str | None]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    running, evaluated = meaning("running training loss"), meaning("evaluation loss")
    return {
        "colour": st.column_config.ImageColumn("", width=30, help="The ring marks the run that is shown."),
        "run": number(format="%d", width=60),
        "name": text(width="small"),
        "state": text(width=90),
        "details": text(help="Only the settings in which the listed runs differ.", width="medium"),
        "train loss, running": number("train loss", format="%.3f", help=running),
        "train accuracy, running": number("train accuracy", format="percent", help=running),
        "validation loss": number(format="%.3f", help=evaluated),
        "validation accuracy": number(format="percent", help=meaning("validation split")),
        "test loss": number(format="%.3f", help=meaning("test split")),
        "test accuracy": number(format="percent", help=meaning("test split")),
        "training time": number("seconds", format="%.1f", help="Of training, pauses left out."),
        "time per epoch": number("s per epoch", format="%.2f", help="Of training and evaluating one epoch."),
        "inference": number(
            "ms per image", format="%.3f", help="Inference, in batches, as the test split took it."
        ),
        "MACs": number(format="compact", help=f"Forward pass of one image. {meaning('MAC')}"),
        "FLOPs": number(format="compact", help=f"Forward pass of one image. {meaning('FLOPs')}"),
        "parameters": number(format="localized", help="That training changes."),
        "note": text(width="medium"),
    }
