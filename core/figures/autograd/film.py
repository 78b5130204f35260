"""A trace as a film: the graph in two views, and for each step what changes in it and what the card says.

Everything is sent to the browser at once, so that a step needs no round trip; tables of numbers are sent once
each and named by their number.
"""

from typing import Any

from core.autograd.graph.check import Check
from core.autograd.graph.trace import BackwardPass, Trace
from core.figures.autograd.boxes import SIZES, View
from core.figures.autograd.curves import curve
from core.figures.autograd.graph import mathematics
from core.figures.autograd.nodes import pytorch
from core.figures.autograd.steps import Step, Steps
from core.figures.autograd.table import about
from core.figures.autograd.tables import Tables


def film(trace: Trace, checks: list[dict[int, Check]]) -> dict[str, Any]:
    """The pictures and their steps as plain JSON; all texts are plain text."""
    tables = Tables(_largest_gradient(trace))
    steps = Steps(trace, checks, tables).steps
    maths, (nodes, about_nodes) = mathematics(trace, tables), pytorch(trace, tables)
    lit = [_lit(maths, steps, by_value=True), _lit(nodes, steps, by_value=False)]
    for step, in_maths, in_nodes in zip(steps, *lit, strict=True):
        step["math"], step["pytorch"] = in_maths, in_nodes
        for key in ("uses", "values", "node", "handed"):
            step.pop(key, None)
    return {
        "views": {"math": _view(maths), "pytorch": _view(nodes)},
        "tables": tables.items,
        "steps": steps,
        "about": [*about(trace, checks), [], *about_nodes],
        "sizes": SIZES,
    }


def _view(view: View) -> dict[str, Any]:
    return {
        "boxes": [box.data() for box in view.boxes],
        "edges": [
            {
                "start": edge.start,
                "end": edge.end,
                "kind": edge.kind,
                "recorded": edge.recorded,
                "curve": curve(edge.route, view.sideways),
            }
            for edge in view.edges
        ],
        "width": view.width,
        "height": view.height,
    }


def _lit(view: View, steps: list[Step], by_value: bool) -> list[Step]:
    """For each step the box in focus and the edges that it lights up.

    In the view `by_value` gradients flow back along the forward edges; in the other along next_functions.
    """
    by_source: dict[tuple[Any, int] | None, list[int]] = {}
    for i, edge in enumerate(view.edges):
        by_source.setdefault(edge.source, []).append(i)
    of_operation: dict[int, list[int]] = {}
    for i, edge in enumerate(view.edges):
        if edge.kind == "data" and edge.source is not None:
            of_operation.setdefault(edge.source[0], []).append(i)
    nodes = {
        edge.source[0]: edge.start for edge in view.edges if edge.kind == "next" and edge.source is not None
    }
    failed = next((i for i, box in enumerate(view.boxes) if box.kind == "failed"), None)
    result = []
    for step in steps:
        focus: int | None = failed if step["phase"] == "failed" else step["focus"]
        lit = [i for use in step.get("uses", ()) for i in by_source.get(use, ())]
        if step["phase"] == "failed":
            lit = [i for i, edge in enumerate(view.edges) if edge.kind == "failed"]
        elif by_value:
            lit += _flows(view, step, of_operation)
        else:
            lit += [i for source in step.get("handed", ()) for i in by_source.get(source, ())]
            focus = nodes.get(step.get("node"), focus)
        result.append({"focus": focus, "edges": lit})
    return result


def _flows(view: View, step: Step, of_operation: dict[int, list[int]]) -> list[int]:
    """A value that is used twice has two edges, and each contribution lights one."""
    lit: list[int] = []
    for operation, value in step.get("values", ()):
        free = (
            i
            for i in of_operation.get(operation, ())
            if view.edges[i].start == value and view.edges[i].recorded and i not in lit
        )
        lit += [edge for edge in [next(free, None)] if edge is not None]
    return lit


def _largest_gradient(trace: Trace) -> float:
    """The scale of the colours, the same for all steps."""
    return max((_largest(backward) for backward in trace.passes), default=0.0)


def _largest(backward: BackwardPass) -> float:
    gradients = list(backward.gradients.values())
    gradients += [step.after for step in backward.steps if step.after is not None]
    sizes = [float(gradient.abs().nan_to_num(0.0, 0.0).max()) for gradient in gradients if gradient.numel()]
    return max(sizes, default=0.0)
