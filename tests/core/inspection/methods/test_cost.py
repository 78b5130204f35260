"""What a method says that it costs is what it does."""

import pytest
import torch
from torch import Tensor, nn

from core.inspection.attribution import METHODS, attribute
from core.inspection.controls import complete
from tests.core.inspection.small_networks import SHIFTED, background, convolutional, image

SUPERPIXELS = {"feature-ablation": {"regions": "squares"}}  # superpixels are only about as many


@pytest.mark.parametrize("method", METHODS)
def test_as_many_images_go_forward_and_back_as_it_says(method: str) -> None:
    forward, backward = [], []

    class First(nn.Conv2d):
        def forward(self, x: Tensor) -> Tensor:
            forward.append(len(x))
            return super().forward(x)

    class Last(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            y = super().forward(x)
            if y.requires_grad:
                y.register_hook(lambda gradient: backward.append(len(gradient)))
            return y

    model = convolutional()
    model[0].__class__, model[9].__class__ = First, Last  # a map of a layer's own comes back no further
    settings = SUPERPIXELS.get(method, {})
    others = background(100, classes=10)  # a tenth of them of the class
    attribute(model, image(12, 12), SHIFTED, 1, method, settings, others)
    given = complete(METHODS[method].controls, settings, ["4"], "4")
    cost = METHODS[method].cost({**given, "images": min(int(given.get("images", 0)), 100)}, (1, 12, 12))
    assert sum(forward) - 1 == cost.forward  # one to look at the layers
    assert sum(backward) == cost.backward


def test_it_is_said_in_words() -> None:
    occlusion = METHODS["occlusion"]
    settings = complete(occlusion.controls, {}, [], None)
    # (28 − 4) / 2 + 1 = 13 windows in each direction, and the image itself
    assert occlusion.cost(settings, (1, 28, 28)).words == (
        "170 images forward, none back: it needs no gradients"
    )
    assert METHODS["saliency"].cost({}, (1, 28, 28)).words == "1 image forward, 1 of them back"


def test_background_is_drawn_without_repetition() -> None:
    assert len(torch.unique(background().pixels.flatten(1), dim=0)) == 60
