"""Choosing an augmentation on the Train page: by name, kind by kind, with the preview that follows."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data import silhouettes
from core.data.augmentation.named import NAMED_PLANS
from core.data.augmentation.plan import Augmentation
from core.data.augmentation.table import AUGMENTATIONS
from core.data.catalogue import DATASETS
from core.training.runs.store import RunStore

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def store(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, and few silhouettes, quickly drawn."""
    small = replace(DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 40, 20))
    monkeypatch.setitem(DATASETS, "silhouettes", small)
    return RunStore(data_folder / "runs")


def visit(opened: bool = True, data: str = "silhouettes") -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["dataset"] = data
    app.run()
    app.switch_page("pages/train/page.py").run()
    if opened:
        app.session_state["augmentation"] = True  # a click on the button; AppTest can't open a pop-over
        app.run()
    assert not app.exception
    return app


def plan(app: AppTest) -> tuple[Augmentation, ...]:
    found: tuple[Augmentation, ...] = app.session_state["augmentation_plan"]
    return found


def sheet(app: AppTest) -> str:
    (found,) = [each.proto.body for each in app.get("html") if "<figure" in each.proto.body]
    return str(found)


def pictures(app: AppTest) -> list[str]:
    return re.findall(r'src="([^"]+)"', sheet(app))


def keys(app: AppTest) -> set[str | None]:
    return {each.key for each in (*app.slider, *app.toggle, *app.selectbox, *app.button)}


def test_closed_it_computes_no_preview_and_a_run_has_no_augmentation(store: RunStore) -> None:
    app = visit(opened=False)
    assert app.selectbox(key="augmentation_name").value == "none"
    assert not app.get("html") or not any("<figure" in each.proto.body for each in app.get("html"))
    app.button(key="train_start").click().run()
    (run,) = store.runs()
    assert run.request.data.augmentation == ()


def test_a_run_is_started_with_the_plan_that_was_chosen_by_name(store: RunStore) -> None:
    app = visit(opened=False)
    app.selectbox(key="augmentation_name").select("mod-2").run()
    app.button(key="train_start").click().run()
    assert not app.exception
    (run,) = store.runs()
    assert run.request.data.augmentation == NAMED_PLANS["mod-2"].plan


def test_only_what_is_on_shows_its_controls_and_the_twins_follow(store: RunStore) -> None:
    app = visit()
    labels = {each.label for each in app.toggle if each.key.startswith("augmentation_")}
    assert labels == {known.label for known in AUGMENTATIONS.values()}
    assert not app.slider
    originals, twins = pictures(app)[::2], pictures(app)[1::2]
    assert originals == twins and len(twins) == 16
    app.toggle(key="augmentation_rotation").set_value(True).run()
    assert plan(app) == (Augmentation.usual("rotation"),)
    assert {each.key for each in app.slider} == {
        "augmentation_rotation_probability",
        "augmentation_rotation_range",
    }
    assert pictures(app)[::2] == originals
    assert all(one != other for one, other in zip(pictures(app)[1::2], originals, strict=True))
    before = pictures(app)
    app.slider(key="augmentation_rotation_range").set_value((30.0, 90.0)).run()
    assert plan(app) == (Augmentation("rotation", 1.0, 30, 90),)
    assert app.selectbox(key="augmentation_name").value == "own"
    assert all(one != other for one, other in zip(pictures(app)[1::2], before[1::2], strict=True))
    app.slider(key="augmentation_rotation_probability").set_value(0.0).run()
    assert pictures(app)[1::2] == originals
    app.toggle(key="augmentation_rotation").set_value(False).run()
    assert plan(app) == () and app.selectbox(key="augmentation_name").value == "none"


def test_the_button_draws_other_random_numbers(store: RunStore) -> None:
    app = visit()
    app.toggle(key="augmentation_shift").set_value(True).run()
    before = pictures(app)
    app.button(key="augmentation_again").click().run()
    assert pictures(app)[::2] == before[::2]
    assert all(one != other for one, other in zip(pictures(app)[1::2], before[1::2], strict=True))


def test_mixup_shows_both_labels_with_their_parts(store: RunStore) -> None:
    app = visit()
    app.toggle(key="augmentation_mixup").set_value(True).run()
    app.slider(key="augmentation_mixup_range").set_value((2.0, 2.0)).run()
    mixed = re.findall(r">(\d+) % [^<]+</div><div[^>]*>(\d+) % ", sheet(app))
    assert len(mixed) > 8  # but for neighbours of one class
    assert all(int(one) + int(other) == 100 and int(one) >= 50 for one, other in mixed)


@pytest.mark.parametrize("name", NAMED_PLANS)
def test_a_named_plan_sets_the_switches(name: str, store: RunStore) -> None:
    app = visit()
    app.selectbox(key="augmentation_name").select(name).run()
    assert not app.exception
    on = {each.key for each in app.toggle if each.value and each.key.startswith("augmentation_")}
    assert on == {f"augmentation_{each.kind}" for each in NAMED_PLANS[name].plan}
    for each in NAMED_PLANS[name].plan:
        assert app.slider(key=f"augmentation_{each.kind}_probability").value == each.probability
        if AUGMENTATIONS[each.kind].range:
            assert app.slider(key=f"augmentation_{each.kind}_range").value == (each.low, each.high)


def test_the_plan_is_as_it_was_after_another_page(store: RunStore) -> None:
    app = visit()
    app.toggle(key="augmentation_erasing").set_value(True).run()
    app.switch_page("pages/home/page.py").run()
    app.switch_page("pages/train/page.py").run()
    assert not app.exception
    assert plan(app) == (Augmentation.usual("erasing"),)
    assert app.selectbox(key="augmentation_name").value == "own"


def test_without_the_data_set_there_is_a_sentence_instead_of_the_preview(store: RunStore) -> None:
    app = visit(data="fashion-mnist")
    assert any("once the data set is on this machine" in caption.value for caption in app.caption)
