"""Which names a program finds: modules, built-in functions and what they may be followed by."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from core.autograd.errors import RefusalError
from core.autograd.language.plain_numbers import CONSTANTS, MATH
from core.autograd.operations.operation import FUNCTIONAL, NN, TORCH
from core.autograd.operations.signature import DTYPES
from core.autograd.operations.table import BY_HOME, METHODS

MATH_MODULE = "math"
AUTOGRAD = "torch.autograd"
MODULES = (TORCH, NN, FUNCTIONAL, AUTOGRAD, MATH_MODULE)
BUILTINS = ("print", "range", "len", "float", "int", "abs", "round", "min", "max")
CONTEXTS = ("no_grad", "enable_grad")
TENSOR_PROPERTIES = ("T", "mT", "shape", "dtype", "ndim", "grad", "grad_fn", "requires_grad", "is_leaf")
TENSOR_ACTIONS = (
    "backward", "requires_grad_", "retain_grad", "item", "tolist", "size", "dim", "numel",
)  # fmt: skip

# what PyTorch has and this language lacks → what to write in its place
INSTEAD: dict[str, str] = {
    "Linear": "Use F.linear(x, weight, bias) with tensors that you make yourself, so that each is seen.",
    "Conv2d": "Use F.conv2d(x, weight, bias) with tensors that you make yourself.",
    "Sequential": "Write the layers one after another, each on a line.",
    "ReLU": "Use torch.relu(x).",
    "Sigmoid": "Use torch.sigmoid(x).",
    "MSELoss": "Use F.mse_loss(prediction, target).",
    "CrossEntropyLoss": "Use F.cross_entropy(logits, target).",
    "Tensor": "Use torch.tensor([…]).",
    "FloatTensor": "Use torch.tensor([…]), with a point in the numbers.",
    "Variable": "Tensors do it themselves: torch.tensor([…], requires_grad=True).",
    "data": "Use .detach() for the values without the graph, or `with torch.no_grad():` to change a leaf.",
    "numpy": "Use print(x) or x.tolist() to see the numbers.",
    "cuda": "Everything here runs on the CPU.",
    "optim": "Write the step: `with torch.no_grad():` and below it `w -= 0.1 * w.grad`.",
    "save": "Files are closed here.",
    "load": "Files are closed here.",
}


@dataclass(frozen=True)
class Module:
    """A module that the program has imported, by its full name."""

    name: str


@dataclass(frozen=True)
class Function:
    """A function of a module or a built-in one, not yet called."""

    home: str
    name: str


# a lecture's cell often leaves out its imports
FIRST_NAMES: dict[str, Module] = {"torch": Module(TORCH), "F": Module(FUNCTIONAL), "nn": Module(NN)}


def member(module: str, name: str) -> object:
    """What `module.name` means; raises RefusalError with the nearest names."""
    path = f"{module}.{name}"
    if path in MODULES:
        return Module(path)
    if (module, name) in CONSTANTS:
        return CONSTANTS[module, name]
    if module == TORCH and name in DTYPES:
        return DTYPES[name]
    known = members(module)
    if name in known:
        return Function(module, name)
    raise RefusalError(f"`{path}` is not part of this language", suggestion(name, known))


def members(module: str) -> list[str]:
    """The functions of `module`."""
    names = [name for home, name in BY_HOME if home == module]
    if module == TORCH:
        names += ["manual_seed", *CONTEXTS]
    if module == AUTOGRAD:
        names.append("grad")
    if module == MATH_MODULE:
        names += MATH
    return names


def imported(module: str) -> Module:
    """The module of an import statement."""
    if module in MODULES:
        return Module(module)
    raise RefusalError(
        f"`import {module}` is not allowed: programs here can only compute, and reach nothing outside",
        "Allowed are torch, torch.nn, torch.nn.functional, torch.autograd and math.",
    )


def suggestion(name: str, known: Iterable[str]) -> str:
    """What to write in place of an unknown name."""
    if name in INSTEAD:
        return INSTEAD[name]
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if near:
        return "Did you mean " + " or ".join(f"`{word}`" for word in near) + "?"
    shown = ", ".join(names[:12])
    return f"There are {shown}{', …' if len(names) > 12 else '.'}"


def tensor_names() -> list[str]:
    """All that may follow the dot after a tensor."""
    return [*METHODS, *TENSOR_PROPERTIES, *TENSOR_ACTIONS]
