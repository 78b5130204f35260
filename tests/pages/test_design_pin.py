"""The pinned design: the totals say how far the present one is from it, also after a reload."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.networks.edit import replace_setting
from core.networks.gallery import NAMED_NETWORKS

PAGE = Path(__file__).parents[2] / "pages" / "design" / "page.py"
LENET = NAMED_NETWORKS["LeNet"]


def deltas(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.delta for metric in app.metric}


def test_the_totals_show_the_difference_to_the_pinned_design(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.shared.draft.visitor_id", lambda: "a" * 32)
    app = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert set(deltas(app).values()) == {""}
    app.button(key="pin").click().run()
    assert deltas(app)["Parameters"] == "+0"
    app.session_state["network"] = replace_setting(LENET, (0,), "out_channels", 10)
    app.session_state["design_acted"] = True
    app.run()
    # conv1 has 10·25 + 10 fewer, conv2 25·10·50 fewer
    assert deltas(app)["Parameters"] == "-12,760"
    again = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert again.button(key="pin").label == "Unpin"
    again.button(key="pin").click().run()
    assert again.session_state["design_pinned"] is None
    assert AppTest.from_file(str(PAGE), default_timeout=30).run().button(key="pin").label == "Pin"
