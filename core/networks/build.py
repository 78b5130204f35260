"""From spec to module."""

from collections import OrderedDict

from torch import nn

from core.networks.analysis import Analysis, analyse
from core.networks.kinds import LAYER_KINDS, settings_of
from core.networks.spec import NetworkSpec, Shape, SpecError


def build(spec: NetworkSpec, input_shape: Shape, classes: int = 10) -> nn.Sequential:
    """The network as a PyTorch module for images of `input_shape` (C, H, W), with PyTorch's initial weights.

    Its children have the names of the analysis' rows; each activation is a module of its own. Raises
    SpecError if the analysis finds a problem.
    """
    analysis = analyse(spec, input_shape, classes)
    raise_problem(analysis)
    modules = OrderedDict[str, nn.Module]()
    for row in analysis.rows:
        layer = spec.layers[row.place[0]]
        modules[row.name] = LAYER_KINDS[layer.kind].build(settings_of(layer), row.input_shape)
    return nn.Sequential(modules)


def raise_problem(analysis: Analysis) -> None:
    """Raises SpecError with the analysis' first problem, if there is one."""
    for problem in analysis.problems:
        raise SpecError(f"{problem.name}: {problem.sentence}" if problem.name else problem.sentence)
