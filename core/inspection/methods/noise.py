"""Methods that look at many noisy copies of the image: SmoothGrad and VarGrad."""

from captum.attr import GradientAttribution, InputXGradient, IntegratedGradients, NoiseTunnel, Saliency
from torch import Generator, Tensor, randn

from core.inspection.controls import Choice, Number, Settings
from core.inspection.maps import AttributionMap, Case, map_of
from core.inspection.methods.method import SEED, Method, Passes, Shape, batch, generator, samples

_STEPS = 20  # of Integrated Gradients for each noisy copy
_ROWS = {"saliency": 32, "input-x-gradient": 32, "integrated-gradients": 4}  # noisy copies at a time


class _Tunnel(NoiseTunnel):
    """Captum's, with noise from a generator of its own instead of the one that all threads share."""

    def __init__(self, method: GradientAttribution, draw: Generator) -> None:
        super().__init__(method)
        self._draw = draw

    def _add_noise_to_input(self, input: Tensor, stdev: float, nt_samples_partition: int) -> Tensor:
        noisy = input.detach().repeat_interleave(nt_samples_partition, dim=0)
        return noisy + stdev * randn(noisy.shape, generator=self._draw).to(noisy.device)


def _tunnel(case: Case, settings: Settings, kind: str) -> Tensor:
    name = str(settings["method"])
    method: GradientAttribution
    extra: dict[str, object] = {}
    if name == "saliency":
        method = Saliency(case.model)
    elif name == "input-x-gradient":
        method = InputXGradient(case.model)
    else:
        method = IntegratedGradients(case.model)
        extra = {"baselines": case.baseline("black"), "n_steps": _STEPS}
    x = case.image.detach()
    scores: Tensor = _Tunnel(method, generator(settings)).attribute(
        x,
        nt_type=kind,
        nt_samples=int(settings["samples"]),
        nt_samples_batch_size=min(_ROWS[name], batch(case), int(settings["samples"])),
        stdevs=int(settings["noise"]) / 100 * float(x.max() - x.min()),
        target=case.target,
        **extra,
    )
    return scores


def _smooth_grad(case: Case, settings: Settings) -> AttributionMap:
    return map_of(case, _tunnel(case, settings, "smoothgrad"), signed=settings["method"] != "saliency")


def _var_grad(case: Case, settings: Settings) -> AttributionMap:
    return map_of(case, _tunnel(case, settings, "vargrad"), signed=False)


def _cost(settings: Settings, _shape: Shape) -> Passes:
    count = int(settings["samples"]) * (_STEPS if settings["method"] == "integrated-gradients" else 1)
    return Passes(count, count)


_CONTROLS = (
    Choice(
        "method",
        "Method",
        "Which map is made of each noisy copy.",
        "saliency",
        (
            ("saliency", "Saliency"),
            ("input-x-gradient", "Input × Gradient"),
            ("integrated-gradients", f"Integrated Gradients ({_STEPS} steps, from black)"),
        ),
    ),
    samples("How many noisy copies of the image are looked at.", 40, 5, 100),
    Number(
        "noise",
        "Noise, %",
        "Standard deviation of the noise, in per cent of the distance from the image's darkest to its "
        "brightest pixel.",
        15,
        1,
        50,
    ),
    SEED,
)

NOISE = {
    "smoothgrad": Method(
        "SmoothGrad",
        "Noise",
        r"A=\frac1n\sum_{k=1}^{n}M(x+\varepsilon_k),\quad\varepsilon_k\sim N(0,\sigma^2)",
        "The mean of a map M over noisy copies of the image: what stays when small, accidental slopes of the "
        "network are averaged away.",
        "A smooth map is pleasant to look at, not more faithful; with much noise it speaks of images that the "
        "network never saw, and keeps M's own faults.",
        "Smilkov and others, 2017 (arXiv:1706.03825)",
        _smooth_grad,
        _cost,
        _CONTROLS,
    ),
    "vargrad": Method(
        "VarGrad",
        "Noise",
        r"A=\frac1n\sum_{k=1}^{n}\big(M(x+\varepsilon_k)-\bar M\big)^2",
        "How much the map M of this pixel varies over noisy copies of the image.",
        "It says where the network's slope changes under noise, not in which direction, and so not what "
        "speaks for the class; edges vary most in almost any network.",
        "Adebayo and others, 2018 (arXiv:1810.03307)",
        _var_grad,
        _cost,
        _CONTROLS,
    ),
}
