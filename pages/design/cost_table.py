"""The measured times as a table: a row for each layer, one for what lies between them, and the total."""

import pandas as pd
import streamlit as st

from core.training.timing import LayerTime, Timing
from pages.shared.glossary import meaning


def table(timing: Timing) -> pd.DataFrame:
    """A row for each layer, one for what lies between them, and the total; times in milliseconds."""
    total = timing.watched
    return pd.DataFrame([_row(one, timing) for one in (*timing.layers, timing.between, total)])


def _row(one: LayerTime, timing: Timing) -> dict[str, object]:
    total = timing.watched
    share = (one.forward + one.backward) / (total.forward + total.backward)
    return {
        "layer": one.name,
        "kind": one.kind,
        "macs": one.macs or None,
        "forward": 1000 * one.forward,
        "backward": 1000 * one.backward,
        "share": 100 * share,
        "speed": one.macs * timing.batch_size / one.forward / 1e9 if one.macs and one.forward else None,
        "inference": 1000 * one.inference,
    }


COLUMNS = {
    "layer": st.column_config.TextColumn("layer", width="medium"),
    "kind": st.column_config.TextColumn("kind"),
    "macs": st.column_config.NumberColumn("MACs", format="localized", help=meaning("MAC")),
    "forward": st.column_config.NumberColumn(
        "forward, ms", format="%.3f", help="Of the batch, in train mode."
    ),
    "backward": st.column_config.NumberColumn("backward, ms", format="%.3f", help="Of the batch."),
    "share": st.column_config.ProgressColumn(
        "share of the step",
        min_value=0,
        max_value=100,
        format="%.1f %%",
        help="Of forward and backward together.",
    ),
    "speed": st.column_config.NumberColumn(
        "GMAC/s", format="%.1f", help="Billions of MACs a second, forward: MACs × batch ÷ time."
    ),
    "inference": st.column_config.NumberColumn(
        "one image, ms", format="%.3f", help="In eval mode, without gradients."
    ),
}
