"""What a matrix product will cost, and whether the shapes fit."""

import torch

from core.autograd.errors import RefusalError
from core.autograd.operations.cost import Cost, Given, Shown, broadcast_shapes, volume
from core.autograd.operations.signature import shape_text


def matmul(given: Given, shown: Shown) -> Cost:
    """Matrix product: the last size of the first must be the second last of the other (or its only one)."""
    a, b = given["input"], given["other"]
    names = f"`{shown.get('input', 'input')}`", f"`{shown.get('other', 'other')}`"
    for name, tensor in zip(names, (a, b), strict=True):
        if tensor.dim() == 0:
            raise RefusalError(
                f"{name} is a scalar: `@` multiplies matrices and vectors", "For a scalar use `*`."
            )
    rows = b.shape[-2] if b.dim() > 1 else b.shape[0]
    if a.shape[-1] != rows:
        what = "columns" if a.dim() > 1 else "elements"
        raise RefusalError(
            f"These shapes do not multiply: {names[0]} has shape {shape_text(a.shape)} and {names[1]} has "
            f"{shape_text(b.shape)}. The {a.shape[-1]} {what} of the first must match the {rows} "
            f"{'rows' if b.dim() > 1 else 'elements'} of the second",
            _matmul_hint(a, b, names),
        )
    batch = broadcast_shapes(tuple(a.shape[:-2]), tuple(b.shape[:-2]))
    if batch is None:
        raise RefusalError(
            f"The leading sizes do not broadcast: {names[0]} has shape {shape_text(a.shape)} and "
            f"{names[1]} has "
            f"{shape_text(b.shape)}",
            "All sizes but the last two must be equal, or one of them 1.",
        )
    rows_out, columns = (a.shape[-2] if a.dim() > 1 else 1), (b.shape[-1] if b.dim() > 1 else 1)
    result = volume(batch) * rows_out * columns
    # with leading sizes on both sides PyTorch may copy each of them to the common ones
    copies = volume(batch) * max(a.shape[-1], 1) * (rows_out + columns) if min(a.dim(), b.dim()) > 2 else 0
    return Cost(result, result * max(a.shape[-1], 1), buffer=copies)


def _matmul_hint(a: torch.Tensor, b: torch.Tensor, names: tuple[str, str]) -> str:
    first, second = (name.strip("`") for name in names)
    if b.dim() > 1 and a.shape[-1] == b.shape[-1]:
        return f"{second}.T has {b.shape[-1]} rows: try `{first} @ {second}.T`."
    if a.dim() == 2 and b.dim() > 1 and a.shape[0] == b.shape[-2]:
        return f"{first}.T has {a.shape[0]} columns: try `{first}.T @ {second}`."
    if a.dim() == 2 and b.dim() == 2 and b.shape[1] == a.shape[0]:
        return f"The other way round fits: `{second} @ {first}`. For elementwise products use `*`."
    return "Change one of the shapes, or use `*` for the elementwise product."


def linear(given: Given, shown: Shown) -> Cost:
    """input (…, in) and weight (out, in)."""
    x, weight = given["input"], given["weight"]
    if weight.dim() != 2 or x.dim() == 0 or x.shape[-1] != weight.shape[1]:
        raise RefusalError(
            f"`linear` multiplies input (…, in) with weight (out, in): `{shown.get('input', 'input')}` "
            f"has shape "
            f"{shape_text(x.shape)} and `{shown.get('weight', 'weight')}` has {shape_text(weight.shape)}",
            "The last sizes of both must be equal.",
        )
    result = volume(x.shape[:-1]) * weight.shape[0]
    return Cost(result, result * weight.shape[1])


def outer(given: Given, shown: Shown) -> Cost:
    return Cost(given["input"].numel() * given["vec2"].numel())
