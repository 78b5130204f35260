"""The views “Health” and “One step” of a run, as a visitor sees them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.data import catalogue, silhouettes
from core.data.batches import Batches
from core.data.catalogue import DATASETS
from core.data.normalisation import Normalisation
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.networks.spec import NetworkSpec
from core.training import events
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.diagnosis.rules import RULES
from core.training.events import Checkpoint
from core.training.loop import Controls, train
from core.training.observations import StepUnderMagnifier
from core.training.optimizers import OPTIMIZERS
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from core.training.workers.recorder import Recorder
from pages.shared.glossary import meaning
from pages.train import health

APP = Path(__file__).parents[2] / "app.py"
CONFIG = TrainingConfig(epochs=2, batch_size=20, precision="float32", device="cpu")
NETWORK = NAMED_NETWORKS["LeNet_tiny"]


@pytest.fixture
def store(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, and few silhouettes, quickly drawn."""
    small = replace(DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 100, 20))
    monkeypatch.setitem(DATASETS, "silhouettes", small)
    return RunStore(data_folder / "runs")


@cache
def images() -> Batches:
    train_split, _ = silhouettes.make(lambda _done, _text: None, 100, 20)
    return Batches(train_split, Normalisation.of(train_split.pixels), CONFIG.batch_size)


def trained(config: TrainingConfig = CONFIG, magnified: int = 0) -> Iterator[events.Message]:
    """What a worker would say of a run that is really trained, its first steps under the magnifier."""
    torch.manual_seed(0)
    controls = Controls(magnify=magnified > 0)
    for event in train(build(NETWORK, (1, 28, 28)), images(), images().sample(20), config, controls):
        if isinstance(event, StepUnderMagnifier):
            magnified -= 1
            controls.magnify = magnified > 0
        if not isinstance(event, Checkpoint):
            yield event


def stored(
    store: RunStore,
    messages: Sequence[events.Message],
    config: TrainingConfig = CONFIG,
    network: NetworkSpec = NETWORK,
) -> Run:
    """A run as a worker would have left it after these messages."""
    run = store.add(RunRequest(network, DataChoice("silhouettes"), config))
    dispatch = Dispatch(store)
    dispatch.beat()
    claimed = dispatch.claim()
    assert claimed is not None
    recorder = Recorder(store, run.id, dispatch.token, claimed.run.attempt)
    for message in messages:
        recorder.record(message)
    return store.get(run.id)


def visit(view: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["dataset"] = "silhouettes"
    app.run()
    app.switch_page("pages/train/page.py")
    app.session_state["train_view"] = view
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.info))


def under_way(messages: Iterator[events.Message]) -> list[events.Message]:
    """All but the end."""
    return [message for message in messages if not isinstance(message, events.Finished)]


# Health


def test_a_healthy_run_is_told_so_with_its_numbers(store: RunStore) -> None:
    stored(store, list(trained()))
    told = texts(visit("Health"))
    assert "ln 10 = 2.30: the network starts undecided, as it should." in told
    assert ":material/check_circle:" in told
    assert ":material/warning:" not in told
    assert "**Gradient norm** of each layer" in told
    assert "**Dead units**" in told


def test_a_running_run_is_told_what_is_known_so_far(store: RunStore) -> None:
    stored(store, under_way(trained()))
    assert "the network starts undecided" in texts(visit("Health"))


def test_a_run_that_waits_says_when_its_health_is_measured(store: RunStore) -> None:
    store.add(RunRequest(NETWORK, DataChoice("silhouettes"), CONFIG))
    assert "waits for its turn" in texts(visit("Health"))


def test_a_run_that_ended_before_its_first_step(store: RunStore) -> None:
    stored(store, [events.Failed("Out of memory.")])
    assert "ended before there was anything to measure" in texts(visit("Health"))


def test_divergence_offers_to_try_again_at_a_tenth_of_the_rate(store: RunStore) -> None:
    config = replace(CONFIG, optimizer="sgd", learning_rate=1e6)
    run = stored(store, list(trained(config)), config)
    assert run.state == "diverged"
    app = visit("Health")
    told = texts(app)
    assert "no finite number any more at step" in told
    assert "Measured: The loss of each step." in told
    app.button(key="health_mend").click().run()
    assert not app.exception
    newest = store.runs()[0]
    assert newest.id != run.id
    assert newest.request == replace(run.request, config=replace(config, learning_rate=1e5))
    assert app.query_params["run"] in (newest.id, [newest.id])


# One step


def test_before_the_first_magnified_step_the_view_invites(store: RunStore) -> None:
    run = stored(store, under_way(trained()))
    app = visit("One step")
    assert "**Press One step**" in texts(app)
    app.button(key="magnifier_take").click().run()
    assert not app.exception
    with store.database.reading() as connection:
        asked = connection.exec_driver_sql("select run, action from commands").all()
    assert asked == [(run.number, "step")]


def test_a_run_that_ended_without_one_says_so(store: RunStore) -> None:
    stored(store, list(trained()))
    app = visit("One step")
    assert "No step of this run was put under the magnifier." in texts(app)
    assert app.button(key="magnifier_take").disabled


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_magnified_step_of_each_optimizer(optimizer: str, store: RunStore) -> None:
    config = replace(CONFIG, optimizer=optimizer, learning_rate=0.01, weight_decay=0.01)
    messages = list(trained(config, magnified=2))
    stored(store, messages, config)
    app = visit("One step")
    seen = [message for message in messages if isinstance(message, StepUnderMagnifier)]
    told = texts(app)
    assert f"loss **{seen[1].loss:.4f}**" in told
    assert "**They agree.**" in told
    assert app.latex[0].value.strip("$\n ") == OPTIMIZERS[optimizer].formula
    assert r"\begin{aligned}" in app.latex[1].value
    table = app.dataframe[0].value
    assert list(table["loss"]) == seen[1].losses
    assert [DATASETS["silhouettes"].classes[k] for k in seen[1].labels] == list(table["label"])


def test_one_can_go_back_to_earlier_steps_and_to_other_weights(store: RunStore) -> None:
    messages = list(trained(magnified=3))
    stored(store, messages)
    app = visit("One step")
    seen = [message for message in messages if isinstance(message, StepUnderMagnifier)]
    assert app.selectbox(key="magnifier_step").value == 3
    app.selectbox(key="magnifier_step").select(1).run()
    assert f"loss **{seen[0].loss:.4f}**" in texts(app)
    app.selectbox(key="magnifier_parameter").select("linear1.bias").run()
    update = seen[0].updates("linear1.bias")[2]
    app.selectbox(key="magnifier_weight").select(str(update.index)).run()
    assert not app.exception
    values = app.dataframe[1].value
    assert values["before"][0] == f"{update.before:.7g}"
    assert values["after"][0] == f"{update.after:.7g}"
    assert "**They agree.**" in texts(app)


def test_the_newest_step_is_shown_as_soon_as_it_comes(store: RunStore) -> None:
    messages = under_way(trained(magnified=2))
    first, second = (message for message in messages if isinstance(message, StepUnderMagnifier))
    run = store.add(RunRequest(NETWORK, DataChoice("silhouettes"), CONFIG))
    dispatch = Dispatch(store)
    dispatch.beat()
    claimed = dispatch.claim()
    assert claimed is not None
    recorder = Recorder(store, run.id, dispatch.token, claimed.run.attempt)
    recorder.record(messages[0])
    recorder.record(first)
    app = visit("One step")
    assert app.selectbox(key="magnifier_step").value == 1
    recorder.record(second)
    app.run()
    assert app.selectbox(key="magnifier_step").value == 2


def test_the_classes_of_a_data_set_that_is_gone_have_numbers(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(store, list(trained(magnified=1)))
    shown = catalogue.datasets()
    monkeypatch.setattr(
        "pages.train.classes.datasets", lambda: {k: v for k, v in shown.items() if k != "silhouettes"}
    )
    app = visit("One step")
    assert set(app.dataframe[0].value["label"]) <= {str(k) for k in range(10)}


def test_every_finding_has_a_title_and_a_term() -> None:
    assert set(health.TITLES) == set(RULES)
    assert all(meaning(term) for _, term in health.TITLES.values())
