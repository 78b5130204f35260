"""The view of the autograd graph: the picture, what is open, torchviz, and what it refuses."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.networks import backward_graph as recorded
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec

LENET = NAMED_NETWORKS["LeNet"]


def view(spec) -> None:  # type: ignore[no-untyped-def]  # runs without this file around it
    from core.networks.analysis import analyse
    from pages.design import backward_graph

    backward_graph.show(analyse(spec, (1, 28, 28)))


def open_view(spec: NetworkSpec, shown: Any = None, drawn_by: str = "") -> AppTest:
    app = AppTest.from_function(view, kwargs={"spec": spec}, default_timeout=30)
    if shown is not None:
        app.session_state["backward_graph"] = {"shown": shown}
    if drawn_by:
        app.session_state["backward_drawn_by"] = drawn_by
    app.run()
    assert not app.exception
    return app


def picture(app: AppTest) -> dict[str, Any]:
    """What the component is given."""
    import json

    (found,) = app.get("bidi_component")
    return dict(json.loads(found.proto.json))


def keys(app: AppTest) -> list[str]:
    return [each["key"] for each in picture(app)["boxes"]]


def test_at_first_each_layer_is_a_box() -> None:
    app = open_view(LENET)
    assert len(keys(app)) == 12  # ten layers, the scores and the image
    assert any("20 nodes" in caption.value for caption in app.caption)
    assert not app.warning


def test_what_the_browser_asks_for_is_open_and_stays_so() -> None:
    app = open_view(LENET, {"level": "layers", "toggled": ["conv2"]})
    assert "conv2" not in keys(app) and len(keys(app)) == 14
    app.session_state["backward_graph"] = {"shown": None}  # a new component, on coming back
    app.run()
    assert len(keys(app)) == 14


@pytest.mark.parametrize(
    "shown",
    [
        "layers",
        7,
        {"level": "all", "toggled": 3},
        {"toggled": [["conv2"], None]},
        {"level": ["x"], "toggled": {}},
    ],
)
def test_nonsense_from_the_browser_changes_nothing(shown: Any) -> None:
    assert len(keys(open_view(LENET, shown))) == 12


def test_a_design_with_a_problem_says_which() -> None:
    app = open_view(NetworkSpec("wrong", (layer("Conv2d", kernel=9), layer("Linear"))))
    (warning,) = app.warning
    assert "linear1" in warning.value and "flat" in warning.value and "Build" in warning.value
    assert not app.get("bidi_component")


def test_a_design_too_large_says_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "MOST_PARAMETERS", 1000)
    large = NetworkSpec("large", (layer("Flatten"), layer("Linear", out_features=11), layer("Linear")))
    (warning,) = open_view(large).warning
    assert "8,755 parameters" in warning.value and "1,000" in warning.value


def test_torchviz_draws_it_and_gives_its_source() -> None:
    pytest.importorskip("torchviz")
    app = open_view(LENET, drawn_by="torchviz")
    (chart,) = app.get("graphviz_chart")
    assert "ConvolutionBackward0" in chart.proto.spec and "saved" not in chart.proto.spec
    assert not app.get("bidi_component")
    app.toggle(key="backward_saved").set_value(True).run()
    (chart,) = app.get("graphviz_chart")
    assert "[saved tensor]" in chart.proto.spec
