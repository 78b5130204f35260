"""The generated PyTorch programs run on their own and make the same network."""

import ast

import pytest
from hypothesis import given, settings

from core.networks.analysis import analyse
from core.networks.edit import enable
from core.networks.gallery import EMPTY, GALLERY, NAMED_NETWORKS, GalleryNetwork
from core.networks.kind import BlockKind, LayerKind
from core.networks.kinds import LAYER_KINDS, layer
from core.networks.source import to_source
from core.networks.spec import NetworkSpec
from tests.core.networks.source.programs import check_program, run
from tests.core.networks.strategies import IMAGE, fitting


@pytest.mark.parametrize("network", list(GALLERY.values()), ids=lambda network: network.spec.name)
def test_named_networks(network: GalleryNetwork) -> None:
    check_program(network.spec, image=network.image)


@settings(max_examples=30, deadline=None)
@given(spec=fitting())
def test_random_networks(spec: NetworkSpec) -> None:
    check_program(spec)


def test_it_reads_as_people_write_it() -> None:
    source = to_source(NAMED_NETWORKS["FashionCNN"], IMAGE)
    assert "    nn.Conv2d(1, 32, kernel_size=3, padding=1),  # conv1: 32 × 28 × 28\n" in source
    assert "    nn.BatchNorm2d(32), " in source
    assert "    nn.MaxPool2d(2), " in source
    assert "    nn.Dropout(p=0.25), " in source
    assert "# flatten1: 2,304\n" in source
    assert "inplace" not in source and "stride" not in source


def test_a_named_setting_is_written_only_where_it_differs() -> None:
    spec = NetworkSpec(
        "x",
        (
            layer("MaxPool2d", kernel=3, stride=3),
            layer("Conv2d", kernel=1, bias=False),
            layer("Dropout"),
            layer("AvgPool2d", stride=1),
            layer("GlobalAvgPool"),
            layer("Flatten"),
            layer("Linear"),
        ),
    )
    source = to_source(spec, IMAGE)
    assert "nn.MaxPool2d(3)," in source
    assert "nn.Conv2d(1, 32, kernel_size=1, bias=False)," in source
    assert "nn.Dropout()," in source
    assert "nn.AvgPool2d(2, stride=1)," in source
    assert "nn.AdaptiveAvgPool2d(1)," in source
    check_program(spec)


def test_every_kind_can_be_written() -> None:
    for kind in LAYER_KINDS.values():
        branches = [(layer("ReLU"),)] * kind.branches[0] if isinstance(kind, BlockKind) else []
        before = (layer("Flatten"),) if isinstance(kind, LayerKind) and kind.rank == 1 else ()
        one = layer(kind.name, *branches)
        convolution = layer("Conv2d", out_channels=4)  # GroupNorm's default needs four channels
        spec = NetworkSpec("x", (convolution, *before, one, layer("Flatten"), layer("Linear")))
        assert analyse(spec, IMAGE).problems == ()
        check_program(spec)


def test_a_disabled_layer_is_left_out() -> None:
    spec = enable(NAMED_NETWORKS["LeNet"], (1,), False)
    assert "relu1" not in to_source(spec, IMAGE)
    check_program(spec)


def test_a_network_with_a_problem_is_written_up_to_it_and_still_runs() -> None:
    layers = NAMED_NETWORKS["LeNet"].layers
    source = to_source(NetworkSpec("x", (*layers[:6], layer("Conv2d", kernel=9), *layers[6:])), IMAGE)
    assert "# conv3 and what follows are left out: The 9 × 9 kernel is larger" in source
    assert "# x: 25,570 parameters" in source  # 25·20 + 20 + 25·20·50 + 50
    assert run(source)["outputs"].shape == (2, 50, 4, 4)


def test_a_block_with_a_problem_inside_is_left_out_whole() -> None:
    body = (layer("Conv2d", out_channels=4), layer("Conv2d", kernel=31))
    layers = (layer("Conv2d", out_channels=8), layer("Skip", (layer("ReLU"),)), layer("Residual", body))
    source = to_source(NetworkSpec("x", layers), IMAGE)
    assert "# the block with conv3 in it and what follows are left out: The 31 × 31 kernel" in source
    assert "# x: 80 parameters" in source  # 9·8 + 8
    assert run(source)["outputs"].shape == (2, 16, 26, 26)


def test_branches_that_cannot_be_joined_are_left_out() -> None:
    body = (layer("Flatten"),)
    source = to_source(NetworkSpec("x", (layer("ReLU"), layer("Residual", body))), IMAGE)
    assert "# residual1 and what follows are left out: F(x) is 784" in source
    assert run(source)["outputs"].shape == (2, 1, 28, 28)


def test_a_layer_that_can_be_computed_but_should_not_be_there_is_written() -> None:
    spec = NetworkSpec("x", (layer("Flatten"), layer("Linear"), layer("Softmax")))
    source = to_source(spec, IMAGE)
    assert "nn.Softmax(dim=1)," in source
    assert "# softmax1: A softmax before cross-entropy" in source and "left out" not in source
    assert run(source)["outputs"].sum(dim=1).tolist() == pytest.approx([1, 1])


def test_the_empty_network_is_a_program_too() -> None:
    assert run(to_source(EMPTY, IMAGE))["outputs"].shape == (2, *IMAGE)


@pytest.mark.parametrize("name", ["a\nimport os", "\r", "'''", '"', "\u2028x = 1"])
def test_a_name_stays_inside_its_comment(name: str) -> None:
    source = to_source(NetworkSpec(name, NAMED_NETWORKS["LeNet"].layers), IMAGE)
    plain = to_source(NAMED_NETWORKS["LeNet"], IMAGE)
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(plain))
    named = to_source(NetworkSpec(name, BRANCHING.layers), IMAGE)
    class_names = [node.name for node in ast.parse(named).body if isinstance(node, ast.ClassDef)]
    plain = to_source(BRANCHING, IMAGE).replace("MyNet", class_names[0])
    assert ast.dump(ast.parse(named)) == ast.dump(ast.parse(plain))


RESIDUAL = layer("Residual", (layer("Conv2d", out_channels=16, padding=1), layer("ReLU")))
BRANCHING = NetworkSpec(
    "my net",
    (
        layer("Conv2d", out_channels=16, padding=1),
        layer("ReLU"),
        RESIDUAL,
        layer("ReLU"),
        layer(
            "Residual",
            (layer("Conv2d", out_channels=32, stride=2, padding=1), layer("BatchNorm2d")),
            norm=True,
        ),
        layer("Skip", (RESIDUAL, layer("ReLU"))),
        layer("Flatten"),
        layer("Linear"),
    ),
)
FORWARD = """\
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)  # 16 × 28 × 28
        x = self.residual1(x) + x  # residual1: 16 × 28 × 28
        x = self.relu3(x)  # 16 × 28 × 28
        x = self.residual2(x) + self.shortcut2(x)  # residual2: 32 × 14 × 14
        skip1 = self.residual3(x) + self.shortcut3(x)  # residual3: 16 × 14 × 14
        skip1 = self.relu5(skip1)  # 16 × 14 × 14
        x = torch.cat([skip1, x], dim=1)  # skip1: 48 × 14 × 14
        x = self.head(x)  # 10
        return x


model = MyNet()
"""


def test_a_branching_network_reads_as_people_write_it() -> None:
    source = to_source(BRANCHING, IMAGE)
    assert FORWARD in source
    assert "class MyNet(nn.Module):\n" in source
    assert (
        "        self.shortcut2 = nn.Sequential(\n"
        "            nn.Conv2d(16, 32, kernel_size=1, stride=2, bias=False),  # shortcut2: 32 × 14 × 14\n"
        "            nn.BatchNorm2d(32),  # shortcut2: 32 × 14 × 14\n"
    ) in source
    assert "        self.relu3 = nn.ReLU()  # relu3: 16 × 28 × 28\n" in source
    check_program(BRANCHING)


def test_many_branches_take_a_line_each() -> None:
    branches = [(layer("Conv2d", out_channels=4, padding=1),)] * 4
    for join, sign in (("sum", "+ "), ("product", "* "), ("concatenate", "")):
        block = layer("Parallel", *branches, join=join)
        spec = NetworkSpec("x", (block, layer("Flatten"), layer("Linear")))
        assert f"            {sign or '    '}self.parallel1_branch3(x)" in to_source(spec, IMAGE)
        check_program(spec)


def test_empty_branches_hand_x_on() -> None:
    for block, statement in (
        (layer("Residual", ()), "x = x + x"),
        (layer("Skip", ()), "x = torch.cat([x, x], dim=1)"),
        (layer("Parallel", (), join="product"), "x = x"),
    ):
        spec = NetworkSpec("x", (block, layer("Flatten"), layer("Linear")))
        assert f"        {statement}  # " in to_source(spec, IMAGE)
        check_program(spec)


def test_the_separable_convolution_is_written_as_its_two_steps() -> None:
    spec = NetworkSpec("x", (layer("Conv2d", out_channels=4), layer("SeparableConv2d", out_channels=8)))
    source = to_source(spec, IMAGE)
    assert "    nn.Conv2d(4, 4, kernel_size=3, groups=4, bias=False),  # sepconv1\n" in source
    assert "    nn.Conv2d(4, 8, kernel_size=1),  # sepconv1: 8 × 24 × 24\n" in source
