"""The calls into Captum, one for each attribution method: a case and its settings give a map."""

import warnings

from captum.attr import (
    DeepLift,
    GuidedBackprop,
    InputXGradient,
    IntegratedGradients,
    LayerGradCam,
    Occlusion,
    Saliency,
)
from torch import Tensor
from torch.nn import functional as F

from core.inspection.controls import SettingError, Settings
from core.inspection.exact_deep_lift import exact
from core.inspection.maps import AttributionMap, Case, Fact

# Captum warns that it sets hooks; here it does so on a copy that is thrown away
warnings.filterwarnings("ignore", message="Setting (forward, )?backward hooks")


def _map(case: Case, scores: Tensor, *facts: Fact, signed: bool) -> AttributionMap:
    return AttributionMap(scores.detach()[0].float().cpu(), signed, case.target, facts)


def _completeness(case: Case, scores: Tensor, baseline: Tensor) -> Fact:
    explained = float(scores.detach().sum())
    change = float(case.score(case.image) - case.score(baseline))
    return Fact(
        "Completeness",
        f"{explained:.3f} of {change:.3f}",
        "The attributions sum to the first number; the logit of the image minus that of the baseline is the "
        "second. "
        f"They should agree, and are {abs(explained - change):.2g} apart.",
    )


def saliency(case: Case, _settings: Settings) -> AttributionMap:
    return _map(case, Saliency(case.model).attribute(case.image, target=case.target), signed=False)


def input_x_gradient(case: Case, _settings: Settings) -> AttributionMap:
    return _map(case, InputXGradient(case.model).attribute(case.image, target=case.target), signed=True)


def integrated_gradients(case: Case, settings: Settings) -> AttributionMap:
    baseline = case.baseline(str(settings["baseline"]))
    scores = IntegratedGradients(case.model).attribute(
        case.image, baselines=baseline, target=case.target, n_steps=int(settings["steps"])
    )
    return _map(case, scores, _completeness(case, scores, baseline), signed=True)


def deep_lift(case: Case, settings: Settings) -> AttributionMap:
    baseline = case.baseline(str(settings["baseline"]))
    scores = DeepLift(exact(case.model)).attribute(case.image, baselines=baseline, target=case.target)
    return _map(case, scores, _completeness(case, scores, baseline), signed=True)


def guided_backprop(case: Case, _settings: Settings) -> AttributionMap:
    return _map(case, GuidedBackprop(case.model).attribute(case.image, target=case.target), signed=True)


def grad_cam(case: Case, settings: Settings) -> AttributionMap:
    layer = case.model.get_submodule(str(settings["layer"]))
    positive = bool(settings["relu"])
    small = LayerGradCam(case.model, layer).attribute(
        case.image, target=case.target, relu_attributions=positive
    )  # (1, 1, h, w)
    h, w = small.shape[2:]
    height, width = case.image.shape[2:]
    how = (
        {"mode": "bilinear", "align_corners": False}
        if settings["enlarge"] == "smooth"
        else {"mode": "nearest"}
    )
    warning = " That is too coarse to say where anything is." if h * w <= 16 else ""
    size = Fact(
        "Size of the map",
        f"{h}×{w}",
        f"The layer hands on {h}×{w} positions, enlarged to the image's {height}×{width}.{warning}",
    )
    return _map(case, F.interpolate(small, size=(height, width), **how), size, signed=not positive)


def occlusion(case: Case, settings: Settings) -> AttributionMap:
    window, stride = int(settings["window"]), int(settings["stride"])
    channels, height, width = case.image.shape[1:]
    if window > min(height, width):
        raise SettingError(
            f"A window of {window}×{window} does not fit into {height}×{width} pixels; make it smaller."
        )
    if stride > window:
        raise SettingError(
            f"A stride of {stride} skips pixels under a window of {window}; choose at most {window}."
        )
    scores = Occlusion(case.model).attribute(
        case.image,
        sliding_window_shapes=(channels, window, window),
        strides=(channels, stride, stride),
        baselines=case.baseline(str(settings["baseline"])),
        target=case.target,
        perturbations_per_eval=128,  # windows in one forward pass: three times as fast as one by one
    )
    return _map(case, scores, signed=True)
