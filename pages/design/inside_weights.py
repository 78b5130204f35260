"""Which weights the network is shown with: untrained, or those of a run that trained this very design."""

from dataclasses import dataclass

import streamlit as st
import torch
from torch import nn

from core.data.catalogue import datasets, record
from core.data.dataset import Dataset
from core.data.normalisation import Normalisation
from core.networks.analysis import Analysis
from core.networks.build import build
from core.networks.initialisation import INITIALISATIONS, build_anew, initialise
from core.networks.pretrained import PRETRAINED
from core.networks.spec import NetworkSpec, Shape
from core.training import checkpoint
from core.training.config import DataChoice, RunRequest
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.states import ENDED
from core.training.starting_weights import misfit, start, status
from pages.shared.server import run_store

UNTRAINED = "untrained"
NO_RUN = "Trained weights there are none: no finished run has exactly these layers."
_WEIGHTS, _SEED = "inside_weights", "inside_seed"


@dataclass(frozen=True, eq=False)
class Weighted:
    """A network with weights, ready to look into; shared by all sessions, and only to be read."""

    key: str  # names the weights, for caches
    words: str
    note: str  # what else there is to say of them, a sentence; "" for nothing
    model: nn.Module
    normalisation: Normalisation


def choose_weights(analysis: Analysis, data: Dataset) -> Weighted:
    """The controls, and the network that they choose; raises CheckpointDamaged."""
    runs = trained_runs(analysis)
    options = [*runs, UNTRAINED]
    if st.session_state.get(_WEIGHTS) not in options:
        st.session_state[_WEIGHTS] = options[0]
    chosen = st.selectbox(
        "Weights",
        options,
        format_func=lambda one: _label(runs[one][0]) if one in runs else "Not trained yet",
        key=_WEIGHTS,
        persist_state="session",
        help="The weights at the start, or those of a finished run whose network has exactly these layers. "
        "A design that was changed since it was trained has no trained weights.",
    )
    if chosen in runs:
        return _of_run(*runs[chosen], analysis, data)
    seed = st.number_input(
        "Seed of the first weights", 0, 2**31 - 1, step=1, key=_SEED, persist_state="session"
    )
    return _untrained(analysis, data, int(seed or 0), NO_RUN if not runs else "")


def trained_runs(analysis: Analysis) -> dict[str, tuple[Run, CheckpointRecord]]:
    """The finished runs whose network has the design's layers, by id, the newest first, with their weights."""
    store = run_store()
    fitting = [
        run
        for run in store.runs()
        if run.state in ENDED
        and run.request.network.layers == analysis.spec.layers
        and _fits(run.request.data, analysis)
    ]
    kept = ((run, store.latest_checkpoint(run.id)) for run in fitting)
    return {run.id: (run, weights) for run, weights in kept if weights is not None}


def _fits(choice: DataChoice, analysis: Analysis) -> bool:
    known = datasets().get(choice.dataset)
    if known is None:
        return False
    return (known.shape_as(choice.image), len(known.classes)) == (analysis.input_shape, analysis.classes)


def _of_run(run: Run, kept: CheckpointRecord, analysis: Analysis, data: Dataset) -> Weighted:
    model, normalisation = _trained(kept.sha256, run.request, analysis.input_shape, analysis.classes, kept)
    words = f"the trained weights of run {run.number} “{run.name}”"
    trained_on = run.request.data.dataset
    note = "" if trained_on == data.name else f"They were trained on {record(trained_on).title}."
    return Weighted(kept.sha256, words, note, model, normalisation)


def _untrained(analysis: Analysis, data: Dataset, seed: int, note: str) -> Weighted:
    spec = analysis.spec
    rule = INITIALISATIONS.get(spec.weights)
    missing = "" if rule else pretrained_missing(analysis)
    begin = rule or (INITIALISATIONS["default"] if missing else None)
    model = _first_weights(
        spec, analysis.input_shape, analysis.classes, seed, begin.key if begin else spec.weights
    )
    if begin:
        words = f"untrained weights ({begin.label}, seed {seed})"
    else:
        words = (
            f"the pretrained weights of {PRETRAINED[spec.weights].title}, its head untrained (seed {seed})"
        )
    normalisation = _normalisation(data.name, data)
    return Weighted(f"{UNTRAINED} {seed} {bool(missing)}", words, missing or note, model, normalisation)


def pretrained_missing(analysis: Analysis) -> str:
    """Why a design that begins with pretrained weights can't have them now, a sentence; "" if it can."""
    channels, height, width = analysis.input_shape
    refusal = misfit(analysis.spec, (channels, height, width), analysis.classes)
    found = status(analysis.spec.weights)
    return refusal or ("" if found.state == "here" else found.message)


def _label(run: Run) -> str:
    accuracy = "" if run.test_accuracy is None else f"{100 * run.test_accuracy:.1f} % · "
    return f"Run {run.number} · {accuracy}{run.name}"


@st.cache_resource(max_entries=4, show_spinner=False)
def _first_weights(spec: NetworkSpec, input_shape: Shape, classes: int, seed: int, begin: str) -> nn.Module:
    model = build(spec, input_shape, classes)
    generator = torch.Generator().manual_seed(seed)  # its own: PyTorch's global one belongs to all sessions
    build_anew(model, generator)
    if begin in PRETRAINED:
        start(model, spec)
    else:
        initialise(model, begin, generator)
    return model.eval()


@st.cache_resource(max_entries=4, show_spinner=False)
def _trained(
    sha: str, _request: RunRequest, input_shape: Shape, classes: int, _record: CheckpointRecord
) -> tuple[nn.Module, Normalisation]:
    state = checkpoint.load(_record.path, sha)
    channels, height, width = input_shape
    model = checkpoint.load_model(_request, _record.path, (channels, height, width), classes)
    return model, Normalisation(tuple(state.mean), tuple(state.std))


@st.cache_data(max_entries=4, show_spinner=False)
def _normalisation(name: str, _data: Dataset) -> Normalisation:
    return Normalisation.of(_data.train.pixels)
