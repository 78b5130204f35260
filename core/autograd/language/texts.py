"""Texts with values in them: f-strings, with the formats that the language has."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import torch

from core.autograd.errors import RefusalError
from core.autograd.language.plain_numbers import as_text, short_text
from core.autograd.operations.signature import in_words

if TYPE_CHECKING:
    from core.autograd.language.expressions import Evaluator

_FORMAT = re.compile(r"[<>^+]?\d{0,2}(\.\d{1,2})?[defgs%]?")


def joined(evaluate: Evaluator, node: ast.JoinedStr) -> str:
    return short_text("".join(as_text(evaluate(part)) for part in node.values))


def formatted(evaluate: Evaluator, node: ast.FormattedValue) -> str:
    value = evaluate(node.value)
    spec = evaluate(node.format_spec) if node.format_spec is not None else ""
    if not _FORMAT.fullmatch(spec):
        raise RefusalError(
            f"The format `{spec}` is not part of this language", "Write {loss:.4f}, for example."
        )
    if isinstance(value, torch.Tensor) and value.dim() == 0:
        value = value.item()
    try:
        return short_text(f"{value:{spec}}" if spec else as_text(value))
    except (TypeError, ValueError) as problem:
        raise RefusalError(
            f"The format `{spec}` does not fit {in_words(value)}: {problem}", "Use .item()."
        ) from None
