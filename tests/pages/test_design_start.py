"""How a design's weights begin, on the page: the choice, the verdict, what is compared, and what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data import catalogue, silhouettes
from core.data.catalogue import DATASETS
from core.networks.gallery import NAMED_NETWORKS
from core.networks.initialisation import INITIALISATIONS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec

SCRIPT = """
from core.networks.analysis import analyse
from pages.design import start
from pages.shared.choice import current_network

start.show(analyse(current_network(), (1, 28, 28), 10))
"""
MINE = replace(NAMED_NETWORKS["LeNet_tiny"], name="Mine")
DEEP = NetworkSpec(
    "Deep",
    (
        layer("Flatten"),
        *(layer("Linear", out_features=64), layer("ReLU")) * 19,
        layer("Linear"),
    ),
)


def visit(network: NetworkSpec = MINE, **session: object) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.session_state["network"] = network
    for key, value in session.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def test_a_design_begins_as_pytorch_does_and_its_signal_is_judged() -> None:
    app = visit()
    assert app.selectbox(key="start_weights").value == "default"
    assert app.latex[0].value.strip("$\n ") == INITIALISATIONS["default"].formula
    assert any(INITIALISATIONS["default"].explanation in text.value for text in app.markdown)
    # conv2 of LeNet_tiny: 5·5·5 inputs, 5·5·12 outputs, √(1/(3·125))
    assert "In conv2, n_in = 125 values" in captions(app) and "n_out = 300 outputs" in captions(app)
    assert "deviation of 0.052" in captions(app)
    (verdict,) = app.success
    assert verdict.value.startswith("**The signal holds.**")
    assert "at conv1" in verdict.value and "at linear2" in verdict.value
    assert len(app.get("vega_lite_chart")) == 5  # forward, backward, and three histograms


def test_without_data_the_batch_is_noise_and_says_so() -> None:
    text = captions(visit())
    assert "64 images of noise" in text and "Fashion-MNIST is not on this machine" in text


def test_images_of_another_shape_are_noise_too() -> None:
    app = AppTest.from_string(SCRIPT.replace("(1, 28, 28)", "(3, 32, 32)"), default_timeout=60)
    app.session_state["network"] = MINE
    app.run()
    assert not app.exception
    assert "no images of 3 × 32 × 32" in captions(app)


def test_real_images_are_used_where_they_are(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> None:
    small = replace(DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 80, 20))
    monkeypatch.setitem(DATASETS, "silhouettes", small)
    catalogue.prepare("silhouettes")
    assert "first 64 training images of Silhouettes" in captions(visit(dataset="silhouettes"))


@pytest.mark.parametrize("key", [key for key in INITIALISATIONS if key != "default"])
def test_choosing_sets_it_on_the_design_and_can_be_undone(key: str) -> None:
    app = visit()
    app.selectbox(key="start_weights").set_value(key).run()
    assert not app.exception
    assert app.session_state["network"] == replace(MINE, weights=key)
    assert app.session_state["design_past"] == (MINE,)
    assert app.latex[0].value.strip("$\n ") == INITIALISATIONS[key].formula


def test_zeros_and_a_deep_network_are_warned_of() -> None:
    app = visit(replace(MINE, weights="zeros"))
    assert "is the same in every unit" in app.error[0].value and "never learn" in app.error[0].value
    assert "The signal vanishes" in visit(DEEP).warning[0].value
    assert "The signal holds" in visit(replace(DEEP, weights="he-normal")).success[0].value


def test_two_are_laid_side_by_side() -> None:
    app = visit(DEEP)
    beside = app.selectbox(key="start_beside")
    assert "PyTorch's default" not in beside.options  # the design's own
    beside.set_value("he-normal").run()
    assert not app.exception
    assert "vanishes" in app.warning[0].value and "holds" in app.success[0].value
    assert len(app.get("vega_lite_chart")) == 4  # forward and backward for both, one histogram each
    app.segmented_control(key="start_quantity").set_value("weights").run()
    app.segmented_control(key="start_scale").set_value("value").run()
    assert not app.exception
    app.selectbox(key="start_weights").set_value("he-normal").run()  # now the design's own
    assert not app.exception
    assert app.selectbox(key="start_beside").value == "none"


def test_the_seed_draws_other_weights() -> None:
    app = visit()
    before = app.success[0].value
    app.number_input(key="start_seed").set_value(1).run()
    assert app.success[0].value != before
    app.number_input(key="start_seed").set_value(0).run()
    assert app.success[0].value == before


def test_of_many_layers_those_with_weights_are_shown_at_first() -> None:
    assert visit().segmented_control(key="start_layers").value == "all"
    assert visit(DEEP).segmented_control(key="start_layers").value == "weighted"


def test_trained_weights_are_named_and_can_be_replaced() -> None:
    app = visit(replace(MINE, weights="resnet18"))
    assert "resnet18" in app.info[0].value
    assert app.selectbox(key="start_weights").value is None
    app.selectbox(key="start_weights").set_value("he-normal").run()
    assert app.session_state["network"].weights == "he-normal"


def test_a_design_with_a_problem_says_it() -> None:
    app = visit(NetworkSpec("Broken", (layer("Linear"),)))
    assert "needs a flat input" in app.info[0].value and "under Build" in app.info[0].value
    assert not app.selectbox


def test_a_network_that_is_too_large_is_refused_with_the_bounds() -> None:
    conv = layer("Conv2d", out_channels=256, padding=1)
    large = NetworkSpec("Large", ((conv,) * 8 + (layer("GlobalAvgPool"), layer("Flatten"), layer("Linear"))))
    assert "At most" in visit(large).warning[0].value
