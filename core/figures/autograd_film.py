"""A trace as a film: the graph, and for each step what changes in it and what the card says.

Everything is sent to the browser at once, so that a step needs no round trip.
"""

from typing import Any

import torch

from core.autograd.graph.check import Check
from core.autograd.graph.trace import Applied, BackwardPass, BackwardStep, GradientChange, Trace
from core.figures import autograd_cards as cards
from core.figures.autograd_graph import LABEL, PADDING, ROW, Edge, graph
from core.figures.autograd_numbers import NONE, grid, shades
from core.figures.autograd_table import about

Step = dict[str, Any]


def film(trace: Trace, checks: list[dict[int, Check]]) -> dict[str, Any]:
    """The picture and its steps as plain JSON; all texts are plain text."""
    drawn = _Film(trace, checks)
    picture = graph(trace, drawn.gradient_texts)
    by_operation: dict[int, list[tuple[int, Edge]]] = {}
    for i, edge in enumerate(picture.edges):
        by_operation.setdefault(edge.operation, []).append((i, edge))
    return {
        "boxes": [vars(box) for box in picture.boxes],
        "edges": [
            {
                "start": edge.start,
                "end": edge.end,
                "recorded": edge.recorded,
                "curve": _curve(edge, picture.sideways),
            }
            for edge in picture.edges
        ],
        "width": picture.width,
        "height": picture.height,
        "row": ROW,
        "padding": PADDING,
        "label": LABEL,
        "steps": [_with_edges(step, by_operation) for step in drawn.steps],
        "structure": [[box.title, box.width, box.height, box.tag] for box in picture.boxes],
        "about": about(trace, checks),
        "failed": None if trace.error is None else trace.error.line,
    }


class _Film:
    """Builds the steps and keeps track of the gradient that each box shows."""

    def __init__(self, trace: Trace, checks: list[dict[int, Check]]) -> None:
        self._trace = trace
        self._checks = checks
        self._scale = _largest_gradient(trace)
        self._shown: dict[int, torch.Tensor] = {}  # value → the gradient in its box
        self.gradient_texts: dict[int, list[list[str]]] = {}
        self.steps: list[Step] = [
            {
                "phase": "start", "title": "Start", "subtitle": "nothing has run "
                                                                "yet", "line": 0, "focus": None,
                "show": [], "set": [], "edges": [], "card": [cards.text("Go forwards with → or the "
                "buttons below.")],
            }
        ]  # fmt: skip
        for event in trace.events:
            if isinstance(event, Applied):
                self._forward(event)
            elif isinstance(event, BackwardPass):
                self._backward(event)
            else:
                self._change(event)

    def _forward(self, applied: Applied) -> None:
        trace = self._trace
        made = trace.values[applied.outputs[0]]
        changes: list[Step] = []
        if applied.operation.inplace and made.is_leaf and applied.inputs[0] in self._shown:
            # the tensor keeps its .grad, so its new value shows it too
            changes = [self._set(made.number, self._shown[applied.inputs[0]])]
        sources = [number for number in applied.inputs if trace.values[number].operation is None]
        self.steps.append(
            {
                "phase": "forward",
                "title": applied.text if made.title == applied.text else f"{made.title} = {applied.text}",
                "subtitle": f"forward: {applied.operation.name}",
                "line": applied.span.line,
                "focus": made.number,
                "show": [*sources, *applied.outputs],
                "set": changes,
                "uses": [(applied.number, position) for position in range(len(applied.inputs))],
                "card": cards.forward_card(trace, applied),
            }
        )

    def _backward(self, backward: BackwardPass) -> None:
        for i, step in enumerate(backward.steps):
            if step.kind == "seed":
                self._seed(backward)
            elif step.kind == "accumulate":
                self._accumulate(backward, step)
            else:
                self._node(backward, step, backward.steps[i - 1])

    def _seed(self, backward: BackwardPass) -> None:
        trace = self._trace
        # what passed through the same values in an earlier pass was not kept
        again = [n for n in backward.gradients if n in self._shown and not trace.values[n].is_leaf]
        changes = [self._set(number, None) for number in again]
        if not trace.values[backward.root].is_leaf:
            changes.append(self._set(backward.root, backward.seed))
        self._add(backward, "seed", backward.text, f"backward pass {backward.number + 1}: the seed gradient",
                  backward.root, changes, [], cards.seed_card(trace, backward, self._scale))  # fmt: skip

    def _node(self, backward: BackwardPass, step: BackwardStep, before: BackwardStep) -> None:
        trace = self._trace
        changes = []
        used: list[tuple[int, int]] = []
        for contribution in step.contributions:
            if contribution.value is None:
                continue
            value = trace.values[contribution.value]
            badge = f"{contribution.arrived} of {contribution.expected}"
            if value.is_leaf:
                words = "arriving" if contribution.expected == 1 else f"{badge} arrived"
                changes.append(self._set(value.number, self._shown.get(value.number), words))
            else:
                whole = contribution.arrived == contribution.expected
                changes.append(self._set(value.number, contribution.total, "" if whole else badge))
            used.append((step.operation if step.operation is not None else -1, value.number))
        focus = trace.operations[step.operation].outputs[0] if step.operation is not None else step.value
        title = trace.values[focus].title if focus is not None else ""
        self._add(backward, "node", f"back through {title}", step.name, focus, changes, used,
                  cards.node_card(trace, step, self._scale))  # fmt: skip

    def _accumulate(self, backward: BackwardPass, step: BackwardStep) -> None:
        if step.value is None or step.after is None:
            return
        number = step.value
        checks = self._checks[backward.number] if backward.number < len(self._checks) else {}
        card = cards.accumulate_card(
            self._trace, step, backward.engine.get(number), checks.get(number), self._scale
        )
        title = f"into {self._trace.values[number].title}.grad"
        self._add(backward, "accumulate", title, step.name, number, [self._set(number, step.after)], [], card)

    def _add(
        self,
        backward: BackwardPass,
        phase: str,
        title: str,
        subtitle: str,
        focus: int | None,
        changes: list[Step],
        used: list[tuple[int, int]],
        card: list[cards.Block],
    ) -> None:
        self.steps.append(
            {
                "phase": phase, "title": title, "subtitle": subtitle, "line": backward.span.line,
                    "focus": focus,
                "show": [], "set": changes, "values": used, "card": card,
            }
        )  # fmt: skip

    def _change(self, change: GradientChange) -> None:
        self.steps.append(
            {
                "phase": "change",
                "title": change.text,
                "subtitle": "the program changes .grad",
                "line": change.span.line,
                "focus": change.value,
                "show": [],
                "set": [self._set(change.value, change.gradient)],
                "card": cards.change_card(self._trace, change, self._scale),
            }
        )

    def _set(self, value: int, gradient: torch.Tensor | None, badge: str = "") -> Step:
        """The box of `value` shows `gradient` from this step on; None is drawn as —."""
        if gradient is None:
            self._shown.pop(value, None)
            return {"box": value, "cells": [[NONE]], "shades": [], "badge": badge}
        self._shown[value] = gradient
        cells = grid(gradient).cells
        self.gradient_texts.setdefault(value, []).extend(cells)
        return {"box": value, "cells": cells, "shades": shades(gradient, self._scale), "badge": badge}


def _largest_gradient(trace: Trace) -> float:
    """The scale of the colours, the same for all steps."""
    gradients = [gradient for backward in trace.passes for gradient in backward.gradients.values()]
    gradients += [
        step.after for backward in trace.passes for step in backward.steps if step.after is not None
    ]
    sizes = [gradient[gradient.isfinite()].abs().max() for gradient in gradients if gradient.isfinite().any()]
    return max((float(size) for size in sizes), default=0.0)


def _with_edges(step: Step, by_operation: dict[int, list[tuple[int, Edge]]]) -> Step:
    """Replace what a step used by the numbers of the edges it lights up."""
    lit = []
    for operation, position in step.pop("uses", []):
        lit += [i for i, edge in by_operation.get(operation, []) if edge.position == position]
    for operation, value in step.pop("values", []):
        # a value that is used twice has two edges, and each contribution lights one
        free = (
            i
            for i, edge in by_operation.get(operation, [])
            if edge.start == value and edge.recorded and i not in lit
        )
        lit += [edge for edge in [next(free, None)] if edge is not None]
    return {**step, "edges": lit}


def _curve(edge: Edge, sideways: bool) -> str:
    """An SVG path: straight along each lane, and a curve with upright ends between ranks that are not in
    line."""
    (x, y), *rest = edge.route
    parts = [f"M{x} {y}"]
    for i, (to_x, to_y) in enumerate(rest):
        in_line = to_y == y if sideways else to_x == x
        if in_line and parts[-1].startswith("L"):
            parts.pop()  # one straight piece in place of two
        if i % 2 == 0 or in_line:
            parts.append(f"L{to_x} {to_y}")
        elif sideways:
            middle = round((x + to_x) / 2, 1)
            parts.append(f"C{middle} {y} {middle} {to_y} {to_x} {to_y}")
        else:
            middle = round((y + to_y) / 2, 1)
            parts.append(f"C{x} {middle} {to_x} {middle} {to_x} {to_y}")
        x, y = to_x, to_y
    return " ".join(parts)
