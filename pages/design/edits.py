"""What the layer list may ask for: data from the browser, checked here, then done by core.networks.edit."""

from collections.abc import Callable, Mapping
from typing import Any

from core.networks import edit
from core.networks.analysis import Analysis
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, Place, SpecError

Edit = Mapping[str, Any]


def apply(asked: Edit, analysis: Analysis) -> NetworkSpec:
    """The network after the edit; raises SpecError if it makes no sense for this network (any more)."""
    spec = analysis.spec
    op = asked.get("op")
    if op == "fix":
        for problem in analysis.problems:
            for fix in problem.fixes:
                if fix.label == asked.get("label"):
                    return fix.spec
        raise SpecError("That mend is no longer needed.")
    place = _place(asked.get("place"))
    if op == "insert":
        return edit.insert(spec, place, layer(str(asked.get("new"))))
    if not isinstance(op, str) or op not in EDITS:
        raise SpecError(f"There is no edit {op!r:.40}; there are fix, insert, {', '.join(EDITS)}.")
    if place[0] >= len(spec.layers) or spec.layers[place[0]].kind != asked.get("kind"):
        raise SpecError("The layers have changed meanwhile; please do that again.")
    return EDITS[op](spec, place, asked)


def _place(given: object) -> Place:
    """The browser's list of one index; blocks will have more."""
    if isinstance(given, list) and len(given) == 1 and type(given[0]) is int and given[0] >= 0:
        return (given[0],)
    raise SpecError(f"A place is a list of one index; given was {given!r:.40}.")


def _move(spec: NetworkSpec, place: Place, asked: Edit) -> NetworkSpec:
    by = asked.get("by")
    if by not in (-1, 1):
        raise SpecError(f"A layer moves by one place, up or down; given was {by!r:.40}.")
    return edit.move(spec, place, by)


def _enable(spec: NetworkSpec, place: Place, asked: Edit) -> NetworkSpec:
    return edit.enable(spec, place, asked.get("value") is True)


def _set(spec: NetworkSpec, place: Place, asked: Edit) -> NetworkSpec:
    return edit.replace_setting(spec, place, str(asked.get("field")), asked.get("value"))


EDITS: dict[str, Callable[[NetworkSpec, Place, Edit], NetworkSpec]] = {
    "set": _set,
    "enable": _enable,
    "move": _move,
    "duplicate": lambda spec, place, _: edit.duplicate(spec, place),
    "remove": lambda spec, place, _: edit.remove(spec, place),
}
