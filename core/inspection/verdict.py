"""What a signal's numbers mean, in words: it holds, vanishes, explodes, or is the same in every unit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.inspection.signal import LayerSignal, Signal

IN_ALL = 100.0  # a signal holds while what arrives is between a hundredth and a hundred times what begins …
A_LAYER = 1.25  # … or while it changes by less than this factor (or its inverse) from layer to layer


@dataclass(frozen=True)
class Flow:
    """How the signal changes in one direction, over the layers with weights."""

    source: str  # the layer where it begins
    target: str  # and where it arrives
    begins: float
    arrives: float
    total: float  # factor from source to target, without what averaging pools do to it
    steps: int  # layers with weights that it passes in between, the target included
    averaged: tuple[str, ...]  # averaging pools on the way

    @property
    def a_layer(self) -> float:
        """The factor of one layer, as if all were alike."""
        return self.total ** (1 / self.steps) if self.steps else 1.0

    @property
    def word(self) -> str:
        """holds | vanishes | explodes"""
        if not math.isfinite(self.total):
            return "explodes"
        if self.total < 1 / IN_ALL and self.a_layer < 1 / A_LAYER:
            return "vanishes"
        return "explodes" if self.total > IN_ALL and self.a_layer > A_LAYER else "holds"


@dataclass(frozen=True)
class Verdict:
    """What to say of a network at its beginning."""

    word: str  # holds | vanishes | explodes | is the same in every unit
    forward: Flow  # of what differs between the images
    backward: Flow  # of the gradient's length
    same: tuple[str, ...]  # layers whose units are all alike
    sentences: tuple[str, ...]  # with the numbers


def verdict(signal: Signal) -> Verdict:
    """Judge a signal."""
    forward = _flow(signal.layers, lambda layer: layer.activations.between, back=False)
    backward = _flow(signal.layers, lambda layer: layer.gradients.length, back=True)
    same = tuple(layer for layer in signal.layers if layer.same)
    words = {forward.word, backward.word}
    word = next((word for word in ("explodes", "vanishes") if word in words), "holds")
    if same and word != "explodes":
        word = "is the same in every unit"
    sentences = [_sameness(same)] if same else []
    if forward.steps:
        last = next(layer for layer in signal.layers if layer.name == forward.target)
        sentences += [_there(forward, last), _back(backward)]
    elif signal.weighted:
        sentences.append(
            f"{forward.source} is the only layer with weights: no way is long enough to lose a signal."
        )
    else:
        sentences.append("There is no convolution and no linear layer, whose weights could be drawn.")
    return Verdict(word, forward, backward, tuple(layer.name for layer in same), tuple(sentences))


def _flow(layers: tuple[LayerSignal, ...], strength: Callable[[LayerSignal], float], back: bool) -> Flow:
    places = [place for place, layer in enumerate(layers) if layer.weights] or [0]
    first, last = places[0], places[-1]
    source, target = (layers[last], layers[first]) if back else (layers[first], layers[last])
    total = _ratio(strength(target), strength(source)) if first < last else 1.0
    pools = [place for place in range(first + 1, last) if layers[place].averages]
    for place in pools:
        before, pool = strength(layers[place - 1]), strength(layers[place])
        total = _ratio(total, _ratio(before, pool) if back else _ratio(pool, before))
    return Flow(
        source=source.name,
        target=target.name,
        begins=strength(source),
        arrives=strength(target),
        total=total,
        steps=len(places) - 1,
        averaged=tuple(layers[place].name for place in pools),
    )


def _ratio(a: float, b: float) -> float:
    return a / b if b else 0.0  # where nothing begins, nothing arrives


def _sameness(same: tuple[LayerSignal, ...]) -> str:
    names = _list([layer.name for layer in same])
    if all(layer.weights and layer.weights.zeros == 1 for layer in same):
        return f"In {names} the gradient of every weight is 0: no step changes them, they never learn."
    return (
        f"In {names} every unit gives the same output and gets the same gradient: after any number of steps "
        "they are still one unit, over and over."
    )


def _there(flow: Flow, last: LayerSignal) -> str:
    text = (
        f"Forward it {flow.word}: what differs between the images has a deviation of "
        f"{number(flow.begins)} at {flow.source} and {number(flow.arrives)} at {flow.target}{_factor(flow)}."
    )
    if flow.word == "vanishes" and last.activations.std > 3 * flow.arrives:
        text += f" The rest of that layer's deviation, {number(last.activations.std)}, is the same for every image."
    return text


def _back(flow: Flow) -> str:
    return (
        f"Backward it {flow.word}: the gradient's length is {number(flow.begins)} at {flow.source} and "
        f"{number(flow.arrives)} at {flow.target}{_factor(flow)}."
    )


def _factor(flow: Flow) -> str:
    if not math.isfinite(flow.total):
        return ", more than a float32 can hold"
    layers = f"{flow.steps} layer{'s' if flow.steps > 1 else ''}"
    text = f", ×{number(flow.total)} over {layers}"
    if flow.steps > 1:
        text += f" (×{number(flow.a_layer)} a layer)"
    return f"{text}, the averaging of {_list(list(flow.averaged))} left out" if flow.averaged else text


def _list(names: list[str]) -> str:
    if len(names) > 5:
        names = [*names[:3], f"{len(names) - 3} more layers"]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    """Two digits that count, as people write them: 0.37, 12, 3.1·10⁻¹⁰."""
    if not math.isfinite(value):
        return "∞" if math.isinf(value) else "no number"
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{float(f'{value:.2g}'):g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
