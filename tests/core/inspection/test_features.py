import pytest
import torch
from torch import Tensor, nn

from core.data.normalisation import Normalisation
from core.inspection.features import JOINS, Features, features, fitted
from core.inspection.window import sliding_window
from core.networks.analysis import analyse
from core.networks.build import build
from core.networks.gallery import GALLERY
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, Shape

NORMALISATION = Normalisation((0.3,), (0.4,))
NESTED = NetworkSpec(
    "nested",
    (
        layer("SeparableConv2d", out_channels=4),
        layer(
            "Residual",
            (
                layer("Conv2d", out_channels=6, padding=1, stride=2),
                layer("Parallel", (layer("ReLU"),), (layer("Tanh"),), join="sum"),
            ),
        ),
        layer("Flatten"),
        layer("Dropout"),
        layer("Linear", out_features=5),
        layer("Linear", out_features=10),
    ),
)


def picture(shape: Shape) -> Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(1), dtype=torch.uint8)


def looked_into(spec: NetworkSpec, shape: Shape = (1, 12, 12)) -> tuple[nn.Module, Features]:
    torch.manual_seed(0)
    model = build(spec, shape)
    return model, features(model, analyse(spec, shape).rows, picture(shape), NORMALISATION)


@pytest.mark.parametrize(
    "name", ["LeNet", "FashionCNN", "Two Inception blocks", "Small DenseNet", "Small ResNet"]
)
def test_every_row_of_a_network_is_there_with_the_shapes_of_the_analysis(name: str) -> None:
    known = GALLERY[name]
    _, found = looked_into(known.spec, known.image)
    for row in analyse(known.spec, known.image).rows:
        seen = found.layer(row.name)
        assert seen is not None
        assert (tuple(seen.input.shape), tuple(seen.output.shape)) == (row.input_shape, row.output_shape)


def test_the_numbers_are_those_of_the_modules_run_by_hand() -> None:
    model, found = looked_into(NESTED)
    x = NORMALISATION(picture((1, 12, 12))[None])
    assert torch.equal(found.image, x[0])
    model.eval()
    with torch.no_grad():
        for name, child in model.named_children():
            after = child(x)
            seen = found.layer(name)
            assert seen is not None
            assert torch.equal(seen.input, x[0]) and torch.equal(seen.output, after[0])
            x = after


def test_what_has_no_row_of_its_own_is_there_before_the_row_that_it_is_part_of() -> None:
    _, found = looked_into(NESTED)
    names = [each.name for each in found.layers]
    assert names[:3] == ["sepconv1.depthwise", "sepconv1.pointwise", "sepconv1"]
    assert names.index("residual1.shortcut") == names.index("residual1") - 1
    assert names.index("relu1") < names.index("parallel1") < names.index("residual1")
    inner = found.layer("relu1")
    assert inner is not None and inner.path == "residual1.body.parallel1.branch1.relu1"


@pytest.mark.parametrize("join", ["sum", "product", "concatenate"])
def test_a_block_knows_what_it_joins(join: str) -> None:
    inner = (layer("Parallel", (layer("Conv2d", out_channels=1, padding=1),), (layer("ReLU"),), join=join),)
    _, found = looked_into(
        NetworkSpec("joined", (*inner, layer("Skip", (layer("Tanh"),)), layer("Flatten"), layer("Linear")))
    )
    block, skip = found.layer("parallel1"), found.layer("skip1")
    assert block is not None and skip is not None
    first, second = block.parts
    assert (first.name, second.name) == ("F1(x)", "F2(x)")
    expected = {
        "sum": first.output + second.output,
        "product": first.output * second.output,
        "concatenate": torch.cat([first.output, second.output]),
    }[join]
    assert torch.equal(block.output, expected) and JOINS[type(block.module)] == join
    assert torch.equal(second.output, block.input.relu())
    assert [part.name for part in skip.parts] == ["F(x)", "x"]
    assert torch.equal(torch.cat([part.output for part in skip.parts]), skip.output)


def test_a_residual_block_adds_its_projection() -> None:
    _, found = looked_into(NESTED)
    block = found.layer("residual1")
    assert block is not None and [part.name for part in block.parts] == ["F(x)", "W·x"]
    assert torch.equal(block.parts[0].output + block.parts[1].output, block.output)


def test_the_maps_that_were_flattened_are_known_to_the_linear_layer_behind() -> None:
    _, found = looked_into(NESTED)
    first, second = found.layer("linear1"), found.layer("linear2")
    assert first is not None and second is not None
    assert first.maps == (6, 5, 5)  # also through the dropout, which changes no shape
    assert second.maps is None  # what a Linear layer gives are no maps
    window = sliding_window(first.module, first.maps, (5,))
    assert window is not None and window.depth == 6


def test_the_model_is_left_as_it_was() -> None:
    model = build(NESTED, (1, 12, 12)).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    features(model, analyse(NESTED, (1, 12, 12)).rows, picture((1, 12, 12)), NORMALISATION)
    assert model.training and all(module.training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_an_activation_that_overwrites_its_input_does_not_change_what_came_before() -> None:
    spec = NetworkSpec(
        "two", (layer("Conv2d", out_channels=3), layer("ReLU"), layer("Flatten"), layer("Linear"))
    )
    torch.manual_seed(0)
    model = build(spec, (1, 6, 6))
    plain = features(model, analyse(spec, (1, 6, 6)).rows, picture((1, 6, 6)), NORMALISATION)
    model.get_submodule("relu1").inplace = True
    overwriting = features(model, analyse(spec, (1, 6, 6)).rows, picture((1, 6, 6)), NORMALISATION)
    for one, other in zip(plain.layers, overwriting.layers, strict=True):
        assert torch.equal(one.output, other.output)
    assert bool((plain.layers[0].output < 0).any())


def test_a_grey_image_is_repeated_and_resized_for_a_network_for_colours() -> None:
    image = torch.tensor([[[0, 100], [200, 40]]], dtype=torch.uint8)
    assert torch.equal(fitted(image, (1, 2, 2)), image)
    twice = fitted(image, (3, 4, 4))
    assert twice.shape == (3, 4, 4) and twice.dtype == torch.uint8
    assert torch.equal(twice[0], twice[2])
    # the corners of a picture twice as large are the corners of the small one
    assert [int(twice[0, y, x]) for y in (0, 3) for x in (0, 3)] == [0, 100, 200, 40]
    with pytest.raises(ValueError, match="3 channels"):
        fitted(torch.zeros(3, 4, 4, dtype=torch.uint8), (1, 4, 4))
