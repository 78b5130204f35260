"""Problems: each at its layer, in one sentence with the numbers of the case, with fixes that mend it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.networks.analysis import Analysis
from core.networks.analysis import analyse as analyse_on_this_machine
from core.networks.edit import append, insert, remove, replace_setting
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec, Shape, SpecError, walk
from tests.core.networks.strategies import FEATURE_LAYERS, FLAT_LAYERS, IMAGE


def analyse(spec: NetworkSpec, input_shape: Shape) -> Analysis:
    """On a machine of 16 GiB."""
    return analyse_on_this_machine(spec, input_shape, memory=16 * 2**30)


LENET = NAMED_NETWORKS["LeNet"]
END = (layer("Flatten"), layer("Linear"))
MAPS = NetworkSpec("maps", LENET.layers[:6])  # ends with 50 × 4 × 4


def network(*layers: LayerSpec) -> NetworkSpec:
    return NetworkSpec("test", layers)


def given_settings(kind: str, **values: object) -> LayerSpec:
    """A layer that `layer` would refuse, as a program might still make it."""
    return LayerSpec(kind, tuple(values.items()))  # type: ignore[arg-type]


CASES = {
    "kernel larger than its input": (
        append(MAPS, layer("Conv2d", kernel=5), *END),
        (6,),
        "The 5 × 5 kernel is larger than its input of 4 × 4.",
        ["Set the kernel to 4", "Set the padding to 1", "Set the padding to 2, which keeps the size"],
    ),
    "dilated kernel": (
        append(MAPS, layer("Conv2d", dilation=3), *END),
        (6,),
        "The 3 × 3 kernel with dilation 3 spans 7 pixels, which is larger than its input of 4 × 4.",
        ["Set the dilation to 1", "Set the padding to 2"],
    ),
    "pooling down to nothing": (
        append(MAPS, *(layer("MaxPool2d"),) * 3, *END),
        (8,),
        "The 2 × 2 kernel is larger than its input of 1 × 1.",
        ["Set the kernel to 1", "Delete pool5"],
    ),
    "pooling with too much padding": (
        append(MAPS, layer("MaxPool2d", kernel=3, padding=2), *END),
        (6,),
        "Padding 2 is more than half of the 3 × 3 kernel; at most 1 is allowed.",
        ["Set the padding to 1", "Delete pool3"],
    ),
    "Linear on feature maps": (
        remove(LENET, (6,)),
        (6,),
        "Linear needs a flat input, but gets feature maps of 50 × 4 × 4; "
        "a Flatten before it makes 800 numbers of them.",
        ["Insert a Flatten before linear1"],
    ),
    "wrong in_features": (
        replace_setting(LENET, (7,), "in_features", 784),
        (7,),
        "in_features is 784, but the layer before gives 800 numbers.",
        ["Set in_features to 800, following the layer before"],
    ),
    "wrong in_channels": (
        replace_setting(LENET, (3,), "in_channels", 16),
        (3,),
        "in_channels is 16, but the layer before gives 20 channels.",
        ["Set in_channels to 20, following the layer before"],
    ),
    "wrong in_channels, of a grey image": (
        replace_setting(LENET, (0,), "in_channels", 3),
        (0,),
        "in_channels is 3, but the layer before gives 1 channel.",
        ["Set in_channels to 1, following the layer before"],
    ),
    "batch normalisation on a flat input": (
        insert(LENET, (7,), layer("BatchNorm2d")),
        (7,),
        "BatchNorm2d needs feature maps (channels × height × width), but its input is flat: "
        "800 numbers in a row.",
        ["Move bn1 before flatten1", "Delete bn1"],
    ),
    "convolution on a flat input": (
        network(layer("Flatten"), layer("Conv2d"), *END),
        (1,),
        "Conv2d needs feature maps (channels × height × width), but its input is flat: 784 numbers in a row.",
        ["Move conv1 before flatten1", "Delete conv1", "Delete flatten1"],
    ),
    "no layers": (
        EMPTY,
        None,
        "This network has no layers yet.",
        ["Add a Flatten and a Linear layer with 10 outputs at the end"],
    ),
    "feature maps at the end": (
        MAPS,
        None,
        "The network ends with 50 × 4 × 4, but a classifier of 10 classes needs 10 numbers at its end, "
        "one score (logit) for each class.",
        ["Add a Flatten and a Linear layer with 10 outputs at the end"],
    ),
    "another number of outputs": (
        replace_setting(LENET, (9,), "out_features", 12),
        None,
        "The network ends with 12, but a classifier of 10 classes needs 10 numbers at its end, "
        "one score (logit) for each class.",
        ["Set out_features of linear2 to 10", "Add a Linear layer with 10 outputs at the end"],
    ),
    "setting out of bounds": (
        network(given_settings("Conv2d", kernel=0), *END),
        (0,),
        "kernel is 0, allowed a whole number from 1 to 31.",
        ["Set kernel to 1", "Delete conv1"],
    ),
    "setting of the wrong type": (
        network(given_settings("Dropout", p="half"), *END),
        (0,),
        "p is 'half', allowed 0 to 0.95.",
        ["Set p to 0.5", "Delete dropout1"],
    ),
    "unknown setting": (
        network(given_settings("ReLU", inplace=True), *END),
        (0,),
        "inplace: unknown setting, allowed are none.",
        ["Delete relu1"],
    ),
    "unknown kind": (
        network(LayerSpec("Conv9d"), *END),
        (0,),
        "Unknown layer kind 'Conv9d', allowed are Conv2d,",
        ["Delete layer1"],
    ),
    "too many parameters": (
        network(layer("Flatten"), layer("Linear", out_features=60_000), layer("Linear", out_features=60_000)),
        (2,),
        # 784·60,000 + 60,000 + 60,000·60,000 + 60,000 = 3,647,160,000; times 16 bytes = 54.3 GiB;
        # 2·64·4·(784 + 60,000 + 60,000) bytes = 0.06 GiB
        "With this layer training needs 54.4 GiB, and this machine has 16.0 GiB: 16 bytes for each of "
        "3,647,160,000 parameters",
        ["Set out_features to 64", "Delete linear2"],
    ),
    "too large feature maps": (
        network(*(layer("Conv2d", out_channels=4096, kernel=1),) * 11, *END),
        (9,),
        # 10·4,096·784·4 bytes = 122.5 MiB, times 128 = 15.31 GiB; 9·4,096·4,097 + 2·4,096 parameters
        # times 16 bytes = 2.25 GiB
        "With this layer training needs 17.6 GiB, and this machine has 16.0 GiB:",
        ["Set out_channels to 64"],
    ),
    "too many layers": (
        network(*(layer("ReLU"),) * 401, *END),
        (400,),
        "This is layer 401; at most 400 are allowed here.",
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_problem_is_found_where_it_is(case: str) -> None:
    spec, place, sentence, _ = CASES[case]
    analysis = analyse(spec, IMAGE)
    (problem,) = analysis.problems
    assert problem.place == place
    assert problem.sentence.startswith(sentence)
    before = len(spec.layers) if place is None else place[0]
    assert [row.place for row in analysis.rows] == [(i,) for i in range(before)]


@pytest.mark.parametrize("case", CASES)
def test_the_fixes_are_offered(case: str) -> None:
    spec, _, _, labels = CASES[case]
    offered = [fix.label for fix in analyse(spec, IMAGE).problems[0].fixes]
    assert [label for label in offered if label in labels] == labels


@pytest.mark.parametrize("case", [case for case, (*_, labels) in CASES.items() if labels])
def test_each_fix_mends(case: str) -> None:
    spec, _, sentence, _ = CASES[case]
    for fix in analyse(spec, IMAGE).problems[0].fixes:
        after = analyse(fix.spec, IMAGE)
        assert not any(problem.sentence.startswith(sentence) for problem in after.problems) or (
            len(after.rows) + len(fix.spec.layers[len(after.rows) :]) < len(spec.layers)
        ), fix.label


@pytest.mark.parametrize(
    "case",
    [
        "kernel larger than its input",
        "pooling down to nothing",
        "Linear on feature maps",
        "wrong in_features",
        "wrong in_channels",
        "batch normalisation on a flat input",
        "no layers",
        "feature maps at the end",
        "another number of outputs",
        "setting out of bounds",
    ],
)
def test_after_the_first_fix_nothing_is_wrong(case: str) -> None:
    assert analyse(analyse(CASES[case][0], IMAGE).problems[0].fixes[0].spec, IMAGE).problems == ()


@settings(max_examples=60, deadline=None)
@given(layers=st.lists(st.one_of(FEATURE_LAYERS, FLAT_LAYERS), max_size=8))
def test_fixes_lead_every_random_network_to_one_without_problems(layers: list[LayerSpec]) -> None:
    spec = network(*layers)
    for _ in range(2 * sum(1 for _ in walk(spec.layers)) + 2):
        problems = analyse(spec, IMAGE).problems
        if not problems:
            return
        assert problems[0].fixes, problems[0].sentence
        spec = problems[0].fixes[0].spec
    pytest.fail(f"still wrong: {problems[0].sentence}")


def test_a_mend_that_leaves_something_wrong_is_not_offered_beside_those_that_do_not() -> None:
    (problem,) = analyse(replace_setting(LENET, (0,), "kernel", 30), IMAGE).problems
    labels = [fix.label for fix in problem.fixes]
    # with a kernel of 28 a single pixel is left, and pool1 does not fit any more
    assert "Set the kernel to 3" in labels and "Set the kernel to 28" not in labels
    assert analyse(problem.fixes[0].spec, IMAGE).problems == ()


def test_no_parameters() -> None:
    (problem,) = analyse(network(layer("Flatten")), (1, 2, 5)).problems
    assert problem.sentence == "This network has no parameters: there is nothing that training could change."
    assert problem.fixes[0].label == "Add a Linear layer with 10 outputs at the end"
    assert analyse(problem.fixes[0].spec, (1, 2, 5)).problems == ()


def test_all_layers_disabled_is_no_layers() -> None:
    (problem,) = analyse(network(LayerSpec("Linear", enabled=False)), IMAGE).problems
    assert problem.sentence == "This network has no layers yet."


def test_formulas_carry_this_layers_numbers() -> None:
    row = analyse(NAMED_NETWORKS["ConvNet-1024"], IMAGE).rows[3]
    assert row.formulas.output == "64 kernels; ⌊(14 + 2·2 − 5)/1⌋ + 1 = 14"
    assert row.formulas.parameters == "5·5·32·64 + 64 = 51,264"
    assert row.formulas.macs == "5·5·32·64·14·14 = 10,035,200"
    assert row.formulas.activation == "4·64·14·14 = 50,176 bytes"
    assert row.formulas.receptive_field == "6 + (5 − 1)·2 = 14"


def test_a_receptive_field_that_the_border_cuts_says_so() -> None:
    rows = analyse(network(layer("Conv2d", kernel=31, padding=15), *END), IMAGE).rows
    assert rows[0].receptive_field == (28, 28)
    assert rows[0].formulas.receptive_field == "1 + (31 − 1)·1 = 31, cut by the image's border to 28 × 28"


def test_a_dilated_convolution_writes_its_formula_out() -> None:
    row = analyse(network(layer("Conv2d", dilation=2), *END), IMAGE).rows[0]
    assert row.formulas.output == "32 kernels; ⌊(28 + 2·0 − (2·(3 − 1) + 1))/1⌋ + 1 = 24"


def test_unequal_sides_have_a_formula_each() -> None:
    row = analyse(network(layer("Conv2d"), *END), (3, 10, 20)).rows[0]
    assert row.output_shape == (32, 8, 18)
    assert "height ⌊(10 + 2·0 − 3)/1⌋ + 1 = 8, width ⌊(20 + 2·0 − 3)/1⌋ + 1 = 18" in row.formulas.output


def test_settings_that_are_defaults_make_the_same_layer() -> None:
    assert layer("Conv2d", kernel=3, stride=1) == layer("Conv2d")


def test_a_layer_with_a_wrong_setting_is_refused() -> None:
    with pytest.raises(SpecError, match=r"Conv2d.kernel: 0, allowed a whole number from 1 to 31"):
        layer("Conv2d", kernel=0)
    with pytest.raises(SpecError, match="unknown layer kind 'Conv9d'"):
        layer("Conv9d")


def test_ten_layers_take_less_than_5_ms() -> None:
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        assert len(analyse(LENET, IMAGE).rows) == 10
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.005


def test_the_worst_network_that_is_allowed_takes_less_than_a_second_or_two() -> None:
    spec = network(*(layer("Conv2d", out_channels=1, kernel=1, padding=2),) * 200)
    start = time.perf_counter()
    assert analyse(spec, IMAGE).problems
    assert time.perf_counter() - start < 3
