"""What a keeper writes to a worker: one order, then commands, each one line of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from core.training.config import RunRequest
from core.training.runs.records import Command
from core.training.runs.requests import request_from_json, request_to_json

# the keeper's own commands, which nobody waits to see acknowledged
LEAVE = Command(0, "", "leave", None)  # save and end
HOLD = Command(0, "", "hold", None)  # take no step: what happens can't be written down now
GO = Command(0, "", "go", None)  # go on, if that was all that held it up


@dataclass(frozen=True)
class Order:
    """A run to train."""

    request: RunRequest
    weights: str  # the folder for its checkpoints
    resume: str | None = None  # the checkpoint to go on from; None to start anew
    sha256: str | None = None  # of that checkpoint
    threads: int = 1  # of the CPU
    settings: tuple[
        Command, ...
    ] = ()  # asked for in earlier attempts; the checkpoint may not have all of them

    def to_line(self) -> str:
        """One line of JSON without its end of line."""
        settings = [asdict(command) for command in self.settings]
        return json.dumps({**self.__dict__, "request": request_to_json(self.request), "settings": settings})

    @classmethod
    def from_line(cls, line: str) -> Order:
        """Read what `to_line` wrote; raises ValueError."""
        fields = json.loads(line)
        settings = tuple(Command(**command) for command in fields["settings"])
        return cls(**{**fields, "request": request_from_json(fields["request"]), "settings": settings})


def command_to_line(command: Command) -> str:
    """One line of JSON without its end of line."""
    return json.dumps(asdict(command))


def command_from_line(line: str) -> Command:
    """Read what `command_to_line` wrote; raises ValueError."""
    return Command(**json.loads(line))
