"""Take a run away: what each file is for, how large it is, and a button that makes it when it is pressed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event

import streamlit as st

from core.training.export import EXPORTS, ExportFailed, make, unready
from core.training.runs.records import CheckpointRecord, Run
from pages.shared.server import run_store

_MAKINGS = "train_exports"  # in the session: (run, export) → how its last making went
PATIENCE = 5.0  # seconds that the page waits for a file which was asked for, to say why it failed


@dataclass
class Making:
    """How the making of a file goes, in a thread of Streamlit's."""

    done: Event = field(default_factory=Event)  # since the row was last drawn
    failure: str = ""  # of the last one; "" where it went well


def draw(run: Run, _runs: Sequence[Run]) -> None:
    """The choice of a checkpoint, and a row for each export."""
    checkpoint = _choose_checkpoint(run)
    reason = unready(run, checkpoint)
    if reason:
        st.info(reason, icon=":material/hourglass_empty:")
    points = run_store().points(run.id)
    for name in (name for name, export in EXPORTS.items() if export.fits(run)):
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
    making = st.session_state.setdefault(_MAKINGS, {}).setdefault((run.id, name), Making())
    with button:
        clicked = st.download_button(
            "Download",
            _maker(name, run, checkpoint, making) if checkpoint else b"",
            file_name=export.file_name(run),
            mime=export.mime,
            icon=":material/download:",
            key=f"train_export_{name}",
            width="stretch",
            disabled=checkpoint is None,
            help=reason or export.file_name(run),
        )
    if clicked:
        making.done.wait(PATIENCE)  # the button itself can't say why it failed
    making.done.clear()
    if making.failure:
        st.error(making.failure, icon=":material/error:")


def _maker(name: str, run: Run, checkpoint: CheckpointRecord, making: Making) -> Callable[[], bytes]:
    """What Streamlit calls when the button is pressed: nothing is made before."""
    store = run_store()

    def made() -> bytes:
        making.failure = ""
        try:
            return make(name, store, run, checkpoint)
        except Exception as failure:
            known = isinstance(failure, ExportFailed)
            making.failure = (
                str(failure) if known else f"It can't be made ({type(failure).__name__}: {failure})."
            )
            raise
        finally:
            making.done.set()

    return made


def _size(count: float) -> str:
    """Bytes as `130 kB` or `5.2 MB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count / 1e3, 1):.0f} kB"
