"""PyTorch's errors in plain words, with this case's shapes and values."""

import re
from collections.abc import Mapping
from typing import Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.operations.signature import in_words, shape_text

# what PyTorch says → what happened, and what to try
EXPLANATIONS: tuple[tuple[str, str, str], ...] = (
    (
        r"backward through the graph a second time",
        "The graph was already used by an earlier backward(), which freed the saved tensors that this "
        "one needs",
        "Run the forward lines again before it, or write .backward(retain_graph=True) in the earlier call.",
    ),
    (
        r"appears to not have been used in the graph",
        "One of the tensors was not used on the way to this output, so it has no gradient",
        "Leave it out, or write allow_unused=True to get None for it.",
    ),
    (
        r"One of the differentiated Tensors does not require grad",
        "Gradients can only be asked for tensors with requires_grad=True",
        "Make the leaf with requires_grad=True, before the lines that use it.",
    ),
    (
        r"modified by an inplace operation.*which is output \d+ of (\w+), is at version (\d+); "
        r"expected version (\d+)",
        "A tensor that the backward formula needs, made by {1}, was changed in place: it was saved at "
        "version {3} and is at version {2} now",
        "Write the change out of place (y = y + 1 and not y += 1), or change a .clone().",
    ),
    (
        r"modified by an inplace operation.*is at version (\d+); expected version (\d+)",
        "A tensor that the backward formula needs was changed in place: it was saved at version {2} and "
        "is at version {1} now",
        "Write the change out of place (y = y + 1 and not y += 1), or change a .clone().",
    ),
    (
        r"view was created in no_grad mode",
        "This view was made under no_grad, so autograd does not know where a change of it would go",
        "Make the view outside `with torch.no_grad():`, or change it inside.",
    ),
    (
        r"modified by an inplace operation",
        "A tensor that the backward formula needs was changed in place after it was saved",
        "Write the change out of place (y = y + 1 and not y += 1), or change a .clone().",
    ),
    (
        r"leaf Variable that requires grad is being used in an in-place|view of a leaf Variable that "
        r"requires grad",
        "A leaf with requires_grad=True cannot be changed in place while autograd records: it would become "
        "the result of an operation, and be no leaf any more",
        "Put the change under `with torch.no_grad():`, or make a new tensor: y = x + 1.",
    ),
    (
        r"Only Tensors of floating point|only Tensors of floating point",
        "Only tensors of floating-point numbers can have requires_grad=True; whole numbers have no "
        "small changes",
        "Write the numbers with a point, 1.0, or add dtype=torch.float32.",
    ),
    (
        r"can only change requires_grad flags of leaf",
        "requires_grad can only be switched off for a leaf; this tensor is the result of an operation",
        "Use .detach() to get its values without the graph.",
    ),
    (
        r"can't retain_grad on Tensor that has requires_grad=False",
        "retain_grad() needs a tensor with requires_grad=True: no gradient will arrive at this one",
        "Make the leaf it comes from with requires_grad=True.",
    ),
    (
        r"expected (?:m1 and m2|mat1 and mat2) to have the same dtype|same dtype|should be the "
        r"same.*type|dtype",
        "The types of the numbers do not fit together",
        "Bring them to one type, for example with .float().",
    ),
    (
        r"view size is not compatible",
        "view() needs its elements in one stretch of memory, and a transpose or a slice has reordered them",
        "Use .reshape(…), which copies where it has to.",
    ),
    (
        r"shape '.*' is invalid for input of size (\d+)",
        "The new shape does not hold the same number of elements: the tensor has {1}",
        "Choose sizes whose product is {1}; one of them may be -1 and is then worked out.",
    ),
    (
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got (-?\d+)\)",
        "There is no dimension {3}: this tensor's dimensions go from {1} to {2}",
        "Dimensions count from 0; -1 is the last one.",
    ),
    (
        r"index (-?\d+) is out of bounds for dimension (\d+) with size (\d+)",
        "There is no position {1} in dimension {2}, which has size {3}",
        "Positions count from 0; -1 is the last one.",
    ),
    (
        r"Target (-?\d+) is out of bounds",
        "The target {1} is no class: the input has fewer columns, or the target is negative",
        "With C columns of logits the targets are whole numbers from 0 to C − 1.",
    ),
    (
        r"expected scalar type Long|expected.*Long but found|\"nll_loss.*not implemented",
        "The target must be whole numbers, one class for each row",
        "Write torch.tensor([0, 2, 1]), without points, or add .long().",
    ),
    (
        r"a Tensor with (\d+) elements cannot be converted to Scalar",
        "Only a tensor with one element is a number; this one has {1}",
        "Reduce it first, for example with .sum() or .mean(), or choose one element: x[0].",
    ),
    (
        r"Boolean value of Tensor with",
        "A tensor with more than one element is neither true nor false",
        "Reduce it first: (x > 0).all() or (x > 0).any().",
    ),
    (
        r"not implemented for '(\w+)'",
        "PyTorch does not have this operation for numbers of type {1}",
        "Use floating-point numbers, for example with .float().",
    ),
    (
        r"(?:mean|var|std)\(\): could not infer output dtype|mean\(\).*Got: (\w+)|can only be "
        r"calculated for floating",
        "This needs floating-point numbers, and the tensor holds whole numbers",
        "Use .float() before it, or write the numbers with a point.",
    ),
    (
        r"expected sequence of length (\d+) at dim (\d+) \(got (\d+)\)",
        "The rows do not have the same length: {1} and {3}",
        "Give every row the same number of elements.",
    ),
    (
        r"shape mismatch: value tensor of shape|The expanded size of the tensor",
        "The shapes do not fit: what is given cannot be broadcast to the place where it goes",
        "Give it the shape of that place, or one that broadcasts to it: a size of 1 or a single number.",
    ),
    (
        r"stack expects each tensor to be equal size",
        "stack needs tensors of the same shape",
        "Reshape them first, or use torch.cat.",
    ),
    (
        r"Sizes of tensors must match except in dimension (\d+)",
        "cat needs tensors whose sizes are equal in all dimensions but dimension {1}",
        "Choose another `dim`, or reshape them first.",
    ),
)  # fmt: skip


# where an order of events is wrong, and no shape or type
SHAPES_SAY_NOTHING = r"inplace|in-place|a second time|no_grad mode"


def explain(
    problem: Exception, name: str, given: Mapping[str, Any], shown: Mapping[str, str]
) -> RefusalError:
    """A RefusalError in plain words for what PyTorch raised in operation `name`."""
    if isinstance(problem, RefusalError):
        return problem
    said = str(problem)
    shapes = "" if re.search(SHAPES_SAY_NOTHING, said) else _shapes(given, shown)
    for pattern, message, hint in EXPLANATIONS:
        found = re.search(pattern, said, re.DOTALL)
        if found:
            return RefusalError(_filled(message, found) + shapes, _filled(hint, found))
    first = said.strip().split("\n")[0].split(". ")[0][:200].rstrip(".")
    return RefusalError(
        f"PyTorch refuses `{name}`{shapes}: {first or type(problem).__name__}", "Check shapes and types."
    )


def _filled(text: str, found: re.Match[str]) -> str:
    for number, group in enumerate(found.groups(), 1):
        text = text.replace(f"{{{number}}}", group or "")
    return text


def _shapes(given: Mapping[str, Any], shown: Mapping[str, str]) -> str:
    named = [
        f"`{shown.get(key, key)}` has shape {shape_text(value.shape)} and type "
        f"{str(value.dtype).split('.')[-1]}"
        for key, value in given.items()
        if isinstance(value, torch.Tensor)
    ]
    return f" ({'; '.join(named)})" if named else ""


def with_changes(refusal: RefusalError, changes: list[tuple[str, int]]) -> RefusalError:
    """The refusal, and where tensors were changed in place (text, line)."""
    if "changed in place" not in refusal.message or not changes:
        return refusal
    lines = ", ".join(f"`{text}` in line {line}" for text, line in changes[:3])
    return RefusalError(f"{refusal.message}. Changed in place: {lines}", refusal.hint)


def without_graph(text: str, cut: str, leaves: list[str]) -> RefusalError:
    """Why backward has nothing to do: the operation that cut the graph, or leaves that none asked gradients
    for."""
    if cut:
        why = cut
    elif leaves:
        why = f"none of the tensors it was made from ({', '.join(leaves[:4])}) has requires_grad=True"
    else:
        why = "it is not made from anything, and has no requires_grad=True itself"
    hint = "Leave that out of the way to the result." if cut else "Make a leaf with requires_grad=True."
    return RefusalError(f"`{text}` has no graph to go back through: {why}", hint)


def not_scalar(text: str, tensor: torch.Tensor) -> RefusalError:
    """Why backward needs an argument here."""
    owner = text if text.isidentifier() else f"({text})"
    return RefusalError(
        f"`{text}` has shape {shape_text(tensor.shape)}: backward() starts from one number, and this has "
        f"{tensor.numel()}",
        f"Write {owner}.sum().backward(), or give the upstream gradient: "
        f"{owner}.backward(gradient=torch.ones({', '.join(map(str, tensor.shape))})).",
    )


def wrong_gradient(gradient: Any, tensor: torch.Tensor) -> RefusalError:
    return RefusalError(
        f"The gradient must have the shape of the tensor, {shape_text(tensor.shape)}; it is "
        f"{in_words(gradient)}",
        f"Write gradient=torch.ones({', '.join(map(str, tensor.shape))}).",
    )
