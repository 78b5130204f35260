"""One call of an operation, as it stands in the program."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.autograd.errors import Span
from core.autograd.operations.operation import Operation


@dataclass(frozen=True)
class Call:
    """An operation with its arguments, and how and where they are written."""

    operation: Operation
    given: Mapping[str, Any]
    shown: Mapping[str, str]
    span: Span
    text: str
