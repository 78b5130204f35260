"""Maps to take away: as one picture, and as numbers."""

from collections.abc import Sequence

import streamlit as st

from core.figures.map_grid import Tile, numbers_npz, sheet_png


def draw(tiles: Sequence[Tile], name: str, key: str, one_scale: bool = False) -> None:
    """Two buttons; the files, called `name`, are made when one is pressed."""
    with st.container(horizontal=True):
        st.download_button(
            "PNG",
            lambda: sheet_png(tiles, one_scale),
            f"{name}.png",
            "image/png",
            icon=":material/image:",
            key=f"{key}_png",
            on_click="ignore",
        )
        st.download_button(
            "Numbers (NPZ)",
            lambda: numbers_npz(tiles),
            f"{name}.npz",
            "application/octet-stream",
            icon=":material/table:",
            key=f"{key}_npz",
            help="maps (n, C, H, W), titles, targets, signed and pixels, for numpy.load",
            on_click="ignore",
        )
