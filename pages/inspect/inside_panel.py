"""One image on its way through the network: every layer's feature maps, kernels and windows."""

from typing import Any

import streamlit as st
from torch import nn

from core.figures.feature_maps import RAMPS, class_scores, layer_figure, layer_list
from core.inspection.features import Features, LayerFeatures, features
from core.networks.analysis import Analysis, analyse
from core.training.runs.records import Run
from pages.inspect import components
from pages.inspect.chosen_image import ChosenImage
from pages.inspect.subject import Subject

_KEY, _LOOK = "inspect_inside", "inspect_inside_look"
MOST_ACTIVATIONS = 64 * 2**20  # bytes: a server has many visitors
MOST_MACS = 4_000_000_000  # about a second on one core


@st.fragment
def draw(run: Run, subject: Subject, image: ChosenImage) -> None:
    """The layers; a click on one, and on a pixel of it, takes it apart."""
    channels, height, width = image.pixels.shape
    analysis = analyse(run.request.network, (channels, height, width), len(subject.classes))
    if analysis.activation_bytes > MOST_ACTIVATIONS or analysis.macs > MOST_MACS:
        st.info(
            "This network is too large to be looked into while others wait.", icon=":material/visibility_off:"
        )
        return
    found, listed = _features(subject.sha, image.key, analysis, subject, image)
    layer = _chosen_layer(found)
    row = next((row for row in analysis.rows if row.name == layer.name), None)
    kind = next(each["kind"] for each in listed if each["name"] == layer.name)
    first = _looked_at().get("first")
    last = layer is found.layers[-1]
    data = {
        "sentence": f"{image.words} through run {run.number}",
        "ramps": RAMPS,
        "layers": listed,
        "layer": layer_figure(
            layer, kind, row.formulas.output if row else "", first if type(first) is int and first > 0 else 0
        ),
        "scores": class_scores(layer.output, layer.module, subject.classes) if last else None,
        "label": image.label,
    }
    components.inside(key=_KEY, data=data, on_look_change=lambda: None)


@st.cache_resource(max_entries=8, show_spinner=False)
def _features(
    sha: str, image: str, _analysis: Analysis, _subject: Subject, _image: ChosenImage
) -> tuple[Features, list[dict[str, Any]]]:
    found = features(_subject.model, _analysis.rows, _image.pixels, _subject.normalisation)
    return found, layer_list(found, _analysis.rows)


def _chosen_layer(found: Features) -> LayerFeatures:
    """The layer that this session looks at; at first the first one with a window."""
    layer = found.layer(str(_looked_at().get("layer")))
    windows = (each for each in found.layers if isinstance(each.module, nn.Conv2d | nn.Linear))
    return layer or next(windows, found.layers[0])


def _looked_at() -> dict[str, Any]:
    """What the browser asked to see, kept while the view is not shown."""
    sent: Any = (st.session_state.get(_KEY) or {}).get("look")
    if isinstance(sent, dict):
        st.session_state[_LOOK] = sent
    kept: dict[str, Any] = st.session_state.get(_LOOK, {})
    return kept
