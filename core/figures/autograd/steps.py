"""The steps of a film: each forward operation, the seed gradient, each backward node, each accumulation."""

from typing import Any

import torch

from core.autograd.graph.check import Check
from core.autograd.graph.trace import (
    Applied,
    BackwardPass,
    BackwardStep,
    Contribution,
    GradientChange,
    Trace,
)
from core.figures.autograd import cards
from core.figures.autograd.blocks import Block, text
from core.figures.autograd.node_card import node_card
from core.figures.autograd.nodes import node_numbers
from core.figures.autograd.tables import Tables

Step = dict[str, Any]


class Steps:
    """Builds the steps and keeps track of the gradients that the boxes show.

    What a step sets is named by a key: `g3` is the gradient of value 3 as the walk knows it (of a leaf its
    .grad), `k3` the .grad that value 3 retains though it is no leaf, `a3` what arrives at the AccumulateGrad
    of leaf 3, `n5` what arrives at backward node 5, where that is the gradient of no value.
    """

    def __init__(self, trace: Trace, checks: list[dict[int, Check]], tables: Tables) -> None:
        self._trace = trace
        self._checks = checks
        self._tables = tables
        self._nodes = node_numbers(trace)
        self._shown: dict[str, torch.Tensor] = {}  # key → what stands there
        welcome = text("Go forwards with → or the buttons below.")
        self.steps: list[Step] = []
        self._add("start", "Start", "nothing has run yet", 0, None, [], [welcome])
        for event in trace.events:
            if isinstance(event, Applied):
                self._forward(event)
            elif isinstance(event, BackwardPass):
                self._backward(event)
            else:
                self._change(event)
        if trace.error is not None and (trace.failed is not None or trace.values):
            self._failed()

    def _add(
        self, phase: str, title: str, subtitle: str, line: int, focus: int | None, changes: list[Step],
        card: list[Block], **more: Any,
    ) -> None:  # fmt: skip
        self.steps.append(
            {
                "phase": phase, "title": title, "subtitle": subtitle, "line": line, "focus": focus,
                "show": [], "set": changes, "card": card, **more,
            }
        )  # fmt: skip

    def _forward(self, applied: Applied) -> None:
        trace = self._trace
        made = trace.values[applied.outputs[0]]
        changes: list[Step] = []
        if applied.operation.inplace and made.is_leaf and f"g{applied.inputs[0]}" in self._shown:
            # the tensor keeps its .grad, so its new value shows it too
            changes = [self._set(f"g{made.number}", self._shown[f"g{applied.inputs[0]}"])]
        sources = [number for number in applied.inputs if trace.values[number].operation is None]
        title = applied.text if made.title == applied.text else f"{made.title} = {applied.text}"
        self._add(
            "forward", title, f"forward: {applied.operation.name}", applied.span.line, made.number, changes,
            cards.forward_card(trace, applied, self._tables),
            uses=[
                *((applied.number, position) for position in range(len(applied.inputs))),
                *(("fn", number) for number in applied.outputs),
            ],
        )  # fmt: skip
        self.steps[-1]["show"] = [*sources, *applied.outputs]

    def _backward(self, backward: BackwardPass) -> None:
        for step in backward.steps:
            if step.kind == "seed":
                self._seed(backward)
            elif step.kind == "accumulate":
                self._accumulate(backward, step)
            else:
                self._node(backward, step)

    def _seed(self, backward: BackwardPass) -> None:
        trace = self._trace
        # what passed through the same values and nodes in an earlier pass was not kept
        kept = {f"g{value.number}" for value in trace.values if value.is_leaf}
        again = [key for key in self._shown if key[0] != "k" and key not in kept]
        changes = [self._set(key, None) for key in again]
        root = trace.values[backward.root]
        changes += self._arrive(f"{'a' if root.is_leaf else 'g'}{root.number}", backward.seed)
        if not root.is_leaf:
            changes += self._retain(root.number, backward.seed)
        self._add(
            "seed", backward.text, f"backward pass {backward.number + 1}: the seed gradient",
            backward.span.line, backward.root, changes, cards.seed_card(trace, backward, self._tables),
        )  # fmt: skip

    def _node(self, backward: BackwardPass, step: BackwardStep) -> None:
        trace = self._trace
        changes: list[Step] = []
        kept = any(each.kind == "accumulate" for each in backward.steps)  # not by torch.autograd.grad
        for contribution in step.contributions:
            changes += self._contribute(contribution, kept)
        used = [
            (step.operation if step.operation is not None else -1, contribution.value)
            for contribution in step.contributions
            if contribution.value is not None
        ]
        focus = trace.operations[step.operation].outputs[0] if step.operation is not None else step.value
        title = trace.values[focus].title if focus is not None else ""
        self._add(
            "node", f"back through {title}", step.name, backward.span.line, focus, changes,
            node_card(trace, step, self._tables), values=used, node=step.node,
            handed=[(step.node, contribution.position) for contribution in step.contributions],
        )  # fmt: skip

    def _contribute(self, contribution: Contribution, kept: bool) -> list[Step]:
        """What a node hands on, in the boxes of the value and of the node that it arrives at.

        `kept`: the pass will add into the `.grad` of its leaves; otherwise it returns what arrives.
        """
        whole = contribution.arrived == contribution.expected
        badge = f"{contribution.arrived} of {contribution.expected}"
        number, total = contribution.value, contribution.total
        if number is None:
            node = self._nodes.get(contribution.slot.node)
            return [] if node is None else self._arrive(f"n{node}", total, "" if whole else badge)
        if self._trace.values[number].is_leaf:
            arrived = f"{badge} arrived" if contribution.expected > 1 else "arriving"
            words = arrived if kept else "returned"
            changes = [self._set(f"g{number}", self._shown.get(f"g{number}"), words)]
            return changes + self._arrive(f"a{number}", total, "" if whole else badge)
        changes = self._arrive(f"g{number}", total, "" if whole else badge)
        return changes + (self._retain(number, total) if whole else [])

    def _arrive(self, key: str, gradient: torch.Tensor, badge: str = "") -> list[Step]:
        return [self._set(key, gradient, badge)]

    def _retain(self, number: int, gradient: torch.Tensor) -> list[Step]:
        """retain_grad() keeps a copy in .grad, and adds up over passes."""
        if not self._trace.values[number].tensor.retains_grad:
            return []
        before = self._shown.get(f"k{number}")
        return [self._set(f"k{number}", gradient if before is None else before + gradient)]

    def _accumulate(self, backward: BackwardPass, step: BackwardStep) -> None:
        if step.value is None or step.after is None:
            return
        number = step.value
        checks = self._checks[backward.number] if backward.number < len(self._checks) else {}
        error, check = backward.engine.get(number), checks.get(number)
        card = cards.accumulate_card(self._trace, step, error, check, self._tables)
        title = f"into {self._trace.values[number].title}.grad"
        self._add(
            "accumulate", title, step.name, backward.span.line, number,
            [self._set(f"g{number}", step.after)], card, uses=[("into", number)],
        )  # fmt: skip

    def _change(self, change: GradientChange) -> None:
        self._add(
            "change", change.text, "the program changes .grad", change.span.line, change.value,
            [self._set(f"g{change.value}", change.gradient)],
            cards.change_card(self._trace, change, self._tables),
        )  # fmt: skip

    def _failed(self) -> None:
        trace = self._trace
        failed, error = trace.failed, trace.error
        title = failed.text if failed is not None else "The program stops here"
        line = error.line if error is not None else 0
        self._add("failed", title, "this could not be done", line, None, [], cards.error_card(trace))
        if failed is not None:
            self.steps[-1]["show"] = [*failed.inputs, len(trace.values)]

    def _set(self, key: str, gradient: torch.Tensor | None, badge: str = "") -> Step:
        """Under `key` stands `gradient` from this step on; None is drawn as nothing yet."""
        if gradient is None:
            self._shown.pop(key, None)
        else:
            self._shown[key] = gradient
        change: Step = {"key": key, "table": None if gradient is None else self._tables.gradient(gradient)}
        return {**change, "badge": badge} if badge else change
