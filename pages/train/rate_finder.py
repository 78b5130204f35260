"""Find a rate: a dialog that tries a hundred of them on a copy of the network, and suggests two."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.figures.rate_finder import RATE_CHART, rate_table
from core.training.config import RunRequest
from core.training.rate_finder import HIGHEST, LOWEST
from core.training.rate_search import RateOrder
from core.training.rate_suggestions import STEPS, RangeTest, Suggestion, written
from core.training.workers.rate_job import RateJob
from pages.shared.glossary import meaning
from pages.shared.side_work import SideWork

POLL = 0.4  # seconds between two looks at a search under way
HEIGHT = 250  # pixels, of the chart
_OPEN, _FOUND = "rate_open", "rate_found"

HOW = (
    f"A copy of the network takes {STEPS} steps as this run would begin, with its optimizer and batches, while "
    f"the rate rises from {written(LOWEST)} to {written(HIGHEST)}. No run is touched."
)
READ = (
    "Points: the loss of each step's batch. Line: the smoothed loss, which lags behind them. What has run away is "
    "left out above."
)
WHY = (
    "**A suggestion, not the truth.** It comes from one set of first weights, from batches of this size and from "
    f"{STEPS} steps, in which each rate meets the weights that the rates before it left; late in a run, or with "
    "another batch size, another rate may be the best. Rates somewhat below the steepest point are a usual "
    "choice; the valley is the more cautious one where it lies further left."
)


@dataclass(frozen=True)
class Found:
    """What came out, and for what."""

    order: RateOrder
    test: RangeTest


def _keep(order: RateOrder, ended: RateJob) -> None:
    assert ended.result
    st.session_state[_FOUND] = Found(order, ended.result)


WORK: SideWork[RateOrder, RateJob] = SideWork("rate", RateJob, _keep, ":material/search_off:")


def draw(request: RunRequest, use: Callable[[float], None]) -> None:
    """The button that opens the dialog; `use` gets the rate that a person takes, in a callback.

    `request` is what the controls say; its learning rate and schedule make no difference, and may be wrong.
    """
    st.button(
        "Find a rate",
        icon=":material/query_stats:",
        key="rate_finder",
        width="stretch",
        help=f"Try {STEPS} learning rates on a copy of the network, and see which ones to choose from.",
        on_click=_open,
    )
    if st.session_state.get(_OPEN):
        _dialog(RateOrder.of(request), use)


def _open() -> None:
    st.session_state[_OPEN] = True


def _close() -> None:
    st.session_state[_OPEN] = False


@st.dialog("Find a learning rate", width="large", icon=":material/query_stats:", on_dismiss=_close)
def _dialog(order: RateOrder, use: Callable[[float], None]) -> None:
    polled = WORK.advance()
    # always a fragment, with a timer or without, so that the chart stays mounted
    st.fragment(_content, run_every=POLL if polled else None)(order, use, polled)


def _content(order: RateOrder, use: Callable[[float], None], polled: bool) -> None:
    if WORK.advance() != polled:
        st.rerun()  # the timer is mounted only while something is under way
    _controls(order, polled)
    WORK.draw()
    _result(order, use)


def _controls(order: RateOrder, polled: bool) -> None:
    problem = order.problem()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(HOW, help=meaning("learning rate range test"))
        if polled:
            st.button("Stop", icon=":material/stop:", key="rate_stop", on_click=WORK.stop)
        else:
            st.button(
                f"Try {STEPS} rates",
                type="primary",
                icon=":material/query_stats:",
                key="rate_find",
                disabled=bool(problem),
                on_click=WORK.ask,
                args=(order,),
            )
    if problem:
        st.warning(problem, icon=":material/block:")


def _result(order: RateOrder, use: Callable[[float], None]) -> None:
    """The curve as far as it is, else the one before with what it suggests."""
    under_way = WORK.under_way()
    found: Found | None = st.session_state.get(_FOUND)
    if under_way:
        table = rate_table(under_way.trials)
    elif found:
        if found.order != order:
            st.info("These rates were found for other settings; try again for the present ones.")
        table = rate_table(found.test.trials, found.test)
    else:
        return
    if not table.empty:
        st.vega_lite_chart(table, RATE_CHART, height=HEIGHT, width="stretch", key="rate_chart")
        st.caption(READ)
    if found and not under_way:
        _suggestions(found.test, use)
        st.caption(WHY)


def _suggestions(test: RangeTest, use: Callable[[float], None]) -> None:
    if test.steepest == test.valley:  # neither, for one reason
        st.warning(test.steepest.sentence, icon=":material/trending_flat:")
        return
    for name, suggestion in (("Steepest", test.steepest), ("Valley", test.valley)):
        _suggestion(name, suggestion, use)


def _suggestion(name: str, suggestion: Suggestion, use: Callable[[float], None]) -> None:
    assert suggestion.rate
    rate = written(suggestion.rate)

    def take() -> None:
        use(float(rate))
        _close()

    with st.container(horizontal=True, vertical_alignment="center"):
        used = st.button(
            f"Use {rate}", icon=":material/check:", key=f"rate_use_{name.lower()}", on_click=take, width=150
        )
        st.markdown(f"**{name}**: {suggestion.sentence}")
    if used:
        st.rerun()  # the control is outside the fragment
