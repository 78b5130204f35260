"""Rules on how gradients flow back and how far each step moves the weights."""

from __future__ import annotations

import math
from collections.abc import Iterator

from core.training.diagnosis.finding import LEAP, Finding, History, percent, plain, span
from core.training.diagnosis.units import dead_share

USUAL = 1e-3  # ‖step‖ / ‖weights‖: "somewhere around 1e-3", Karpathy, Neural Networks: Zero to Hero, part 4
# Healthy runs of the named networks with each optimizer at its good first rate lay between 3·10⁻⁴ and 3·10⁻² after
# their first step, so that a warning keeps well away from both:
SMALL, LARGE = 3e-5, 0.1
VANISHING = 1e-3  # gradient of the first layer / of the last; healthy runs lay above 0.05
EXPLODING = 1e3  # … the other way round, or one look against the median of all


def updates(history: History) -> Iterator[Finding]:
    """How far a step moves each layer's weights, by the update-to-weight ratio."""
    if not history.looks:
        return
    leaps = [
        (ratio, layer, look.step)
        for look in history.looks
        for layer, ratio in zip(look.layers, look.update_ratios, strict=True)
        if ratio >= LEAP
    ]
    if leaps:
        ratio, layer, step = max(leaps)
        yield Finding(
            "updates",
            "warning",
            f"Step {step:,} moved the weights of {layer} by {plain(ratio)} times their own length; around "
            f"{USUAL:g} is usual. Such a step throws away what was there before.",
            f"‖step‖ / ‖weights before it‖ of each layer, {span(history.looks)}.",
            f"The learning rate is too high: {history.slower}.",
            history.lower_rate,
        )
        return
    typical = {
        layer: r for layer, r in history.typical("update_ratios").items() if math.isfinite(r) and r > 0
    }
    if not typical:
        return
    low, high = min(typical, key=typical.__getitem__), max(typical, key=typical.__getitem__)
    measured = (
        f"‖step‖ / ‖weights before it‖ of each layer, the median {span(history.looks[1:] or history.looks)}."
    )
    if typical[high] > LARGE and len(history.looks) > 1:
        yield Finding(
            "updates",
            "warning",
            f"A step moves the weights of {high} by {plain(typical[high])} times their own length; around "
            f"{USUAL:g} is usual.",
            measured,
            f"The learning rate is too high: {history.slower}.",
            history.lower_rate,
        )
    elif typical[high] < SMALL:
        yield Finding(
            "updates",
            "note",
            f"A step moves no layer by more than {plain(typical[high])} times its length ({high}); around "
            f"{USUAL:g} is usual. At this pace the weights hardly change.",
            measured,
            f"Unless the run is at its end, raise the learning rate: "
            f"{history.request.config.learning_rate * 10:g}.",
        )
    else:
        yield Finding(
            "updates",
            "good",
            f"A step moves each layer by {plain(typical[low])} ({low}) to {plain(typical[high])} ({high}) times "
            f"its length; around {USUAL:g} is usual.",
            measured,
        )


def vanishing(history: History) -> Iterator[Finding]:
    """Whether the gradient gets lost, or grows, on its way back to the first layer."""
    typical = history.typical("gradient_norms", since=0)
    if len(typical) < 2:
        return
    first, *_, last = typical
    measured = f"The length (L2) of each layer's gradient, the median {span(history.looks)}."
    if not typical[last] or not math.isfinite(typical[first] + typical[last]):
        return  # nothing flows at all, or see `exploding`
    factor = typical[first] / typical[last]
    lengths = f"{plain(typical[first])} at {first} and {plain(typical[last])} at {last}"
    if factor < VANISHING and dead_share(history.looks[-1]) < 1:  # else dead units are what stops it
        yield Finding(
            "vanishing",
            "warning",
            f"The gradient vanishes towards the first layers: its length is {lengths}, {plain(factor)} times as "
            "much. The first layers hardly learn.",
            measured,
            "ReLU instead of sigmoid or tanh, batch normalisation, residual blocks, or an initialisation that "
            "keeps the signal (Design page, Signal) let it through; fewer layers, too.",
        )
    elif VANISHING <= factor <= EXPLODING:
        yield Finding(
            "vanishing",
            "good",
            f"The gradient reaches the first layer: its length is {lengths}.",
            measured,
        )


def exploding(history: History) -> Iterator[Finding]:
    """Whether a gradient is far longer than in the other looks, or grows towards the first layers."""
    if not history.looks:
        return
    typical = history.typical("gradient_norms", since=0)
    peaks = [
        (norm, layer, look.step)
        for look in history.looks
        for layer, norm in zip(look.layers, look.gradient_norms, strict=True)
        if not math.isfinite(norm) or (typical[layer] > 0 and norm > EXPLODING * typical[layer])
    ]
    mend = f"Clip the gradient (longest gradient 1), or {history.slower}."
    if peaks:
        norm, layer, step = next((p for p in peaks if not math.isfinite(p[0])), None) or max(peaks)
        yield Finding(
            "exploding",
            "warning",
            f"The gradient of {layer} exploded at step {step:,}: its length was {plain(norm)}, where "
            f"{plain(typical[layer])} is usual in this run.",
            f"The length (L2) of each layer's gradient, {span(history.looks)}.",
            mend,
            history.lower_rate,
        )
        return
    if len(typical) < 2:
        return
    first, *_, last = typical
    if typical[last] > 0 and typical[first] > EXPLODING * typical[last]:
        yield Finding(
            "exploding",
            "warning",
            f"The gradient grows towards the first layers: its length is {plain(typical[first])} at {first} and "
            f"{plain(typical[last])} at {last}.",
            f"The length (L2) of each layer's gradient, the median {span(history.looks)}.",
            mend,
            history.lower_rate,
        )


def frozen(history: History) -> Iterator[Finding]:
    """Whether the first layers have stopped learning, as the settings of the run have it."""
    if not history.looks:
        return
    learned, learning = history.looks[0].layers, history.looks[-1].layers
    stopped = [layer for layer in learned if layer not in learning]
    if stopped:
        config = history.request.config
        last = {layer: max(look.step for look in history.looks if layer in look.layers) for layer in stopped}
        together = [
            [layer for layer in stopped if last[layer] == step] for step in dict.fromkeys(last.values())
        ]
        found = "; ".join(
            f"{' and '.join(layers)} stopped learning between steps {last[layers[0]]:,} and "
            f"{min(look.step for look in history.looks if look.step > last[layers[0]]):,}"
            for layers in together
        )
        others = (
            f", then others in turn, {config.stopping_layers} in all" if config.stopping_layers > 1 else ""
        )
        yield Finding(
            "frozen",
            "good",
            f"{found}, as the settings ask: the first layer learns for {percent(config.first_learns)} of the "
            f"run{others}.",
            f"Which layers had a gradient, {span(history.looks)}.",
        )
