"""The analysis against the module that is built: shapes, parameters, MACs, receptive fields."""

import math

import pytest
import torch
from hypothesis import given, settings
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.networks.analysis import Analysis, analyse
from core.networks.build import build
from core.networks.edit import append, enable
from core.networks.gallery import GALLERY, NAMED_NETWORKS, GalleryNetwork
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, Shape, SpecError
from tests.core.networks.strategies import IMAGE, fitting

SMALL = (1, 11, 14)
NAMED = list(GALLERY.values())


def check_against_module(spec: NetworkSpec, shape: Shape = IMAGE) -> None:
    """Each row against what its module really does with one image."""
    analysis = analyse(spec, shape)
    assert analysis.problems == ()
    model = build(spec, shape).eval()
    seen: dict[str, tuple[Shape, Shape, int]] = {}  # path → input, output, FLOPs
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        began: list[int] = []

        def enter(_module: nn.Module, _inputs: object) -> None:
            began.append(counter.get_total_flops())

        def leave(path: str, inputs: torch.Tensor, output: torch.Tensor) -> None:
            flops = counter.get_total_flops() - began.pop()
            seen[path] = (tuple(inputs.shape[1:]), tuple(output.shape[1:]), flops)

        for row in analysis.rows:
            module = model.get_submodule(row.path)
            module.register_forward_pre_hook(enter)
            module.register_forward_hook(lambda _m, i, o, path=row.path: leave(path, i[0], o))
        model(torch.zeros(1, *shape))
    for row in analysis.rows:
        inner = [one for one in analysis.within(row.place) if one is not row]
        parameters = sum(p.numel() for p in model.get_submodule(row.path).parameters())
        assert parameters == row.parameters + sum(one.parameters for one in inner), row.name
        taken, given, flops = seen[row.path]
        assert (taken, given) == (row.input_shape, row.output_shape), row.name
        assert flops == 2 * (row.macs + sum(one.macs for one in inner)), row.name
        assert row.activation_bytes == 4 * math.prod(given), row.name
    assert analysis.parameters == sum(p.numel() for p in model.parameters())
    assert 2 * analysis.macs == counter.get_total_flops()


@pytest.mark.parametrize("network", NAMED, ids=lambda network: network.spec.name)
def test_named_networks_agree_with_their_modules(network: GalleryNetwork) -> None:
    check_against_module(network.spec, network.image)


@settings(max_examples=40, deadline=None)
@given(spec=fitting())
def test_random_networks_agree_with_their_modules(spec: NetworkSpec) -> None:
    check_against_module(spec)


LINEAR = (nn.Conv2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Flatten, nn.Linear, nn.Upsample)


def linear_twin(model: nn.Module) -> nn.Module:
    """The same windows, all weights one and nothing that could stop a gradient: shows what is connected."""
    for name, module in list(model.named_children()):
        if list(module.children()):
            linear_twin(module)
        elif isinstance(module, nn.MaxPool2d):
            setattr(model, name, nn.AvgPool2d(module.kernel_size, module.stride, module.padding))
        elif not isinstance(module, LINEAR):
            setattr(model, name, nn.Identity())
    for parameter in model.parameters():
        nn.init.ones_(parameter)
    return model.double()


def extents(model: nn.Module, analysis: Analysis) -> list[tuple[int, int]]:
    """For each row, height and width of the input region with a gradient, of the unit that sees most."""
    image = torch.ones(1, *analysis.input_shape, dtype=torch.double, requires_grad=True)
    outputs: dict[str, torch.Tensor] = {}
    for row in analysis.rows:
        model.get_submodule(row.path).register_forward_hook(
            lambda _m, _i, output, path=row.path: outputs.__setitem__(path, output)
        )
    model(image)
    found = []
    for row in analysis.rows:
        out = outputs[row.path]
        # of channels side by side some may see more than others: what all of them see at a place counts
        units = out[0].sum(0).reshape(-1) if out.dim() == 4 else out[0]
        height = width = 0
        for unit in units[:: max(1, len(units) // 800)] if out.dim() == 2 else units:
            (gradient,) = torch.autograd.grad(unit, image, retain_graph=True, materialize_grads=True)
            rows, columns = gradient[0].abs().sum(0).nonzero(as_tuple=True)
            if len(rows):
                height = max(height, int(rows.max() - rows.min()) + 1)
                width = max(width, int(columns.max() - columns.min()) + 1)
        found.append((height, width))
    return found


def check_receptive_fields(analysis: Analysis) -> None:
    seen = extents(linear_twin(build(analysis.spec, analysis.input_shape)), analysis)
    features = [
        i for i, row in enumerate(analysis.rows) if len(row.output_shape) == 3 or row.kind == "Linear"
    ]
    assert [analysis.rows[i].receptive_field for i in features] == [seen[i] for i in features]


@pytest.mark.parametrize("name", ["LeNet_tiny", "FashionCNN", "ConvNet-1024"])
def test_receptive_fields_are_the_extent_of_the_input_gradient(name: str) -> None:
    spec = NAMED_NETWORKS[name]
    # without the wide hidden layers, which see everything anyway, and which take long to differentiate
    features = [one for one in spec.layers if one.kind not in ("Linear", "Flatten", "Dropout")]
    check_receptive_fields(
        analyse(NetworkSpec(name, (*features[:6], layer("Flatten"), layer("Linear"))), IMAGE)
    )


@settings(max_examples=10, deadline=None)
@given(spec=fitting(SMALL))
def test_random_receptive_fields_are_the_extent_of_the_input_gradient(spec: NetworkSpec) -> None:
    check_receptive_fields(analyse(spec, SMALL))


def test_a_skip_and_a_residual_see_what_their_body_sees() -> None:
    body = (layer("Conv2d", out_channels=1, padding=1), layer("Conv2d", out_channels=1, padding=1))
    for kind in ("Residual", "Skip"):
        spec = NetworkSpec("x", (layer(kind, body), layer("Conv2d"), layer("Flatten"), layer("Linear")))
        analysis = analyse(spec, SMALL)
        by_name = {row.name: row.receptive_field for row in analysis.rows}
        # 3 × 3 twice see 5; one more 7
        assert (by_name["conv2"], by_name["conv3"]) == ((5, 5), (7, 7))
        assert by_name[f"{kind.lower()}1"] == (5, 5)
        check_receptive_fields(analysis)


def test_a_projection_with_a_stride_leaves_pixels_out() -> None:
    spec = NetworkSpec(
        "x",
        (
            layer("Residual", (layer("Conv2d", out_channels=4, kernel=1, stride=2),)),
            layer("Conv2d", kernel=2),
            layer("Flatten"),
            layer("Linear"),
        ),
    )
    # one pixel in two each way, then two of those: 1 + (2 − 1)·2 = 3
    assert analyse(spec, SMALL).rows[2].receptive_field == (3, 3)
    check_receptive_fields(analyse(spec, SMALL))


def test_upsampling_and_adaptive_pooling_see_their_neighbours() -> None:
    for one in (layer("Upsample", scale=3), layer("AdaptiveAvgPool2d", size=3)):
        spec = NetworkSpec(
            "x", (layer("Conv2d"), one, layer("Conv2d", kernel=2), layer("Flatten"), layer("Linear"))
        )
        check_receptive_fields(analyse(spec, SMALL))


def test_a_known_receptive_field() -> None:
    # 5×5 sees 5; pool 2 adds 1·1; 5×5 then adds 4·2; pool 2 adds 1·2: 5, 6, 14, 16
    rows = analyse(NAMED_NETWORKS["LeNet"], IMAGE).rows
    sides = [row.receptive_field for row in rows if row.kind in ("Conv2d", "MaxPool2d")]
    assert sides == [(5, 5), (6, 6), (14, 14), (16, 16)]


def test_each_relu_is_a_module_of_its_own() -> None:
    relus = [m for m in build(NAMED_NETWORKS["LeNet"], IMAGE).modules() if isinstance(m, nn.ReLU)]
    assert len({id(relu) for relu in relus}) == 3
    assert not any(relu.inplace for relu in relus)


def test_a_disabled_layer_is_skipped_and_the_others_keep_their_names() -> None:
    spec = enable(NAMED_NETWORKS["LeNet"], (1,), False)
    names = [name for name, _ in build(spec, IMAGE).named_children()]
    assert names[:4] == ["conv1", "pool1", "conv2", "relu2"]
    check_against_module(spec)


def test_a_network_with_a_problem_is_not_built() -> None:
    with pytest.raises(SpecError, match=r"conv3: The 5 × 5 kernel is larger than its input of 4 × 4"):
        spec = NAMED_NETWORKS["LeNet"]
        build(append(NetworkSpec("x", spec.layers[:6]), layer("Conv2d", kernel=5)), IMAGE)
