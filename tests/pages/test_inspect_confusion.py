"""The views of the Inspect page that look at all test images at once, on networks trained for a moment."""

import sqlite3
import time
from pathlib import Path

import pytest

from core.data import catalogue
from core.training.runs.store import RunStore
from tests.pages.inspect_visit import address, here, open_page, run_named, sent, sheet_images, texts, trained

__all__ = ["here", "trained"]  # the fixtures

CLASSES = catalogue.DATASETS["silhouettes"].classes


def texts_by_cell(figure: dict) -> dict[str, str]:
    return {cell["id"]: cell["text"] for cell in figure["cells"]}


def test_another_order_moves_the_classes_and_not_the_numbers(here: Path) -> None:
    run = run_named(here, "LeNet-6-12").id
    given = sent(open_page(run=run), "inspect_matrix")
    app = open_page(run=run, order="by-hand", classes="4-2")
    by_hand = sent(app, "inspect_matrix")
    assert by_hand["classes"][:3] == [CLASSES[4], CLASSES[2], CLASSES[0]]
    assert texts_by_cell(by_hand) == texts_by_cell(given)
    assert by_hand["selected"] == given["selected"]
    app.multiselect(key="inspect_by_hand").set_value([7]).run()
    assert not app.exception
    assert address(app)["classes"] == "7"
    assert sent(app, "inspect_matrix")["classes"][0] == CLASSES[7]
    app.selectbox(key="inspect_order").select("recall").run()
    assert not app.exception
    found = sent(app, "inspect_matrix")
    counts = {cell: int(text.replace(",", "")) for cell, text in texts_by_cell(found).items()}
    places = [CLASSES.index(name) for name in found["classes"]]
    recall = [counts[f"{k}-{k}"] / sum(counts[f"{k}-{j}"] for j in range(10)) for k in places]
    assert recall == sorted(recall)


def test_nonsense_for_an_order_counts_as_the_data_sets(here: Path) -> None:
    for parts in ({"order": "best"}, {"order": "by-hand", "classes": "x-99"}):
        app = open_page(run=run_named(here, "LeNet-6-12").id, **parts)
        assert not app.exception
        assert sent(app, "inspect_matrix")["classes"] == list(CLASSES)


def test_the_table_of_classes_has_intervals_and_a_test_in_words(here: Path) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id)
    table = app.dataframe[0].value
    assert list(table.columns) == ["class", "precision", "recall", "95 % interval", "F1", "support"]
    for recall, interval in zip(table["recall"], table["95 % interval"], strict=True):
        low, high = (float(end) for end in interval.removesuffix(" %").split(" – "))
        assert low - 0.05 <= 100 * recall <= high + 0.05
    assert "chi-square test of equal recall" in texts(app)


def test_two_cells_are_contrasted(here: Path) -> None:
    run = run_named(here, "LeNet-6-12").id
    app = open_page(run=run, view="Contrast", cell="2-4", second="4-4")
    assert not app.exception
    figure = sent(app, "inspect_contrast_matrix")
    assert (figure["selected"], figure["second"]) == ("2-4", "4-4")
    counts = texts_by_cell(figure)
    for name, cell in (("first", "2-4"), ("second", "4-4")):
        images = sheet_images(app, f"inspect_contrast_{name}")
        assert len(images) == min(int(counts[cell]), 400)
    assert f"**{CLASSES[2]}** taken for **{CLASSES[4]}**" in texts(app)
    assert f"**{CLASSES[4]}** recognised" in texts(app)


def test_without_a_second_cell_the_opposite_mistake_is_taken(here: Path) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="Contrast", second="nonsense")
    assert not app.exception
    figure = sent(app, "inspect_contrast_matrix")
    true, predicted = figure["selected"].split("-")
    opposite = f"{predicted}-{true}"
    expected = opposite if texts_by_cell(figure)[opposite] != "0" else f"{predicted}-{predicted}"
    assert figure["second"] == expected


def test_two_runs_are_compared(here: Path) -> None:
    first, second = run_named(here, "LeNet-6-12"), run_named(here, "Net_Linear")
    app = open_page(run=first.id, view="Compare")
    assert not app.exception
    assert app.selectbox(key="inspect_with").value == second.id == address(app)["with"]
    figure = sent(app, "inspect_difference")
    changes = {cell: int(text.replace("−", "-")) for cell, text in texts_by_cell(figure).items()}
    assert sum(changes.values()) == 0  # both saw the same images
    gained = sum(change for cell, change in changes.items() if cell[0] == cell[2])
    total = len(catalogue.load("silhouettes").test)
    assert first.test_accuracy is not None and second.test_accuracy is not None
    assert gained == round((second.test_accuracy - first.test_accuracy) * total)
    said = texts(app)
    alone = [f"**Only run {run.number} is right**: " in said for run in (first, second)]
    assert alone == [True, True]
    for text in ("such comparisons", "Cohen's κ", "run 3 has no weights yet".capitalize()):
        assert text in said.replace("\\", ""), text


def test_an_image_that_only_the_second_run_recognises_opens_as_the_first_ones_mistake(here: Path) -> None:
    first, second = run_named(here, "Net_Linear"), run_named(here, "LeNet-6-12")
    app = open_page(run=first.id, view="Compare", **{"with": second.id})
    assert not app.exception
    label = sheet_images(app, "inspect_alone_1")[0]["label"]
    assert ", taken for " in label


def test_a_cell_of_both_runs(here: Path) -> None:
    run = run_named(here, "LeNet-6-12").id
    app = open_page(run=run, view="Compare", cell="3-3", shown="cell", over="row")
    assert not app.exception
    figure = sent(app, "inspect_difference")
    assert figure["selected"] == "3-3" and "of the true class" in figure["unit"]
    sentence = next(cell["sentence"] for cell in figure["cells"] if cell["id"] == "3-3")
    counts = [len(sheet_images(app, f"inspect_both_{number}")) for number in (0, 1)]
    assert sentence.startswith(f"{CLASSES[3]} recognised: {counts[0]} by run 1, {counts[1]} by run 2")


def test_a_run_that_cant_be_compared_is_told_why(here: Path) -> None:
    waiting = run_named(here, "waiting")
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="Compare", **{"with": waiting.id})
    assert not app.exception
    assert f"Run {waiting.number} has no weights yet (queued). Another run is shown." in app.warning[0].value


def test_without_another_run_it_says_what_to_do(here: Path) -> None:
    store = RunStore(here / "runs")
    store.delete(run_named(here, "Net_Linear").id)
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="Compare")
    assert not app.exception
    assert "There is no other run with weights on this data set" in app.info[0].value


def test_calibration_before_and_after_a_temperature(here: Path) -> None:
    run = run_named(here, "LeNet-6-12")
    app = open_page(run=run.id, view="Calibration")
    assert not app.exception
    said = texts(app)
    assert run.test_loss is not None and run.test_accuracy is not None
    assert f"loss **{run.test_loss:.4f}**" in said
    assert said.count(f"accuracy **{100 * run.test_accuracy:.2f} %**") == 2
    table = app.dataframe[0].value
    assert len(table) == 15 and int(table["images"].sum()) == len(catalogue.load("silhouettes").test)
    slider = next(slider for slider in app.slider if "temperature" in slider.label)
    fitted = slider.value
    assert f"With T = {fitted:.2f} the calibration error goes from" in said
    assert "validation images" in said
    slider.set_value(1.0).run()
    assert not app.exception
    assert texts(app).count(f"loss **{run.test_loss:.4f}**") == 2
    app.button(key="inspect_fitted").click().run()
    assert next(slider for slider in app.slider if "temperature" in slider.label).value == fitted
    app.slider(key="inspect_bins").set_value(5).run()
    assert not app.exception
    assert len(app.dataframe[0].value) == 5


def test_the_slider_goes_through_the_weights_that_were_kept(here: Path) -> None:
    run = run_named(here, "LeNet-6-12")
    records = RunStore(here / "runs").checkpoints(run.id)
    app = open_page(run=run.id, view="Epochs")
    assert not app.exception
    slider = app.select_slider(key="inspect_step")
    assert list(slider.options) == ["start", "epoch 1", "epoch 2"]
    accuracies = []
    for record in records:
        app.select_slider(key="inspect_step").set_value(str(record.step)).run()
        assert not app.exception
        counts = texts_by_cell(sent(app, "inspect_epoch_matrix"))
        total = len(catalogue.load("silhouettes").test)
        assert sum(int(text.replace(",", "")) for text in counts.values()) == total
        right = sum(int(text.replace(",", "")) for cell, text in counts.items() if cell[0] == cell[2])
        assert f"**{100 * right / total:.2f} %** of the test images are recognised" in texts(app)
        accuracies.append(right / total)
    assert accuracies[-1] == pytest.approx(run.test_accuracy)
    app.segmented_control(key="inspect_epoch_images").set_value("learned").run()
    assert not app.exception
    before, after = (round(accuracy * total) for accuracy in accuracies[-2:])
    words = texts(app).split("it learned ")[1]
    learned, forgotten = (
        int(part.split()[0].strip(":,").replace(",", "")) for part in (words, words.split("forgot ")[1])
    )
    assert learned - forgotten == after - before


def test_of_weights_that_were_not_kept_the_validation_split_is_shown(here: Path) -> None:
    run = run_named(here, "LeNet-6-12")
    _, middle, _ = RunStore(here / "runs").checkpoints(run.id)
    database = sqlite3.connect(here / "runs" / "runs.sqlite")
    database.execute("DELETE FROM checkpoints WHERE step = ?", (middle.step,))
    database.commit()
    database.close()
    app = open_page(run=run.id, view="Epochs", step=str(middle.step))
    assert not app.exception
    assert (
        "validation split" in app.info[0].value
        and "Weights were kept of: start, epoch 2." in app.info[0].value
    )
    counts = texts_by_cell(sent(app, "inspect_epoch_matrix"))
    assert sum(int(text.replace(",", "")) for text in counts.values()) == run.validation_images


def test_all_test_images_as_points(here: Path) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="Projection")
    assert not app.exception
    said = texts(app)
    assert "The two axes are the directions of the largest variance" in said
    assert "numbers that enter the last layer with weights, Linear" in said
    assert "Draw a rectangle on the map" in said
    app.segmented_control(key="inspect_map").set_value("tsne").run()
    assert not app.exception
    assert "What it does not preserve" not in texts(app)  # what is shown are still the principal components
    app.button(key="inspect_make_map").click().run()
    deadline = time.monotonic() + 300
    while "What it does not preserve" not in texts(app):
        assert time.monotonic() < deadline
        assert not app.exception
        time.sleep(0.3)
        app.run()
    assert "The two axes" not in texts(app)
