"""The report on the Inspect page: what is chosen and written goes into the files, and the work can be stopped."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from tests.core.figures.report.looking import Parsed
from tests.pages.inspect_visit import address, here, listed, open_page, run_named, sent, texts, trained
from tests.pages.test_inspect_attribution import finished

__all__ = ["here", "trained"]  # the fixtures

Files = dict[str, Callable[[], bytes]]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What each download button would make; only those that can be pressed."""
    found: Files = {}

    def button(label: str, data: Any, disabled: bool = False, **_: Any) -> bool:
        found.pop(label, None)
        if not disabled:
            found[label] = data
        return False

    monkeypatch.setattr(st, "download_button", button)
    return found


HTML = "Report (HTML)"


def test_the_words_and_the_chosen_sections_are_in_the_report(here: Path, files: Files) -> None:
    run = run_named(here, "LeNet-6-12")
    app = finished(open_page(run=run.id, view="Report"))
    assert not app.exception
    app.text_input(key=f"inspect_report_title_{run.id}").input("My <b>report</b>")
    app.text_area(key=f"inspect_report_text_{run.id}_mistakes").input(
        "So would I.\n\n<script>alert(1)</script>"
    )
    app.run()
    assert not app.exception
    text = files[HTML]().decode()
    parsed = Parsed(text)
    assert "<h1>My &lt;b&gt;report&lt;/b&gt;</h1>" in text and "<script" not in text
    assert (
        text.index("<h2>Mistakes</h2>")
        < text.index('<p class="own">So would I.</p>')
        < text.index("Calibration</h2>")
    )
    facts = dict(row for row in parsed.table("") if len(row) == 2)
    assert facts["Test accuracy"].startswith(f"{100 * (run.test_accuracy or 0):.2f} %")
    maps = [said for said in parsed.pictures() if "attribution maps" in said]
    assert len(maps) == 3 and all("Integrated Gradients, Grad-CAM, Occlusion" in said for said in maps)
    assert [row[1] for row in parsed.table("Map")[:5]].count("Weights") >= 1

    app.pills(key=f"inspect_report_sections_{run.id}_False").set_value(["classes", "mistakes"]).run()
    assert not app.exception and not app.multiselect  # without maps nothing is to be chosen for them
    shorter = files[HTML]().decode()
    assert "So would I." in shorter and "<h2>Network</h2>" not in shorter


def test_the_words_stay_with_their_run(here: Path, files: Files) -> None:
    first, second = run_named(here, "LeNet-6-12"), run_named(here, "Net_Linear")
    app = finished(open_page(run=first.id, view="Report"))
    app.text_area(key=f"inspect_report_text_{first.id}_facts").input("Of the first.").run()
    app.selectbox(key="inspect_run").set_value(second.id).run()
    finished(app)
    assert not app.exception
    assert app.text_area(key=f"inspect_report_text_{second.id}_facts").value == ""
    assert b"Of the first." not in files[HTML]()
    app.selectbox(key="inspect_run").set_value(first.id).run()
    finished(app)
    assert b"Of the first." in files[HTML]()


def test_a_network_without_convolutions_is_offered_what_can_serve_it(here: Path, files: Files) -> None:
    run = run_named(here, "Net_Linear")
    app = finished(open_page(run=run.id, view="Report"))
    methods = sent(app, "inspect_report_methods")
    assert methods["chosen"] == ["integrated-gradients", "occlusion"] and methods["most"] == 4
    assert listed(methods["groups"])["Grad-CAM"] == "no feature maps"
    assert b"Grad-CAM" not in files[HTML]()


def test_another_run_is_compared(here: Path, files: Files) -> None:
    first, second = run_named(here, "LeNet-6-12"), run_named(here, "Net_Linear")
    app = finished(open_page(run=first.id, view="Report"))
    app.toggle(key="inspect_report_compare").set_value(True).run()
    finished(app)
    assert not app.exception
    assert address(app)["with"] == second.id
    parsed = Parsed(files[HTML]().decode())
    assert "McNemar" in parsed.text and "Do they say the same?" in parsed.text
    assert parsed.table("")[0] == ["Network", "LeNet-6-12", "Net_Linear"]
    app.toggle(key="inspect_report_compare").set_value(False).run()
    assert "with" not in address(app)


def test_the_maps_can_be_stopped_and_the_rest_taken_away(here: Path, files: Files) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="Report")
    assert not app.exception and not files  # the maps are under way
    app.button(key="inspect_report_maps_stop").click().run()
    assert not app.exception
    assert "Stopped:" in texts(app)
    text = files[HTML]().decode()
    Parsed(text)
    assert "<h2>Confusion matrix</h2>" in text
