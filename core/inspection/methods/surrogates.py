"""Methods that fit a linear model to the network's answers on images with regions left out."""

from collections.abc import Iterator
from math import sqrt
from typing import Any

import torch
from captum._utils.models.model import Model
from captum.attr import KernelShap, Lime
from torch import Generator, Tensor

from core.inspection.controls import Settings
from core.inspection.maps import AttributionMap, Case, Fact, map_of
from core.inspection.methods.method import (
    ANY,
    BASELINE,
    SEED,
    Method,
    Passes,
    Shape,
    batch,
    generator,
    samples,
)
from core.inspection.methods.regions import REGIONS_CHOICE, across, number_of, regions

_FAMILY = "Linear stand-in"
WIDTH = 0.25  # of LIME's kernel, as its authors have it for images
PENALTY = 1.0  # of LIME's ridge regression, as its authors have it


class Ridge(Model):
    """Weighted least squares with an intercept, and a penalty on the squared coefficients; in float64."""

    def __init__(self, penalty: float) -> None:
        self.penalty = penalty
        self.coefficients = torch.empty(0)
        self.r2 = 0.0  # weighted share of the variance that the linear model explains

    def fit(self, train_data: Any, **_options: object) -> None:  # Captum hands a DataLoader over
        x, y, w = (part.double() for part in train_data.dataset.tensors)  # (n, M), (n,), (n,)
        share = (w / w.sum())[:, None]
        x_middle, y_middle = (share * x).sum(0), (share[:, 0] * y).sum()
        root = w.sqrt()
        a, b = root[:, None] * (x - x_middle), root * (y - y_middle)
        extra = sqrt(self.penalty) * torch.eye(x.shape[1], dtype=a.dtype)  # λ‖β‖² as rows that aim at 0
        rows, aims = torch.cat([a, extra]), torch.cat([b, torch.zeros(len(extra), dtype=a.dtype)])
        found = torch.linalg.lstsq(rows, aims[:, None], driver="gelsd").solution[:, 0]
        self.coefficients = found.float()
        rest, total = float(((b - a @ found) ** 2).sum()), float((b**2).sum())
        self.r2 = 1 - rest / total if total else 1.0

    def representation(self) -> Tensor:
        return self.coefficients

    def __call__(self, x: Tensor) -> Tensor:
        return x @ self.coefficients


class _KernelShap(KernelShap):
    """Captum's, with its coalitions drawn from a generator of its own."""

    def __init__(self, model: Any, fitted: Ridge, draw: Generator) -> None:
        super().__init__(model)
        self.interpretable_model = fitted
        self._draw = draw

    def kernel_shap_perturb_generator(self, original_inp: Any, **kwargs: Any) -> Iterator[Tensor]:
        count, probabilities = kwargs["num_interp_features"], kwargs["num_select_distribution"].probs
        device = original_inp.device
        yield torch.ones(1, count, device=device, dtype=torch.long)
        yield torch.zeros(1, count, device=device, dtype=torch.long)
        while True:
            size = int(torch.multinomial(probabilities, 1, generator=self._draw))
            coalition = torch.zeros(1, count, dtype=torch.long)
            coalition[0, torch.randperm(count, generator=self._draw)[:size]] = 1
            yield coalition.to(device)


def _fit(case: Case, settings: Settings, method: Lime, fitted: Ridge) -> AttributionMap:
    mask = regions(case, settings)
    with torch.no_grad():
        scores = method.attribute(
            case.image.detach(),
            baselines=case.baseline(str(settings["baseline"])),
            target=case.target,
            feature_mask=mask.expand_as(case.image),
            n_samples=int(settings["samples"]),
            perturbations_per_eval=batch(case),
        )
    count, looked_at = int(mask.max()) + 1, int(settings["samples"])
    few = " There are fewer images than regions: it fits whatever they say." if looked_at < count else ""
    fit = Fact(
        "Fit, R²",
        f"{fitted.r2:.2f}",
        "How much of what the network answers to the changed images the linear model reproduces: 1 is all. "
        f"What it does not reproduce, the map can't show.{few}",
    )
    return map_of(case, scores[:, :1], number_of(mask), fit, signed=True)


def _lime(case: Case, settings: Settings) -> AttributionMap:
    draw, fitted = generator(settings), Ridge(PENALTY)

    def leave_out(original: Tensor, **known: Any) -> Tensor:
        count = known["num_interp_features"]
        return torch.randint(0, 2, (1, count), generator=draw).to(original.device)

    def nearness(_original: Tensor, _changed: Tensor, kept: Tensor, **_known: Any) -> float:
        distance = 1 - sqrt(float(kept.float().mean()))  # cosine distance to all regions kept
        return sqrt(float(torch.tensor(-(distance**2) / WIDTH**2).exp()))

    method = Lime(case.model, interpretable_model=fitted, similarity_func=nearness, perturb_func=leave_out)
    return _fit(case, settings, method, fitted)


def _kernel_shap(case: Case, settings: Settings) -> AttributionMap:
    fitted = Ridge(0.0)
    return _fit(case, settings, _KernelShap(case.model, fitted, generator(settings)), fitted)


def _cost(settings: Settings, _shape: Shape) -> Passes:
    return Passes(int(settings["samples"]))


SURROGATES = {
    "lime": Method(
        "LIME",
        _FAMILY,
        r"A=\arg\min_{\beta}\sum_{z}e^{-d(z)^2/2\omega^2}\big(f_c(x_z)-\beta_0-\beta^{\!\top}z\big)^2"
        r"+\lambda\|\beta\|^2",
        "The weight of this region in a linear model that imitates the network on copies of the image with "
        "random regions painted over.",
        "Regions, the number of samples and the width of the kernel all change the map, and it can even be "
        "made to hide what a network does (Slack and others, 2020); a low R² means that the stand-in is a poor one.",
        "Ribeiro, Singh and Guestrin, 2016 (arXiv:1602.04938)",
        _lime,
        _cost,
        (
            REGIONS_CHOICE,
            across(7),
            samples("How many changed images are looked at.", 300, 50, 1000, 50),
            BASELINE,
            SEED,
        ),
        ANY,
    ),
    "kernel-shap": Method(
        "Kernel SHAP",
        _FAMILY,
        r"A=\arg\min_{\beta}\sum_{z}\pi(z)\big(f_c(x_z)-\beta_0-\beta^{\!\top}z\big)^2,\quad"
        r"\pi(z)=\frac{M-1}{\binom{M}{|z|}\,|z|\,(M-|z|)}",
        "An estimate of this region's Shapley value: the linear model's weights, when images z with very many "
        "or very few of the M regions count most.",
        "With few samples it is a rough estimate: compare seeds. Like all Shapley values here it asks for "
        "images with holes, which the network never saw.",
        "Lundberg and Lee, 2017 (arXiv:1705.07874)",
        _kernel_shap,
        _cost,
        (
            REGIONS_CHOICE,
            across(7),
            samples("How many changed images are looked at.", 300, 50, 1000, 50),
            BASELINE,
            SEED,
        ),
        ANY,
    ),
}
