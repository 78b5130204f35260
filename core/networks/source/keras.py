"""A network as a Keras 3 program: Sequential where it is one, the functional API where it branches."""

import math

from core.networks.analysis import Analysis
from core.networks.initialisation import INITIALISATIONS
from core.networks.kinds import layer_kind
from core.networks.source.beginning import RULES
from core.networks.source.outline import (
    BATCH,
    Block,
    Branch,
    Joins,
    Layer,
    Outline,
    comments,
    joined,
    outline,
)
from core.networks.source.pytorch import problems
from core.networks.spec import Shape, shape_text
from core.networks.weights import PRETRAINED_NAMES

ONE_LINE: Joins = {
    "sum": ("layers.Add()([", ", ", "])"),
    "product": ("layers.Multiply()([", ", ", "])"),
    "concatenate": ("layers.Concatenate()([", ", ", "])"),
}
MANY_LINES: Joins = {
    join: (start + "\n    ", ",\n    ", ",\n" + end) for join, (start, _, end) in ONE_LINE.items()
}

_IMPORTS = """\
import os

os.environ.setdefault("KERAS_BACKEND", "torch")  # or "tensorflow" or "jax"; before Keras is imported

import keras
from keras import layers

"""

# max-pooling takes no padding but "same", and zeros might be the largest values of their windows
_PAD_BELOW = """

class PadBelow(layers.Layer):
    \"\"\"Rows and columns of −∞ on each side, which max-pooling never chooses.\"\"\"

    def __init__(self, pixels, **settings):
        super().__init__(**settings)
        self.pixels = pixels

    def call(self, x):
        sides = (self.pixels, self.pixels)
        return keras.ops.pad(x, ((0, 0), sides, sides, (0, 0)), constant_values=-float("inf"))

    def get_config(self):
        return {**super().get_config(), "pixels": self.pixels}


"""

_INITIALISE = """
for weight in model.trainable_weights:  # {label}
    if "kernel" in weight.name:
        shape = tuple(weight.shape)
        if weight.name == "depthwise_kernel":  # (k, k, C, 1): each channel has one kernel, which reads one channel
            shape = (*shape[:2], 1, shape[2])
        values = keras.initializers.{rule}(shape)
        weight.assign(keras.ops.reshape(values, weight.shape))
"""

_FREEZE = """
head = [layer for layer in model.layers if isinstance(layer, layers.Dense)][-1]
for layer in model.layers:  # only the head is trained
    layer.trainable = layer is head
"""


def write(analysis: Analysis) -> str:
    """The program."""
    network = outline(analysis)
    image = channels_last(network.input_shape)
    lines = list(comments(f"{network.heading}; one image is {shape_text(image)}, channels last"))
    if network.spec.weights == "default":
        lines.append("# its weights begin as Keras has it: Glorot, uniform, with biases of 0")
    begin = f"keras.Input(shape={image})"
    if network.branches:
        statements, value = flow(network.trunk, "inputs")
        lines += [
            f"inputs = {begin}",
            *statements,
            *problems(network),
            f"model = keras.Model(inputs, {value})",
        ]
    else:
        rows = [
            f"        {text},  # {note}"
            for part in network.trunk.parts
            if isinstance(part, Layer)
            for text, note in texts(part)
        ]
        nothing = [] if rows else ["        layers.Identity(),  # a model needs a layer"]
        lines += ["model = keras.Sequential(", "    [", f"        {begin},", *rows, *nothing]
        lines += [*problems(network, "        "), "    ]", ")"]
    program = "\n".join(lines) + "\n"
    before = _PAD_BELOW if "PadBelow" in program else ""
    return _IMPORTS + before + program + beginning(network) + example(network)


def channels_last(shape: Shape) -> Shape:
    """(C, H, W) → (H, W, C)."""
    return (*shape[1:], shape[0])


def texts(layer: Layer) -> list[tuple[str, str]]:
    """(call, comment) of each Keras layer that makes it up."""
    *first, last = layer_kind(layer.kind).keras(layer.settings, layer.input_shape)
    note = f"{layer.name}: {shape_text(channels_last(layer.output_shape))}"
    if layer.kind == "Flatten" and layer.input_shape[0] > 1 and math.prod(layer.input_shape[1:]) > 1:
        note += ", in another order than PyTorch's: channels last"
    return [*((text, layer.name) for text in first), (last, note)]


def flow(branch: Branch, source: str) -> tuple[list[str], str]:
    """The statements that make the branch's value from the variable `source`, and the variable that holds it."""
    lines: list[str] = []
    for part in branch.parts:
        if isinstance(part, Block):
            lines += _join(part, branch.name, source)
        else:
            for text, note in texts(part):
                lines.append(f"{branch.name} = {text}({source})  # {note}")
                source = branch.name
        source = branch.name
    return lines, source


def _join(block: Block, target: str, source: str) -> list[str]:
    lines, values = [], []
    for branch in block.branches:
        before, value = flow(branch, source)
        lines += before
        values.append(value)
    value = values[0] if len(values) == 1 else joined(block.join, values, ONE_LINE, MANY_LINES)
    note = f"{block.name}: {shape_text(channels_last(block.output_shape))}"
    return [*lines, *f"{target} = {value}  # {note}".splitlines(), ""]


def beginning(network: Outline) -> str:
    """How the weights begin, and which of them are trained."""
    weights = network.spec.weights
    text = ""
    if weights in RULES:
        text += _INITIALISE.format(rule=RULES[weights][1], label=INITIALISATIONS[weights].label)
    if weights in PRETRAINED_NAMES:
        text += "\n" + "\n".join(comments(NOT_PRETRAINED.format(name=weights))) + "\n"
    if network.spec.frozen and not network.problems:
        text += _FREEZE
    return text


NOT_PRETRAINED = (
    "These weights are random: those of torchvision's {name} come as a file for PyTorch; "
    "see the PyTorch program."
)


def example(network: Outline) -> str:
    """Two images through the model."""
    result = "outputs" if network.problems else "logits"
    batch = (BATCH, *channels_last(network.input_shape))
    shape = shape_text((BATCH, *channels_last(network.output_shape)))
    return f"\nimages = keras.ops.zeros({batch})\n{result} = model(images)  # {shape}\n"
