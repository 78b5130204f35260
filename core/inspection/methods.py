"""The attribution methods as one table: formula, meaning, when it misleads, controls, needs, call."""

from collections.abc import Callable
from dataclasses import dataclass

from captum.attr._core.deep_lift import SUPPORTED_NON_LINEAR
from torch import nn

from core.inspection import captum_calls
from core.inspection.anatomy import Anatomy
from core.inspection.controls import Choice, Control, LayerChoice, Number, Settings, Switch
from core.inspection.maps import BASELINES, AttributionMap, Case
from core.networks.modules import Concatenate, Residual, Skip, Sum

Compute = Callable[[Case, Settings], AttributionMap]


@dataclass(frozen=True)
class Method:
    """One way to say which pixels speak for a class."""

    name: str
    formula: str  # LaTeX; f_c is the target's logit, x the normalised image, A the map
    meaning: str  # one sentence: what a large score means
    misleads: str  # one sentence: when not to believe it
    compute: Compute
    controls: tuple[Control, ...] = ()
    unable: Callable[[Anatomy], str] = lambda _anatomy: ""  # why a network can't be served; "" where it can


_LINEAR = (  # layers through which a difference passes as through its gradient
    nn.Linear, nn.Conv2d, nn.Flatten, nn.Unflatten, nn.Dropout, nn.Dropout2d, nn.Identity,
    nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.BatchNorm1d, nn.BatchNorm2d, nn.Upsample,
    Residual, Skip, Concatenate, Sum,  # not Product: it multiplies what it joins
)  # fmt: skip


def _no_relu(anatomy: Anatomy) -> str:
    if anatomy.has(nn.ReLU):
        return ""
    return "It changes how ReLU passes gradients back, and this network has no ReLU."


def _no_convolution(anatomy: Anatomy) -> str:
    if anatomy.last_convolution is not None:
        return ""
    return (
        "It needs the feature maps of a convolution, and this network has none with more than one position."
    )


def _no_rule(anatomy: Anatomy) -> str:
    known = (*_LINEAR, *SUPPORTED_NON_LINEAR)
    strange = {layer.kind for layer in anatomy.layers if not issubclass(layer.module_type, known)}
    return f"Captum has no DeepLIFT rule for {', '.join(sorted(strange))}." if strange else ""


_BASELINE = Choice(
    "baseline", "Baseline", "The reference input: what counts as “nothing there”.", "black", BASELINES
)

METHODS = {
    "saliency": Method(
        "Saliency",
        r"A_i=\left|\frac{\partial f_c(x)}{\partial x_i}\right|",
        "How strongly the logit reacts to a small change of this pixel, in either direction.",
        "It tells where the network is sensitive, not what it used: it is noisy, and where ReLUs or the "
        "logit have levelled off it is small although the pixel mattered.",
        captum_calls.saliency,
    ),
    "input-x-gradient": Method(
        "Input × Gradient",
        r"A_i=x_i\,\frac{\partial f_c(x)}{\partial x_i}",
        "What this pixel adds to the logit if the network were linear around this image.",
        "x is the normalised image, so a pixel of the mean grey gets 0 whatever it does, and black "
        "background gets scores; where the network is not linear the scores need not add up to anything.",
        captum_calls.input_x_gradient,
    ),
    "integrated-gradients": Method(
        "Integrated Gradients",
        r"A_i=(x_i-x'_i)\int_0^1\frac{\partial f_c\big(x'+\alpha(x-x')\big)}{\partial x_i}\,d\alpha",
        "This pixel's share of the logit's rise on the straight way from the baseline x′ to the image.",
        "The baseline decides: pixels that look like it get 0 (black clothes with a black baseline), and "
        "the images on the way are none that the network was trained on.",
        captum_calls.integrated_gradients,
        (
            _BASELINE,
            Number("steps", "Steps", "Points at which the integral is evaluated.", 50, 5, 200, 5),
        ),
    ),
    "grad-cam": Method(
        "Grad-CAM",
        r"\begin{gathered}A=\mathrm{ReLU}\Big(\sum_k w_k F^k\Big)\\"
        r"w_k=\frac1{hw}\sum_{i,j}\frac{\partial f_c}{\partial F^k_{ij}}\end{gathered}",
        "Where the feature maps F that raise the logit are active in the chosen layer.",
        "It is as coarse as the layer's maps and then enlarged: edges of the coloured area mean nothing, "
        "and one weight for each map forgets that a map may matter in one place only.",
        captum_calls.grad_cam,
        (
            LayerChoice(
                "layer",
                "Layer",
                "The layer whose feature maps are weighed: late layers say what, early ones where.",
            ),
            Choice(
                "enlarge",
                "Enlarge",
                "How the small map is brought to the image's size.",
                "smooth",
                (("smooth", "smoothly"), ("blocks", "as blocks")),
            ),
            Switch(
                "relu", "Only evidence for the class", "ReLU on the map, as in the original method.", True
            ),
        ),
        _no_convolution,
    ),
    "occlusion": Method(
        "Occlusion",
        r"A_i=\operatorname*{mean}_{P\ni i}\ \Big[f_c(x)-f_c\big(x_{P\to b}\big)\Big]",
        "How much the logit falls when a window P over this pixel is painted with the baseline b, averaged "
        "over the windows that cover it.",
        "A painted patch is itself something to see: its edges can look like a collar or a strap, and a "
        "window in the baseline's own colour changes nothing.",
        captum_calls.occlusion,
        (
            Number("window", "Window", "Side of the square that is painted over, in pixels.", 4, 1, 14),
            Number("stride", "Stride", "By how many pixels the window moves.", 2, 1, 14),
            _BASELINE,
        ),
    ),
    "deep-lift": Method(
        "DeepLIFT",
        r"\begin{gathered}A_i=m_i\,(x_i-x'_i)\\"
        r"m=\frac{\Delta\,\mathrm{out}}{\Delta\,\mathrm{in}}\ \text{at each activation}\end{gathered}",
        "This pixel's share of the logit's difference from the baseline, passed back through differences "
        "instead of gradients.",
        "The baseline decides, as with Integrated Gradients, and two networks that compute the same "
        "function can get different maps.",
        captum_calls.deep_lift,
        (_BASELINE,),
        _no_rule,
    ),
    "guided-backprop": Method(
        "Guided Backprop",
        r"\begin{gathered}R^{l}=[F^{l}>0]\,[R^{l+1}>0]\;R^{l+1}\\A=R^{0}\end{gathered}",
        "The gradient, but each ReLU lets only positive gradients pass back.",
        "It is close to an edge detector: the map looks sharp and convincing for random weights too, and "
        "hardly depends on the class (Adebayo and others, 2018). Don't take it as evidence.",
        captum_calls.guided_backprop,
        unable=_no_relu,
    ),
}
