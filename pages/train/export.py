"""Take a run away: what each file is for, how large it is, and a button that makes it when it is pressed."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

import streamlit as st

from core.training.export import EXPORTS, ExportFailed, make, unready
from core.training.runs.records import CheckpointRecord, Run
from pages.shared.server import run_store

_OUTCOMES = "train_export_outcomes"  # in the session: export → how its makings went; "" where well
_FAILED = "train_export_failed"  # in the session: (run, export) → why the last one failed
PATIENCE = 20.0  # seconds that a click waits for the outcome


def draw(run: Run, _runs: Sequence[Run]) -> None:
    """The choice of a checkpoint, and a row for each export."""
    checkpoint = _choose_checkpoint(run)
    reason = unready(run, checkpoint)
    if reason:
        st.info(reason, icon=":material/hourglass_empty:")
    points = run_store().points(run.id)
    for name in EXPORTS:
        _row(name, run, None if reason else checkpoint, reason, points)


def _choose_checkpoint(run: Run) -> CheckpointRecord | None:
    newest_first = run_store().checkpoints(run.id)[::-1]
    if not newest_first:
        return None
    steps = {record.step: record for record in newest_first}
    step = st.selectbox(
        "Weights of",
        list(steps),
        format_func=lambda step: _moment(steps[step], latest=step == newest_first[0].step),
        key=f"train_export_step_{run.id}",
        width=320,
        help="Of which checkpoint the weights are; the other files tell of the whole run.",
    )
    return steps.get(step, newest_first[0])


def _moment(record: CheckpointRecord, latest: bool) -> str:
    return f"epoch {record.epoch:.4g} · step {record.step:,}{' (latest)' if latest else ''}"


def _row(name: str, run: Run, checkpoint: CheckpointRecord | None, reason: str, points: int) -> None:
    export = EXPORTS[name]
    words, button = st.columns([4, 1], vertical_alignment="center")
    size = f" · about {_size(export.size(run, points))}" if checkpoint else ""
    words.markdown(f"**{export.label}**{size}  \n{export.purpose}")
    with button:
        clicked = st.download_button(
            "Download",
            _maker(name, run, checkpoint) if checkpoint else b"",
            file_name=export.file_name(run),
            mime=export.mime,
            icon=":material/download:",
            key=f"train_export_{name}",
            width="stretch",
            disabled=checkpoint is None,
            help=reason or export.file_name(run),
        )
    failed = st.session_state.setdefault(_FAILED, {})
    if clicked:
        failed[run.id, name] = _outcome(name)
    if failure := failed.get((run.id, name)):
        st.error(failure, icon=":material/error:")


def _maker(name: str, run: Run, checkpoint: CheckpointRecord) -> Callable[[], bytes]:
    """What Streamlit calls in a thread of its own when the button is pressed: nothing is made before."""
    store = run_store()
    outcomes = st.session_state.setdefault(_OUTCOMES, {}).setdefault(name, SimpleQueue())

    def made() -> bytes:
        try:
            content = make(name, store, run, checkpoint)
        except ExportFailed as failure:
            outcomes.put(str(failure))
            raise
        except Exception as failure:
            outcomes.put(f"This file can't be made ({type(failure).__name__}: {failure}).")
            raise
        outcomes.put("")
        return content

    return made


def _outcome(name: str) -> str:
    """Why the making that a click has just begun failed, since the button itself can't say; "" if it did not."""
    outcomes: SimpleQueue[str] = st.session_state[_OUTCOMES][name]
    outcome = ""
    with suppress(Empty):
        outcome = outcomes.get(timeout=PATIENCE)
        while True:  # it was an earlier one, that nobody waited for any more
            outcome = outcomes.get_nowait()
    return outcome


def _size(count: float) -> str:
    """Bytes as `130 kB` or `5.2 MB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count / 1e3, 1):.0f} kB"
