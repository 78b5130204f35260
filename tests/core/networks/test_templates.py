"""Templates: each makes no problem where it fits, for channels as they come."""

import pytest

from core.networks.analysis import analyse
from core.networks.edit import insert
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import LAYER_KINDS, layer, settings_of
from core.networks.spec import NetworkSpec, SpecError
from core.networks.templates import TEMPLATES, USUAL, layers_named, new_layers, shape_before

LENET = NAMED_NETWORKS["LeNet"]
IMAGE = (1, 28, 28)
FLAT = {"Linear-ReLU-dropout": (9,)}  # behind LeNet's first linear layer and its ReLU; all others need maps
RESIDUAL = NetworkSpec(
    "one block", (layer("Conv2d", out_channels=12), layer("Residual", (layer("ReLU"),)), layer("Flatten"))
)


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_makes_no_problem_where_it_fits(name: str) -> None:
    before = analyse(LENET, IMAGE, 10)
    place = FLAT.get(name, (2,))
    spec = insert(LENET, place, *layers_named(name, before, place))
    if name == "Classifier head":  # ends a network; what stood behind it goes
        spec = NetworkSpec("head", spec.layers[:5])
    assert analyse(spec, IMAGE, 10).problems == ()


@pytest.mark.parametrize("channels", [1, 3, 7, 8, 20, 64])
@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - set(FLAT)))
def test_each_template_fits_any_number_of_channels(name: str, channels: int) -> None:
    layers = TEMPLATES[name].layers(channels)
    head = () if name == "Classifier head" else TEMPLATES["Classifier head"].layers(channels)
    analysis = analyse(NetworkSpec(name, (*layers, *head)), (channels, 16, 16), 10)
    assert analysis.problems == ()


def test_blocks_keep_the_channels_that_come_in_so_that_x_is_added_as_it_is() -> None:
    for name in ("Residual block", "Bottleneck residual"):
        (residual, _) = TEMPLATES[name].layers(20)
        row = analyse(NetworkSpec(name, (residual,)), (20, 8, 8), 10).row((0,))
        assert row and row.output_shape == (20, 8, 8) and row.parameters == 0
    # an image has too few channels to go on with
    assert settings_of(TEMPLATES["Conv-ReLU"].layers(3)[0]).out_channels == USUAL


def test_templates_are_made_for_what_arrives_also_inside_of_a_block() -> None:
    analysis = analyse(RESIDUAL, IMAGE, 10)
    assert shape_before(analysis, (0,)) == (1, 28, 28)
    assert shape_before(analysis, (1, 0, 0)) == shape_before(analysis, (1, 0, 1))
    assert shape_before(analysis, (1, 0, 0)) == shape_before(analysis, (1,))
    (conv, *_) = layers_named("Conv-ReLU", analysis, (1, 0, 1))
    assert settings_of(conv).out_channels == 12
    with pytest.raises(SpecError):
        shape_before(analysis, (0, 0, 0))


def test_one_of_a_kind() -> None:
    analysis = analyse(LENET, IMAGE, 10)
    for kind in LAYER_KINDS:
        (one,) = layers_named(kind, analysis, (0,))
        assert one == new_layers(kind)[0] and one.kind == kind
    assert new_layers("Parallel")[0].branches == ((), ())
    assert new_layers("Residual")[0].branches == ((),)
    with pytest.raises(SpecError):
        layers_named("Transformer", analysis, (0,))
