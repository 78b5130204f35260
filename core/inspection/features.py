"""One image through a built network, with what every layer takes in and gives out."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.normalisation import Normalisation
from core.inspection.preserve import preserved
from core.networks.modules import Concatenate, Parallel, Product, Residual, Skip, Sum
from core.networks.rows import LayerRow
from core.networks.spec import Shape

JOINS: dict[type[nn.Module], str] = {
    Residual: "sum",
    Sum: "sum",
    Product: "product",
    Skip: "concatenate",
    Concatenate: "concatenate",
}


@dataclass(frozen=True, eq=False)
class Part:
    """One of the things that a block joins."""

    name: str  # F(x), x, W·x, F1(x)
    output: Tensor  # as LayerFeatures.output


@dataclass(frozen=True, eq=False)
class LayerFeatures:
    """One layer as one image passes it."""

    name: str  # the row's name; of a module that has no row of its own, such as a projection, its path
    path: str  # for model.get_submodule
    module: nn.Module  # the model's own; to be read only
    input: Tensor  # float32 (C, H, W), or (n,) once flat; of a block with branches, what the block gets
    output: Tensor
    parts: tuple[Part, ...] = ()  # of a block: what it joins, by JOINS
    maps: Shape | None = None  # (C, H, W) of the feature maps that `input` is, laid out by a Flatten


@dataclass(frozen=True, eq=False)
class Features:
    """All layers in the order in which they finished: a block stands behind its inner layers."""

    image: Tensor  # float32 (C, H, W), normalised
    layers: tuple[LayerFeatures, ...]

    def layer(self, name: str) -> LayerFeatures | None:
        """The layer of that name; None where there is none."""
        return next((layer for layer in self.layers if layer.name == name), None)


def features(
    model: nn.Module, rows: Iterable[LayerRow], pixels: Tensor, normalisation: Normalisation
) -> Features:
    """Every row of an analysis, and every module inside that has no row, with its input and its output.

    `pixels` is uint8 (C, H, W), `normalisation` the one that the network was trained with. The pass is made in
    eval mode, without gradients, and the model is left as it was.
    """
    names = names_by_path(model, rows)
    seen: list[LayerFeatures] = []
    made: dict[int, LayerFeatures] = {}  # by the identity of the tensor that the layer gave out
    kept: list[Tensor] = []  # so that no identity is given twice
    joined: dict[nn.Module, Tensor] = {}  # what the modules directly inside a block gave

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        entered, left = (one[0].clone() for one in (inputs[0], output))  # (1, …) → (…); some write in place
        maps = flattened_maps(made.get(id(inputs[0])))
        parts = parts_of(module, entered, joined)
        seen.append(LayerFeatures(names[paths[module]], paths[module], module, entered, left, parts, maps))
        made[id(output)] = seen[-1]
        kept.append(output)

    image = normalisation(pixels[None])  # uint8 (C, H, W) → float32 (1, C, H, W)
    with preserved(model), torch.no_grad():
        model.eval()
        paths = {model.get_submodule(path): path for path in names}
        for block in paths:
            for part in block.children() if type(block) in JOINS else ():
                part.register_forward_hook(lambda part, _, output: joined.update({part: output[0].clone()}))
        for module in paths:
            module.register_forward_hook(note)
        model(image)
    return Features(image[0], tuple(seen))


def parts_of(block: nn.Module, entered: Tensor, joined: dict[nn.Module, Tensor]) -> tuple[Part, ...]:
    """What `block` joins, in its order; () for a module that is no block. `entered` is x."""
    if isinstance(block, Residual):
        short = "x" if isinstance(block.shortcut, nn.Identity) else "W·x"
        return Part("F(x)", joined[block.body]), Part(short, joined[block.shortcut])
    if isinstance(block, Skip):
        return Part("F(x)", joined[block.body]), Part("x", entered)
    if isinstance(block, Parallel):
        return tuple(Part(f"F{i + 1}(x)", joined[one]) for i, one in enumerate(block.children()))
    return ()


def flattened_maps(before: LayerFeatures | None) -> Shape | None:
    """The shape of the feature maps that the output of `before` is, laid out as one row of numbers."""
    if before is None or before.output.ndim != 1:
        return None
    if isinstance(before.module, nn.Flatten):
        return tuple(before.input.shape) if before.input.ndim == 3 else None
    mixes = isinstance(before.module, nn.Linear) or any(before.module.children())
    return None if mixes else before.maps


def names_by_path(model: nn.Module, rows: Iterable[LayerRow]) -> dict[str, str]:
    """The path of each module to look at → its name: all rows, and what no row stands for.

    A projection, or the two convolutions of a depthwise-separable one, lie inside a row's module and have no
    row themselves; they are called by their path.
    """
    names = {row.path: row.name for row in rows}
    for path, module in model.named_modules():
        leaf = path and not any(module.children()) and not isinstance(module, nn.Identity)
        if leaf and path not in names:
            names[path] = path
    return names


def fitted(pixels: Tensor, shape: Shape) -> Tensor:
    """An image uint8 (C, h, w) as `shape` (C', H, W) wants it: resized, and a grey one repeated in each channel.

    Raises ValueError if several channels would have to become others.
    """
    channels, height, width = shape
    if len(pixels) not in (1, channels):
        raise ValueError(
            f"An image of {len(pixels)} channels can't be shown to a network that takes {channels}."
        )
    if pixels.shape[1:] != (height, width):
        resized = F.interpolate(pixels[None].float(), (height, width), mode="bilinear", antialias=True)
        pixels = resized[0].round().clamp(0, 255).to(torch.uint8)
    return pixels.expand(channels, height, width).contiguous()
