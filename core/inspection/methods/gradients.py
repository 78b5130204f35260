"""Methods that ask for the gradient of the logit at the image, or change how it comes back."""

from captum.attr import Deconvolution, GuidedBackprop, InputXGradient, Saliency

from core.inspection.controls import Settings
from core.inspection.maps import AttributionMap, Case, map_of
from core.inspection.methods.method import RELU, Method, one_pass

_FAMILY = "Gradients"


def _saliency(case: Case, _settings: Settings) -> AttributionMap:
    return map_of(case, Saliency(case.model).attribute(case.image, target=case.target), signed=False)


def _input_x_gradient(case: Case, _settings: Settings) -> AttributionMap:
    return map_of(case, InputXGradient(case.model).attribute(case.image, target=case.target), signed=True)


def _guided_backprop(case: Case, _settings: Settings) -> AttributionMap:
    return map_of(case, GuidedBackprop(case.model).attribute(case.image, target=case.target), signed=True)


def _deconvolution(case: Case, _settings: Settings) -> AttributionMap:
    return map_of(case, Deconvolution(case.model).attribute(case.image, target=case.target), signed=True)


GRADIENTS = {
    "saliency": Method(
        "Saliency",
        _FAMILY,
        r"A_i=\left|\frac{\partial f_c(x)}{\partial x_i}\right|",
        "How strongly the logit reacts to a small change of this pixel, in either direction.",
        "It tells where the network is sensitive, not what it used: it is noisy, and where ReLUs or the "
        "logit have levelled off it is small although the pixel mattered.",
        "Simonyan, Vedaldi and Zisserman, 2013 (arXiv:1312.6034)",
        _saliency,
        one_pass,
    ),
    "input-x-gradient": Method(
        "Input × Gradient",
        _FAMILY,
        r"A_i=x_i\,\frac{\partial f_c(x)}{\partial x_i}",
        "What this pixel adds to the logit if the network were linear around this image.",
        "x is the normalised image, so a pixel of the mean grey gets 0 whatever it does, and black "
        "background gets scores; the image itself shines through, also with random weights (Adebayo and "
        "others, 2018).",
        "Shrikumar and others, 2016 (arXiv:1605.01713)",
        _input_x_gradient,
        one_pass,
    ),
    "guided-backprop": Method(
        "Guided Backprop",
        _FAMILY,
        r"\begin{gathered}R^{l}=[F^{l}>0]\,[R^{l+1}>0]\;R^{l+1}\\A=R^{0}\end{gathered}",
        "The gradient, but each ReLU lets only positive gradients pass back.",
        "It is close to an edge detector: the map looks sharp and convincing for random weights too, and "
        "hardly depends on the class (Adebayo and others, 2018). Don't take it as evidence.",
        "Springenberg and others, 2014 (arXiv:1412.6806)",
        _guided_backprop,
        one_pass,
        need=RELU,
        suspect="Adebayo and others (2018) found it nearly unchanged when the upper layers' weights were made random.",
    ),
    "deconvolution": Method(
        "Deconvolution",
        _FAMILY,
        r"\begin{gathered}R^{l}=[R^{l+1}>0]\;R^{l+1}\\A=R^{0}\end{gathered}",
        "What is sent back through the network's layers, when each ReLU asks only whether what comes back is "
        "positive, not whether it was active.",
        "It mostly recovers the image from where the max-pooling found its maxima, whatever the class is "
        "(Nie, Zhang and Patel, 2018). Don't take it as evidence.",
        "Zeiler and Fergus, 2013 (arXiv:1311.2901)",
        _deconvolution,
        one_pass,
        need=RELU,
        suspect="Nie, Zhang and Patel (2018) proved that it partly recovers the image instead of explaining the class.",
    ),
}
