"""The code on the Design page: three dialects, in step with the design."""

from streamlit.testing.v1 import AppTest

from core.networks.analysis import analyse
from core.networks.edit import replace_setting
from core.networks.gallery import NAMED_NETWORKS
from core.networks.source import DIALECTS, to_source
from core.networks.spec import NetworkSpec

IMAGE = (1, 28, 28)
LENET = NAMED_NETWORKS["LeNet"]


def card() -> None:
    """The script of a page with the code alone."""
    import streamlit as st

    from core.networks.analysis import analyse
    from pages.design.code_card import code

    spec, image, classes = st.session_state["design"]
    code(analyse(spec, image, classes))


def shown(spec: NetworkSpec, image: tuple[int, ...] = IMAGE, classes: int = 10) -> AppTest:
    app = AppTest.from_function(card, default_timeout=30)
    app.session_state["design"] = (spec, image, classes)
    app.run()
    assert not app.exception
    return app


def test_it_begins_with_pytorch() -> None:
    app = shown(LENET)
    assert app.code[0].value == to_source(LENET, IMAGE).strip()
    assert app.code[0].language == "python"
    (button,) = app.get("download_button")
    assert button.proto.help == "Download lenet.py"
    assert button.proto.ignore_rerun


def test_each_dialect_can_be_chosen() -> None:
    app = shown(LENET)
    for key, dialect in DIALECTS.items():
        app.segmented_control(key="code_dialect").set_value(key).run()
        assert not app.exception
        assert app.code[0].value == to_source(LENET, IMAGE, key).strip()
        assert app.get("download_button")[0].proto.help == f"Download {dialect.file_name(LENET)}"
        assert app.caption[-1].value == dialect.note


def test_the_dialect_stays_when_the_design_changes() -> None:
    app = shown(LENET)
    app.segmented_control(key="code_dialect").set_value("keras").run()
    changed = replace_setting(LENET, (0,), "out_channels", 7)
    app.session_state["design"] = (changed, (3, 32, 32), 10)
    app.run()
    assert "layers.Conv2D(7, 5),  # conv1: 28 × 28 × 7" in app.code[0].value
    assert "keras.Input(shape=(32, 32, 3))" in app.code[0].value


def test_a_design_with_a_problem_is_shown_up_to_it() -> None:
    changed = replace_setting(LENET, (3,), "kernel", 31)
    assert analyse(changed, IMAGE).problems
    assert "# conv2 and what follows are left out" in shown(changed).code[0].value


def test_it_asks_for_as_many_classes_as_there_are() -> None:
    assert "a classifier of 3 classes" in shown(LENET, classes=3).code[0].value
