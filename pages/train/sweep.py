"""Sweeps: set one up from the present settings, and see what it found."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.data.dataset import DataMissing
from core.figures.sweep import X_AXES, sweep_chart, sweep_table
from core.training.config import RunRequest
from core.training.reports.table import report_csv
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.states import ACTIVE, NotPossible
from core.training.runs.store import RunMissing
from core.training.sweeps.estimate import estimate
from core.training.sweeps.progress import fraction, progress_words
from core.training.sweeps.results import QUANTITIES, Group, Results, results
from core.training.sweeps.settings import SWEPT, network_choices, read_all
from core.training.sweeps.sweep import MOST_AXES, MOST_RUNS, Axis, Sweep
from pages.shared import server
from pages.shared.choice import current_network
from pages.train import presses
from pages.train.runs_table import CHOSEN
from pages.train.words import duration

HEIGHT = 300  # pixels of the table and the chart
_STARTED = "train_sweep_started"  # in the session: the first run of the sweep that was started just now
_REFUSAL = "train_sweep_refusal"  # in the session: why nothing started; a callback can't draw
_START = "sweep"  # the button's name for `presses`
_OPEN = "train_sweep"  # of the pop-over
_IN_PER_CENT = ("share", "warm_up", "first_learns", "easy_seen")
_NONE = ""  # in the place of a setting
_SPLITS = {"validation": "Validation", "test": "Test"}


def draw_new(request: RunRequest | None, owner: str) -> Run | None:
    """A pop-over that sets a sweep up from `request`, None while the settings are not sound.

    Gives the first run of a sweep that was started just now.
    """
    started: Run | None = st.session_state.pop(_STARTED, None)
    st.fragment(_new)(request, owner)
    return started


def _new(request: RunRequest | None, owner: str) -> None:
    if _STARTED in st.session_state:
        st.rerun()  # the run is shown outside the fragment
    place = st.popover(
        "Sweep and seeds",
        icon=":material/grid_view:",
        key=_OPEN,
        on_change="rerun",
        width="stretch",
        disabled=request is None,
        help="The same training with several values of some settings, and with several seeds",
    )
    if request is not None and place.open:
        with place.container(width=560, gap="small"):
            _editor(request, owner)


def _editor(request: RunRequest, owner: str) -> None:
    st.caption(
        "Every combination of the values below is trained, each with the same seeds; all else is as in the settings."
    )
    axes, problems = _choose_axes(request)
    first = request.config.seed
    seeds = st.number_input(
        "Seeds",
        1,
        MOST_RUNS,
        3,
        step=1,
        key="train_sweep_seeds",
        persist_state="session",
        help=f"Runs of each combination, with the seeds {first}, {first + 1}, … Three or more tell how far "
        "accuracies spread by chance.",
    )
    sweep = Sweep(request, axes, int(seeds or 1))
    problems += sweep.problems()
    for problem in problems:
        st.error(problem, icon=":material/error:")
    runs = () if problems else _runs(sweep)
    ready = bool(runs) and _images(request) is not None
    st.button(
        f"Start {len(runs)} run{'' if len(runs) == 1 else 's'}",
        type="primary",
        icon=":material/play_arrow:",
        key="train_sweep_start",
        disabled=not ready,
        on_click=_start,
        args=(sweep, owner, presses.name(_START)),
    )
    if refusal := st.session_state.pop(_REFUSAL, None):
        st.error(refusal, icon=":material/hard_drive:")


def _choose_axes(request: RunRequest) -> tuple[tuple[Axis, ...], list[str]]:
    """The settings that are to vary and their values, and a sentence for each text that can't be read."""
    axes: list[Axis] = []
    problems: list[str] = []
    for place in range(MOST_AXES):
        taken = {field for axis in axes for field in SWEPT[axis.setting].fields}
        free = [name for name, setting in SWEPT.items() if not taken.intersection(setting.fields)]
        left, right = st.columns([2, 3], gap="small")
        with left:
            name = st.selectbox(
                f"Setting {place + 1}",
                [_NONE, *free],
                format_func=lambda name: SWEPT[name].label if name else "none",
                key=f"train_sweep_setting_{place}",
                persist_state="session",
            )
        if not name:
            break
        with right:
            try:
                axes.append(Axis(name, _values(request, name, f"train_sweep_{name}_{place}")))
            except ValueError as error:
                problems.append(str(error))
    return tuple(axes), problems


def _values(request: RunRequest, name: str, key: str) -> tuple[Any, ...]:
    """The chosen or typed values; raises ValueError for what can't be read."""
    setting = SWEPT[name]
    if setting.read:
        text = st.text_input(
            "Values",
            setting.example,
            key=key,
            persist_state="session",
            help="Numbers with spaces between" + (", in per cent" if name in _IN_PER_CENT else ""),
        )
        return read_all(setting, text or "")
    options = _options(request, name)
    chosen = st.multiselect(
        "Values",
        list(options),
        list(options)[:1],
        key=key,
        persist_state="session",
        placeholder="Choose two or more",
    )
    return tuple(options[label] for label in chosen)


def _options(request: RunRequest, name: str) -> dict[str, Any]:
    """What can be chosen, by its label; the present value first."""
    setting, own = SWEPT[name], current_network()
    present = setting.get(request)
    choices = network_choices(own) if name == "network" else setting.choices
    ordered = dict.fromkeys((*([] if present is None else [present]), *choices))
    return {
        f"Your design ({own.name})" if name == "network" and value == own else setting.text(value): value
        for value in ordered
    }


def _runs(sweep: Sweep) -> tuple[RunRequest, ...]:
    """The runs that would start, with what is left out and how long they take in words."""
    try:
        runs = sweep.runs()
    except ValueError as error:
        st.error(str(error), icon=":material/error:")
        return ()
    combinations = len(runs) // sweep.seeds
    said = f"**{len(runs)} run{'' if len(runs) == 1 else 's'}**"
    if combinations > 1 and sweep.seeds > 1:
        said += f" ({combinations} combinations × {sweep.seeds} seeds)"
    expected = estimate(runs, server.run_store().runs(), _images(sweep.base))
    if expected.seconds is not None:
        said += f", about **{duration(expected.seconds)}** of training, one after another"
    st.markdown(f"{said}. {expected.source}")
    if refused := sweep.refusals():
        reasons = "\n".join(f"- {each.name}: {each.sentence}" for each in refused)
        many = len(refused) > 1
        st.warning(
            f"{len(refused)} combination{'s' if many else ''} can’t be trained and {'are' if many else 'is'} left "
            f"out:\n{reasons}",
            icon=":material/block:",
        )
    return runs


def _images(request: RunRequest) -> int | None:
    """Training images of the data set, validation included; None while it is not here."""
    try:
        return len(server.dataset(request.data.dataset, request.data.image).train)
    except DataMissing:
        return None


def _start(sweep: Sweep, owner: str, press: str) -> None:
    try:
        st.session_state[_STARTED] = server.run_store().add_sweep(sweep.named_runs(), owner, press)[0]
        st.session_state[_OPEN] = False
        presses.fulfilled(_START)
    except (StoreUnavailable, ValueError) as refusal:
        st.session_state[_REFUSAL] = str(refusal)


def draw(run: Run, runs: Sequence[Run]) -> None:
    """The sweep that `run` belongs to: how far it is, what it found, as a table and as a chart."""
    members = [each for each in runs if run.sweep and each.sweep == run.sweep]
    if not members:
        st.info(
            "This run belongs to no sweep. **Sweep and seeds**, beside the settings, trains several values of up to "
            f"{MOST_AXES} settings, each with several seeds.",
            icon=":material/grid_view:",
        )
        return
    found = results(members)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        split = _switch("Accuracy", _SPLITS, "train_sweep_split")
        across = _switch("Against", X_AXES, "train_sweep_x")
        st.space("stretch")
        _buttons(members, found)
    st.progress(fraction(members), progress_words(members))
    st.markdown(found.sentence(split))
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _table(found)
    with right:
        st.vega_lite_chart(
            sweep_table(found, split),
            sweep_chart(found, across),
            height=HEIGHT,
            key=f"train_sweep_chart_{across}",
            alt=f"{QUANTITIES[split].label} of each combination against its {X_AXES[across].lower()}",
        )


def _switch(label: str, options: dict[str, str], key: str) -> str:
    chosen = st.segmented_control(
        label,
        list(options),
        default=next(iter(options)),
        format_func=lambda name: options[name],
        key=key,
        required=True,
        persist_state="session",
    )
    return chosen or next(iter(options))


def _buttons(members: Sequence[Run], found: Results) -> None:
    st.button(
        "Stop all",
        icon=":material/stop:",
        key="train_sweep_stop",
        disabled=not any(each.state in ACTIVE or each.state == "queued" for each in members),
        on_click=_stop,
        args=(members,),
        help="Stop the runs of this sweep that are under way, and take those that wait out of the queue",
    )
    st.button(
        "Tick its runs",
        icon=":material/check_box:",
        key="train_sweep_tick",
        on_click=_tick,
        args=([each.id for each in members],),
        help="In the table of runs below, where they can be archived or deleted all at once",
    )
    st.download_button(
        "CSV",
        found.to_csv(),
        "sweep.csv",
        "text/csv",
        icon=":material/download:",
        key="train_sweep_csv",
        on_click="ignore",
        help="A row for each combination: means and standard deviations",
    )
    st.download_button(
        "Runs as CSV",
        lambda: report_csv(found.runs),
        "sweep-runs.csv",
        "text/csv",
        icon=":material/download:",
        key="train_sweep_runs_csv",
        on_click="ignore",
        help="A row for each run",
    )


def _tick(ids: list[str]) -> None:
    st.session_state[CHOSEN] = ids


def _stop(members: Sequence[Run]) -> None:
    for each in reversed(members):  # those that wait first, so that none of them starts meanwhile
        if each.state in ACTIVE or each.state == "queued":
            try:
                server.run_store().command(each.id, "stop")
            except (NotPossible, RunMissing):  # it ended or was deleted just now
                continue


def _table(found: Results) -> None:
    heads = [SWEPT[axis.setting].label.lower() for axis in found.axes] or ["network"]
    st.dataframe(
        pd.DataFrame([_row(heads, group) for group in found.groups]),
        key="train_sweep_table",
        hide_index=True,
        placeholder="—",
        height=min(36 * (len(found.groups) + 1), HEIGHT),
    )


def _row(heads: Sequence[str], group: Group) -> dict[str, Any]:
    """Mean ± standard deviation of each quantity."""
    cells: dict[str, Any] = dict(zip(heads, group.texts or (group.name,), strict=True))
    cells["runs"] = f"{len(group.completed)} of {len(group.runs)}"
    for name, each in QUANTITIES.items():
        spread = group.spread(name)
        words = spread.words(each.factor, each.digits) if spread else None
        if words and name == "parameters" and spread:
            words = f"{spread.mean:,.0f}"  # the same for every seed
        label = _SPLITS.get(name, each.label).lower()
        cells[f"{label} ({each.unit})" if each.unit else label] = words
    return cells
