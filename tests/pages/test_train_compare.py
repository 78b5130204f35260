"""Comparing runs: the set in the address, sentences, and the test images."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.catalogue import DATASETS
from core.inspection.mcnemar import McNemar
from core.training.config import TrainingConfig
from core.training.runs.store import RunStore
from tests.pages.train_visit import small_silhouettes, stored, visit, with_weights


@pytest.fixture
def store(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setitem(DATASETS, "silhouettes", small_silhouettes())
    return RunStore(data_folder / "runs")


def compare(*ids: str) -> AppTest:
    """The page's view that compares these runs; without any, as a newcomer finds it."""
    app = visit(**({"run": ids[0], "compare": ",".join(ids)} if ids else {}))
    app.session_state["train_view"] = "Compare"
    return app.run()


def text(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(element.value for element in (*app.markdown, *app.caption)).replace("\\", "")


def differences(app: AppTest) -> dict[str, list[object]]:
    return app.dataframe[0].value.drop(columns="colour").to_dict("list")


def test_one_run_alone_has_its_curves_and_a_hint(store: RunStore) -> None:
    stored(store)
    app = compare()
    assert "Choose another run" in text(app)
    assert app.multiselect(key="train_compared_runs").value == []
    charts = [chart.proto.spec for chart in app.get("vega_lite_chart")]
    assert sum("label of" in spec for spec in charts) == 2  # the controls have one of their own


def test_a_newcomer_compares_with_the_newest_other_on_the_same_data(store: RunStore) -> None:
    stored(store)
    near = stored(store)
    stored(store, data="fashion-mnist")
    stored(store)
    assert compare().multiselect(key="train_compared_runs").value == [near.id]


def test_the_address_names_the_set_and_the_shown_run_comes_first(store: RunStore) -> None:
    one, two, three = (stored(store, TrainingConfig(seed=i)) for i in range(3))
    app = compare(two.id, three.id, "gone", two.id, one.id)
    assert app.multiselect(key="train_compared_runs").value == [three.id, one.id]
    assert differences(app)["run"] == [2, 3, 1]
    app.multiselect(key="train_compared_runs").set_value([one.id]).run()
    assert app.query_params["compare"] in (f"{two.id},{one.id}", [f"{two.id},{one.id}"])
    app.multiselect(key="train_compared_runs").set_value([]).run()
    assert "Choose another run" in text(app)


def test_only_what_differs_is_in_the_table_and_a_sentence_says_what_it_brought(store: RunStore) -> None:
    sgd = stored(store, TrainingConfig(optimizer="sgd"), [(2.0, 0.5), (4.0, 0.7)], 0.68)
    adam = stored(store, TrainingConfig(), [(3.0, 0.6), (5.0, 0.9)], 0.88)
    app = compare(sgd.id, adam.id)
    assert differences(app) == {
        "run": [1, 2],
        "name": ["LeNet_tiny", "LeNet_tiny"],
        "optimizer": ["SGD", "Adam"],
        "validation accuracy": [0.7, 0.9],
        "test accuracy": [0.68, 0.88],
        "seconds": [4.0, 4.0],
    }
    # Adam at 4 s is half-way from 60 to 90 %
    assert (
        "Run 2 differs from run 1 only in the optimizer (SGD → Adam): +5.0 points of validation accuracy at equal "
        "time (4.0 s: 75.0 % against 70.0 %). At the end: +20.0 points of test accuracy (88.0 % against 68.0 %)."
    ) in text(app)
    assert "No two of these runs differ only in their seed" in text(app)


def test_a_run_under_way_is_compared_and_has_no_test_accuracy(store: RunStore) -> None:
    one, two = stored(store), stored(store, TrainingConfig(batch_size=8), test_accuracy=None)
    app = compare(one.id, two.id)
    app.toggle(key="train_compare_tested").set_value(True).run()
    assert "There is no test accuracy of run 2 yet." in text(app)
    assert "Run 2 (running) has seen no test image." in text(app)


def test_the_same_images_tell_chance_from_more(store: RunStore) -> None:
    (one, first), (two, second) = (with_weights(store, TrainingConfig(seed=seed)) for seed in (1, 2))
    app = compare(one.id, two.id)
    assert "is right on" not in text(app)
    app.toggle(key="train_compare_tested").set_value(True).run()
    # counted here one by one
    right = [
        [bool(p == t) for p, t in zip(said.predicted, said.labels, strict=True)] for said in (first, second)
    ]
    alone = [sum(a and not b for a, b in zip(*pair, strict=True)) for pair in (right, right[::-1])]
    assert sum(alone) > 0
    assert McNemar(*alone).sentence("run 1", "run 2") in text(app)
    classes = app.dataframe[1].value
    boots = [i for i, label in enumerate(first.labels) if label == 9]
    for run, hits in zip(("run 1", "run 2"), right, strict=True):
        assert classes[run].iloc[9] == pytest.approx(sum(hits[i] for i in boots) / len(boots))


def test_the_same_images_after_its_weights_are_gone(store: RunStore) -> None:
    (one, _), (two, _) = (with_weights(store, TrainingConfig(seed=seed)) for seed in (3, 4))
    for file in store.weights_folder(two.id).iterdir():
        file.unlink()
    app = compare(one.id, two.id)
    app.toggle(key="train_compare_tested").set_value(True).run()
    assert "Run 2: The file of weights 00000010.pt is not there any more." in text(app)


def test_seeds_have_a_spread(store: RunStore) -> None:
    runs = [
        stored(store, TrainingConfig(optimizer=optimizer, seed=seed), test_accuracy=accuracy)
        for optimizer, accuracies in (("adam", (0.90, 0.92)), ("sgd", (0.70, 0.74)))
        for seed, accuracy in enumerate(accuracies)
    ]
    said = text(compare(*(run.id for run in runs)))
    # √((0.01² + 0.01²) / 1) = 0.0141
    assert "Runs 1 and 2 differ only in the seed (0 and 1): 91.0 ± 1.4 % of the test split" in said
    # by hand: t = 0.19 / √(0.0002/2 + 0.0008/2) = 8.50 with 1.47 degrees of freedom; SciPy: p = 0.0317
    assert "On average runs 3 and 4 against runs 1 and 2: −19.0 points of test accuracy" in said
    assert "in 3.2 % of such comparisons (Welch's t-test): more than chance." in said


def test_a_name_is_never_read_as_markup(store: RunStore) -> None:
    one, two = stored(store), stored(store, TrainingConfig(seed=1))
    store.rename(one.id, "<b>x</b> **y**")
    app = compare(one.id, two.id)
    (legend,) = [html.proto.body for html in app.get("html") if "Run 1 ·" in html.proto.body]
    assert "&lt;b&gt;x&lt;/b&gt;" in legend
    assert "<b>x" not in legend


def test_twelve_runs_at_once(store: RunStore) -> None:
    runs = [stored(store, TrainingConfig(seed=seed, batch_size=8 + seed % 4)) for seed in range(13)]
    app = compare(*(run.id for run in runs))
    assert differences(app)["run"] == list(range(1, 13))
    assert "The other 55 pairs" in [expander.label for expander in app.expander]
