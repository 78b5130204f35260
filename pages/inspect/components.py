"""The page's own components; their browser side lies in assets/inspect."""

from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).parents[2] / "assets" / "inspect"


def _read(*names: str) -> str:
    return "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in names)


matrix = st.components.v2.component(
    "inspect_matrix",
    html="""
        <div class="matrix">
          <div class="axis top">predicted class · <span class="unit"></span></div>
          <div class="grid" role="group" aria-label="Confusion matrix"></div>
          <div class="told" role="status"></div>
        </div>
    """,
    css=_read("matrix.css"),
    js=_read("matrix.js"),
)

sheet = st.components.v2.component(
    "inspect_sheet",
    html='<div class="sheet" role="group" aria-label="Images"></div>',
    css=_read("sheet.css"),
    js=_read("sheet.js"),
)

evidence = st.components.v2.component(
    "inspect_evidence",
    html="""
        <div class="evidence">
          <div class="pictures">
            <div class="picture">
              <img class="plain" alt="The image as the network gets it"><div class="cursor"></div>
            </div>
            <div class="picture">
              <img class="under" alt=""><img class="map" alt="The attribution map over the image">
              <div class="cursor"></div><div class="why"></div>
            </div>
          </div>
          <div class="legend">
            <span class="number low"></span><div class="scale"></div><span class="number high"></span>
          </div>
          <label class="fade">Opacity of the map
            <input type="range" min="0" max="100" value="70"><span class="number percent"></span>
          </label>
          <div class="told"></div>
        </div>
    """,
    css=_read("evidence.css"),
    js=_read("evidence.js"),
)

bars = st.components.v2.component(
    "inspect_bars",
    html='<div class="bars" role="img" aria-label="Probabilities of the classes"></div>',
    css=_read("bars.css"),
    js=_read("bars.js"),
)

choice = st.components.v2.component(
    "inspect_choice",
    html='<div class="choice"><select></select></div>',
    css=_read("choice.css"),
    js=_read("choice.js"),
)

choices = st.components.v2.component(
    "inspect_choices",
    html="""
        <div class="choices">
          <button type="button" class="open" popovertarget="list"></button>
          <div class="list" id="list" popover>
            <div class="groups"></div>
            <button type="button" class="all">All</button> <button type="button" class="none">None</button>
            <div class="help"></div>
          </div>
        </div>
    """,
    css=_read("choices.css"),
    js=_read("choices.js"),
)

maps = st.components.v2.component(
    "inspect_maps",
    html="""
        <div class="maps">
          <div class="grid" role="group" aria-label="Attribution maps"></div>
          <div class="below">
            <span class="told"></span>
            <label>Opacity <input type="range" min="0" max="100"></label><span class="percent"></span>
          </div>
        </div>
    """,
    css=_read("maps.css"),
    js=_read("maps.js"),
)

sliders = st.components.v2.component(
    "inspect_sliders",
    html='<div class="sliders"></div>',
    css=_read("sliders.css"),
    js=_read("sliders.js"),
)

pixels = st.components.v2.component(
    "inspect_pixels",
    html="""
        <div class="pixels">
          <div class="both">
            <div class="picture" tabindex="0" role="application" aria-label="The image; arrow keys move the lens">
              <img alt="The image"><div class="frame"></div>
            </div>
            <div class="lens" aria-hidden="true"></div>
          </div>
          <div class="bar">
            <label><input type="radio" name="numbers" checked> grey levels, 0–255</label>
            <label><input type="radio" name="numbers" class="scaled"> normalised, as the network gets them</label>
          </div>
          <div class="told" role="status"></div>
        </div>
    """,
    css=_read("pixels.css"),
    js=_read("../shared/numbers.js", "pixels.js"),
)

_INSIDE = (  # the last uses all others
    *("../shared/numbers.js", "../shared/plane.js"),
    *(f"../design/inside/{part}.js" for part in ("layers", "maps", "kernels", "bars", "calculation")),
    *("../design/inside/dissection.js", "../design/inside/inside.js"),
)
inside = st.components.v2.component(
    "inspect_inside", css=_read("../design/inside/inside.css"), js=_read(*_INSIDE)
)
