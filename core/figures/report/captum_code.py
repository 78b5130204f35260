"""Attribution methods as plain Captum, for the notebook; a method that is not here is shown as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.inspection.controls import Settings
from core.inspection.maps import BLUR
from core.networks.spec import Shape


@dataclass(frozen=True)
class Surroundings:
    """What the text of a method depends on beside its settings."""

    input_shape: Shape  # (C, H, W)
    modules: Mapping[str, str]  # layers with weights: our name → the one in the notebook's network


@dataclass(frozen=True)
class Plain:
    """A method as the body of a function of `x` (1, C, H, W) and `target`, which gives scores (1, C or 1, H, W)."""

    classes: tuple[str, ...]  # from captum.attr
    body: Callable[[Settings, Surroundings], str]
    has_baseline: bool = False


def _simple(name: str) -> Plain:
    return Plain((name,), lambda _settings, _around: f"return {name}(model).attribute(x, target=target)")


def _integrated_gradients(settings: Settings, _around: Surroundings) -> str:
    return (
        "return IntegratedGradients(model).attribute(\n"
        f"    x, baselines={_baseline(settings)}, target=target, n_steps={settings['steps']}\n)"
    )


def _occlusion(settings: Settings, around: Surroundings) -> str:
    channels, height, width = around.input_shape
    unit = max(
        1, min(height, width) // 28
    )  # in large images a window has as many pixels as make a 28th of the side
    window, stride = (unit * int(settings[name]) for name in ("window", "stride"))
    return (
        "with torch.no_grad():\n"
        "    scores = Occlusion(model).attribute(\n"
        f"        x, sliding_window_shapes=({channels}, {window}, {window}), "
        f"strides=({channels}, {stride}, {stride}),\n"
        f"        baselines={_baseline(settings)}, target=target, perturbations_per_eval=32,\n"
        "    )\n"
        "return scores[:, :1]  # the same for all channels"
    )


def _grad_cam(settings: Settings, around: Surroundings) -> str:
    layer = around.modules[str(settings["layer"])]
    how = 'mode="nearest"' if settings["enlarge"] == "blocks" else 'mode="bilinear", align_corners=False'
    return (
        f'layer = model.get_submodule("{layer}")\n'
        "small = LayerGradCam(model, layer).attribute(\n"
        f"    x, target=target, relu_attributions={settings['relu']}\n)\n"
        f"return F.interpolate(small, size=x.shape[2:], {how})"
    )


def _guided_grad_cam(settings: Settings, around: Surroundings) -> str:
    layer = around.modules[str(settings["layer"])]
    return (
        f'layer = model.get_submodule("{layer}")\n'
        'return GuidedGradCam(model, layer).attribute(x, target=target, interpolate_mode="bilinear")'
    )


def _baseline(settings: Settings) -> str:
    return {
        "black": "normalised(torch.zeros_like(x))",
        "white": "normalised(torch.full_like(x, 255))",
        "mean": "torch.zeros_like(x)",
        "blurred": "blurred(x.detach())",
    }[str(settings["baseline"])]


PLAIN: dict[str, Plain] = {
    "saliency": _simple("Saliency"),
    "input-x-gradient": _simple("InputXGradient"),
    "guided-backprop": _simple("GuidedBackprop"),
    "deconvolution": _simple("Deconvolution"),
    "integrated-gradients": Plain(("IntegratedGradients",), _integrated_gradients, True),
    "grad-cam": Plain(("LayerGradCam",), _grad_cam),
    "guided-grad-cam": Plain(("GuidedGradCam",), _guided_grad_cam),
    "occlusion": Plain(("Occlusion",), _occlusion, True),
}


def blurring(input_shape: Shape) -> str:
    """The function `blurred`, for the baseline of this name."""
    _, height, width = input_shape
    kernel = [max(1, side // 2 * 2 - 1) for side in (width, height)]
    sigma = [BLUR * width, BLUR * height]
    return f"def blurred(x: torch.Tensor) -> torch.Tensor:\n    return gaussian_blur(x, {kernel}, {sigma})"


def function_name(method: str) -> str:
    """`grad_cam` for "grad-cam"."""
    return method.replace("-", "_")


def able(method: str, settings: Settings, around: Surroundings) -> bool:
    """Whether the notebook can compute it: it knows the method, and the layer that it reads has a name there."""
    return method in PLAIN and str(settings.get("layer", "")) in ("", *around.modules)
