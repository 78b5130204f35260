"""A report of this run, or of two that are compared: choose what is in it, write beside it, take it away."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import streamlit as st

from core.figures.report.contents import Contents, Looked
from core.figures.report.files import FILES, ReportFile
from core.figures.report.sections import SECTIONS
from core.inspection.agreement import Agreement
from core.inspection.exhibits import Exhibition
from core.training.reports.curves import CurveReader
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunStore
from pages.inspect import address, report_maps, second_run, work
from pages.inspect.run_choice import moment
from pages.inspect.subject import Subject
from pages.shared.data_card import data_title
from pages.shared.server import run_store

_COMPARE = "inspect_report_compare"
MOST = 20_000  # characters of one text


def draw(run: Run, subject: Subject) -> None:
    """What is in it to the left; to the right the files, and a place to write for each section."""
    left, right = st.columns([1, 1.5], gap="medium")
    with left, st.container(gap="small"):
        title, author = _heading(run)
        both = [(run, subject), *_second(run, subject)]
        sections = _choose_sections(run, compared=len(both) > 1)
        wanted = report_maps.choose(run, subject) if "evidence" in sections else ()
    with right:
        found = report_maps.made(subject, wanted)
        files = st.container()
        st.fragment(report_maps.progress, run_every=None if found.over else work.POLL)(
            subject, wanted, found.over
        )
        contents = Contents(title, author, f"{date.today():%Y-%m-%d}", (), sections, _write(run, sections))
        with files:
            _take_away(both, contents, found)


def _heading(run: Run) -> tuple[str, str]:
    first = f"{run.name} on {data_title(run.request.data)}"
    one, two = st.columns([1.6, 1])
    title = one.text_input("Title", first, 200, key=f"inspect_report_title_{run.id}", persist_state="session")
    author = two.text_input("By", "", 200, key="inspect_report_author", persist_state="session")
    return title or first, author or ""


def _second(run: Run, subject: Subject) -> list[tuple[Run, Subject]]:
    """The run that this one is compared with, if any."""
    st.session_state.setdefault(_COMPARE, bool(address.get("with")))
    if not st.toggle("Compare with another run", key=_COMPARE):
        address.put(**{"with": ""})
        return []
    other = second_run.choose(second_run.candidates(run_store(), run))
    second = second_run.look_at(run_store(), other) if other else None
    if other is None or second is None:
        return []
    try:
        Agreement.of(subject.predictions, second.predictions)
    except ValueError as reason:
        st.warning(str(reason), icon=":material/search_off:")
        return []
    return [(other, second)]


def _choose_sections(run: Run, compared: bool) -> tuple[str, ...]:
    possible = [key for key, section in SECTIONS.items() if compared or not section.of_two]
    chosen = st.pills(
        "Sections",
        possible,
        selection_mode="multi",
        default=possible,
        format_func=lambda key: SECTIONS[key].title,
        key=f"inspect_report_sections_{run.id}_{compared}",
        persist_state="session",
    )
    return tuple(key for key in possible if key in chosen)


def _write(run: Run, sections: tuple[str, ...]) -> dict[str, str]:
    """What the person writes beside each section; it stays in the session, for this run."""
    st.markdown("**Your words**, which stand under the heading of each section")
    texts = {}
    for key in sections:
        text = st.text_area(
            SECTIONS[key].title,
            height="content",
            max_chars=MOST,
            placeholder=SECTIONS[key].question,
            key=f"inspect_report_text_{run.id}_{key}",
            persist_state="session",
        )
        texts[key] = text or ""
    return texts


def _take_away(both: list[tuple[Run, Subject]], contents: Contents, found: work.Work[Exhibition]) -> None:
    store, run, sha = run_store(), both[0][0], both[0][1].sha
    exhibits = found.latest.exhibits if found.latest else ()
    record = _record(store, run, sha)
    if record is None:
        st.info("These weights were just replaced by newer ones of the run.", icon=":material/refresh:")
        return

    def made(file: ReportFile) -> Callable[[], bytes]:
        """What Streamlit calls when the button is pressed, in a thread of its own: nothing is made before."""

        def make() -> bytes:
            looked = tuple(_looked(store, *each) for each in both)
            return file.make(store, record, replace(contents, looked=looked, exhibits=exhibits))

        return make

    with st.container(horizontal=True, vertical_alignment="center"):
        for name, file in ((name, file) for name, file in FILES.items() if file.fits(run)):
            st.download_button(
                file.label,
                made(file),
                file_name=file.file_name(run),
                mime=file.mime,
                icon=f":material/{file.icon}:",
                help=file.purpose if found.over else "The maps are not ready yet.",
                type="primary" if file is next(iter(FILES.values())) else "secondary",
                disabled=not found.over,
                on_click="ignore",
                key=f"inspect_report_{name}",
            )


def _record(store: RunStore, run: Run, sha: str) -> CheckpointRecord | None:
    return next((each for each in store.checkpoints(run.id) if each.sha256 == sha), None)


def _looked(store: RunStore, run: Run, subject: Subject) -> Looked:
    record = _record(store, run, subject.sha)
    return Looked(
        run,
        moment(record) if record else "of a checkpoint that is not kept any more",
        subject.sha,
        subject.classes,
        subject.test.pixels,
        subject.predictions,
        CurveReader(store).curves(run),
        subject.matrix,
        subject.report,
    )
