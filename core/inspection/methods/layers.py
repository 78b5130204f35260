"""Methods that read the feature maps of a chosen layer."""

from captum.attr import GuidedGradCam, LayerActivation, LayerGradCam
from torch import Tensor
from torch.nn import functional as F

from core.inspection.controls import Choice, LayerChoice, Number, SettingError, Settings, Switch
from core.inspection.maps import AttributionMap, Case, Fact, map_of
from core.inspection.methods.method import (
    CONVOLUTION,
    RELU_AND_CONVOLUTION,
    Method,
    Passes,
    one_pass,
)

_FAMILY = "Feature maps"
COARSE = 16  # positions of a layer, from which on its map says nothing of where


def _enlarged(case: Case, small: Tensor, how: str) -> Tensor:
    """(1, 1, h, w) → (1, 1, H, W)."""
    height, width = case.image.shape[2:]
    if how == "blocks":
        return F.interpolate(small, size=(height, width), mode="nearest")
    return F.interpolate(small, size=(height, width), mode="bilinear", align_corners=False)


def _size(case: Case, h: int, w: int) -> Fact:
    height, width = case.image.shape[2:]
    coarse = h * w <= COARSE
    warning = " That is too coarse to say where anything is." if coarse else ""
    return Fact(
        "Size of the map",
        f"{h}×{w}{', too coarse' if coarse else ''}",
        f"The layer hands on {h}×{w} positions, enlarged to the image's {height}×{width}.{warning}",
    )


def _grad_cam(case: Case, settings: Settings) -> AttributionMap:
    layer = case.model.get_submodule(str(settings["layer"]))
    positive = bool(settings["relu"])
    small = LayerGradCam(case.model, layer).attribute(
        case.image, target=case.target, relu_attributions=positive
    )  # (1, 1, h, w)
    large = _enlarged(case, small, str(settings["enlarge"]))
    return map_of(case, large, _size(case, *small.shape[2:]), signed=not positive)


def _guided_grad_cam(case: Case, settings: Settings) -> AttributionMap:
    name = str(settings["layer"])
    scores = GuidedGradCam(case.model, case.model.get_submodule(name)).attribute(
        case.image, target=case.target, interpolate_mode="bilinear"
    )
    sizes: list[tuple[int, ...]] = []
    handle = case.model.get_submodule(name).register_forward_hook(
        lambda _module, _inputs, output: sizes.append(tuple(output.shape[2:]))
    )
    case.score(case.image)
    handle.remove()
    return map_of(case, scores, _size(case, *sizes[0]), signed=True)


def _layer_activation(case: Case, settings: Settings) -> AttributionMap:
    layer, channel = case.model.get_submodule(str(settings["layer"])), int(settings["channel"])
    maps: Tensor = LayerActivation(case.model, layer).attribute(case.image)  # (1, K, h, w)
    if channel > maps.shape[1]:
        raise SettingError(
            f"There is no channel {channel} in this layer: choose 1 to {maps.shape[1]}, or 0 for all together."
        )
    chosen = maps[:, channel - 1 : channel] if channel else maps.abs().mean(dim=1, keepdim=True)
    signed = bool(channel) and bool((chosen < 0).any())
    large = _enlarged(case, chosen, str(settings["enlarge"]))
    return map_of(case, large, _size(case, *chosen.shape[2:]), signed=signed)


_LAYER = LayerChoice(
    "layer",
    "Layer",
    "The layer whose feature maps are weighed: late layers say what, early ones where.",
)
_ENLARGE = Choice(
    "enlarge",
    "Enlarge",
    "How the small map is brought to the image's size.",
    "smooth",
    (("smooth", "smoothly"), ("blocks", "as blocks")),
)

LAYERS = {
    "grad-cam": Method(
        "Grad-CAM",
        _FAMILY,
        r"\begin{gathered}A=\mathrm{ReLU}\Big(\sum_k w_k F^k\Big)\\"
        r"w_k=\frac1{hw}\sum_{i,j}\frac{\partial f_c}{\partial F^k_{ij}}\end{gathered}",
        "Where the feature maps F that raise the logit are active in the chosen layer.",
        "It is as coarse as the layer's maps and then enlarged: edges of the coloured area mean nothing, "
        "and one weight for each map forgets that a map may matter in one place only.",
        "Selvaraju and others, 2016 (arXiv:1610.02391)",
        _grad_cam,
        one_pass,
        (
            _LAYER,
            _ENLARGE,
            Switch(
                "relu", "Only evidence for the class", "ReLU on the map, as in the original method.", True
            ),
        ),
        CONVOLUTION,
    ),
    "guided-grad-cam": Method(
        "Guided Grad-CAM",
        _FAMILY,
        r"A=\text{Grad-CAM}\;\odot\;\text{Guided Backprop}",
        "Guided Backprop's edges, where Grad-CAM's map is active.",
        "Its detail is that of Guided Backprop, which hardly depends on the weights (Adebayo and others, "
        "2018): only the coarse place comes from the class.",
        "Selvaraju and others, 2016 (arXiv:1610.02391)",
        _guided_grad_cam,
        lambda _settings, _shape: Passes(3, 2),
        (_LAYER,),
        RELU_AND_CONVOLUTION,
        suspect="Adebayo and others (2018) found it nearly unchanged when the upper layers' weights were made random.",
    ),
    "layer-activation": Method(
        "Layer activation",
        _FAMILY,
        r"A=\frac1K\sum_{k=1}^{K}\left|F^k\right|\quad\text{or}\quad A=F^k",
        "Where the chosen layer is active for this image, for all its channels together or for one.",
        "It knows nothing of the class: what a layer sees need not matter for the answer.",
        "Zeiler and Fergus, 2013 (arXiv:1311.2901)",
        _layer_activation,
        lambda _settings, _shape: Passes(1),
        (
            LayerChoice("layer", "Layer", "The layer whose feature maps are shown."),
            Number(
                "channel",
                "Channel",
                "One of the layer's channels, counted from 1; 0 for the mean of the absolute values of all.",
                0,
                0,
                512,
            ),
            _ENLARGE,
        ),
        CONVOLUTION,
    ),
}
