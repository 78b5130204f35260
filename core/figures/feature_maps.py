"""What a layer takes in, its kernels and its feature maps, as numbers that the browser draws and computes with.

The numbers are sent as they are, float32, so that what the pointer shows is exact; colours are made from them
in the browser with one scale for the whole layer.
"""

import base64
import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from core.figures.images import data_url, heat_map, ramp
from core.inspection.features import JOINS, Features, LayerFeatures, Part
from core.inspection.window import SlidingWindow, sliding_window
from core.networks.rows import LayerRow
from core.networks.spec import shape_text

MOST_CHANNELS = 256  # of the output at once; the rest comes a page at a time
MOST_NUMBERS = 262_144  # of the output, and of the kernels, at once: 1 MiB each
MOST_INPUTS = 524_288  # numbers of the input at once

RAMPS = {"signed": list(ramp(signed=True)), "unsigned": list(ramp(signed=False))}


def packed(numbers: Tensor) -> dict[str, Any]:
    """A tensor's shape and its float32 values, little-endian, in base64."""
    values = numbers.detach().to(torch.float32).contiguous().numpy().astype("<f4", copy=False)
    return {"shape": list(numbers.shape), "values": base64.b64encode(values.tobytes()).decode()}


def scale(numbers: Tensor) -> dict[str, Any]:
    """Where a colour scale ends, and whether it has two sides; numbers that are not finite don't count."""
    low, high = map(float, numbers.aminmax())
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = numbers[numbers.isfinite()]
        low, high = map(float, finite.aminmax()) if len(finite) else (0.0, 0.0)
    return {"signed": low < 0, "extent": max(-low, high)}


def preview(output: Tensor) -> str:
    """The address of a small picture: the strongest feature map, or all numbers of a flat layer in a row."""
    numbers = output.nan_to_num(0.0, 0.0, 0.0)
    ends = scale(output)
    strongest = numbers.flatten(1).abs().mean(1).argmax() if numbers.ndim == 3 else 0
    plane = numbers.flatten()[None] if is_flat(numbers) else numbers[strongest]
    return data_url(heat_map(plane, ends["signed"], ends["extent"]))


def layer_list(features: Features, rows: Iterable[LayerRow]) -> list[dict[str, Any]]:
    """Every layer with its name, kind, depth of nesting, shape and a small picture, in the order of execution."""
    rows = tuple(rows)
    kinds = {row.name: row.kind for row in rows}
    return [
        {
            "name": layer.name,
            # what is inside a row's module is called by the path within it
            "label": layer.name if layer.name in kinds else layer.name.split(".", 1)[-1],
            "kind": kinds.get(layer.name, type(layer.module).__name__),
            "depth": depth(layer, rows),
            "shape": shape_text(tuple(layer.output.shape)),
            "flat": is_flat(layer.output),
            "preview": preview(layer.output),
        }
        for layer in features.layers
    ]


def depth(layer: LayerFeatures, rows: tuple[LayerRow, ...]) -> int:
    """How many blocks, or rows that a module lies in without having one itself, are around a layer."""
    around = [row for row in rows if f"{layer.path}.".startswith(f"{row.path}.")]
    own = max(around, key=lambda row: len(row.path))
    return (len(own.place) - 1) // 2 + (own.path != layer.path)


def is_flat(output: Tensor) -> bool:
    """Whether a layer gives one number a channel, which is drawn as a bar and not as a map."""
    return output.ndim == 1 or output[0].numel() == 1


def layer_figure(layer: LayerFeatures, kind: str, formula: str, first: int = 0) -> dict[str, Any]:
    """One layer with its numbers, the output channels from `first` on, as many as are sent at once.

    `kind` is what the design calls it, `formula` says how its output shape comes about.
    """
    source = _as_maps(layer.input if layer.maps is None else layer.input.view(layer.maps))  # (C, H, W)
    output = _as_maps(layer.output)  # (O, h, w)
    entered = layer.maps or tuple(layer.input.shape)
    window = sliding_window(layer.module, entered, tuple(layer.output.shape))
    count = channels_at_once(output, window)
    first = first // count * count if first < len(output) else 0
    chosen = range(first, min(first + count, len(output)))
    read = _read_by(chosen, window, len(source))
    most = max(1, MOST_INPUTS // (source.shape[1] * source.shape[2]))
    read = read[:most]
    return {
        "name": layer.name,
        "kind": kind,
        "change": f"{shape_text(entered)} → {shape_text(tuple(layer.output.shape))}",
        "formula": formula,
        "channels": len(output),
        "first": first,
        "atOnce": count,
        "output": {**packed(output[chosen.start : chosen.stop]), **scale(output)},
        "flat": is_flat(layer.output),
        "input": {**packed(source[read.start : read.stop]), **scale(source)},
        "inputs": len(source),
        "inputFirst": read.start,
        "window": _window(window, source) if window else None,
        "kernels": _kernels(window, chosen, most),
        "elementwise": window is None and not layer.parts and source.shape == output.shape,
        "join": JOINS.get(type(layer.module), ""),
        "parts": [_part(part, layer.module, chosen) for part in layer.parts],
    }


def _part(part: Part, block: nn.Module, chosen: range) -> dict[str, Any]:
    """What a block joins; the numbers only where they are computed with, of the chosen output channels."""
    maps = _as_maps(part.output)
    concatenated = JOINS[type(block)] == "concatenate"  # then the numbers are those of the output
    numbers = {} if concatenated else packed(maps[chosen.start : chosen.stop])
    return {"name": part.name, "channels": len(maps), **numbers}


def channels_at_once(output: Tensor, window: SlidingWindow | None) -> int:
    """How many channels of `output` (O, h, w) are sent together, with their kernels."""
    count = min(MOST_CHANNELS, MOST_NUMBERS // max(1, output[0].numel()))
    if window is not None and window.weight is not None:
        count = min(count, MOST_NUMBERS // window.weight[0].numel())
    return max(1, min(count, len(output)))


def class_scores(output: Tensor, module: nn.Module, classes: tuple[str, ...]) -> list[dict[str, Any]] | None:
    """For the last layer: each class with its logit and its softmax probability; None if it has others.

    Of a network that ends with Softmax the output itself is the probability.
    """
    if tuple(output.shape) != (len(classes),):
        return None
    probabilities = output if isinstance(module, nn.Softmax) else output.double().softmax(0)
    return [
        {"name": name, "probability": probability}
        for name, probability in zip(classes, probabilities.tolist(), strict=True)
    ]


def _as_maps(numbers: Tensor) -> Tensor:
    return numbers if numbers.ndim == 3 else numbers.view(-1, 1, 1)  # (n,) → (n, 1, 1)


def _read_by(outputs: range, window: SlidingWindow | None, inputs: int) -> range:
    """The input channels that these output channels read."""
    if window is None:
        return range(min(outputs.start, inputs), min(outputs.stop, inputs))
    return range(window.channels_of(outputs[0]).start, window.channels_of(outputs[-1]).stop)


def _window(window: SlidingWindow, source: Tensor) -> dict[str, Any]:
    _, height, width = source.shape
    return {
        "operation": window.operation,
        "rows": [list(taps) for taps in window.rows],
        "columns": [list(taps) for taps in window.columns],
        "depth": window.depth,
        "starts": [window.channels_of(o).start for o in range(_outputs(window, len(source)))],
        "countsPadding": window.counts_padding,
        "unread": unread(window, height, width),
    }


def _outputs(window: SlidingWindow, inputs: int) -> int:
    return inputs if window.weight is None else len(window.weight)


def unread(window: SlidingWindow, height: int, width: int) -> dict[str, list[int]]:
    """The rows and columns of the input that no window reads, such as those that a stride drops."""
    rows = {at for taps in window.rows for at in taps}
    columns = {at for taps in window.columns for at in taps}
    return {
        "rows": [at for at in range(height) if at not in rows],
        "columns": [at for at in range(width) if at not in columns],
    }


def _kernels(window: SlidingWindow | None, chosen: range, most: int) -> dict[str, Any] | None:
    """The weights (o, i, kh, kw) and biases of the chosen output channels."""
    if window is None or window.weight is None:
        return None
    weight = window.weight.detach()
    bias = torch.zeros(len(weight)) if window.bias is None else window.bias.detach()
    return {
        **packed(weight[chosen.start : chosen.stop, :most]),
        **scale(weight),
        "signed": True,  # also where all weights happen to be positive: kernels are compared with one another
        "bias": bias[chosen.start : chosen.stop].tolist(),
        "hasBias": window.bias is not None,
    }
