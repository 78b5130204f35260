"""Starting a run on the Train page: what the controls say, what is wrong with it, and presses that come twice."""

from dataclasses import replace

import pytest

from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.gallery.pretrained import squeezenet1_1
from core.networks.spec import NetworkSpec
from core.training import memory
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.store import RunStore
from tests.pages.train_controls import store, visit

__all__ = ["store"]  # the fixture


def test_start_queues_what_the_controls_say(store: RunStore) -> None:
    app = visit()
    app.selectbox(key="train_network").select("LeNet_tiny")
    app.number_input(key="train_epochs").set_value(3)
    app.selectbox(key="train_optimizer").select("momentum")
    app.text_input(key="train_learning_rate").set_value("1e-2")
    app.text_input(key="train_weight_decay").set_value("0.0005")
    app.number_input(key="train_seed").set_value(7)
    app.run()
    app.button(key="train_start").click().run()
    assert not app.exception
    (run,) = store.runs()
    assert run.state == "queued"
    assert run.request == RunRequest(
        NAMED_NETWORKS["LeNet_tiny"],
        DataChoice("silhouettes"),
        TrainingConfig(3, None, 64, "momentum", 0.01, weight_decay=0.0005, seed=7),
    )
    assert app.query_params["run"] in (run.id, [run.id])


def test_a_second_press_on_a_stale_page_starts_nothing_and_one_on_the_new_page_does(store: RunStore) -> None:
    app = visit()
    app.button(key="train_start").click()
    press = app._tree.get_widget_states()  # what the browser sends
    app._run(press)
    (first,) = store.runs()
    app._run(press)  # once more, before the browser has drawn what the first press did
    assert not app.exception
    assert store.runs() == [first]
    app.button(key="train_start_1").click().run()
    assert not app.exception
    assert [run.number for run in store.runs()] == [2, 1]


def test_a_press_that_the_page_did_not_note_any_more_is_one_run(store: RunStore) -> None:
    """The script is interrupted between the start and its note of it, and runs again with the same press."""
    app = visit()
    app.button(key="train_start").click().run()
    (first,) = store.runs()
    app.session_state["train_presses_start"] = 0
    app.run()
    app.button(key="train_start").click().run()
    assert not app.exception
    assert store.runs() == [first]


def test_a_run_too_large_for_the_machine_is_refused_before_it_starts(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MEMORY", 2**28)
    app = visit()
    assert not app.exception
    assert app.button(key="train_start").disabled
    assert any("This run needs about" in error.value for error in app.error)


def test_two_tabs_start_a_run_each(store: RunStore) -> None:
    one, other = visit(), visit()
    one.button(key="train_start").click().run()
    other.button(key="train_start").click().run()
    assert [run.number for run in store.runs()] == [2, 1]


def test_the_controls_are_as_they_were_after_another_page(store: RunStore) -> None:
    app = visit()
    app.number_input(key="train_epochs").set_value(9)
    app.text_input(key="train_learning_rate").set_value("0.5").run()
    app.switch_page("pages/home/page.py").run()
    app.switch_page("pages/train/page.py").run()
    assert not app.exception
    assert app.number_input(key="train_epochs").value == 9
    assert app.text_input(key="train_learning_rate").value == "0.5"
    assert app.selectbox(key="dataset").value == "silhouettes"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0", "The learning rate is 0.0; allowed is any number above 0."),
        ("-1", "The learning rate is -1.0; allowed is any number above 0."),
        ("nan", "The learning rate is nan; allowed is any number above 0."),
        ("fast", "The learning rate “fast” is not a number; write it like 0.001 or 1e-3."),
        ("", "The learning rate “” is not a number; write it like 0.001 or 1e-3."),
    ],
)
def test_a_wrong_learning_rate_is_a_sentence(store: RunStore, text: str, sentence: str) -> None:
    app = visit()
    app.text_input(key="train_learning_rate").set_value(text).run()
    assert not app.exception
    assert [error.value for error in app.error] == [sentence]
    assert app.button(key="train_start").disabled


def test_a_network_without_layers_is_a_sentence_with_the_way_to_design(store: RunStore) -> None:
    app = visit(network=EMPTY)
    assert not app.exception
    assert [error.value for error in app.error] == ["This network has no layers yet."]
    assert app.button(key="train_start").disabled


def test_a_layer_that_does_not_fit_is_named(store: RunStore) -> None:
    lenet = NAMED_NETWORKS["LeNet"]
    app = visit(network=NetworkSpec("broken", lenet.layers[:-1]))  # ends with 500 numbers and a ReLU
    assert not app.exception
    assert "10 numbers at its end" in app.error[0].value
    app.selectbox(key="train_network").select("LeNet").run()
    assert not app.error
    assert not app.button(key="train_start").disabled


def test_pretrained_weights_that_are_not_here_are_said_before_a_run_starts(store: RunStore) -> None:
    app = visit(network=squeezenet1_1())
    assert not app.exception
    assert app.button(key="train_start").disabled
    assert "are not on this machine yet: download them on the Design page, or put" in app.error[0].value


def test_of_a_frozen_network_the_head_is_to_learn(store: RunStore) -> None:
    app = visit(network=replace(NAMED_NETWORKS["LeNet"], frozen=True))
    assert any(f"{500 * 10 + 10:,} parameters to learn" in caption.value for caption in app.caption)
