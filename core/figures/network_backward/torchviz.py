"""torchviz's own drawing of a network's backward graph."""

from __future__ import annotations

from torch.autograd.graph import saved_tensors_hooks

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
    # torchviz tells tensors apart by their Python objects, of which a node makes a new one at each look
    with saved_tensors_hooks(lambda tensor: tensor, lambda tensor: tensor):
        output = model(image)
    return draw(
        output,
        dict(model.named_parameters()),
        saved,
        *((NODES_WITH_SAVED, SAVED) if saved else (NODES, NOTE)),
    )
