"""Methods that share out the logit's rise from a baseline to the image."""

import torch
from captum.attr import DeepLift, DeepLiftShap, IntegratedGradients
from captum.attr._core.deep_lift import SUPPORTED_NON_LINEAR
from torch import Tensor, nn

from core.inspection.anatomy import Anatomy
from core.inspection.controls import Number, Settings
from core.inspection.exact_deep_lift import exact
from core.inspection.maps import AttributionMap, Case, completeness, map_of
from core.inspection.methods.method import (
    BASELINE,
    SEED,
    Method,
    Need,
    Passes,
    batch,
    generator,
    samples,
)
from core.networks.modules import Concatenate, Residual, Skip, Sum

_FAMILY = "From a baseline"
_LINEAR = (  # layers through which a difference passes as through its gradient
    nn.Linear, nn.Conv2d, nn.Flatten, nn.Unflatten, nn.Dropout, nn.Dropout2d, nn.Identity,
    nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.BatchNorm1d, nn.BatchNorm2d, nn.Upsample,
    Residual, Skip, Concatenate, Sum,  # not Product: it multiplies what it joins
)  # fmt: skip


def _no_rule(anatomy: Anatomy) -> str:
    known = (*_LINEAR, *SUPPORTED_NON_LINEAR)
    strange = {layer.kind for layer in anatomy.layers if not issubclass(layer.module_type, known)}
    return f"Captum has no DeepLIFT rule for {', '.join(sorted(strange))}." if strange else ""


_RULES = Need("Layers for which there is a DeepLIFT rule.", _no_rule, "a layer without a rule")


def _integrated_gradients(case: Case, settings: Settings) -> AttributionMap:
    baseline = case.baseline(str(settings["baseline"]))
    steps, rows = int(settings["steps"]), batch(case)
    scores = IntegratedGradients(case.model).attribute(
        case.image,
        baselines=baseline,
        target=case.target,
        n_steps=steps,
        internal_batch_size=rows if steps > rows else None,
    )
    change = float(case.score(case.image) - case.score(baseline))
    return map_of(case, scores, completeness(float(scores.detach().sum()), change), signed=True)


def _gradient_shap(case: Case, settings: Settings) -> AttributionMap:
    draw, n = generator(settings), int(settings["samples"])
    x, device = case.image.detach(), case.image.device
    others, _ = case.others(int(settings["images"]), draw)
    starts = others[torch.randint(len(others), (n,), generator=draw).to(device)]  # (n, C, H, W)
    sigma = int(settings["noise"]) / 100 * float(x.max() - x.min())
    ends = x + sigma * torch.randn(starts.shape, generator=draw).to(device)
    way = torch.rand(n, 1, 1, 1, generator=draw).to(device)
    slopes = torch.cat([_slopes(case, part) for part in (starts + way * (ends - starts)).split(batch(case))])
    scores = ((ends - starts) * slopes).mean(dim=0, keepdim=True)  # (n, C, H, W) → (1, C, H, W)
    change = float(case.score(x) - case.score(others).mean())
    return map_of(case, scores, completeness(float(scores.detach().sum()), change, exact=False), signed=True)


def _slopes(case: Case, points: Tensor) -> Tensor:
    """The gradients of the logit at `points`, both (n, C, H, W)."""
    points = points.requires_grad_()
    return torch.autograd.grad(case.model(points)[:, case.target].sum(), points)[0]


def _deep_lift(case: Case, settings: Settings) -> AttributionMap:
    baseline = case.baseline(str(settings["baseline"]))
    scores = DeepLift(exact(case.model)).attribute(case.image, baselines=baseline, target=case.target)
    change = float(case.score(case.image) - case.score(baseline))
    return map_of(case, scores, completeness(float(scores.detach().sum()), change), signed=True)


def _deep_lift_shap(case: Case, settings: Settings) -> AttributionMap:
    starts, _ = case.others(int(settings["images"]), generator(settings))
    # one image is drawn twice where there is no other: Captum asks for two baselines at least
    starts = starts if len(starts) > 1 else starts.expand(2, -1, -1, -1)
    method, total = DeepLiftShap(exact(case.model)), torch.zeros_like(case.image.detach())
    for part in starts.tensor_split(
        -(-len(starts) // batch(case))
    ):  # the larger the images, the fewer at once
        mean = method.attribute(case.image, baselines=part, target=case.target).detach()
        total += mean * len(part)
    scores = total / len(starts)
    change = float(case.score(case.image) - case.score(starts).mean())
    return map_of(case, scores, completeness(float(scores.detach().sum()), change), signed=True)


def _both_ends(forward: int, backward: int) -> Passes:
    """With the image and its baseline, whose logits are compared with the scores' sum."""
    return Passes(forward + 2, backward)


def _images(default: int) -> Number:
    return Number("images", "Images", "How many images of the test split are baselines.", default, 5, 100, 5)


PATHS = {
    "integrated-gradients": Method(
        "Integrated Gradients",
        _FAMILY,
        r"A_i=(x_i-x'_i)\int_0^1\frac{\partial f_c\big(x'+\alpha(x-x')\big)}{\partial x_i}\,d\alpha",
        "This pixel's share of the logit's rise on the straight way from the baseline x′ to the image.",
        "The baseline decides: pixels that look like it get 0 (black clothes with a black baseline), and "
        "the images on the way are none that the network was trained on.",
        "Sundararajan, Taly and Yan, 2017 (arXiv:1703.01365)",
        _integrated_gradients,
        lambda settings, _shape: _both_ends(int(settings["steps"]), int(settings["steps"])),
        (
            BASELINE,
            Number("steps", "Steps", "Points at which the integral is evaluated.", 50, 5, 200, 5),
        ),
    ),
    "gradient-shap": Method(
        "Gradient SHAP",
        _FAMILY,
        r"A_i=\mathbb{E}_{x',\alpha,\varepsilon}\Big[(x_i+\varepsilon_i-x'_i)\,"
        r"\frac{\partial f_c(x'+\alpha(x+\varepsilon-x'))}{\partial x_i}\Big]",
        "This pixel's mean share of the logit's rise on the way here from other test images x′, one random "
        "point α of the way for each.",
        "It is an average over few random points, so another seed gives another map; and a way between two "
        "garments passes through images that are neither.",
        "Lundberg and Lee, 2017 (arXiv:1705.07874); Erion and others, 2019 (arXiv:1906.10670)",
        _gradient_shap,
        lambda settings, _shape: Passes(
            int(settings["samples"]) + int(settings["images"]) + 1, int(settings["samples"])
        ),
        (
            samples("How many pairs of a baseline and a point on the way are drawn.", 100, 20, 500, 20),
            _images(50),
            Number("noise", "Noise, %", "As in SmoothGrad; 0 for none.", 0, 0, 50),
            SEED,
        ),
    ),
    "deep-lift": Method(
        "DeepLIFT",
        _FAMILY,
        r"\begin{gathered}A_i=m_i\,(x_i-x'_i)\\"
        r"m=\frac{\Delta\,\mathrm{out}}{\Delta\,\mathrm{in}}\ \text{at each activation}\end{gathered}",
        "This pixel's share of the logit's difference from the baseline, passed back through differences "
        "instead of gradients.",
        "The baseline decides, as with Integrated Gradients, and two networks that compute the same "
        "function can get different maps.",
        "Shrikumar, Greenside and Kundaje, 2017 (arXiv:1704.02685)",
        _deep_lift,
        lambda _settings, _shape: _both_ends(2, 2),
        (BASELINE,),
        _RULES,
    ),
    "deep-lift-shap": Method(
        "DeepLIFT SHAP",
        _FAMILY,
        r"A_i=\mathbb{E}_{x'}\big[m_i(x')\,(x_i-x'_i)\big]",
        "The mean of DeepLIFT's shares over other test images x′ as baselines.",
        "It approaches Shapley values only if the pixels were independent and the network nearly linear; "
        "here they are neither. The chosen images decide.",
        "Lundberg and Lee, 2017 (arXiv:1705.07874)",
        _deep_lift_shap,
        lambda settings, _shape: Passes(3 * int(settings["images"]) + 1, 2 * int(settings["images"])),
        (_images(20), SEED),
        _RULES,
    ),
}
