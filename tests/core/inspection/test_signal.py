"""The signal at the beginning: against a calculation by hand, against theory, and what is said about it."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from core.inspection.signal import BATCH, FEWEST, Signal, TooLarge, batch_size, initial_signal, measure
from core.inspection.verdict import number, verdict
from core.networks.analysis import Analysis, analyse
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.networks.initialisation import INITIALISATIONS, initialise
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec, SpecError

IMAGE = (1, 28, 28)
N = 64
NOISE = torch.randn(N, *IMAGE, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(N) % 10


def network(*layers: LayerSpec) -> Analysis:
    return analyse(NetworkSpec("test", layers), IMAGE)


def deep(activation: str, width: int = 256, depth: int = 20) -> Analysis:
    hidden = (layer("Linear", out_features=width), layer(activation))
    return network(layer("Flatten"), *hidden * depth, layer("Linear"))


def begun(analysis: Analysis, weights: str, seed: int = 0) -> Signal:
    return initial_signal(analysis, weights, seed, NOISE, LABELS)


def test_all_numbers_agree_with_a_calculation_by_hand() -> None:
    """Two linear layers and a ReLU, forward and backward in numpy."""
    analysis = network(
        layer("Flatten"), layer("Linear", out_features=30), layer("ReLU"), layer("Linear", out_features=10)
    )
    model = build(analysis.spec, IMAGE)
    found = {one.name: one for one in measure(model, analysis.rows, NOISE, LABELS).layers}
    w1, b1, w2, b2 = (parameter.detach().double().numpy() for parameter in model.parameters())

    x = NOISE.double().numpy().reshape(N, -1)
    hidden = x @ w1.T + b1
    active = np.maximum(hidden, 0)
    logits = active @ w2.T + b2
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    to_logits = (probabilities - np.eye(10)[LABELS]) / N  # of the mean cross entropy
    to_active = to_logits @ w2
    to_hidden = to_active * (hidden > 0)
    to_x = to_hidden @ w1

    outputs = {"flatten1": x, "linear1": hidden, "relu1": active, "linear2": logits}
    returned = {"flatten1": to_x, "linear1": to_hidden, "relu1": to_active, "linear2": to_logits}
    weights = {"linear1": to_hidden.T @ x, "linear2": to_logits.T @ active}
    assert list(found) == list(outputs)
    for name in outputs:
        for numbers, expected in (
            (found[name].activations, outputs[name]),
            (found[name].gradients, returned[name]),
        ):
            assert numbers.mean == pytest.approx(expected.mean(), rel=1e-4, abs=1e-8)
            assert numbers.std == pytest.approx(expected.std(), rel=1e-4)
            assert numbers.between == pytest.approx(math.sqrt(expected.var(axis=0).mean()), rel=1e-4)
            assert numbers.length == pytest.approx(math.sqrt((expected**2).sum(axis=1).mean()), rel=1e-4)
            assert numbers.zeros == pytest.approx((expected == 0).mean())
        gradient = found[name].weights
        assert (gradient is None) == (name not in weights)
        if gradient:
            assert gradient.length == pytest.approx(np.linalg.norm(weights[name]), rel=1e-4)
            assert gradient.std == pytest.approx(weights[name].std(), rel=1e-4)
    assert not any(one.same for one in found.values())


def test_he_keeps_the_second_moment_through_twenty_relu_layers() -> None:
    """E[y²] of each pre-activation stays (He et al., 2015, equation 7), up to the luck of the draw."""
    for key in ("he-normal", "he-uniform"):
        pre = [one.activations for one in begun(deep("ReLU", width=512), key).layers if one.weights]
        squares = [one.mean**2 + one.std**2 for one in pre[:-1]]
        assert (squares[-1] / squares[0]) ** (1 / 19) == pytest.approx(1, abs=0.05)
        assert max(squares) < 3 * min(squares)


@pytest.mark.parametrize(
    ("key", "activation", "factor"),
    [
        ("default", "ReLU", math.sqrt(1 / 6)),  # Var(w) = 1/(3n), half of the square is lost
        ("glorot-normal", "ReLU", math.sqrt(1 / 2)),  # Var(w) = 1/n where layers are equally wide
        ("orthogonal", "ReLU", math.sqrt(1 / 2)),
        ("default", "Tanh", math.sqrt(1 / 3)),  # tanh is nearly the identity once signals are small
        ("he-uniform", "ReLU", 1.0),
    ],
)
def test_the_gradient_changes_by_the_factor_that_theory_gives(
    key: str, activation: str, factor: float
) -> None:
    found = verdict(begun(deep(activation, width=400), key))
    assert found.backward.steps == 20
    assert found.backward.a_layer == pytest.approx(factor, rel=0.06)


def test_orthogonal_layers_without_activation_keep_the_length_exactly() -> None:
    square = (layer("Linear", out_features=784),) * 5
    found = begun(network(layer("Flatten"), *square, layer("Linear")), "orthogonal")
    lengths = [one.activations.length for one in found.layers[:-1]]
    assert lengths == pytest.approx([lengths[0]] * 6, rel=1e-4)


@pytest.mark.parametrize(
    ("key", "activation", "word"),
    [
        ("default", "ReLU", "vanishes"),
        ("glorot-uniform", "ReLU", "vanishes"),
        ("he-uniform", "ReLU", "holds"),
        ("he-normal", "ReLU", "holds"),
        ("default", "Tanh", "vanishes"),
        ("glorot-uniform", "Tanh", "holds"),
        ("orthogonal", "Tanh", "holds"),
        ("zeros", "ReLU", "is the same in every unit"),
        ("constant", "Tanh", "is the same in every unit"),
    ],
)
def test_a_deep_network_is_judged_as_textbooks_say(key: str, activation: str, word: str) -> None:
    assert verdict(begun(deep(activation), key)).word == word


def test_biases_alone_are_no_signal() -> None:
    found = verdict(begun(deep("ReLU"), "default"))
    last = begun(deep("ReLU"), "default").layers[-1].activations
    assert last.std > 0.01 and found.forward.arrives < 1e-6
    assert "is the same for every image" in found.sentences[0]


def test_weights_that_are_too_large_explode() -> None:
    analysis = deep("ReLU")
    model = build(analysis.spec, IMAGE)
    initialise(model, "he-normal", torch.Generator().manual_seed(0))
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.Linear):
                module.weight *= 3
    found = verdict(measure(model, analysis.rows, NOISE, LABELS))
    assert found.word == "explodes"
    assert found.forward.a_layer == pytest.approx(3, rel=0.1)


def test_what_no_float32_holds_explodes_too() -> None:
    analysis = deep("ReLU")
    model = build(analysis.spec, IMAGE)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 1e8
    found = verdict(measure(model, analysis.rows, NOISE, LABELS))
    assert found.word == "explodes"
    assert "more than a float32 can hold" in " ".join(found.sentences)


def test_zeros_and_constants_are_seen_through() -> None:
    zeros = verdict(begun(analyse(NAMED_NETWORKS["LeNet"], IMAGE), "zeros"))
    assert zeros.same == ("conv1", "conv2", "linear1", "linear2")
    assert "never learn" in zeros.sentences[0]
    constant = verdict(begun(analyse(NAMED_NETWORKS["LeNet"], IMAGE), "constant"))
    assert constant.same == ("conv1", "conv2", "linear1")  # the last one's gradients differ by the labels
    assert "one unit" in constant.sentences[0]


def test_zeros_do_no_harm_where_there_is_no_hidden_layer() -> None:
    found = verdict(begun(network(layer("Flatten"), layer("Linear")), "zeros"))
    assert found.word == "holds" and not found.same
    assert "the only layer with weights" in found.sentences[0]


def test_a_network_without_weights_to_draw_says_so() -> None:
    means = layer("Parallel", *[(layer("GlobalAvgPool"),)] * 5)
    twice = layer("Parallel", (layer("ReLU"),), (layer("Tanh"),))  # ten numbers without a weight
    found = verdict(begun(network(means, twice, layer("Flatten"), layer("BatchNorm1d")), "he-normal"))
    assert found.word == "holds"
    assert "no linear layer" in found.sentences[0]


def test_what_averaging_does_is_not_the_weights_fault() -> None:
    analysis = network(
        layer("Conv2d", out_channels=8, padding=1),
        layer("ReLU"),
        layer("GlobalAvgPool"),
        layer("Flatten"),
        layer("Linear"),
    )
    signal = begun(analysis, "he-normal")
    conv, relu, pool, _, linear = signal.layers
    back = verdict(signal).backward
    assert back.averaged == (pool.name,)
    assert pool.gradients.length / relu.gradients.length == pytest.approx(28)  # √(28·28) values share one
    assert back.total == pytest.approx(28 * conv.gradients.length / linear.gradients.length)


def test_layers_in_blocks_have_signals_and_a_projection_belongs_to_its_block() -> None:
    body = (layer("Conv2d", out_channels=6, padding=1), layer("ReLU"))
    analysis = network(layer("Residual", body), layer("Flatten"), layer("Linear"))
    found = begun(analysis, "he-normal")
    assert [one.name for one in found.layers] == [row.name for row in analysis.rows]
    block = next(one for one in found.layers if one.kind == "Residual")
    assert block.weights is not None
    assert sum(block.weights.values) == 6  # the 1×1 projection's, from 1 channel to 6


def test_a_training_with_that_seed_begins_with_the_same_weights() -> None:
    analysis = analyse(NAMED_NETWORKS["LeNet_tiny"], IMAGE)
    for key in INITIALISATIONS:
        torch.manual_seed(3)
        model = build(analysis.spec, IMAGE)
        initialise(model, key)
        torch.manual_seed(99)  # whatever else happened on the server
        assert begun(analysis, key, seed=3) == measure(model, analysis.rows, NOISE, LABELS)


def test_a_lent_model_comes_back_as_it_was() -> None:
    spec = NAMED_NETWORKS["FashionCNN"]  # with batch normalisation and dropout
    analysis = analyse(spec, IMAGE)
    model = build(spec, IMAGE).eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.get_rng_state()
    first = measure(model, analysis.rows, NOISE, LABELS)
    assert first == measure(model, analysis.rows, NOISE, LABELS)  # dropout draws nothing
    with pytest.raises(RuntimeError):
        measure(model, analysis.rows, NOISE[:, :, :20, :20], LABELS)
    assert torch.equal(torch.get_rng_state(), random)
    for name, value in model.state_dict().items():
        assert torch.equal(value, state[name])
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module.training or module._forward_hooks for module in model.modules())


def test_batch_normalisation_uses_the_batch_as_in_training() -> None:
    analysis = analyse(NAMED_NETWORKS["FashionCNN"], IMAGE)
    found = {one.name: one for one in begun(analysis, "default").layers}
    assert found["bn1"].activations.mean == pytest.approx(0, abs=1e-4)
    assert found["bn1"].activations.std == pytest.approx(1, abs=1e-3)


def test_the_batch_is_smaller_for_a_large_network_and_too_large_is_refused() -> None:
    assert batch_size(analyse(NAMED_NETWORKS["LeNet"], IMAGE)) == BATCH
    conv = layer("Conv2d", out_channels=256, padding=1)
    head = (layer("GlobalAvgPool"), layer("Flatten"), layer("Linear"))
    assert FEWEST <= batch_size(network(*(conv,) * 2, *head)) < BATCH
    with pytest.raises(TooLarge, match=r"MACs.*At most"):
        batch_size(network(*(conv,) * 8, *head))


def test_a_design_with_a_problem_is_refused() -> None:
    with pytest.raises(SpecError):
        begun(network(layer("Linear")), "default")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.3712, "0.37"),
        (12.4, "12"),
        (1234, "1200"),
        (3.14e-10, "3.1·10⁻¹⁰"),
        (2e7, "2.0·10⁷"),
        (math.inf, "∞"),
    ],
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text
