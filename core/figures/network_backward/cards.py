"""What the card beside the picture says of each of its parts."""

from __future__ import annotations

from collections.abc import Iterator

from core.figures.autograd.blocks import Block, formula, pairs, text
from core.figures.network_backward.parts import Part, silent
from core.figures.network_backward.rules import ACCUMULATES, inputs_of, rule_for
from core.figures.network_backward.words import parameter_name, saved_words, shape, size
from core.networks.backward_graph import BATCH, BackwardGraph, BackwardNode
from core.networks.backward_nodes import ACCUMULATE
from core.networks.kinds import LAYER_KINDS
from core.networks.rows import LayerRow

Card = dict[str, object]  # title, subtitle and blocks

PROJECTED = "Residual with a projection"
# how the gradient comes through a block's join
JOINS = {
    "Residual": (
        "∂L/∂x = ∂L/∂y + (∂F/∂x)ᵀ · ∂L/∂y",
        "AddBackward0 hands ∂L/∂y down both ways: through the inner layers, and around them as it is. Where "
        "the ways meet (⊕) the two gradients are added up, so that one arrives even if F hands on nothing.",
    ),
    PROJECTED: (
        "∂L/∂x = (∂P/∂x)ᵀ · ∂L/∂y + (∂F/∂x)ᵀ · ∂L/∂y",
        "AddBackward0 hands ∂L/∂y down both ways: through the inner layers, and around them through the "
        "projection P. Where the ways meet (⊕) the two gradients are added up.",
    ),
    "Skip": (
        "∂L/∂x = ∂L/∂y[channels of x] + (∂F/∂x)ᵀ · ∂L/∂y[channels of F(x)]",
        "CatBackward0 cuts the gradient into the channels of F(x) and those of x; where the ways meet (⊕) they "
        "are added up.",
    ),
    "Parallel": (
        "∂L/∂x = Σᵢ (∂Fᵢ/∂x)ᵀ · ∂L/∂yᵢ",
        "Each branch gets its share of the gradient; where the branches meet (⊕) what they hand on is added up.",
    ),
}


class Cards:
    """Writes the cards of one graph."""

    def __init__(self, graph: BackwardGraph, whole: Part, rows: tuple[LayerRow, ...]) -> None:
        self._graph = graph
        self._rows = rows
        self._of_node = {
            number: part for part in whole.all() if part.kind in ("layer", "block") for number in part.nodes
        }  # inner parts come after those that they are in

    def card(self, part: Part) -> Card:
        """Title, subtitle and blocks."""
        title, subtitle, blocks = getattr(self, f"_{part.kind}")(part)
        return {"title": title, "subtitle": subtitle, "blocks": list(blocks)}

    def overview(self, name: str) -> Card:
        """The whole graph, for when nothing is chosen."""
        nodes = self._graph.nodes
        leaves = sum(node.name == ACCUMULATE for node in nodes)
        quiet = [row.name for row in silent(self._graph, self._rows)]
        facts = [
            ("nodes", f"{len(nodes)}, {leaves} of them AccumulateGrad"),
            ("saved for them", size(self._graph.saved_bytes)),
            ("batch", f"{BATCH} images, training mode"),
        ]
        blocks = [
            text("backward() begins at the top, with the gradient of the loss, and runs downwards: each node turns "
                 "the gradient that arrives into one for each of its inputs."),
            pairs(facts),
            text("A click opens a layer to its nodes, and a click on its name closes it. Green are the "
                 "parameters' AccumulateGrad nodes, where gradients end up in .grad."),
        ]  # fmt: skip
        if quiet:
            names = ", ".join(quiet[:6]) + (f" and {len(quiet) - 6} more" if len(quiet) > 6 else "")
            blocks.append(
                text(
                    f"No node: {names}. Neither what they were given nor a parameter of theirs asks "
                    "for a gradient."
                )
            )
        return {"title": name, "subtitle": "the graph that autograd records", "blocks": blocks}

    def _node(self, part: Part) -> tuple[str, str, Iterator[Block]]:
        node = self._graph.nodes[part.node]
        return (
            node.name,
            f"{self._place(part.node)} · {self._layer_of(part.node)}",
            self._about(part.node, node),
        )

    def _about(self, number: int, node: BackwardNode) -> Iterator[Block]:
        layer = self._of_node.get(number)
        rule = rule_for(node.name, layer.row.kind if layer and layer.row else "")
        yield text(rule.sentence)
        yield pairs([("g arrives", shape(node.upstream))])
        for (name, words), handed in zip(inputs_of(rule, len(node.handed)), node.handed, strict=True):
            if handed.target is None:
                continue
            if words:
                yield formula(f"∂L/∂{name} = {words}")
            yield text(f"{shape(handed.shape)} → {self._called(handed.target)}")
        if node.ends:
            yield text("None for what the layer was given: it asks for no gradient, so none is computed.")
        if node.saved:
            yield text("Kept from the forward pass for this:")
            yield pairs([(each.name, saved_words(each)) for each in node.saved])

    def _leaf(self, part: Part) -> tuple[str, str, Iterator[Block]]:
        node = self._graph.nodes[part.node]
        blocks = [
            text(ACCUMULATES.format(parameter=node.parameter)),
            formula(f"{node.parameter}.grad += g"),
            pairs([("g arrives", shape(node.upstream))]),
            text("A parameter is a leaf: nothing is handed on. Over several calls of backward() gradients add up, "
                 "hence zero_grad before each step."),
        ]  # fmt: skip
        return ACCUMULATE, f"{self._place(part.node)} · {node.parameter}", iter(blocks)

    def _layer(self, part: Part) -> tuple[str, str, Iterator[Block]]:
        kind = part.row.kind if part.row else "projection"
        return part.title, kind, self._about_many(part)

    def _about_many(self, part: Part) -> Iterator[Block]:
        row = part.row
        yield text(LAYER_KINDS[row.kind].explanation if row else PROJECTION)
        first = self._graph.nodes[min(part.nodes)]
        facts = [("g arrives", shape(first.upstream))]
        handed = {
            each.target: each.shape
            for number in sorted(part.nodes)
            for each in self._graph.nodes[number].handed
            if each.target is not None and each.target not in part.nodes
        }
        facts += [
            ("handed on", f"{shape(given)} → {self._called(target)}") for target, given in handed.items()
        ]
        names = [self._graph.nodes[number] for number in sorted(part.nodes)]
        facts += [(parameter_name(node.parameter), shape(node.upstream)) for node in names if node.parameter]
        own = [each for node in names for each in node.saved]
        facts += [("keeps", f"{len(own)} tensors")] if own else []
        yield pairs(facts)
        yield text("Nodes, in the order in which they run:")
        yield pairs([(str(number + 1), self._graph.nodes[number].name) for number in sorted(part.nodes)])

    def _block(self, part: Part) -> tuple[str, str, Iterator[Block]]:
        row = part.row
        kind = row.kind if row else ""
        return part.title, kind, self._about_block(part, kind)

    def _about_block(self, part: Part, kind: str) -> Iterator[Block]:
        yield text(LAYER_KINDS[kind].explanation)
        projected = any(each.kind == "layer" and each.row is None for each in part.parts)
        if kind in JOINS:
            rule, words = JOINS[PROJECTED if projected else kind]
            yield formula(rule)
            yield text(words)
        layers = sum(each.kind == "layer" for each in part.all())
        yield pairs([
            ("g arrives", shape(self._graph.nodes[min(part.nodes)].upstream)),
            ("layers", str(layers)),
            ("nodes", str(len(part.nodes))),
        ])  # fmt: skip

    def _output(self, part: Part) -> tuple[str, str, Iterator[Block]]:
        blocks = [
            text("The network's scores. The loss is computed from them, and backward() brings its gradient here: "
                 "one number for each score of each image."),
            pairs([("∂L/∂scores", shape(self._graph.output))]),
        ]  # fmt: skip
        return "scores", "where the network's part of the backward pass begins", iter(blocks)

    def _end(self, part: Part) -> tuple[str, str, Iterator[Block]]:
        blocks = [
            text("What comes in here asks for no gradient (requires_grad is False): training changes parameters, "
                 "and all of them are behind this place. In next_functions None stands for it, and nothing is "
                 "computed."),
            pairs([("shape", shape((BATCH, *part.row.input_shape) if part.row else ()))]),
        ]  # fmt: skip
        return part.title, "where the graph ends", iter(blocks)

    def _place(self, number: int) -> str:
        return f"node {number + 1} of {len(self._graph.nodes)}"

    def _layer_of(self, number: int) -> str:
        layer = self._of_node.get(number)
        return layer.title if layer else "the network"

    def _called(self, number: int) -> str:
        node = self._graph.nodes[number]
        if node.parameter:
            return f"{node.name} of {node.parameter}"
        return f"{node.name} ({self._layer_of(number)})"


PROJECTION = "Brings x to the shape of F(x), so that the two can be added."
