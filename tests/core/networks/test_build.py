"""The analysis against the module that is built: shapes, parameters, MACs, receptive fields."""

import pytest
import torch
from hypothesis import given, settings
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.networks.analysis import Analysis, analyse
from core.networks.build import build
from core.networks.edit import append, enable
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import LAYER_KINDS, layer
from core.networks.spec import NetworkSpec, Shape, SpecError
from tests.core.networks.strategies import IMAGE, fitting

SMALL = (1, 11, 14)
NAMED = list(NAMED_NETWORKS.values())


def check_against_module(spec: NetworkSpec) -> None:
    analysis = analyse(spec, IMAGE)
    assert analysis.problems == ()
    model = build(spec, IMAGE).eval()
    assert [name for name, _ in model.named_children()] == [row.name for row in analysis.rows]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        image = torch.zeros(1, *IMAGE)
        for row, module in zip(analysis.rows, model.children(), strict=True):
            before = counter.get_total_flops()
            image = module(image)
            assert tuple(image.shape[1:]) == row.output_shape, row.name
            assert sum(p.numel() for p in module.parameters()) == row.parameters, row.name
            assert counter.get_total_flops() - before == 2 * row.macs, row.name
            assert image.numel() * image.element_size() == row.activation_bytes, row.name
    assert analysis.parameters == sum(p.numel() for p in model.parameters())
    assert 2 * analysis.macs == counter.get_total_flops()


@pytest.mark.parametrize("spec", NAMED, ids=lambda spec: spec.name)
def test_named_networks_agree_with_their_modules(spec: NetworkSpec) -> None:
    check_against_module(spec)


@settings(max_examples=40, deadline=None)
@given(spec=fitting())
def test_random_networks_agree_with_their_modules(spec: NetworkSpec) -> None:
    check_against_module(spec)


def linear_twin(model: nn.Sequential) -> nn.Sequential:
    """The same windows, all weights one and nothing that could stop a gradient: shows what is connected."""
    modules: list[nn.Module] = []
    for module in model.children():
        if isinstance(module, nn.MaxPool2d):
            module = nn.AvgPool2d(module.kernel_size, module.stride, module.padding)
        elif not isinstance(module, nn.Conv2d | nn.AvgPool2d | nn.Flatten | nn.Linear | nn.AdaptiveAvgPool2d):
            module = nn.Identity()
        for parameter in module.parameters():
            nn.init.ones_(parameter)
        modules.append(module)
    return nn.Sequential(*modules).double()


def extents(model: nn.Sequential, shape: Shape) -> list[tuple[int, int]]:
    """For each layer, height and width of the input region with a gradient, of the unit that sees most."""
    found = []
    image = torch.ones(1, *shape, dtype=torch.double, requires_grad=True)
    out = image
    for module in model:
        out = module(out)
        units = out[0, 0].reshape(-1) if out.dim() == 4 else out[0]
        height = width = 0
        for unit in units[:: max(1, len(units) // 800)] if out.dim() == 2 else units:
            (gradient,) = torch.autograd.grad(unit, image, retain_graph=True)
            rows, columns = gradient[0].abs().sum(0).nonzero(as_tuple=True)
            if len(rows):
                height = max(height, int(rows.max() - rows.min()) + 1)
                width = max(width, int(columns.max() - columns.min()) + 1)
        found.append((height, width))
    return found


def check_receptive_fields(analysis: Analysis) -> None:
    seen = extents(linear_twin(build(analysis.spec, analysis.input_shape)), analysis.input_shape)
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
    features = tuple(one for one in spec.layers if LAYER_KINDS[one.kind].rank == 3 or one.kind == "ReLU")
    check_receptive_fields(
        analyse(NetworkSpec("random", (*features, layer("Flatten"), layer("Linear"))), SMALL)
    )


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


def test_every_kind_names_its_settings_as_the_module_does() -> None:
    for kind in LAYER_KINDS.values():
        assert kind.explanation.endswith(".") and kind.explanation.count(". ") == 0
        assert all(field.meaning.endswith(".") for field in kind.fields)
        assert all(field.accepts(field.default) for field in kind.fields), kind.name
