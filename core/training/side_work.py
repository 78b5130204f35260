"""What work beside the page says to it, each one line of JSON: how far it is, why it can't be done, what came out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """How far it is."""

    done: float  # 0–1
    text: str


@dataclass(frozen=True)
class Refused:
    """It can't be done; the text says why."""

    text: str


Reader = Callable[[dict[str, Any]], Any]  # a message's fields, as JSON has them → the message

_ALWAYS: dict[str, Reader] = {
    "Progress": lambda fields: Progress(**fields),
    "Refused": lambda fields: Refused(**fields),
}


def to_line(message: Any) -> str:
    """A dataclass as one line of JSON without its end of line."""
    return json.dumps({"message": type(message).__name__, **asdict(message)})


def from_line(line: str, readers: Mapping[str, Reader]) -> Any:
    """Read what `to_line` wrote of Progress, Refused, or a class named in `readers`; raises ValueError."""
    try:
        fields: dict[str, Any] = json.loads(line)
        return {**_ALWAYS, **readers}[fields.pop("message")](fields)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a message of work beside the page: {line[:200]!r}") from error
