"""Maps by t-SNE that this server has made or is making: asked for, waited for, stopped, and kept for everybody."""

import threading
from collections import OrderedDict

import streamlit as st
import torch

from core.inspection.tsne import PERPLEXITY, TsneJob
from pages.inspect.subject import Subject
from pages.shared.glossary import meaning

_KEPT = 24  # maps, of 80 kB each for 10,000 images
_POLL = 0.7  # seconds between two looks at one under way
Wanted = tuple[str, str, int]  # (weights, data set, perplexity)


class Maps:
    """Jobs by what they map; who asks for the same map gets the same job."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: OrderedDict[Wanted, TsneJob] = OrderedDict()

    def find(self, wanted: Wanted) -> TsneJob | None:
        """The job for that map, under way or ended."""
        with self._lock:
            return self._jobs.get(wanted)

    def begin(self, wanted: Wanted, features: torch.Tensor) -> None:
        """Start it, unless it is under way or has a result; the oldest ended ones are forgotten."""
        with self._lock:
            known = self._jobs.get(wanted)
            if known is not None and not known.refusal:
                return
            self._jobs[wanted] = TsneJob(features, float(wanted[2]))
            self._jobs.move_to_end(wanted)
            ended = [key for key, job in self._jobs.items() if job.ended]
            for key in ended[: max(0, len(self._jobs) - _KEPT)]:
                del self._jobs[key]


@st.cache_resource
def maps() -> Maps:
    """Those of this server."""
    return Maps()


def draw(subject: Subject, features: torch.Tensor) -> tuple[str, torch.Tensor] | None:
    """The map's name and points, float32 (N, 2), once there is one; until then the way to it."""
    perplexity = st.slider(
        "Perplexity",
        5,
        100,
        PERPLEXITY,
        5,
        key="inspect_perplexity",
        persist_state="session",
        help=meaning("perplexity"),
    )
    wanted = (subject.sha, subject.data.dataset, int(perplexity))
    job = maps().find(wanted)
    if job is not None and job.result is not None:
        return f"t-SNE, perplexity {perplexity}", job.result
    if job is not None and not job.ended:
        _wait(wanted)
        return None
    if job is not None and job.refusal:
        st.warning(job.refusal, icon=":material/error:")
    st.button(
        "Make the map",
        icon=":material/scatter_plot:",
        type="primary",
        key="inspect_make_map",
        help="It takes half a minute to a minute for 10,000 images; it is then kept for everybody on this server.",
        on_click=lambda: maps().begin(wanted, features),
    )
    return None


@st.fragment(run_every=_POLL)
def _wait(wanted: Wanted) -> None:
    job = maps().find(wanted)
    if job is None or job.ended:
        st.rerun()
    st.progress(min(job.progress.done, 1.0), job.progress.text)
    st.button("Stop", icon=":material/stop:", key="inspect_stop_map", on_click=job.stop)
