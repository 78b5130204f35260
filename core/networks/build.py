"""From spec to module."""

from collections import OrderedDict

from torch import nn

from core.networks.analysis import Analysis, analyse
from core.networks.kind import BlockKind
from core.networks.kinds import LAYER_KINDS, settings_of
from core.networks.names import layer_names
from core.networks.network import Network
from core.networks.rows import LayerRow
from core.networks.spec import LayerSpec, NetworkSpec, Place, Shape, SpecError


def build(spec: NetworkSpec, input_shape: Shape, classes: int = 10) -> Network:
    """The network as a PyTorch module for images of `input_shape` (C, H, W), with PyTorch's initial weights.

    `get_submodule(row.path)` is the module of a row of the analysis; each activation is a module of its own.
    Raises SpecError if the analysis finds a problem.
    """
    analysis = analyse(spec, input_shape, classes)
    raise_problem(analysis)
    names = layer_names(spec)
    rows = {row.place: row for row in analysis.rows}

    def sequence(layers: tuple[LayerSpec, ...], before: Place) -> OrderedDict[str, nn.Module]:
        modules = OrderedDict[str, nn.Module]()
        for index, layer in enumerate(layers):
            place = (*before, index)
            if layer.enabled:
                modules[names[place]] = module(layer, rows[place])
        return modules

    def module(layer: LayerSpec, row: LayerRow) -> nn.Module:
        kind, settings = LAYER_KINDS[layer.kind], settings_of(layer)
        if not isinstance(kind, BlockKind):
            return kind.build(settings, row.input_shape)
        bodies = [nn.Sequential(sequence(branch, (*row.place, i))) for i, branch in enumerate(layer.branches)]
        return kind.build(settings, row.input_shape, row.branch_shapes, bodies)

    network = Network(sequence(spec.layers, ()))
    return network.freeze() if spec.frozen else network


def raise_problem(analysis: Analysis) -> None:
    """Raises SpecError with the analysis' first problem, if there is one."""
    for problem in analysis.problems:
        raise SpecError(f"{problem.name}: {problem.sentence}" if problem.name else problem.sentence)
