"""Blocks: their numbers by hand, their modules by their equations, their problems and mends."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.networks.analysis import analyse
from core.networks.build import build
from core.networks.kinds import layer
from core.networks.names import layer_names
from core.networks.rows import LayerRow
from core.networks.spec import LayerSpec, NetworkSpec, Shape
from tests.core.networks.test_build import check_against_module

MAPS = (16, 14, 14)
END = (layer("Flatten"), layer("Linear"))


def conv(channels: int, padding: int = 1, **settings: int) -> LayerSpec:
    return layer("Conv2d", out_channels=channels, padding=padding, **settings)


def network(*layers: LayerSpec) -> NetworkSpec:
    return NetworkSpec("x", (*layers, *END))


def block_row(block: LayerSpec, shape: Shape = MAPS) -> LayerRow:
    analysis = analyse(network(block), shape)
    assert analysis.problems == ()
    found = analysis.row((0,))
    assert found
    return found


def test_a_residual_of_the_same_shape_costs_nothing() -> None:
    row = block_row(layer("Residual", (conv(16),)))
    assert (row.output_shape, row.parameters, row.macs) == (MAPS, 0, 0)
    assert row.formulas.output == "F(x) + x, both 16 × 14 × 14"


def test_a_residual_of_another_shape_gets_a_projection() -> None:
    row = block_row(layer("Residual", (conv(32, stride=2),)))
    assert row.output_shape == (32, 7, 7)
    assert row.parameters == 16 * 32 + 32
    assert row.macs == 16 * 32 * 7 * 7
    assert row.formulas.parameters == "1·1·16·32 + 32 = 544 in the projection"
    assert row.formulas.macs == "1·1·16·32·7·7 = 25,088 in the projection"
    assert "with stride 2 brings x from 16 × 14 × 14 to 32 × 7 × 7" in row.formulas.output


def test_a_projection_with_batch_norm_has_no_bias() -> None:
    row = block_row(layer("Residual", (conv(32),), norm=True))
    assert row.parameters == 16 * 32 + 2 * 32
    assert row.formulas.parameters == "1·1·16·32 + 2·32 = 576 in the projection"


def test_a_residual_of_flat_layers() -> None:
    row = block_row(layer("Residual", (layer("Linear", out_features=7),)), (20,))
    assert (row.output_shape, row.parameters) == ((7,), 20 * 7 + 7)
    check_against_module(network(layer("Residual", (layer("Linear", out_features=7),))), (20,))


def test_a_skip_puts_channels_side_by_side() -> None:
    row = block_row(layer("Skip", (conv(8),)))
    assert (row.output_shape, row.parameters, row.macs) == ((24, 14, 14), 0, 0)
    assert row.formulas.output == "[F(x), x]: 8 + 16 = 24 channels, side by side"


def test_branches_are_joined_as_chosen() -> None:
    branches = ((conv(8),), (conv(8), layer("ReLU")), (conv(8, kernel=1, padding=0),))
    assert block_row(layer("Parallel", *branches)).output_shape == (24, 14, 14)
    assert block_row(layer("Parallel", *branches, join="sum")).output_shape == (8, 14, 14)
    scales = (layer("GlobalAvgPool"), layer("Sigmoid"))
    assert block_row(layer("Parallel", (), scales, join="product")).output_shape == MAPS


def test_modules_do_what_their_equations_say() -> None:
    x = torch.randn(2, *MAPS)
    body = (conv(16), layer("ReLU"))
    residual = build(network(layer("Residual", body)), MAPS).get_submodule("residual1")
    f = residual.get_submodule("body")
    assert torch.equal(residual(x), f(x) + x)
    projected = build(network(layer("Residual", (conv(4, stride=2),))), MAPS).get_submodule("residual1")
    shortcut = projected.get_submodule("shortcut")
    by_hand = torch.einsum("oi,nihw->nohw", shortcut.weight[:, :, 0, 0], x[:, :, ::2, ::2])
    by_hand = by_hand + shortcut.bias[None, :, None, None]
    torch.testing.assert_close(projected(x), projected.get_submodule("body")(x) + by_hand)
    skip = build(network(layer("Skip", body)), MAPS).get_submodule("skip1")
    assert torch.equal(skip(x)[:, :16], skip.get_submodule("body")(x))
    assert torch.equal(skip(x)[:, 16:], x)
    scales = (layer("GlobalAvgPool"), layer("Sigmoid"))
    gate = build(network(layer("Parallel", (), scales, join="product")), MAPS).get_submodule("parallel1")
    torch.testing.assert_close(gate(x), x * torch.sigmoid(x.mean((2, 3), keepdim=True)))
    summed = layer("Parallel", (conv(4),), (conv(4),), (conv(4),), join="sum")
    total = build(network(summed), MAPS).get_submodule("parallel1")
    torch.testing.assert_close(total(x), sum(branch(x) for branch in total.children()))


def test_names_count_through_all_blocks_and_paths_lead_to_the_modules() -> None:
    inner = layer("Residual", (conv(16), layer("ReLU")))
    spec = network(conv(16), layer("Skip", (inner, conv(4))), layer("Parallel", (conv(4),), ()))
    names = layer_names(spec)
    assert names[(1,)], names[(1, 0, 0)] == ("skip1", "residual1")
    assert names[(1, 0, 0, 0, 0)] == "conv2"
    analysis = analyse(spec, MAPS)
    paths = {row.name: row.path for row in analysis.rows}
    assert paths["conv2"] == "skip1.body.residual1.body.conv2"
    assert paths["conv4"] == "parallel1.branch1.conv4"
    # in the order of execution: a block behind its inner layers
    order = [row.name for row in analysis.rows]
    assert order[:6] == ["conv1", "conv2", "relu1", "residual1", "conv3", "skip1"]
    check_against_module(spec, MAPS)


def test_a_disabled_layer_inside_a_block_is_skipped() -> None:
    off = LayerSpec("Conv2d", (("out_channels", 99),), enabled=False)
    assert block_row(layer("Residual", (conv(16), off))).output_shape == MAPS
    check_against_module(network(layer("Residual", (conv(16), off))), MAPS)


# a block that can't be joined, or whose inner layers don't fit → place, beginning of the sentence, some of its mends
PROBLEMS: dict[str, tuple[LayerSpec, tuple[int, ...], str, list[str]]] = {
    "sizes that no stride explains": (
        layer("Residual", (conv(16, padding=0),)),
        (0,),
        "F(x) is 16 × 12 × 12 and x is 16 × 14 × 14; they can't be added: no whole stride of a 1 × 1 projection "
        "brings 14 × 14 to 12 × 12.",
        ["Pad conv1 so that it keeps the size", "Delete conv1"],
    ),
    "flat and not flat": (
        layer("Residual", (layer("Flatten"),)),
        (0,),
        "F(x) is 3,136 and x is 16 × 14 × 14; they can't be added: one is flat and the other is not.",
        ["Delete flatten1"],
    ),
    "concatenation of other sizes": (
        layer("Skip", (conv(8, padding=0), layer("ReLU"), conv(8, padding=0))),
        (0,),
        "F(x) is 8 × 10 × 10, x is 16 × 14 × 14: concatenation puts channels side by side, so height and width "
        "must be the same everywhere.",
        ["Pad conv1 and conv2 so that they keep the size", "Delete conv1 and conv2"],
    ),
    "a skip around a pooling": (
        layer("Skip", (layer("MaxPool2d"),)),
        (0,),
        "F(x) is 16 × 7 × 7, x is 16 × 14 × 14",
        ["Pad pool1 so that it keeps the size", "Delete pool1"],
    ),
    "branches of other sizes": (
        layer("Parallel", (conv(8),), (conv(8, padding=0),)),
        (0,),
        "branch 1 is 8 × 14 × 14, branch 2 is 8 × 12 × 12: concatenation",
        ["Pad conv2 so that it keeps the size", "Delete branch 2"],
    ),
    "a sum of other channels": (
        layer("Parallel", (conv(8),), (conv(12),), join="sum"),
        (0,),
        "branch 1 is 8 × 14 × 14, branch 2 is 12 × 14 × 14: only equal shapes can be added.",
        ["Give conv2 8 outputs", "Join by concatenation", "Delete branch 1"],
    ),
    "a sum of other channels and sizes": (
        layer("Parallel", (conv(8),), (conv(12, padding=0),), join="sum"),
        (0,),
        "branch 1 is 8 × 14 × 14, branch 2 is 12 × 12 × 12: only equal shapes can be added.",
        ["Pad conv2, and give conv2 8 outputs"],
    ),
    "an inner layer": (
        layer("Residual", (conv(16), layer("Linear"))),
        (0, 0, 1),
        "Linear needs a flat input, but gets feature maps of 16 × 14 × 14",
        ["Delete linear1"],
    ),
    "deep inside": (
        layer("Skip", (layer("Residual", (layer("Conv2d", kernel=31),)),)),
        (0, 0, 0, 0, 0),
        "The 31 × 31 kernel is larger than its input of 14 × 14.",
        ["Set the padding to 15, which keeps the size", "Delete conv1"],
    ),
    "groups of the incoming channels": (
        conv(32, groups=5),
        (0,),
        "5 groups don't divide the 16 incoming channels: 16 mod 5 = 1",
        ["Set groups to 1"],
    ),
    "groups of the outgoing channels": (
        conv(30, groups=4),
        (0,),
        "4 groups don't divide the 30 outgoing channels: 30 mod 4 = 2",
        ["Set groups to 2", "Set out_channels to 32", "Set groups to 1"],
    ),
    "group norm": (
        layer("GroupNorm", groups=6),
        (0,),
        "6 groups don't divide the 16 channels: 16 mod 6 = 4",
        ["Set groups to 2", "Set groups to 1", "Delete gn1"],
    ),
    "groups of a single value": (
        layer("Residual", (layer("GlobalAvgPool"), layer("GroupNorm", groups=16))),
        (0, 0, 1),
        "GroupNorm normalises each of its 16 groups over its own values, and each has a single one",
        ["Set groups to 1", "Delete gn1"],
    ),
    "maps of a single pixel": (
        layer("Residual", (layer("GlobalAvgPool"), layer("InstanceNorm2d"))),
        (0, 0, 1),
        "InstanceNorm2d normalises each map over its own pixels, and these maps have a single one",
        ["Delete in1", "Delete pool1"],
    ),
    "same with a stride": (
        layer("Conv2d", padding="same", stride=2),
        (0,),
        'Padding "same" keeps height and width, which a stride of 2 can\'t',
        ["Set the padding to 1", "Set the stride to 1"],
    ),
    "batch norm of the wrong rank": (
        layer("BatchNorm1d"),
        (0,),
        "BatchNorm1d needs a flat input, but gets feature maps of 16 × 14 × 14",
        ["Use BatchNorm2d instead", "Delete bn1"],
    ),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_problems_stay_at_their_layer_and_are_mended(case: str) -> None:
    block, place, sentence, labels = PROBLEMS[case]
    (problem,) = analyse(network(layer("ReLU"), block), MAPS).problems
    assert problem.place == (place[0] + 1, *place[1:])
    assert problem.sentence.startswith(sentence)
    analysis = analyse(network(layer("ReLU"), block), MAPS)
    assert analysis.rows[0].name == "relu1"  # what stands before stays computed
    offered = [fix.label for fix in problem.fixes]
    assert [label for label in labels if label in offered] == labels, offered
    for fix in problem.fixes:
        assert analyse(fix.spec, MAPS).problems == (), fix.label


def test_batch_norm_on_flat_numbers_is_exchanged_too() -> None:
    spec = NetworkSpec("x", (layer("Flatten"), layer("BatchNorm2d"), layer("Linear")))
    (problem,) = analyse(spec, MAPS).problems
    fixed = {fix.label: fix.spec for fix in problem.fixes}["Use BatchNorm1d instead"]
    assert fixed.layers[1].kind == "BatchNorm1d"


def test_a_softmax_before_cross_entropy_is_a_problem_at_its_layer() -> None:
    spec = NetworkSpec("x", (*END, layer("Softmax")))
    analysis = analyse(spec, MAPS)
    (problem,) = analysis.problems
    assert problem.place == (2,) and len(analysis.rows) == 3
    assert "takes logits" in problem.sentence
    assert problem.fixes[0].label == "Delete softmax1"
    assert analyse(problem.fixes[0].spec, MAPS).problems == ()


LAYERS = st.sampled_from(
    [
        conv(4), conv(8), conv(8, padding=0), conv(4, stride=2), layer("MaxPool2d"), layer("ReLU"),
        layer("BatchNorm2d"), layer("BatchNorm1d"), layer("GlobalAvgPool"), layer("Flatten"), layer("Linear"),
        layer("Softmax"), layer("GroupNorm", groups=3), layer("InstanceNorm2d"), layer("Dropout2d"),
        layer("SeparableConv2d", padding="same", stride=2), layer("Conv2d", groups=3),
    ]
)  # fmt: skip
SEQUENCES = st.recursive(
    st.lists(LAYERS, max_size=3).map(tuple),
    lambda inner: st.lists(
        LAYERS
        | st.builds(lambda kind, body: layer(kind, body), st.sampled_from(["Residual", "Skip"]), inner)
        | st.builds(
            lambda join, branches: layer("Parallel", *branches, join=join),
            st.sampled_from(["concatenate", "sum", "product"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        max_size=3,
    ).map(tuple),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(layers=SEQUENCES)
def test_mends_lead_every_random_network_with_blocks_to_one_without_problems(
    layers: tuple[LayerSpec, ...],
) -> None:
    spec = NetworkSpec("x", layers)
    for _ in range(40):
        problems = analyse(spec, MAPS).problems
        if not problems:
            check_against_module(spec, MAPS)
            return
        assert problems[0].fixes, problems[0].sentence
        spec = problems[0].fixes[0].spec
    pytest.fail(f"still wrong: {problems[0].sentence}")
