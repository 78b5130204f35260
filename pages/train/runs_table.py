"""The runs of this server, the newest first; one click shows another."""

from base64 import b64encode
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.training.optimizers import OPTIMIZERS
from core.training.runs.records import Run
from pages.shared.data_card import data_title
from pages.train.run_view import dot

_KEY = "train_runs"


def draw(runs: Sequence[Run], shown: Run, clicked_key: str) -> None:
    """The table with the shown run marked; a click puts a run's id into the session's `clicked_key`."""
    ids = [run.id for run in runs]

    def clicked() -> None:
        selection = st.session_state[_KEY]["selection"]
        rows = [row for row, _column in selection["cells"]] or selection["rows"]
        if rows and rows[0] < len(ids):
            st.session_state[clicked_key] = ids[rows[0]]

    st.session_state[_KEY] = {"selection": {"rows": [ids.index(shown.id)], "columns": [], "cells": []}}
    st.dataframe(
        pd.DataFrame([_row(run) for run in runs]),
        key=_KEY,
        on_select=clicked,
        selection_mode=["single-row-required", "single-cell"],
        hide_index=True,
        placeholder="—",
        height=min(36 * (len(runs) + 1), 330),
        column_config={
            "colour": st.column_config.ImageColumn("", width=30),
            "run": st.column_config.NumberColumn(format="%d", width=45),
            "test": st.column_config.NumberColumn("test accuracy", format="percent"),
            "seconds": st.column_config.NumberColumn(format="%.1f", help="of training, pauses left out"),
            "parameters": st.column_config.NumberColumn(format="localized"),
        },
    )


def _row(run: Run) -> dict[str, object]:
    config, data = run.request.config, run.request.data
    return {
        "colour": f"data:image/svg+xml;base64,{b64encode(dot(run.number).encode()).decode()}",
        "run": run.number,
        "name": run.name,
        "state": run.state,
        "test": run.test_accuracy,
        "data": f"{data_title(data)} {100 * data.share:g} %",
        "epochs": f"{run.epoch} of {config.epochs}",
        "optimizer": f"{OPTIMIZERS[config.optimizer].label}, {config.learning_rate:g}",
        "batch": config.batch_size,
        "seconds": run.seconds,
        "parameters": run.parameters,
        "seed": config.seed,
    }
