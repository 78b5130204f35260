"""Maps to take away: as one picture, and as numbers."""

from collections.abc import Sequence

import streamlit as st

from core.figures.map_grid import Tile, numbers_csv, numbers_npz, sheet_png

_CSV = "For a spreadsheet: a line for each score, with its map, row and column, counted from 0."
_NPZ = "For Python: maps (n, C, H, W), titles, targets, signed and pixels, for numpy.load."


def draw(tiles: Sequence[Tile], name: str, key: str, one_scale: bool = False) -> None:
    """A button for each file, called `name`, which is made when the button is pressed."""
    files = (  # label, what makes it, ending, MIME type, icon, help
        ("PNG", lambda: sheet_png(tiles, one_scale), "png", "image/png", "image", None),
        ("Numbers (CSV)", lambda: numbers_csv(tiles), "csv", "text/csv", "table", _CSV),
        ("Numbers (NPZ)", lambda: numbers_npz(tiles), "npz", "application/octet-stream", "data_array", _NPZ),
    )
    with st.container(horizontal=True):
        for label, make, ending, mime, icon, help_text in files:
            st.download_button(
                label,
                make,
                f"{name}.{ending}",
                mime,
                icon=f":material/{icon}:",
                key=f"{key}_{ending}",
                help=help_text,
                on_click="ignore",
            )
