"""A visit to the Inspect page in a test: what a person opens, reads, and what its components get."""

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from core.training.runs.records import Run
from core.training.runs.store import RunStore

PAGE = Path(__file__).parents[2] / "pages" / "inspect" / "page.py"


def open_page(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    app.query_params.update(address)
    return app.run()


def run_called(folder: Path, name: str) -> Run:
    return next(run for run in RunStore(folder / "runs").runs() if run.name == name)


def sent(app: AppTest, key: str) -> Any:
    """What the page sends to one of its components."""
    found = [element.proto for element in app.get("bidi_component") if element.proto.id.endswith(f"-{key}")]
    assert len(found) == 1, [element.proto.id for element in app.get("bidi_component")]
    return json.loads(found[0].json)


def address(app: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.warning, app.error, app.info)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\N{NO-BREAK SPACE}", " ")
