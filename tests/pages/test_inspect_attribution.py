"""Attribution on the Inspect page, on networks that were really trained: for a moment, on Silhouettes."""

from pathlib import Path

import pytest

from core.inspection.attribution import METHODS
from tests.pages.test_inspect import here, open_page, run_named, sent, texts, trained

__all__ = ["here", "trained"]  # the fixtures


@pytest.mark.parametrize("method", METHODS)
def test_every_method_draws_its_map_and_says_what_it_costs(here: Path, method: str) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id, method=method)
    assert not app.exception
    assert sent(app, "inspect_evidence")["why"] == ""
    assert any(sent(app, "inspect_evidence")["scores"])
    assert f"How to read {METHODS[method].name}" in texts(app)
    assert "Costs" in texts(app) and METHODS[method].paper in texts(app)


def test_what_a_network_lacks_stands_in_the_list_of_methods(here: Path) -> None:
    app = open_page(run=run_named(here, "Net_Linear").id)
    options = app.selectbox(key="inspect_method").options
    assert "Grad-CAM (not for this network: no feature maps)" in options
    assert "Guided Backprop (not for this network: no ReLU)" in options
    assert "Kernel SHAP" in options
