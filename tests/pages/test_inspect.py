"""The Inspect page, on a network that was really trained: for a moment, on Silhouettes."""

import sqlite3
from pathlib import Path

import pytest

from core.data import catalogue
from core.training.runs.store import RunStore
from tests.pages.inspect_visit import (
    address,
    choose_method,
    here,
    indices,
    open_page,
    run_named,
    sent,
    texts,
    trained,
)

__all__ = ["here", "trained"]  # the fixtures


def test_without_a_run_it_says_what_to_do() -> None:
    app = open_page()
    assert not app.exception
    assert "Train a network first" in texts(app)
    assert app.button(key="inspect_to_train").label == "Train a network"
    assert not app.selectbox


def test_it_opens_on_the_newest_run_that_has_weights(here: Path) -> None:
    app = open_page()
    assert not app.exception
    run = run_named(here, "Net_Linear")
    assert address(app)["run"] == run.id
    # the worker evaluated the same weights on the same images when the run ended
    assert run.test_accuracy is not None
    assert app.metric[0].value == f"{100 * run.test_accuracy:.2f} %"
    assert float(app.metric[2].value) == pytest.approx(run.test_loss, abs=1e-3)


def test_the_matrix_counts_every_test_image_and_opens_on_the_worst_confusion(here: Path) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id)
    figure = sent(app, "inspect_matrix")
    counts = {cell["id"]: int(cell["text"].replace(",", "")) for cell in figure["cells"]}
    assert len(counts) == 100 and figure["classes"] == list(catalogue.DATASETS["silhouettes"].classes)
    assert sum(counts.values()) == len(catalogue.load("silhouettes").test)
    mistakes = {cell: count for cell, count in counts.items() if cell[0] != cell[2]}
    assert mistakes[figure["selected"]] == max(mistakes.values())
    assert len(indices(app)) == max(mistakes.values())
    right = sum(count for cell, count in counts.items() if cell[0] == cell[2])
    assert app.metric[0].value == f"{100 * right / sum(counts.values()):.2f} %"


def test_a_link_opens_what_the_sender_saw(here: Path) -> None:
    run = run_named(here, "LeNet-6-12").id
    parts = {
        "run": run,
        "cell": "2-4",
        "list": "top-losses",
        "image": "7",
        "method": "occlusion",
        "target": "true",
    }
    app = open_page(**parts)
    assert not app.exception
    assert address(app) == parts
    assert sent(app, "inspect_method")["chosen"] == "occlusion"
    assert sent(app, "inspect_sheet")["selected"] == 7
    assert "Image 7:" in texts(app)
    classes, labels = catalogue.DATASETS["silhouettes"].classes, catalogue.load("silhouettes").test.labels
    assert sent(app, "inspect_evidence")["high"].startswith(f"speaks for {classes[labels[7]]}")
    assert "How to read Occlusion" in texts(app)


def test_nonsense_in_the_address_counts_as_nothing(here: Path) -> None:
    nonsense = {
        "cell": "99-x",
        "list": "best",
        "image": "123456789",
        "method": "magic",
        "target": "all",
        "over": "pi",
    }
    app = open_page(run=run_named(here, "LeNet-6-12").id, **nonsense)
    assert not app.exception
    assert sent(app, "inspect_method")["chosen"] == "saliency"
    assert sent(app, "inspect_evidence")["why"] == ""


def test_an_unknown_run_is_named_and_another_shown(here: Path) -> None:
    app = open_page(run="0badc0de", cell="1-2")
    assert not app.exception
    assert "There is no run “0badc0de” here" in app.warning[0].value
    assert address(app) == {"run": run_named(here, "Net_Linear").id}


def test_a_run_without_weights_says_so_and_leaves_the_choice(here: Path) -> None:
    waiting = run_named(here, "waiting")
    app = open_page(run=waiting.id)
    assert not app.exception
    assert f"Run {waiting.number} (queued) has no checkpoint yet" in texts(app)
    app.selectbox(key="inspect_run").select(run_named(here, "LeNet-6-12").id).run()
    assert not app.exception
    assert app.metric[0].label == "Test accuracy"


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_of_a_damaged_checkpoint_the_name_and_an_earlier_one_are_shown(here: Path) -> None:
    run = run_named(here, "LeNet-6-12")
    first, *_, last = RunStore(here / "runs").checkpoints(run.id)
    damage(last.path)
    app = open_page(run=run.id)
    assert not app.exception
    assert last.path.name in app.error[0].value and "damaged" in app.error[0].value
    assert "An earlier checkpoint is shown instead: after 1 epoch" in app.info[0].value
    assert first.step == 0
    assert app.metric[0].label == "Test accuracy"


def test_where_no_checkpoint_can_be_read_the_page_stays(here: Path) -> None:
    run = run_named(here, "LeNet-6-12")
    records = RunStore(here / "runs").checkpoints(run.id)
    for record in records:
        damage(record.path)
    app = open_page(run=run.id)
    assert not app.exception
    assert len(app.error) == len(records)
    assert "No checkpoint of this run can be read any more" in texts(app)
    app.selectbox(key="inspect_run").select(run_named(here, "Net_Linear").id).run()
    assert not app.exception and not app.error
    assert app.metric[0].label == "Test accuracy"


def test_a_run_that_still_trains_shows_its_latest_weights_and_says_so(here: Path) -> None:
    run = run_named(here, "LeNet-6-12")
    in_the_store(here, "UPDATE runs SET state = 'running' WHERE name = 'LeNet-6-12'")
    app = open_page(run=run.id)
    assert not app.exception
    assert "This run is still running. You see its latest weights, after 2 epochs" in app.info[0].value
    assert app.button(key="inspect_again").label == "Look again"


def in_the_store(folder: Path, statement: str) -> None:
    database = sqlite3.connect(folder / "runs" / "runs.sqlite")
    database.execute(statement)
    database.commit()
    database.close()


def test_a_run_on_data_that_is_not_here_offers_to_get_it(here: Path) -> None:
    run = run_named(here, "LeNet-6-12")
    in_the_store(here, "UPDATE runs SET request = replace(request, 'silhouettes', 'fashion-mnist')")
    app = open_page(run=run.id)
    assert not app.exception
    assert app.button(key="download_fashion-mnist")
    assert not app.metric


def test_a_network_that_a_method_cant_serve_is_told_why(here: Path) -> None:
    app = open_page(run=run_named(here, "Net_Linear").id, method="grad-cam")
    assert not app.exception
    assert "Grad-CAM can't serve this network" in sent(app, "inspect_evidence")["why"]
    assert sent(app, "inspect_method")["chosen"] == "grad-cam"
    assert sent(choose_method(app, "saliency"), "inspect_evidence")["why"] == ""


def test_a_setting_changes_the_map(here: Path) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id, method="occlusion")
    before = sent(app, "inspect_evidence")["scores"]
    app.slider(key="inspect_occlusion_window").set_value(9).run()
    assert not app.exception
    assert sent(app, "inspect_evidence")["scores"] != before
    app.slider(key="inspect_occlusion_window").set_value(
        1
    ).run()  # less than the stride of 2: said, not crashed
    assert not app.exception
    assert "skips pixels" in sent(app, "inspect_evidence")["why"]


def test_a_mistake_in_words_leads_to_its_images(here: Path) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id, list="misclassified")
    assert sent(app, "inspect_matrix")["selected"] == ""  # a list is shown, not a cell
    button = next(button for button in app.button if "taken for" in button.label)
    button.click().run()
    assert not app.exception
    true, predicted = (int(k) for k in address(app)["cell"].split("-"))
    classes = catalogue.DATASETS["silhouettes"].classes
    assert button.label.startswith(f"{classes[true]} taken for {classes[predicted]}: ")
    assert sent(app, "inspect_matrix")["selected"] == address(app)["cell"]
    assert "list" not in address(app)


def test_next_and_previous_walk_through_the_list(here: Path) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id, list="top-losses")
    images = indices(app)
    assert app.button(key="inspect_previous").disabled
    app.button(key="inspect_next").click().run()
    assert sent(app, "inspect_sheet")["selected"] == images[1]
    app.button(key="inspect_next").click().run()
    app.button(key="inspect_previous").click().run()
    assert address(app)["image"] == str(images[1])


def test_a_long_list_comes_in_parts(here: Path) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id, list="least-sure")
    figure = sent(app, "inspect_sheet")["filling"]
    total = len(catalogue.load("silhouettes").test)
    assert figure["before"] == "" and figure["after"] == f"{total - len(figure['images']):,} more"


def test_shares_instead_of_counts(here: Path) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id, over="row")
    figure = sent(app, "inspect_matrix")
    assert figure["unit"] == "% of the true class"
    rows = [figure["cells"][k : k + 10] for k in range(0, 100, 10)]
    for row in rows:
        assert sum(float(cell["text"]) for cell in row) == pytest.approx(100, abs=0.5)
