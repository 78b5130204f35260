"""Rules on how units work: dead ReLUs and saturated sigmoids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from core.training.diagnosis.finding import LEAP, Finding, History, percent
from core.training.observations import Health

RECENT = 3  # looks whose median counts: one batch may leave a unit at 0 that another wakes
# Healthy runs of the named networks had up to 0.34 of a layer at 0 for a whole batch of 64:
SOME_DEAD, MANY_DEAD = 0.4, 0.6
# A healthy sigmoid layer reached 0.43 in four epochs; above, most of a layer has no slope to learn by
# (Glorot and Bengio, 2010, Understanding the difficulty of training deep feedforward networks)
SOME_SATURATED, MANY_SATURATED = 0.6, 0.8


def dead_share(look: Health) -> float:
    """The largest share of dead units of any layer."""
    return max((share for share in look.dead if share is not None), default=0.0)


def dead(history: History) -> Iterator[Finding]:
    """Units that give 0 for every image, and so get no gradient."""
    shares = _recent(history.looks, "dead")
    if not shares:
        return
    layer = max(shares, key=shares.__getitem__)
    share, recent = shares[layer], history.looks[-RECENT:]
    measured = (
        "A unit counts where its output was 0 for every image (and pixel) of the batch: "
        f"{_batches(recent)}. A unit that is 0 for one batch may answer to another."
    )
    if share < SOME_DEAD:
        sentence = f"At most {percent(share)} of a layer's units are dead ({layer})."
        yield Finding("dead", "good", sentence if share else "No unit is dead.", measured)
        return
    others = [f"{name} {percent(s)}" for name, s in shares.items() if s >= SOME_DEAD and name != layer]
    also = f" (also {', '.join(others)})" if others else ""
    what = f"In {layer} {percent(share)} of the units are dead{also}: they give 0 and get no gradient."
    place = recent[-1].activations.index(layer)
    at_first = history.looks[0].dead[place] or 0.0
    thrown = any(ratio >= LEAP for ratio in history.looks[0].update_ratios)  # by the first step itself
    if at_first >= SOME_DEAD and not thrown:
        sentence = f"{what} So it was from the start ({percent(at_first)} at step {history.looks[0].step:,})."
        mend = (
            "The weights or biases before it begin too far on the negative side: choose another initialisation "
            "(He), or LeakyReLU, which lets some of the gradient through."
        )
        rate = None
    else:
        when = next(look for look in history.looks if (look.dead[place] or 0.0) >= SOME_DEAD)
        first = history.looks[0].step
        before = "" if when.step == first else f" At step {first:,} it was {percent(at_first)}."
        sentence = f"{what}{before} It rose by step {when.step:,}."
        mend = f"A step that was too large has pushed them to the negative side: {history.slower}, or with LeakyReLU."
        rate = history.lower_rate
    yield Finding("dead", "warning" if share >= MANY_DEAD else "note", sentence, measured, mend, rate)


def saturated(history: History) -> Iterator[Finding]:
    """Sigmoids and tanhs at their bounds, where the slope is near 0."""
    shares = _recent(history.looks, "saturated")
    if not shares:
        return
    layer = max(shares, key=shares.__getitem__)
    share = shares[layer]
    measured = (
        f"The share of a layer's outputs that lie within 1 % of a bound: {_batches(history.looks[-RECENT:])}."
    )
    if share < SOME_SATURATED:
        yield Finding(
            "saturation",
            "good",
            f"At most {percent(share)} of a layer's outputs are saturated ({layer}).",
            measured,
        )
        return
    yield Finding(
        "saturation",
        "warning" if share >= MANY_SATURATED else "note",
        f"In {layer} {percent(share)} of the outputs are saturated: there the slope is near 0, and little gradient "
        "comes through.",
        measured,
        "Smaller weights (weight decay, another initialisation), batch normalisation before it, a lower rate, or "
        "ReLU instead.",
    )


def _recent(looks: Sequence[Health], column: str) -> dict[str, float]:
    """The median of the last looks: layer → share, of those layers that have one."""
    recent = looks[-RECENT:]
    if not recent:
        return {}
    return {
        layer: median(getattr(look, column)[place] or 0.0 for look in recent)
        for place, layer in enumerate(recent[-1].activations)
        if getattr(recent[-1], column)[place] is not None
    }


def _batches(looks: Sequence[Health]) -> str:
    if len(looks) == 1:
        return f"the batch of {looks[0].images} images of step {looks[0].step:,}"
    steps = ", ".join(f"{look.step:,}" for look in looks)
    return f"the median over the batches of the steps {steps} ({looks[-1].images} images)"
