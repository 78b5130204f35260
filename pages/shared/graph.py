"""What the graphs of several rooms share in the browser: boxes and ways, pan and zoom, card and download."""

from pathlib import Path
from typing import Any

import streamlit as st

SHARED = Path(__file__).parents[2] / "assets" / "shared" / "graph"
PARTS = ("boxes", "camera", "pointer", "card", "tooltip", "download")


def graph_component(name: str, page: Path, style: Path, script: Path) -> Any:
    """A component whose `script` uses the shared classes; in its `page` a comment stands for the tools."""
    parts = [SHARED / f"{part}.js" for part in PARTS]
    return st.components.v2.component(
        name,
        html=_text(page).replace("<!-- tools -->", _text(SHARED / "tools.html")),
        css=_text(SHARED / "graph.css") + _text(style),
        js="\n".join(map(_text, [*parts, script])),
    )


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
