"""A network as a PyTorch program: `nn.Sequential` where it is one, a module with `forward` where it branches."""

import textwrap

import torch
from torch import nn

from core.networks.analysis import Analysis
from core.networks.kinds import layer_kind
from core.networks.source.beginning import beginning
from core.networks.source.names import class_name
from core.networks.source.outline import BATCH, Layer, Outline, comments, outline
from core.networks.source.torch_layers import TRUNK, Run, definitions, flow, pieces, runs, sequential
from core.networks.spec import shape_text


def write(analysis: Analysis) -> str:
    """The program."""
    network = outline(analysis)
    imports = "import torch\nfrom torch import nn\n\n" + ("\n" if network.branches else "")
    return imports + definition(network) + example(network)


def definition(network: Outline, fetch: bool = False) -> str:
    """The lines that make `model`; pretrained weights are loaded where `fetch` says so, else in a comment."""
    if network.branches:
        name = class_name(network.spec.name)
        lines = [*heading(network), f"class {name}(nn.Module):", *init_and_forward(network)]
        lines += ["", "", f"model = {name}()"]
    else:
        run = Run("", ()) if not network.trunk.parts else pieces(network.trunk)[0]
        assert isinstance(run, Run)
        first, *others = sequential(run, problems(network, "    "))
        lines = [*heading(network), f"model = {first}", *others]
    return "\n".join(lines) + "\n" + beginning(network, "", fetch)


def modules(network: Outline) -> list[tuple[str, nn.Module]]:
    """Where each layer stands in `model`, in the order of definition, and its like without memory: ("stem.0", …)."""
    found = []
    for run in runs(network.trunk):
        layers = [module for layer in run.layers for module in _without_memory(layer)]
        name = run.name if network.branches else ""
        single = network.branches and len(layers) == 1
        for place, module in enumerate(layers):
            found.append((name if single else f"{name}.{place}".removeprefix("."), module))
    return found


def _without_memory(layer: Layer) -> list[nn.Module]:
    with torch.device("meta"):
        built = layer_kind(layer.kind).build(layer.settings, layer.input_shape)
    return [module for module in built.modules() if not list(module.children())]


def heading(network: Outline) -> list[str]:
    """The comment that names the network."""
    return list(comments(f"{network.heading}; one image is {shape_text(network.input_shape)}"))


def problems(network: Outline, indent: str = "") -> list[str]:
    """The comments that say what is wrong and what is left out."""
    return [line for problem in network.problems for line in comments(problem, indent)]


def init_and_forward(network: Outline) -> list[str]:
    """The body of the class: its layers, and how x goes through them."""
    statements, value = flow(network.trunk, TRUNK)
    init = ["def __init__(self) -> None:", *_indented(["super().__init__()", *definitions(network.trunk)])]
    body = [*statements, *problems(network), f"return {value}"]
    forward = ["def forward(self, x: torch.Tensor) -> torch.Tensor:", *_indented(body)]
    return _indented([*init, "", *forward])


def example(network: Outline) -> str:
    """Two images through the model."""
    result = "outputs" if network.problems else "logits"
    batch = ", ".join(map(str, (BATCH, *network.input_shape)))
    shape = shape_text((BATCH, *network.output_shape))
    return f"\nimages = torch.zeros({batch})\n{result} = model(images)  # {shape}\n"


def _indented(lines: list[str]) -> list[str]:
    return [textwrap.indent(line, "    ") for line in lines]
