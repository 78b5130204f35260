"""Activations: the nonlinearity, each a module of its own (attribution methods depend on that)."""

from collections.abc import Callable

from torch import nn

from core.networks.fields import Field
from core.networks.kind import Arguments, LayerKind, Settings
from core.networks.spec import Shape


def _plain(s: Settings, shape: Shape) -> Arguments:
    return Arguments()


def activation(
    module: type[nn.Module],
    keras: str,
    explanation: str,
    fields: tuple[Field, ...] = (),
    arguments: Callable[[Settings, Shape], Arguments] = _plain,
    note: str = "",
) -> LayerKind:
    return LayerKind(
        name=module.__name__,
        stem=module.__name__.lower(),
        group="Activation",
        explanation=explanation,
        module=module,
        keras=lambda s, shape: (keras.format(**vars(s)),),
        fields=fields,
        arguments=arguments,
        note=note,
    )


ACTIVATIONS = (
    activation(nn.ReLU, "layers.ReLU()", "Keeps positive values and sets negative ones to zero."),
    activation(
        nn.LeakyReLU,
        "layers.LeakyReLU(negative_slope={negative_slope})",
        "Keeps positive values and lets a small share of negative ones through, so that no unit dies.",
        (Field("negative_slope", "float", 0.01, "Share of a negative value that passes.", 0, 1),),
        lambda s, shape: Arguments((), {"negative_slope": float(s.negative_slope)}),
    ),
    activation(
        nn.GELU,
        'layers.Activation("gelu")',
        "x·Φ(x): a smooth ReLU that weighs each value by how likely a normal one is below it.",
    ),
    activation(
        nn.SiLU,
        'layers.Activation("silu")',
        "x·σ(x), also called swish: a smooth ReLU that dips a little below zero.",
    ),
    activation(
        nn.Hardswish,
        'layers.Activation("hard_silu")',
        "x·relu6(x + 3)/6: SiLU put together from straight pieces (MobileNetV3).",
    ),
    activation(nn.Tanh, 'layers.Activation("tanh")', "Squeezes every value into −1 to 1."),
    activation(nn.Sigmoid, 'layers.Activation("sigmoid")', "Squeezes every value into 0 to 1."),
    activation(
        nn.Hardsigmoid,
        'layers.Activation("hard_sigmoid")',
        "relu6(x + 3)/6: the sigmoid put together from straight pieces.",
    ),
    activation(
        nn.Softmax,
        "layers.Softmax()",
        "Turns scores into probabilities: non-negative, with the sum 1 over the channels or features.",
        arguments=lambda s, shape: Arguments((), {"dim": 1}),
        note="Not before cross-entropy, which takes logits and has the softmax in it: twice squeezed, the scores "
        "can't tell classes apart by more than e ≈ 2.7 to 1, and gradients nearly vanish.",
    ),
)
