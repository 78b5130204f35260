"""Methods that change parts of the image and look at what becomes of the logit."""

import torch
from captum.attr import FeatureAblation, FeaturePermutation, Occlusion, ShapleyValueSampling
from torch import Tensor

from core.inspection.controls import Number, SettingError, Settings
from core.inspection.maps import AttributionMap, Case, Fact, completeness, map_of
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
from core.inspection.methods.regions import REGIONS_CHOICE, across, count_of_regions, number_of, regions

_FAMILY = "Changed images"


def _occlusion(case: Case, settings: Settings) -> AttributionMap:
    channels, height, width = case.image.shape[1:]
    window, stride = (_unit(height, width) * int(settings[name]) for name in ("window", "stride"))
    if window > min(height, width):
        raise SettingError(
            f"A window of {window}×{window} does not fit into {height}×{width} pixels; make it smaller."
        )
    if stride > window:
        raise SettingError(
            f"A stride of {stride} skips pixels under a window of {window}; choose at most {window}."
        )
    with torch.no_grad():
        scores = Occlusion(case.model).attribute(
            case.image,
            sliding_window_shapes=(channels, window, window),
            strides=(channels, stride, stride),
            baselines=case.baseline(str(settings["baseline"])),
            target=case.target,
            perturbations_per_eval=batch(case),
        )
    return map_of(case, scores[:, :1], signed=True)


def _unit(height: int, width: int) -> int:
    """What a window is measured in: pixels, in images of 56 and more as many as make 28 of them."""
    return max(1, min(height, width) // 28)


def _windows(settings: Settings, shape: Shape) -> Passes:
    _, height, width = shape
    window, stride = (_unit(height, width) * int(settings[name]) for name in ("window", "stride"))
    rows, columns = (-(-max(size - window, 0) // stride) + 1 for size in (height, width))
    return Passes(rows * columns + 1)


def _feature_ablation(case: Case, settings: Settings) -> AttributionMap:
    mask = regions(case, settings)
    with torch.no_grad():
        scores = FeatureAblation(case.model).attribute(
            case.image,
            baselines=case.baseline(str(settings["baseline"])),
            target=case.target,
            feature_mask=mask,
            perturbations_per_eval=batch(case),
        )
    return map_of(case, scores[:, :1], number_of(mask), signed=True)


def _shapley_sampling(case: Case, settings: Settings) -> AttributionMap:
    mask, draw = regions(case, settings), generator(settings)
    baseline = case.baseline(str(settings["baseline"]))
    method = ShapleyValueSampling(case.model)
    method.permutation_generator = lambda regions, orders: (
        torch.randperm(regions, generator=draw).tolist() for _ in range(orders)
    )
    scores = method.attribute(
        case.image.detach(),
        baselines=baseline,
        target=case.target,
        feature_mask=mask,
        n_samples=int(settings["samples"]),
        perturbations_per_eval=batch(case),
    )
    change = float(case.score(case.image) - case.score(baseline))
    return map_of(case, scores[:, :1], _sum_of_regions(scores, mask, change), number_of(mask), signed=True)


def _sum_of_regions(scores: Tensor, mask: Tensor, change: float) -> Fact:
    first = scores[0, 0].flatten()  # each of a region's pixels carries the score of the whole region
    at = torch.stack([(mask.flatten() == k).nonzero()[0, 0] for k in range(int(mask.max()) + 1)])
    return completeness(float(first[at].sum()), change)


def _feature_permutation(case: Case, settings: Settings) -> AttributionMap:
    draw = generator(settings)
    images, labels = case.others(int(settings["images"]), draw)
    own = (labels == case.target).nonzero().flatten()
    if not len(own) or len(images) < 2:
        raise SettingError(
            f"None of the {len(images)} images drawn is of this class: take more images, or another seed."
        )
    mask = regions(case, settings)

    def shuffle(batch: Tensor, region: Tensor) -> Tensor:
        order = torch.randperm(len(batch), generator=draw).to(batch.device)
        return torch.where(region, batch[order], batch)

    def mean_logit(batch: Tensor) -> Tensor:
        return case.score(batch[own]).mean()

    with torch.no_grad():
        scores = FeaturePermutation(mean_logit, shuffle).attribute(images, feature_mask=mask)
    compared = Fact(
        "Images of the class",
        str(len(own)),
        f"Of {len(images):,} test images; the map is their mean, and the same for every image that you choose.",
    )
    return map_of(case, scores[:, :1], compared, signed=True)


def _permuted(settings: Settings, shape: Shape) -> Passes:
    tenth = -(-int(settings["images"]) // 10)  # of ten classes in equal numbers
    return Passes(tenth * (count_of_regions(settings, shape) + 1))


CHANGES = {
    "occlusion": Method(
        "Occlusion",
        _FAMILY,
        r"A_i=\operatorname*{mean}_{P\ni i}\ \Big[f_c(x)-f_c\big(x_{P\to b}\big)\Big]",
        "How much the logit falls when a window P over this pixel is painted with the baseline b, averaged "
        "over the windows that cover it.",
        "A painted patch is itself something to see: its edges can look like a collar or a strap, and a "
        "window in the baseline's own colour changes nothing.",
        "Zeiler and Fergus, 2013 (arXiv:1311.2901)",
        _occlusion,
        _windows,
        (
            Number(
                "window",
                "Window",
                "Side of the square that is painted over, in pixels (in large images: 28ths of their side).",
                4,
                1,
                14,
            ),
            Number("stride", "Stride", "By how many pixels the window moves.", 2, 1, 14),
            BASELINE,
        ),
        ANY,
    ),
    "feature-ablation": Method(
        "Feature ablation",
        _FAMILY,
        r"A_i=f_c(x)-f_c\big(x_{P\to b}\big),\quad i\in P",
        "How much the logit falls when this region P alone is painted with the baseline b.",
        "Where two regions can stand in for each other, painting one changes nothing and both get 0; and "
        "painted images are none that the network was trained on.",
        "Zeiler and Fergus, 2013 (arXiv:1311.2901); superpixels: Achanta and others, 2012",
        _feature_ablation,
        lambda settings, shape: Passes(count_of_regions(settings, shape) + 1),
        (REGIONS_CHOICE, across(7), BASELINE),
        ANY,
    ),
    "shapley-sampling": Method(
        "Shapley value sampling",
        _FAMILY,
        r"A_i=\mathbb{E}_{\pi}\Big[f_c\big(x_{S_\pi\cup\{P\}}\big)-f_c\big(x_{S_\pi}\big)\Big],\quad i\in P",
        "What this region adds to the logit when the regions are laid on the baseline one by one, averaged "
        "over random orders π; S are those that lie there before it.",
        "Most of what is averaged are images with holes, which the network never saw, and few orders give a "
        "rough mean: look whether another seed changes the picture.",
        "Castro, Gómez and Tejada, 2009; Štrumbelj and Kononenko, 2010",
        _shapley_sampling,
        lambda settings, shape: Passes(int(settings["samples"]) * count_of_regions(settings, shape) + 3),
        (
            across(4),
            samples("How many orders are drawn.", 25, 5, 200),
            BASELINE,
            SEED,
        ),
        ANY,
    ),
    "feature-permutation": Method(
        "Feature permutation",
        _FAMILY,
        r"A_i=\operatorname*{mean}_{n:\,y_n=c}\Big[f_c(x_n)-f_c\big(x_n\ \text{with}\ P\ \text{of}\ "
        r"x_{\sigma(n)}\big)\Big],\quad i\in P",
        "How much the logit of this class falls, over the class's test images, when a region P is exchanged "
        "with that of another image: what the network needs there to know the class.",
        "It speaks of the class, not of this image; regions that can stand in for each other all get little "
        "(Hooker and Mentch, 2019).",
        "Breiman, 2001; Fisher, Rudin and Dominici, 2018 (arXiv:1801.01489)",
        _feature_permutation,
        _permuted,
        (
            across(7),
            Number("images", "Images", "How many images of the test split are drawn.", 250, 50, 1000, 50),
            SEED,
        ),
        ANY,
    ),
}
