"""The Train page with an empty store, for tests of its controls."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data import silhouettes
from core.data.catalogue import DATASETS
from core.networks.spec import NetworkSpec
from core.training.runs.store import RunStore

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def store(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, and few silhouettes, quickly drawn."""
    small = replace(DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 40, 20))
    monkeypatch.setitem(DATASETS, "silhouettes", small)
    return RunStore(data_folder / "runs")


def visit(run: str = "", network: NetworkSpec | None = None, data: str = "silhouettes") -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["dataset"] = data
    if network:
        app.session_state["network"] = network
    app.run()
    app.switch_page("pages/train/page.py")
    if run:
        app.query_params["run"] = run
    return app.run()
