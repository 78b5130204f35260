"""The histograms of a design's first outputs and gradients, a row for each layer."""

import streamlit as st

from core.figures.signal_histograms import QUANTITIES, RIDGES, ridge_table, span
from core.inspection.signal import LayerSignal

SCALES = {"size": "Size, logarithmic", "value": "Value"}
_SCALE, _QUANTITY = "start_scale", "start_quantity"
ROW, LEAST, MOST = 30, 15, 560  # pixels: of a row where there is room, at least, and of a chart before that


def draw(layers: dict[str, tuple[LayerSignal, ...]]) -> None:
    """All quantities of one initialisation side by side, or one quantity of two."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown("**Histograms of each layer's values**", width="content")
        if len(layers) > 1:
            _choice(_QUANTITY, {key: title for key, (title, _) in QUANTITIES.items()})
        by_size = _choice(_SCALE, SCALES) == "size"
    if len(layers) > 1:
        quantity = st.session_state[_QUANTITY]
        places = [(label, quantity, side) for side, label in enumerate(layers)]
        titles = list(layers)
    else:
        places = [(label, quantity, 0) for label in layers for quantity in QUANTITIES]
        titles = [title for title, _ in QUANTITIES.values()]
    for column, (label, quantity, side), title in zip(st.columns(len(places)), places, titles, strict=True):
        with column:
            table = ridge_table(
                layers[label], quantity, by_size, span(list(layers.values()), quantity, by_size)
            )
            rows = len(table["order"].dropna().unique())
            st.markdown(title)
            st.vega_lite_chart(
                table,
                RIDGES[side, by_size],
                height=height(rows),
                key=f"start_ridges_{side}_{quantity if len(layers) == 1 else 'one'}_{by_size}",
                alt=f"{title}: a histogram for each of {rows} layers",
            )
    st.caption(AXES[by_size])


AXES = {
    True: "The x-axis is the size |x| in powers of ten; a row that lies further left is weaker. Exact zeros have "
    "no place on it: their share stands at the right. Each row is as high as its own fullest bin.",
    False: "The x-axis is the value; for gradients in units of their deviation at the last layer (for those of "
    "weights, of the layer itself). What lies beyond ±5 is counted at the ends.",
}


def height(rows: int) -> int:
    """Of a chart with so many layers: 40 of them still fit on a screen."""
    return max(LEAST * rows, min(ROW * rows, MOST)) + 40


def _choice(key: str, options: dict[str, str]) -> str:
    if st.session_state.get(key) not in options:
        st.session_state[key] = next(iter(options))
    chosen = st.segmented_control(
        key,
        list(options),
        format_func=options.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    return str(chosen)
