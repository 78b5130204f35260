"""The view "See inside" of the Design page: which image, which weights, which layer, and what is refused."""

import json
import struct
from base64 import b64decode, b64encode
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import torch
from sqlalchemy import insert, update
from streamlit.testing.v1 import AppTest

from core.data import catalogue
from core.data.dataset import Dataset
from core.data.normalisation import Normalisation
from core.networks.analysis import analyse
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.link import encode
from core.networks.spec import LayerSpec, NetworkSpec
from core.training import checkpoint
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunStore
from core.training.runs.tables import CHECKPOINTS, RUNS
from pages.design.inside import refused
from pages.shared.server import run_store

TINY = NetworkSpec(
    "tiny", (layer("Conv2d", out_channels=2), layer("MaxPool2d"), layer("Flatten"), layer("Linear"))
)
MEAN, STD = 0.25, 0.5


def view(word: str, shape: tuple[int, int, int]) -> None:
    from core.networks.analysis import analyse
    from core.networks.link import decode
    from pages.design import inside

    inside.show(analyse(decode(word), shape))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("silhouettes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRAD_LAB_DATA", str(folder))
        catalogue.prepare("silhouettes")
    return folder / "prepared"


@pytest.fixture(autouse=True)
def silhouettes(prepared: Path, data_folder: Path) -> Dataset:
    """Silhouettes are ready, Fashion-MNIST is not."""
    data_folder.mkdir()
    (data_folder / "prepared").symlink_to(prepared)
    st.cache_resource.clear()
    return catalogue.load("silhouettes")


def look(spec: NetworkSpec, shape: tuple[int, int, int] = (1, 28, 28)) -> AppTest:
    app = AppTest.from_function(view, args=(encode(spec), shape), default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def shown(app: AppTest) -> dict[str, Any]:
    """What the browser is given to draw."""
    found = [element.proto for element in app.get("bidi_component") if element.proto.id.endswith("-inside")]
    assert len(found) == 1
    data: dict[str, Any] = json.loads(found[0].json)
    return data


def numbers(figure: dict[str, Any]) -> torch.Tensor:
    content = b64decode(figure["values"])
    return torch.tensor(struct.unpack(f"<{len(content) // 4}f", content)).view(figure["shape"])


def go_to(app: AppTest, name: str, first: int = 0) -> dict[str, Any]:
    """As the list of layers asks for one."""
    app.session_state["inside"] = {"look": {"layer": name, "first": first}}
    app.run()
    assert not app.exception
    return shown(app)


def trained(spec: NetworkSpec, state: str = "completed") -> tuple[Run, torch.nn.Module]:
    """A finished run with weights of its own, as a worker leaves it."""
    store = run_store()
    config = TrainingConfig(epochs=1, device="cpu")
    run = store.add(RunRequest(spec, DataChoice("silhouettes"), config), name="mine")
    torch.manual_seed(99)
    model = build(spec, (1, 28, 28))
    path = store.weights_folder(run.id) / "step-1.pt"
    saved = checkpoint.TrainingState(model.state_dict(), {}, {}, 1, 1.0, (MEAN,), (STD,))
    size, sha = checkpoint.save(saved, path)
    finish(store, run, CheckpointRecord(0, 1, 1.0, path, size, sha, 0.0), state)
    return run, model.eval()


def finish(store: RunStore, run: Run, record: CheckpointRecord, state: str) -> None:
    kept = {f.name: getattr(record, f.name) for f in fields(record) if f.name not in ("id", "path")}
    with store.database.writing() as connection:
        connection.execute(update(RUNS).where(RUNS.c.id == run.id).values(state=state))
        connection.execute(insert(CHECKPOINTS).values(run=run.number, file=record.path.name, **kept))


def test_at_first_the_first_convolution_is_shown_untrained(silhouettes: Dataset) -> None:
    app = look(TINY)
    data = shown(app)
    assert [each["name"] for each in data["layers"]] == ["conv1", "pool1", "flatten1", "linear1"]
    assert data["layer"]["name"] == "conv1" and data["layer"]["change"] == "1 × 28 × 28 → 2 × 26 × 26"
    assert "untrained weights (PyTorch's default, seed 0)" in data["sentence"]
    assert "no finished run has exactly these layers" in data["sentence"]
    assert silhouettes.classes[int(silhouettes.test.labels[0])] in data["sentence"]
    # what goes in is the image as training normalises it
    expected = Normalisation.of(silhouettes.train.pixels)(silhouettes.test.pixels[:1])[0]
    assert torch.allclose(numbers(data["layer"]["input"]), expected)
    # and the weights are those that a training with this seed would begin with
    torch.manual_seed(0)
    model = build(TINY, (1, 28, 28))
    assert torch.equal(numbers(data["layer"]["kernels"]), model.get_submodule("conv1").weight.detach())


def test_another_seed_gives_other_weights_and_the_rule_of_the_design_is_followed() -> None:
    app = look(TINY)
    before = shown(app)["layer"]["kernels"]["values"]
    app.number_input(key="inside_seed").set_value(1).run()
    assert shown(app)["layer"]["kernels"]["values"] != before
    zero = shown(look(NetworkSpec("tiny", TINY.layers, weights="zeros")))
    assert "Zeros" in zero["sentence"]
    assert not numbers(zero["layer"]["kernels"]).any()


def test_each_layer_can_be_chosen_and_the_last_has_probabilities(silhouettes: Dataset) -> None:
    app = look(TINY)
    pool = go_to(app, "pool1")
    assert pool["layer"]["window"]["operation"] == "maximum" and pool["scores"] is None
    last = go_to(app, "linear1")
    assert [one["name"] for one in last["scores"]] == list(silhouettes.classes)
    assert sum(one["probability"] for one in last["scores"]) == pytest.approx(1)
    assert last["label"] == int(silhouettes.test.labels[0])
    assert go_to(app, "no such layer")["layer"]["name"] == "conv1"


@pytest.mark.parametrize("wrong", [7, {"layer": []}, {"layer": "pool1", "first": "x"}, {"first": -3}])
def test_nonsense_from_the_browser_does_no_harm(wrong: object) -> None:
    app = look(TINY)
    app.session_state["inside"] = {"look": wrong}
    app.run()
    assert not app.exception
    assert shown(app)["layer"]["first"] == 0


def test_the_images_can_be_walked_through_class_by_class(silhouettes: Dataset) -> None:
    app = look(TINY)
    labels = silhouettes.test.labels
    wanted = int((labels[0] + 1) % 10)
    of_class = (labels == wanted).nonzero().flatten().tolist()
    app.selectbox(key="inside_class").set_value(wanted).run()
    index = app.number_input(key="inside_index")
    assert index.value == of_class[0]  # the shown image was of another class
    app.button(key="inside_next").click().run()
    assert app.number_input(key="inside_index").value == of_class[1]
    app.button(key="inside_previous").click().run()
    app.button(key="inside_previous").click().run()
    assert app.number_input(key="inside_index").value == of_class[-1]  # round the corner
    app.button(key="inside_any").click().run()
    assert app.number_input(key="inside_index").value in of_class
    app.selectbox(key="inside_class").set_value(-1).run()
    before = app.number_input(key="inside_index").value
    app.button(key="inside_next").click().run()
    assert app.number_input(key="inside_index").value == (before + 1) % len(labels)
    assert shown(app)["label"] == int(labels[(before + 1) % len(labels)])


def test_a_drawing_goes_through_the_network() -> None:
    app = look(TINY)
    app.segmented_control(key="inside_source").set_value("drawn").run()
    assert "your drawing" in shown(app)["sentence"].lower() and shown(app)["label"] is None
    assert len(numbers(shown(app)["layer"]["input"]).unique()) == 1  # black at first
    app.session_state["inside_canvas"] = {"pixels": b64encode(bytes([255] + [0] * 783)).decode()}
    app.run()
    drawn = numbers(shown(app)["layer"]["input"])[0]
    assert int(drawn.argmax()) == 0 and float(drawn[0, 0]) > float(drawn[5, 5])


def test_a_finished_run_of_this_very_design_gives_its_weights(silhouettes: Dataset) -> None:
    _, model = trained(TINY)
    app = look(TINY)
    data = shown(app)
    assert "the trained weights of run 1 “mine”" in data["sentence"]
    assert torch.equal(numbers(data["layer"]["kernels"]), model.get_submodule("conv1").weight.detach())
    # normalised as in the run
    expected = (silhouettes.test.pixels[0] / 255 - MEAN) / STD
    assert torch.allclose(numbers(data["layer"]["input"]), expected, atol=1e-5)
    with torch.no_grad():
        logits = model(expected[None])[0]
    last = go_to(app, "linear1")
    assert torch.allclose(numbers(last["layer"]["output"]).flatten(), logits, atol=1e-4)
    app.selectbox(key="inside_weights").set_value("untrained").run()
    assert "untrained" in shown(app)["sentence"]
    assert "no finished run" not in shown(app)["sentence"]


def test_a_design_changed_since_training_has_no_trained_weights() -> None:
    trained(TINY)
    changed = NetworkSpec("tiny", (layer("Conv2d", out_channels=3), *TINY.layers[1:]))
    app = look(changed)
    assert app.selectbox(key="inside_weights").options == ["Not trained yet"]
    assert "no finished run has exactly these layers" in shown(app)["sentence"]


def test_a_run_that_is_not_finished_is_not_offered() -> None:
    trained(TINY, state="running")
    assert look(TINY).selectbox(key="inside_weights").options == ["Not trained yet"]


def test_damaged_weights_are_said_and_nothing_breaks() -> None:
    run, _ = trained(TINY)
    record = run_store().latest_checkpoint(run.id)
    assert record is not None
    record.path.write_bytes(b"not weights")
    app = look(TINY)
    assert "damaged" in app.error[0].value


def test_a_network_for_colours_gets_the_grey_image_in_each_channel() -> None:
    spec = NetworkSpec(
        "colour", (layer("Conv2d", out_channels=2), layer("GlobalAvgPool"), layer("Flatten"), layer("Linear"))
    )
    data = shown(look(spec, (3, 32, 32)))
    assert "brought to 3 × 32 × 32, the same in each channel" in data["sentence"]
    channels = numbers(data["layer"]["input"])
    assert channels.shape == (3, 32, 32) and torch.equal(channels[0], channels[2])


@pytest.mark.parametrize(
    "name", ["LeNet", "Two Inception blocks", "Small ResNet", "Small DenseNet", "Small MobileNet"]
)
def test_every_layer_of_a_gallery_network_can_be_looked_at(name: str) -> None:
    app = look(NAMED_NETWORKS[name])
    for each in shown(app)["layers"]:
        assert go_to(app, each["name"])["layer"]["name"] == each["name"]


def test_a_design_with_a_problem_is_sent_back_to_be_mended() -> None:
    analysis = analyse(
        NetworkSpec("wrong", (layer("Conv2d", kernel=31), layer("Flatten"), layer("Linear"))), (1, 28, 28)
    )
    assert refused(analysis).startswith("conv1: The 31 × 31 kernel is larger")
    assert "Mend it under Build" in refused(analysis)
    app = look(analysis.spec)
    assert not app.get("bidi_component") and "Mend it" in app.info[0].value


END = (layer("GlobalAvgPool"), layer("Flatten"), layer("Linear"))


@pytest.mark.parametrize(
    ("layers", "what"),
    [
        # 784 · 30,000 + … parameters
        ((layer("Flatten"), layer("Linear", out_features=30_000), layer("Linear")), "parameters"),
        # 6 · 4,000 · 28 · 28 · 4 bytes = 72 MiB
        (
            (layer("Conv2d", out_channels=4000, kernel=1), *(layer("ReLU"),) * 5, *END),
            "bytes of feature maps",
        ),
        # 4 · 400² · 3² · 28² = 4.5 · 10⁹
        ((*(layer("Conv2d", out_channels=400, padding=1),) * 5, *END), "multiply-adds"),
    ],
)
def test_what_is_too_large_for_a_class_is_refused_in_a_sentence(
    layers: tuple[LayerSpec, ...], what: str
) -> None:
    analysis = analyse(NetworkSpec("large", layers), (1, 28, 28))
    assert not analysis.problems
    assert what in refused(analysis) and "can be looked into" in refused(analysis)
    assert not look(analysis.spec).get("bidi_component")
