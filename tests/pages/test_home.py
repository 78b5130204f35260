"""The home page: a first start, and one with runs behind it."""

import re
from pathlib import Path

from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.store import RunStore
from core.training.runs.tables import RUNS

ROOT = Path(__file__).parents[2]


def open_home() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def test_a_first_start_says_what_to_try_and_what_is_missing() -> None:
    app = open_home()
    shown = texts(app)
    assert shown.count("Try first:") == 4
    assert "CPU" in shown or "CUDA" in shown or "MPS" in shown
    assert re.search(r"\*\*Fashion-MNIST\*\* \(\d+ MB\) is not on this machine yet", shown)
    assert app.button(key="download_fashion-mnist")
    assert "No run yet" in shown


def test_stored_runs_are_counted_and_the_best_is_named(data_folder: Path) -> None:
    store = RunStore(data_folder / "runs")
    request = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice(), TrainingConfig())
    for accuracy in (0.875, 0.912):
        run = store.add(request, name=f"run with {accuracy}")
        with store.database.writing() as connection:
            tested = {"state": "completed", "test_accuracy": accuracy}
            connection.execute(update(RUNS).where(RUNS.c.id == run.id).values(tested))
    store.add(request, name="waiting")
    shown = texts(open_home())
    assert "3 stored, 1 of them under way." in shown
    assert re.search(r"91\.2\s*%, by run with 0\.912", shown)
