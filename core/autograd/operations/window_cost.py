"""What sliding a window over images will cost, and whether it fits."""

from typing import Any

from core.autograd.errors import RefusalError
from core.autograd.operations.cost import Cost, Given, Shown, volume
from core.autograd.operations.signature import shape_text


def pair(value: Any, default: int) -> tuple[int, int]:
    """A setting of a two-dimensional window: one number for both directions, or one each."""
    if value is None:
        return default, default
    if isinstance(value, int):
        return value, value
    return (value[0], value[0]) if len(value) == 1 else (value[0], value[1])


def windows(given: Given, kernel: tuple[int, int], stride_default: int | None) -> tuple[int, int]:
    """Padded elements of the input and the number of window positions; refuses windows that do not fit."""
    x = given["input"]
    if x.dim() not in (3, 4):
        raise RefusalError(
            f"The input must be images of shape (N, C, H, W) or (C, H, W); it has shape "
            f"{shape_text(x.shape)}",
            "Add dimensions with .unsqueeze(0), or choose a shape with .reshape(1, 1, H, W).",
        )
    stride = pair(given.get("stride"), 1) if stride_default else pair(given.get("stride") or kernel, 1)
    padding, dilation = pair(given.get("padding"), 0), pair(given.get("dilation"), 1)
    if min(*kernel, *stride, *dilation) < 1 or min(padding) < 0:
        raise RefusalError("Kernel size, stride and dilation must be at least 1 and padding at least 0", "")
    positions, padded = 1, volume(x.shape[:-2])
    for i in (0, 1):
        size = x.shape[-2 + i] + 2 * padding[i]
        reach = dilation[i] * (kernel[i] - 1) + 1
        if reach > size:
            raise RefusalError(
                f"The kernel ({reach} pixels, dilation included) is larger than its input "
                f"({size} pixels, padding included)",
                "Use a smaller kernel or more padding.",
            )
        positions *= (size - reach) // stride[i] + 1
        padded *= size
    return padded, positions


def convolution(given: Given, shown: Shown) -> Cost:
    """input (N, C, H, W), weight (O, C / groups, kH, kW)."""
    x, weight = given["input"], given["weight"]
    if weight.dim() != 4:
        raise RefusalError(
            f"`weight` must have shape (out channels, in channels, height, width); it has "
            f"{shape_text(weight.shape)}",
            "Make it with torch.randn(out, in, 3, 3).",
        )
    padded, positions = windows(given, (weight.shape[2], weight.shape[3]), 1)
    groups = given.get("groups") or 1
    if x.shape[-3] != weight.shape[1] * groups:
        raise RefusalError(
            f"The input has {x.shape[-3]} channels and the weight expects {weight.shape[1] * groups}",
            f"weight has shape (out channels, in channels, height, width) = {shape_text(weight.shape)}.",
        )
    images = x.shape[0] if x.dim() == 4 else 1
    work = images * positions * volume(weight.shape)
    # where there is no faster way PyTorch first copies all windows out (im2col)
    copied = images * positions * groups * volume(weight.shape[1:])
    return Cost(max(padded, images * positions * weight.shape[0]), work, buffer=copied)


def pooling(given: Given, shown: Shown) -> Cost:
    kernel = pair(given["kernel_size"], 1)
    padded, positions = windows(given, kernel, None)
    planes = volume(given["input"].shape[:-2])
    return Cost(padded, planes * positions * kernel[0] * kernel[1])
