"""How a network's weights begin, and which of them are trained, as PyTorch text."""

from __future__ import annotations

from core.networks.initialisation import CONSTANT, INITIALISATIONS
from core.networks.source.outline import Outline, comments
from core.networks.source.torch_layers import runs
from core.networks.weights import PRETRAINED_NAMES

# rule → (PyTorch, Keras); of "default" each library has its own
RULES = {
    "glorot-uniform": ("nn.init.xavier_uniform_(module.weight)", "GlorotUniform()"),
    "glorot-normal": ("nn.init.xavier_normal_(module.weight)", "GlorotNormal()"),
    "he-uniform": ('nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")', "HeUniform()"),
    "he-normal": ('nn.init.kaiming_normal_(module.weight, nonlinearity="relu")', "HeNormal()"),
    "orthogonal": ("nn.init.orthogonal_(module.weight)", "Orthogonal()"),
    "zeros": ("nn.init.zeros_(module.weight)", "Zeros()"),
    "constant": (f"nn.init.constant_(module.weight, {CONSTANT})", f"Constant({CONSTANT})"),
}

_INITIALISE = """\


def init_weights(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        {call}
        if module.bias is not None:
            nn.init.zeros_(module.bias)


model.apply(init_weights)  # {label}
"""

_PRETRAINED = """\


def load_pretrained(model: nn.Module) -> None:
    from torchvision.models import get_model

    theirs = get_model("{name}", weights="DEFAULT").state_dict()
    body = [tensor for name, tensor in model.state_dict().items() if not name.startswith("{head}.")]
    for own, tensor in zip(body, list(theirs.values())[:-2], strict=True):  # both in order, without their heads
        # a kernel for one channel is the sum of those for red, green and blue
        own.copy_(tensor if own.shape == tensor.shape else tensor.sum(dim=1, keepdim=True))


{call}load_pretrained(model)  # weights learned on ImageNet; the first call fetches their file
"""

_FREEZE = """
model.requires_grad_(False)  # only the head is trained
model.get_submodule("{head}").requires_grad_(True)
"""

_KEEP_STATISTICS = """\
for module in model.modules():  # do this after each model.train() too: batch norm keeps its statistics
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        module.eval()
"""


def beginning(network: Outline, module: str, fetch: bool = False) -> str:
    """What follows the line `model = …`; `module` is the attribute that holds a network without blocks, if one does.

    Pretrained weights are fetched at once with `fetch`; else the call stands there as a comment.
    """
    weights, head = network.spec.weights, head_path(network, module)
    text = ""
    if weights in RULES:
        text += _INITIALISE.format(call=RULES[weights][0], label=INITIALISATIONS[weights].label)
    if weights in PRETRAINED_NAMES and head:
        text += _PRETRAINED.format(name=weights, head=head, call="" if fetch else "# ")
    if network.spec.frozen and head:
        text += _FREEZE.format(head=head)
        kinds = {layer.kind for run in runs(network.trunk) for layer in run.layers}
        text += _KEEP_STATISTICS if kinds & {"BatchNorm1d", "BatchNorm2d"} else ""
    if not head and (weights in PRETRAINED_NAMES or network.spec.frozen):
        text += "\n" + "\n".join(comments(NO_HEAD)) + "\n"
    return text


NO_HEAD = "No weights are loaded or frozen here, as the network is not whole: its head, the last Linear, is missing."


def head_path(network: Outline, module: str = "") -> str:
    """Where the last Linear stands in the model: `head.3`; "" if it has none or is not whole."""
    path = ""
    for run in runs(network.trunk) if not network.problems else ():
        texts = [text for text, _ in run.texts]
        name = run.name if network.branches else module
        for place, text in enumerate(texts):
            if text.startswith("nn.Linear("):
                single = network.branches and len(texts) == 1
                path = name if single else f"{name}.{place}".removeprefix(".")
    return path
