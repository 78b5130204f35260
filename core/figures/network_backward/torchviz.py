"""torchviz's own drawing of a network's backward graph."""

from __future__ import annotations

from core.figures.autograd.torchviz import Drawing, draw
from core.networks.backward_graph import blank
from core.networks.spec import NetworkSpec, Shape

NODES = 300  # backward nodes up to which the browser draws them in a few seconds …
NODES_WITH_SAVED = 150  # … and with boxes for saved tensors, of which there are more
NOTE = (
    "Drawn by torchviz (`make_dot(model(x), params=dict(model.named_parameters()))`): blue parameters, grey "
    "backward nodes, green the scores. Arrows point the way of the forward pass."
)
SAVED = (
    "Drawn by torchviz (`make_dot(…, show_attrs=True, show_saved=True)`): blue parameters, grey backward nodes "
    "with their attributes, orange saved tensors, green the scores."
)


def network_torchviz(spec: NetworkSpec, input_shape: Shape, classes: int, saved: bool) -> Drawing:
    """The graph in the DOT language, with attributes and `saved` tensors where wanted.

    Raises SpecError like `backward_graph`.
    """
    model, image = blank(spec, input_shape, classes)
    most, note = (NODES_WITH_SAVED, SAVED) if saved else (NODES, NOTE)
    return draw(model(image), dict(model.named_parameters()), saved, most, note)
