"""Comparing two designs: what can be chosen, what the tables say, and what a pin does."""

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.networks.analysis import analyse
from core.networks.comparison import compare
from core.networks.edit import append, insert, remove, rename, replace_setting
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.runs.database import StoreUnavailable
from core.training.runs.designs import DesignStore
from pages.design.compare import usual
from pages.design.comparison_tables import layers, totals
from pages.shared.server import run_store
from tests.pages.design_visit import ADA, BOB, LENET, PAGE, TINY, open_page, visitor

IMAGE = (1, 28, 28)


def options(app: AppTest) -> list[str]:
    return list(app.selectbox(key="compare_with").options)


def cells(table: dict[str, Any]) -> list[tuple[str, ...]]:
    return [row["cells"] for row in table["rows"]]


def compared(left: NetworkSpec, right: NetworkSpec) -> list[dict[str, Any]]:
    comparison = compare(analyse(left, IMAGE), analyse(right, IMAGE))
    return [totals(comparison), layers(comparison)]


def test_the_whole_gallery_can_be_chosen_and_the_origin_comes_first() -> None:
    app = open_page(replace_setting(LENET, (0,), "kernel", 3), "Compare")
    assert app.selectbox(key="compare_with").value == "gallery LeNet"
    for name in NAMED_NETWORKS:
        app.selectbox(key="compare_with").select(f"gallery {name}").run()
        assert not app.exception
        assert f"There: {name}" in [text.value for text in app.text]


def test_what_a_person_most_likely_compares_with() -> None:
    words = ["pinned", "gallery LeNet", "gallery LeNet_tiny"]
    assert usual(TINY, words) == "pinned"
    assert usual(TINY, words[1:]) == "gallery LeNet_tiny"
    assert usual(rename(TINY, "LeNet_tiny, changed"), words[1:]) == "gallery LeNet_tiny"
    assert usual(rename(TINY, "mine"), words[1:]) == "gallery LeNet"


def test_saved_designs_are_told_apart_by_who_saved_them(monkeypatch: pytest.MonkeyPatch) -> None:
    store = DesignStore(run_store().database)
    mine, theirs = store.save(rename(TINY, "mine"), ADA), store.save(rename(TINY, "theirs"), BOB)
    visitor(monkeypatch, ADA)
    app = open_page(LENET, "Compare")
    assert options(app)[0] == "mine (saved just now)"
    assert options(app)[-1] == "theirs (saved by someone else just now)"
    for design in (mine, theirs):
        app.selectbox(key="compare_with").select(f"saved {design.id}").run()
        assert f"There: {design.name}" in [text.value for text in app.text]
    store.delete(theirs.id, BOB)
    app.run()
    assert not app.exception
    assert app.selectbox(key="compare_with").value == "gallery LeNet"


def test_the_choice_outlives_another_view() -> None:
    app = open_page(LENET, "Compare")
    app.selectbox(key="compare_with").select("gallery LeNet_tiny").run()
    for view in ("Build", "Compare"):
        app.segmented_control(key="view").set_value(view).run()
    assert app.selectbox(key="compare_with").value == "gallery LeNet_tiny"


def test_a_pinned_design_is_compared_with_until_it_is_unpinned() -> None:
    app = open_page(TINY, "Build")
    app.button(key="pin").click().run()
    app.segmented_control(key="view").set_value("Compare").run()
    assert app.selectbox(key="compare_with").value == "pinned"
    assert options(app)[0] == "LeNet_tiny (pinned)"
    app.segmented_control(key="view").set_value("Build").run()
    app.button(key="pin").click().run()
    app.segmented_control(key="view").set_value("Compare").run()
    assert "pinned" not in " ".join(options(app))
    assert not app.exception


def test_a_pin_is_there_again_at_the_next_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    visitor(monkeypatch, ADA)
    app = open_page(TINY, "Build")
    app.button(key="pin").click().run()
    assert options(open_page(LENET, "Compare"))[0] == "LeNet_tiny (pinned)"
    visitor(monkeypatch, BOB)
    assert "pinned" not in " ".join(options(open_page(LENET, "Compare")))


def test_the_tables_say_what_differs() -> None:
    whole, by_layer = compared(LENET, NAMED_NETWORKS["LeNet-6-12"])
    assert ("parameters", "431,080", "32,998", "+398,082", "+1,206 %") in cells(whole)
    assert ("layers", "10", "12", "−2", "−16.7 %") in cells(whole)
    assert ("receptive field of the last feature map", "16 px", "16 px", "0", "0 %") in cells(whole)
    lines = cells(by_layer)
    assert lines[0][:4] == ("conv1", "20 × 24 × 24", "520", "288,000")
    assert lines[0][4:] == ("out_channels 20 → 6", "conv1", "6 × 24 × 24", "156", "86,400")
    assert lines[1][4] == "the same, other input"
    assert lines[9] == ("", "", "", "", "only there", "linear2", "60", "7,260", "7,200")
    assert [row["state"] for row in by_layer["rows"]].count("right") == 2


def test_layers_stand_beside_those_that_answer_to_them() -> None:
    other = remove(replace_setting(LENET, (0,), "kernel", 3), (1,))
    first, second, third = compared(LENET, other)[1]["rows"][:3]
    assert (first["state"], first["cells"][4]) == ("changed", "kernel 5 → 3")
    assert (second["state"], second["cells"][0], second["cells"][5]) == ("left", "relu1", "")
    assert (third["state"], third["cells"][0], third["cells"][5]) == ("equal", "pool1", "pool1")


def test_the_same_twice_differs_in_nothing() -> None:
    whole, by_layer = compared(LENET, LENET)
    assert {row[3] for row in cells(whole)} == {"0"} and {row[4] for row in cells(whole)} == {"0 %"}
    assert {row[4] for row in cells(by_layer)} == {"the same"}


def test_where_the_weights_come_from_is_said() -> None:
    whole, _ = compared(replace(LENET, weights="he-normal", frozen=True), LENET)
    assert ("weights", "he-normal", "default", "", "") in cells(whole)
    assert ("trained", "the head alone", "all layers", "", "") in cells(whole)


def test_inner_layers_are_indented() -> None:
    block = insert(LENET, (0,), layer("Residual", (layer("ReLU"),)))
    _, by_layer = compared(block, LENET)
    assert [row["depth"] for row in by_layer["rows"]][:3] == [0, 1, 0]


def test_broken_designs_are_compared_as_far_as_they_go() -> None:
    broken = replace_setting(LENET, (3,), "kernel", 13)
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    app.session_state["network"] = broken
    app.session_state["design_pinned"] = append(LENET, layer("Conv2d"))
    app.query_params["view"] = "Compare"
    app.run()
    assert not app.exception
    here, there = (one.value for one in app.caption if ":material/error:" in one.value)
    assert "Here: " in here and "13 × 13" in here and "mend it under Build" in here
    assert "There: " in there and "flat" in there
    assert cells(compared(broken, LENET)[1])[3][:4] == ("conv2", "behind a problem", "", "")


@pytest.mark.parametrize("spec", [EMPTY, *NAMED_NETWORKS.values()], ids=lambda spec: spec.name)
def test_every_network_has_a_comparison(spec: NetworkSpec) -> None:
    assert not open_page(spec, "Compare").exception


def test_without_the_store_the_gallery_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise StoreUnavailable("The run store can't be used just now.")

    monkeypatch.setattr(DesignStore, "designs", refuse)
    assert len(options(open_page(LENET, "Compare"))) == len(NAMED_NETWORKS)
