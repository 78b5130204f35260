import pytest
from hypothesis import given

from core.networks.analysis import Analysis, analyse
from core.networks.comparison import Change, Quantity, compare
from core.networks.edit import append, enable, insert, remove, replace_setting
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from tests.core.networks.strategies import fitting

IMAGE = (1, 28, 28)
LENET = NAMED_NETWORKS["LeNet"]


def analysed(spec: NetworkSpec) -> Analysis:
    return analyse(spec, IMAGE)


def states(left: NetworkSpec, right: NetworkSpec) -> list[str]:
    return [pair.state for pair in compare(analysed(left), analysed(right)).pairs]


def numbers(left: NetworkSpec, right: NetworkSpec) -> dict[str, tuple[int | None, int | None]]:
    quantities = compare(analysed(left), analysed(right)).quantities
    return {quantity.name: (quantity.left, quantity.right) for quantity in quantities}


def test_two_networks_of_the_gallery_layer_by_layer() -> None:
    comparison = compare(analysed(LENET), analysed(NAMED_NETWORKS["LeNet-6-12"]))
    lines = [
        (
            pair.state,
            pair.left.name if pair.left else "",
            pair.right.name if pair.right else "",
            *((change.setting, change.left, change.right) for change in pair.changes),
        )
        for pair in comparison.pairs
    ]
    assert lines == [
        ("changed", "conv1", "conv1", ("out_channels", "20", "6")),
        ("equal", "relu1", "relu1"),
        ("equal", "pool1", "pool1"),
        ("changed", "conv2", "conv2", ("out_channels", "50", "12")),
        ("equal", "relu2", "relu2"),
        ("equal", "pool2", "pool2"),
        ("equal", "flatten1", "flatten1"),
        ("changed", "linear1", "linear1", ("out_features", "500", "120")),
        ("equal", "relu3", "relu3"),
        ("right", "", "linear2"),
        ("right", "", "relu4"),
        ("equal", "linear2", "linear3"),
    ]
    assert {pair.depth for pair in comparison.pairs} == {0}
    # each side carries the row with its numbers: 5·5·20·50 + 50, and 5·5·6·12 + 12
    conv2 = comparison.pairs[3]
    assert conv2.left and conv2.left.row and conv2.left.row.parameters == 25_050
    assert conv2.right and conv2.right.row and conv2.right.row.parameters == 1_812


def test_what_they_cost_and_by_how_much_it_differs() -> None:
    tiny = NetworkSpec("tiny", (layer("Conv2d", out_channels=4, kernel=5), layer("Flatten"), layer("Linear")))
    flat = NetworkSpec("flat", (layer("Flatten"), layer("Linear")))
    quantities = {q.name: q for q in compare(analysed(tiny), analysed(flat)).quantities}
    # conv 5·5·4 + 4 = 104, 4·24·24 = 2,304 numbers, linear 2,304·10 + 10 = 23,050; flat: 784·10 + 10 = 7,850
    assert quantities["parameters"] == Quantity("parameters", 23_154, 7_850)
    assert quantities["parameters"].difference == 15_304
    assert quantities["parameters"].share == pytest.approx(1.94955, abs=1e-5)
    assert quantities["layers"] == Quantity("layers", 3, 2)
    assert quantities["MACs"] == Quantity("MACs", 25 * 2_304 + 23_040, 7_840)
    assert quantities["activation memory"] == Quantity(
        "activation memory", 4 * (2 * 2_304 + 10), 4 * (784 + 10)
    )
    # the flat one has no feature map behind its input
    assert quantities["receptive field"] == Quantity("receptive field", 5, None)
    assert quantities["receptive field"].difference is None and quantities["receptive field"].share is None


def test_a_share_of_nothing_is_not_given() -> None:
    assert Quantity("parameters", 7, 0).difference == 7
    assert Quantity("parameters", 7, 0).share is None
    assert Quantity("parameters", 0, 8).share == -1.0


def test_the_receptive_field_is_of_the_last_map_that_still_is_one() -> None:
    convolutions = [layer("Conv2d", out_channels=4, kernel=3)] * 3  # 3, 5, 7 pixels
    pooled = NetworkSpec("pooled", (*convolutions, layer("GlobalAvgPool"), layer("Flatten"), layer("Linear")))
    assert numbers(pooled, EMPTY)["receptive field"] == (7, None)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("bias", False, ("yes", "no")),
        ("padding", 2, ("0", "2")),
        ("out_channels", 1000, ("20", "1,000")),
    ],
)
def test_a_setting_that_differs_is_named(setting: str, value: int, words: tuple[str, str]) -> None:
    changed = replace_setting(LENET, (0,), setting, value)
    pairs = compare(analysed(LENET), analysed(changed)).pairs
    assert pairs[0].changes == (Change(setting, *words),)
    assert all(pair.state == "equal" for pair in pairs[1:])


def test_what_follows_another_setting_is_said_in_words() -> None:
    changed = replace_setting(LENET, (2,), "stride", 1)
    pool = compare(analysed(LENET), analysed(changed)).pairs[2]
    assert pool.changes == (Change("stride", "as the kernel", "1"),)


def test_another_kind_for_the_same_purpose_stands_on_the_same_line() -> None:
    changed = insert(remove(LENET, (2,)), (2,), layer("AvgPool2d", kernel=3))
    pool = compare(analysed(LENET), analysed(changed)).pairs[2]
    assert pool.state == "changed"
    assert pool.changes == (Change("kind", "MaxPool2d", "AvgPool2d"), Change("kernel", "2", "3"))
    assert states(append(EMPTY, layer("ReLU")), append(EMPTY, layer("Dropout"))) == ["left", "right"]


def test_equal_layers_may_cost_different_things() -> None:
    wider = replace_setting(LENET, (3,), "out_channels", 10)
    linear = compare(analysed(LENET), analysed(wider)).pairs[7]
    assert linear.state == "equal" and linear.left and linear.right
    assert linear.left.row and linear.left.row.parameters == 800 * 500 + 500
    assert linear.right.row and linear.right.row.parameters == 160 * 500 + 500


def test_inner_layers_stand_in_their_block_and_keep_their_names() -> None:
    body = (layer("Conv2d", out_channels=8, padding="same"), layer("ReLU"))
    head = (layer("Flatten"), layer("Linear"))
    left = NetworkSpec("left", (layer("Residual", body), *head))
    right = NetworkSpec("right", (layer("Residual", body[:1]), *head))
    pairs = compare(analysed(left), analysed(right)).pairs
    assert [(pair.state, pair.depth, pair.left and pair.left.name) for pair in pairs] == [
        ("equal", 0, "residual1"),
        ("equal", 1, "conv1"),
        ("left", 1, "relu1"),
        ("equal", 0, "flatten1"),
        ("equal", 0, "linear1"),
    ]
    assert pairs[0].left and pairs[0].left.row and pairs[0].left.row.kind == "Residual"
    assert numbers(left, right)["layers"] == (4, 3)  # the block itself is none


def test_where_the_weights_come_from_is_compared() -> None:
    pretrained = NetworkSpec("LeNet", LENET.layers, weights="he-normal", frozen=True)
    assert compare(analysed(pretrained), analysed(LENET)).changes == (
        Change("weights", "he-normal", "default"),
        Change("trained", "the head alone", "all layers"),
    )
    assert compare(analysed(LENET), analysed(LENET)).changes == ()


def test_behind_a_problem_there_are_layers_without_numbers() -> None:
    broken = replace_setting(LENET, (3,), "kernel", 13)  # of a feature map of 12 × 12
    pairs = compare(analysed(broken), analysed(LENET)).pairs
    assert [pair.left is not None and pair.left.row is not None for pair in pairs] == [True] * 3 + [False] * 7
    assert all(pair.right and pair.right.row for pair in pairs)
    assert numbers(broken, LENET)["parameters"] == (520, 431_080)


def test_nothing_compared_with_something() -> None:
    assert states(EMPTY, EMPTY) == []
    assert states(EMPTY, LENET) == ["right"] * 10
    assert states(LENET, EMPTY) == ["left"] * 10


@given(fitting(), fitting())
def test_the_other_way_round_everything_is_mirrored(left: NetworkSpec, right: NetworkSpec) -> None:
    forth, back = compare(analysed(left), analysed(right)), compare(analysed(right), analysed(left))
    for one, other in zip(forth.quantities, back.quantities, strict=True):
        assert (one.left, one.right) == (other.right, other.left)
    # where several alignments cost the same, another may be found the other way round; what is on either side is fixed
    for side, other_side in (("left", "right"), ("right", "left")):
        assert [getattr(pair, side).name for pair in forth.pairs if getattr(pair, side)] == [
            getattr(pair, other_side).name for pair in back.pairs if getattr(pair, other_side)
        ]


@given(fitting())
def test_a_network_equals_itself_and_not_what_is_switched_off(spec: NetworkSpec) -> None:
    same = states(spec, spec)
    assert set(same) == {"equal"}
    last = len(spec.layers) - 1  # a Linear, without inner layers
    assert states(spec, enable(spec, (last,), False)) == [*same[:-1], "left"]
