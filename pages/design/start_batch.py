"""The batch that is sent through a design at its beginning: real images where they are here, else noise."""

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st
import torch
from torch import Tensor

from core.data import catalogue
from core.data.catalogue import DATASETS, DataMissing, datasets
from core.data.normalisation import Normalisation
from core.inspection.signal import BATCH, Signal, batch_size, initial_signal
from core.networks.analysis import Analysis, analyse
from core.networks.json_form import to_json
from core.networks.spec import NetworkSpec, Shape, shape_text
from pages.shared.data_card import DATASET_KEY
from pages.shared.server import dataset

_ONE_AT_A_TIME = threading.Lock()  # a class that looks at once must not take all of the server


@dataclass(frozen=True)
class Batch:
    """Which images are sent through."""

    data: str  # a name of `catalogue.datasets`; "" for noise
    folder: Path  # where the data set lies
    images: int
    sentence: str  # what it is, for the page


def batch_of(analysis: Analysis) -> Batch:
    """The first training images of the session's data set, or noise where they are not here or do not fit;
    raises TooLarge.
    """
    images = batch_size(analysis)
    few = "" if images == BATCH else f" (fewer than {BATCH}, since the network is large)"
    name = st.session_state.get(DATASET_KEY, next(iter(DATASETS)))
    known = datasets().get(name)
    if not known or (known.input_shape, len(known.classes)) != (analysis.input_shape, analysis.classes):
        why = f"since the chosen data set has no images of {shape_text(analysis.input_shape)}"
    else:
        try:
            dataset(name)
        except DataMissing:
            why = f"since {known.title} is not on this machine"
        else:
            text = f"The batch: the first {images} training images of {known.title}{few}, normalised."
            return Batch(name, catalogue.data_folder(), images, text)
    text = f"The batch: {images} images of noise (mean 0, deviation 1){few}, {why}."
    return Batch("", catalogue.data_folder(), images, text)


def signal_of(analysis: Analysis, weights: str, seed: int, batch: Batch) -> Signal:
    """The design's signal under an initialisation; computed once for all sessions."""
    network = NetworkSpec("design", analysis.spec.layers)  # neither named nor frozen: that changes no signal
    where = (batch.data, str(batch.folder), batch.images)
    return _signal(to_json(network), analysis.input_shape, analysis.classes, weights, seed, where, network)


# who asks for what another session is just computing waits for that one
@st.cache_resource(max_entries=48, show_spinner=False)
def _signal(
    network: str,
    shape: Shape,
    classes: int,
    weights: str,
    seed: int,
    where: tuple[str, str, int],
    _network: NetworkSpec,
) -> Signal:
    images, labels = _images(*where, shape, classes)
    with _ONE_AT_A_TIME:
        return initial_signal(analyse(_network, shape, classes), weights, seed, images, labels)


@lru_cache(maxsize=8)
def _images(data: str, _folder: str, count: int, shape: Shape, classes: int) -> tuple[Tensor, Tensor]:
    """Normalised images (N, C, H, W) and labels (N,)."""
    if not data:
        noise = torch.randn(count, *shape, generator=torch.Generator().manual_seed(0))
        return noise, torch.arange(count) % classes
    train = dataset(data).train
    return Normalisation.of(train.pixels)(train.pixels[:count]), train.labels[:count]
