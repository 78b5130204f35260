"""What the layer list may ask for: data from the browser, checked here, then done by core.networks.edit."""

from collections.abc import Callable, Mapping
from typing import Any

from core.networks import edit
from core.networks.advice import Advice
from core.networks.analysis import Analysis, Problem
from core.networks.findings import MOST_DEPTH, MOST_LAYERS
from core.networks.spec import NetworkSpec, Place, SpecError, walk
from core.networks.templates import layers_named

Edit = Mapping[str, Any]


def apply(asked: Edit, analysis: Analysis) -> NetworkSpec:
    """The network after the edit; raises SpecError if it makes no sense for this network (any more)."""
    op, spec = asked.get("op"), analysis.spec
    if op == "fix":
        return _fix(asked, analysis)
    if not isinstance(op, str) or op not in ("insert", *EDITS):
        raise SpecError(f"There is no edit {op!r:.40}; there are fix, insert, {', '.join(EDITS)}.")
    place = _place(asked.get("place"))
    if op == "insert":
        return _checked(edit.insert(spec, place, *layers_named(str(asked.get("new")), analysis, place)))
    if edit.layer_at(spec, place).kind != asked.get("kind"):
        raise SpecError("The layers have changed meanwhile; please do that again.")
    return _checked(EDITS[op](spec, place, asked))


def _fix(asked: Edit, analysis: Analysis) -> NetworkSpec:
    """A mend is named by its label, and by the problem or warning that it belongs to."""
    where = asked.get("place")
    place = None if where is None else _place(where)
    findings: tuple[Problem | Advice, ...] = (*analysis.problems, *analysis.warnings)
    for finding in findings:
        for fix in finding.fixes:
            if finding.place == place and fix.label == asked.get("label"):
                return fix.spec
    raise SpecError("That mend is no longer needed.")


def _place(given: object) -> Place:
    """An index; inside blocks index, branch, index, and so on."""
    if isinstance(given, list) and len(given) % 2 and all(type(n) is int and n >= 0 for n in given):
        return tuple(given)
    raise SpecError(
        f"A place is a list of one index, or of index, branch, index, …; given was {given!r:.40}."
    )


def _checked(spec: NetworkSpec) -> NetworkSpec:
    """`spec`, if it can still be saved and shared."""
    layers = list(walk(spec.layers))
    if len(layers) > MOST_LAYERS:
        raise SpecError(f"That would be {len(layers)} layers; a network has at most {MOST_LAYERS} here.")
    if any(len(place) // 2 >= MOST_DEPTH and one.branches for place, one in layers):
        raise SpecError(f"Blocks may stand in blocks up to {MOST_DEPTH} deep.")
    return spec


def _move(spec: NetworkSpec, place: Place, asked: Edit) -> NetworkSpec:
    return edit.transfer(spec, place, _place(asked.get("to")))


def _enable(spec: NetworkSpec, place: Place, asked: Edit) -> NetworkSpec:
    return edit.enable(spec, place, asked.get("value") is True)


def _set(spec: NetworkSpec, place: Place, asked: Edit) -> NetworkSpec:
    return edit.replace_setting(spec, place, str(asked.get("field")), asked.get("value"))


def _remove_branch(spec: NetworkSpec, place: Place, asked: Edit) -> NetworkSpec:
    branch = asked.get("branch")
    if type(branch) is not int:
        raise SpecError(f"A branch is a whole number; given was {branch!r:.40}.")
    return edit.remove_branch(spec, place, branch)


EDITS: dict[str, Callable[[NetworkSpec, Place, Edit], NetworkSpec]] = {
    "set": _set,
    "enable": _enable,
    "move": _move,
    "duplicate": lambda spec, place, _: edit.duplicate(spec, place),
    "remove": lambda spec, place, _: edit.remove(spec, place),
    "add_branch": lambda spec, place, _: edit.add_branch(spec, place),
    "remove_branch": _remove_branch,
}
