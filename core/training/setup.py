"""From a request and a data set to what the loop needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from core.data.batches import Batches
from core.data.dataset import Dataset, LabelledImages
from core.data.normalisation import Normalisation
from core.data.splits import split
from core.networks.build import build
from core.training import device, starting_weights
from core.training.config import RunRequest
from core.training.layout import layout
from core.training.whitening import begin_whitened


def with_shuffled_labels(images: LabelledImages, seed: int) -> LabelledImages:
    """The same images, with their labels dealt out anew among them."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    return LabelledImages(images.pixels, images.labels[order])


@dataclass(frozen=True)
class Setup:
    """A network with its initial weights, and the images that it learns from and is judged by."""

    model: nn.Module
    training: Batches
    validation: Batches
    test: Batches  # for after the training only


def set_up(request: RunRequest, dataset: Dataset, resumes: bool = False) -> Setup:
    """Build all that `request` names; the normalisation is measured on the run's own training images.

    `dataset` is what `core.data.catalogue.load` gives for `request.data`: in the format that it asks for.

    Seeds PyTorch's global random numbers, from which the initial weights are drawn; a run that `resumes` needs
    none. Raises SpecError for a network that can't be built, and ValueError for a device or for pretrained
    weights that are not here.
    """
    chosen, config = request.data, request.config
    splits = split(dataset.train.labels, chosen.share, chosen.validation_share, chosen.split_seed)
    place = device.resolve(config.device)
    images = dataset.train.at(splits.train)
    normalisation = Normalisation.of(images.pixels)
    if chosen.shuffled_labels:
        images = with_shuffled_labels(images, config.seed)
    torch.manual_seed(config.seed)
    model = build(request.network, dataset.input_shape, len(dataset.classes))
    if not resumes:
        starting_weights.start(model, request.network)
    batches = partial(
        Batches,
        normalisation=normalisation,
        batch_size=config.batch_size,
        device=place,
        layout=layout(model, place),
    )
    training = batches(images, augmentation=chosen.augmentation, classes=len(dataset.classes))
    if config.whitened and not resumes:
        begin_whitened(model, training)
    return Setup(
        model=model,
        training=training,
        validation=batches(dataset.train.at(splits.validation)),
        test=batches(dataset.test),
    )
