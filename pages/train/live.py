"""What moves of a run: how far it is, its numbers and its curves, which the browser asks for and draws by itself.

A rerun of the page, however little it draws, takes the browser a tenth of a second of a core; such an answer takes it
a third of that or less, and the server less as well. A run that trains on the same machine would feel it at each look.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.figures.curves import AXES, curve_figure, marks
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.store import RunMissing
from pages.shared.glossary import meaning
from pages.shared.server import run_store
from pages.train.curves import SMOOTHEST, Wanted
from pages.train.pace import again
from pages.train.points import points
from pages.train.status import TILES, status

ASSETS = Path(__file__).parents[2] / "assets"
KEY = "train_live"
_PARTS = (  # the last uses all others
    "shared/numbers",
    *(f"train/live/{part}" for part in ("poll", "ticks", "chart", "status", "live")),
)

_component = st.components.v2.component(
    "autograd_lab_live",
    js="\n".join((ASSETS / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS),
    css=(ASSETS / "train" / "live" / "live.css").read_text(encoding="utf-8"),
)


def draw(run: Run, asked: str, wanted: Wanted | None) -> None:
    """The progress bar, the numbers, and the curves if a view `wanted` some.

    `asked` is what the run was asked for and has not answered yet.
    """
    tiles = [{"label": label, "help": meaning(term)} for label, term in TILES.items()]
    curves = {"axis": wanted.axis, "smoothing": wanted.smoothing} if wanted else {}
    data = {
        "address": f"{_path()}?{urlencode({'run': run.id, **curves})}",
        "tiles": tiles,
        "status": status(run),
        "asked": asked,
        "charts": wanted.charts if wanted else [],
    }
    _component(key=KEY, data=data, on_changed_change=lambda: None)


def answer(run: Run, asked: Mapping[str, str]) -> dict[str, Any]:
    """The status of a run, and its curves over `axis`, if one is asked for and there are points past `after`.

    Raises ValueError for an axis that there is not, and for a smoothing or a point that is no number.
    """
    said: dict[str, Any] = {"status": status(run), "again": again(run)}
    if "axis" not in asked:
        return said
    axis, smoothing = asked["axis"], float(asked.get("smoothing", 0))
    if axis not in AXES or not 0 <= smoothing <= SMOOTHEST:
        raise ValueError(
            f"The axis is {axis!r} and the smoothing {smoothing}; "
            f"allowed are {', '.join(AXES)}, and 0 to {SMOOTHEST}."
        )
    curves, changes = points(run)
    if curves.last != int(asked.get("after", -1)):
        figure = curve_figure(curves, run, axis, smoothing, marks(run, changes, _parent(run)))
        said |= {"last": curves.last, "figure": figure}
    return said


def _parent(run: Run) -> int | None:
    """The number of the run that this one was forked from, if that is still there."""
    fork = run.request.fork
    try:
        return run_store().get(fork.run).number if fork else None
    except RunMissing:
        return None


def _respond(request: Request) -> Response:
    """In a thread of its own, which Starlette gives to whatever is no coroutine."""
    asked = request.query_params
    try:
        return JSONResponse(answer(run_store().get(asked.get("run", "")), asked))
    except RunMissing as missing:
        return Response(str(missing), 404)
    except ValueError as wrong:
        return Response(str(wrong), 400)
    except StoreUnavailable as trouble:  # the browser asks again
        return Response(str(trouble), 503)


def _path() -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' if base else ''}{base}/train/live"


ROUTE = Route(_path(), _respond)
