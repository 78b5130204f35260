"""See inside: one image on its way through the network, every layer's feature maps, kernels and windows."""

from hashlib import blake2s
from pathlib import Path
from typing import Any

import streamlit as st
from torch import nn

from core.data import catalogue
from core.data.dataset import Dataset
from core.figures.feature_maps import RAMPS, class_scores, layer_figure, layer_list
from core.inspection.features import Features, LayerFeatures, features, fitted
from core.networks.analysis import Analysis
from core.networks.images import GREY
from core.networks.json_form import to_json
from core.networks.spec import Shape, shape_text
from core.training.checkpoint import CheckpointDamaged
from pages.design.inside_image import ChosenImage, choose_image
from pages.design.inside_weights import Weighted, choose_weights
from pages.design.walk import walk
from pages.shared.data_card import DATASET_KEY, MEANWHILE, data_ready
from pages.shared.server import dataset

ASSETS = Path(__file__).parents[2] / "assets"
KEY, _LOOK = "inside", "inside_look"
PREFERRED = "fashion-mnist"
# a server has many visitors: what one looks at may take a moment and some memory of it, no more
MOST_PARAMETERS = 20_000_000
MOST_ACTIVATIONS = 64 * 2**20  # bytes
MOST_MACS = 4_000_000_000  # about a second on one core
_PARTS = (  # the last uses all others
    *("shared/numbers", "shared/plane"),
    *(f"design/inside/{part}" for part in ("layers", "maps", "kernels", "bars", "calculation")),
    *("design/inside/dissection", "design/inside/inside"),
)

_component = st.components.v2.component(
    "autograd_lab_inside",
    js="\n".join((ASSETS / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS),
    css=(ASSETS / "design" / "inside" / "inside.css").read_text(encoding="utf-8"),
)


def show(analysis: Analysis) -> None:
    """The view "See inside" of the design."""
    if refusal := refused(analysis):
        st.info(refusal, icon=":material/visibility_off:")
        return
    _view(analysis)


def refused(analysis: Analysis) -> str:
    """Why this network can't be looked into; "" if it can."""
    for problem in analysis.problems:
        where = f"{problem.name}: " if problem.name else ""
        return f"{where}{problem.sentence} Mend it under Build; then you can look inside."
    sizes = (
        ("parameters", analysis.parameters, MOST_PARAMETERS, f"{MOST_PARAMETERS:,}"),
        ("bytes of feature maps", analysis.activation_bytes, MOST_ACTIVATIONS, "64 MiB"),
        ("multiply-adds for one image", analysis.macs, MOST_MACS, f"{MOST_MACS:,}"),
    )
    for what, number, most, bound in sizes:
        if number > most:
            return (
                f"This network has {number:,} {what}; up to {bound} can be looked into, so that the page stays "
                "quick for everybody. Try it with fewer channels."
            )
    return ""


@st.fragment
def _view(analysis: Analysis) -> None:
    name = _images_for(analysis)
    if not data_ready(name):
        return
    data = dataset(name)
    controls, stage = st.columns([1, 5.4], gap="small")
    with controls, st.container(gap="xsmall"):
        image = choose_image(data)
        try:
            weighted = choose_weights(analysis, data)
        except CheckpointDamaged as damage:
            st.error(str(damage), icon=":material/broken_image:")
            return
    found, listed = _features(
        to_json(analysis.spec),
        analysis.input_shape,
        weighted.key,
        blake2s(image.pixels.numpy().tobytes()).hexdigest(),
        analysis,
        weighted,
        image,
    )
    layer = chosen_layer(found)
    with stage:
        data_sent = figure(analysis, data, image, weighted, layer, listed, found)
        _component(key=KEY, data=data_sent, on_look_change=lambda: None)
    walk(layer)


def _images_for(analysis: Analysis) -> str:
    """The session's data set where it has grey images of the canvas's size and this network's classes."""
    chosen = catalogue.datasets().get(st.session_state.get(DATASET_KEY, ""))
    fits = chosen and (chosen.input_shape, len(chosen.classes)) == (GREY, analysis.classes)
    options = [st.session_state[DATASET_KEY]] if fits else []
    return next((name for name in (*options, PREFERRED) if catalogue.status(name).ready), MEANWHILE)


@st.cache_resource(max_entries=8, show_spinner=False)
def _features(
    spec: str,
    input_shape: Shape,
    weights: str,
    image: str,
    _analysis: Analysis,
    _weighted: Weighted,
    _image: ChosenImage,
) -> tuple[Features, list[dict[str, Any]]]:
    pixels = fitted(_image.pixels, input_shape)
    found = features(_weighted.model, _analysis.rows, pixels, _weighted.normalisation)
    return found, layer_list(found, _analysis.rows)


def chosen_layer(found: Features) -> LayerFeatures:
    """The layer that this session looks at; at first the first one with a window."""
    look = looked_at()
    layer = found.layer(str(look.get("layer")))
    windows = (each for each in found.layers if isinstance(each.module, nn.Conv2d | nn.Linear))
    return layer or next(windows, found.layers[0])


def looked_at() -> dict[str, Any]:
    """What the browser asked to see: a layer and the first of its channels; kept while the view is not shown."""
    sent: Any = (st.session_state.get(KEY) or {}).get("look")
    if isinstance(sent, dict):
        st.session_state[_LOOK] = sent
    kept: dict[str, Any] = st.session_state.get(_LOOK, {})
    return kept


def figure(
    analysis: Analysis,
    data: Dataset,
    image: ChosenImage,
    weighted: Weighted,
    layer: LayerFeatures,
    listed: list[dict[str, Any]],
    found: Features,
) -> dict[str, Any]:
    """What the browser draws: the list of layers, and the chosen one with its numbers."""
    row = next((row for row in analysis.rows if row.name == layer.name), None)
    first = looked_at().get("first")
    kind = next(each["kind"] for each in listed if each["name"] == layer.name)
    last = layer is found.layers[-1]
    return {
        "sentence": sentence(analysis, data, image, weighted),
        "ramps": RAMPS,
        "layers": listed,
        "layer": layer_figure(
            layer, kind, row.formulas.output if row else "", first if type(first) is int and first > 0 else 0
        ),
        "scores": class_scores(layer.output, layer.module, data.classes) if last else None,
        "label": image.label,
    }


def sentence(analysis: Analysis, data: Dataset, image: ChosenImage, weighted: Weighted) -> str:
    """What is shown, in words: which image, how it was fitted, and which weights."""
    title = catalogue.record(data.name).short_title
    what = image.words if image.label is None else f"{image.words} of {title} ({data.classes[image.label]})"
    shape = tuple(image.pixels.shape)
    if analysis.input_shape != shape:
        what += f", grey and {shape_text(shape)}, brought to {shape_text(analysis.input_shape)}"
        what += ", the same in each channel," if analysis.input_shape[0] > 1 else ""
    return f"{what[0].upper()}{what[1:]} through {weighted.words}. {weighted.note}".strip()
