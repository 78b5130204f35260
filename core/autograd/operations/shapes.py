"""Operations that only move elements: their backward moves the gradient back."""

from typing import Any

import torch
import torch.nn.functional as F

from core.autograd.operations.cost import together
from core.autograd.operations.operation import BOTH, FUNCTIONAL, METHOD, TORCH, Rule, operation
from core.autograd.operations.shape_cost import classes, expanded, indexed, repeated, replaced

_BACK = Rule(("{up}, in the shape that {input} had",))
_REPLACED = "{up} where the old numbers stayed, 0 where they were replaced"
_ARRIVED = "{up} at the places that were replaced, summed where one number fills several"
_SWAPPED = Rule(("{up}, with the dimensions swapped back",))


def _assign(input: torch.Tensor, index: Any, value: Any) -> torch.Tensor:
    input[index] = value
    return input


SHAPES = (
    operation("reshape", BOTH, "input: tensor, *shape: sizes", lambda input, shape: input.reshape(shape),
              "{input} in shape {out_shape}",
              {"View": _BACK, "UnsafeView": _BACK, "ReshapeAlias": _BACK}),
    operation("view", (METHOD,), "input: tensor, *size: sizes", lambda input, size: input.view(size),
              "{input} in shape {out_shape}"),
    operation("flatten", BOTH, "input: tensor, start_dim: whole=, end_dim: whole=", torch.flatten,
              "{input} in one row"),
    operation("t", BOTH, "input: tensor", torch.t, "{input}ᵀ", {"T": Rule(("{up}ᵀ",))}),
    operation("transpose", BOTH, "input: tensor, dim0: whole, dim1: whole", torch.transpose,
              "{input} with two dimensions swapped", {"Transpose": _SWAPPED}),
    operation("permute", BOTH, "input: tensor, *dims: sizes", lambda input, dims: input.permute(dims),
              "{input} with its dimensions in another order", {"Permute": _SWAPPED}),
    operation("squeeze", BOTH, "input: tensor, dim: dims=", torch.squeeze, "{input} without sizes of 1",
              {"Squeeze": _BACK}),
    operation("unsqueeze", BOTH, "input: tensor, dim: whole", torch.unsqueeze, "{input} with a new size of 1",
              {"Unsqueeze": _BACK}),
    operation("expand", (METHOD,), "input: tensor, *size: sizes", lambda input, size: input.expand(size),
              "{input} seen as {out_shape}", {"Expand":
              Rule(("{up}, summed over the copies",))}, cost=expanded),
    operation("repeat", (METHOD,),
              "input: tensor, *repeats: sizes", lambda input, repeats: input.repeat(repeats),
              "{input} repeated", {"Repeat": Rule(("{up}, summed over the copies",))}, cost=repeated),
    operation("cat", (TORCH,), "tensors: tensors, dim: whole=",
              lambda tensors, dim=0: torch.cat(list(tensors), dim), "the inputs one after another",
              {"Cat": Rule(("the part of {up} that came from this input",) * 16)}, cost=together),
    operation("stack", (TORCH,), "tensors: tensors, dim: whole=",
              lambda tensors, dim=0: torch.stack(list(tensors), dim), "the inputs along a new dimension",
              {"Stack": Rule(("the part of {up} that came from this input",) * 16)}, cost=together),
    operation("diagonal", BOTH, "input: tensor", torch.diagonal, "the diagonal of {input}",
              {"Diagonal": Rule(("{up} on the diagonal, 0 elsewhere",))}),
    operation("triu", BOTH, "input: tensor, diagonal: whole=", torch.triu, "the upper triangle of {input}",
              {"Triu": Rule(("the upper triangle of {up}",))}),
    operation("tril", BOTH, "input: tensor, diagonal: whole=", torch.tril, "the lower triangle of {input}",
              {"Tril": Rule(("the lower triangle of {up}",))}),
    operation("flip", BOTH, "input: tensor, *dims: sizes", lambda input, dims: input.flip(dims),
              "{input} in reverse order", {"Flip": Rule(("{up}, in reverse order",))}),
    operation("one_hot", (FUNCTIONAL,), "input: tensor, num_classes: whole=", F.one_hot, "a 1 at each class",
              cost=classes),
    operation("[]", (), "input: tensor, index: index", lambda input, index: input[index], "{input}[{index}]",
              {
                  # a view whose base was changed in place leads back to it by this
                  "AsStrided": Rule(("{up} at the places of the view, 0 elsewhere",)),
                  "Select": Rule(("{up} at the chosen place, 0 elsewhere",)),
                  "Slice": Rule(("{up} at the chosen places, 0 elsewhere",)),
                  "Index": Rule(("{up} added at the chosen places, 0 elsewhere",)),
              }, cost=indexed, symbol="[]"),
    operation("[]=", (), "input: tensor, index: index, value: operand", _assign,
              "{value} at [{index}] of {input}, in place",
              {
                  "CopySlices": Rule((_REPLACED, _ARRIVED)),
                  "IndexPut": Rule((_REPLACED, _ARRIVED)),
                  "MaskedFill": Rule((_REPLACED, _ARRIVED)),
                  "Copy": Rule(("0: the old numbers are gone", "{up}")),
              }, cost=replaced, symbol="[]=", inplace=True),
    operation(".T", (), "input: tensor", lambda input: input.T, "{input}ᵀ", symbol=".T"),
    operation(".mT", (), "input: tensor", lambda input: input.mT, "{input}ᵀ", symbol=".mT"),
)  # fmt: skip
