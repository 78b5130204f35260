"""The app's own functions as text that a notebook can run, without the app around them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any

# how the app names its types → names that a notebook has
_TYPES = (
    (r"Mapping\[str, Numbers\]", "dict[str, np.ndarray]"),
    (r"NDArray\[[\w.]+\]", "np.ndarray"),
    (r"(?<=[:>] )Numbers\b", "np.ndarray"),
    (r"(?<=[:>] )Draw\b", "Callable"),
    (r"(?<=[:>] )Generator\b", "np.random.Generator"),
    (r"(?<=[:>] )Tensor\b", "torch.Tensor"),
)


def sources(functions: Iterable[Callable[..., Any]]) -> list[str]:
    """The text of each function once, with types that a notebook has."""
    texts = []
    for function in dict.fromkeys(functions):
        text = inspect.getsource(function).rstrip("\n")
        for ours, theirs in _TYPES:
            text = re.sub(ours, theirs, text)
        texts.append(text)
    return texts
