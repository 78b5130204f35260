"""The health of a run: what is found, in words, beside gradients, steps and units of each layer over its epochs."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.figures.health import NORM_CHART, RATIO_CHART, UNIT_CHART, flow_table, unit_table
from core.training.diagnosis.finding import Finding, History, Level
from core.training.diagnosis.rules import diagnose
from core.training.observations import Health
from core.training.runs.records import Run
from core.training.runs.states import ACTIVE
from pages.shared.glossary import meaning
from pages.train import again
from pages.train.classes import class_names
from pages.train.observed import metrics, observed

HEIGHT = 165  # pixels of a chart
_MARKS: dict[Level, str] = {
    "warning": ":red[:material/warning:]",
    "note": ":orange[:material/info:]",
    "good": ":green[:material/check_circle:]",
}
TITLES = {  # kind of a finding → its title and its term in the glossary
    "diverged": ("Diverged", "diverged"),
    "leap": ("The loss leapt", "learning rate"),
    "labels": ("Labels", "accuracy"),
    "updates": ("Step size", "update-to-weight ratio"),
    "exploding": ("Exploding gradient", "gradient norm"),
    "vanishing": ("Gradient flow", "vanishing gradient"),
    "dead": ("Dead units", "dead ReLU"),
    "saturation": ("Saturation", "saturation"),
    "not learning": ("Not learning", "running training loss"),
    "overfitting": ("Overfitting", "overfitting"),
    "plateau": ("Plateau", "plateau"),
    "frozen": ("Frozen layers", "freezing the first layer"),
    "start": ("First loss", "start loss"),
}
_KEPT = "train_findings"  # in the session: what was found, and of what, since most looks at a run bring nothing new


def draw(run: Run, _runs: Sequence[Run]) -> None:
    """Findings on the left, charts on the right."""
    looks = observed(run, Health)
    found = _findings(run, looks)
    if not found:
        st.info(_nothing(run), icon=":material/hourglass_empty:")
        return
    words, charts = st.columns([1, 1.15], gap="medium")
    with words:
        _say(run, found)
    with charts, st.container(gap="xsmall"):
        if looks:
            _charts(looks)
        else:
            st.caption("No step of this run was looked at closely.")


def _findings(run: Run, looks: list[Health]) -> list[Finding]:
    points = metrics(run)
    key = (run.id, run.attempt, run.state, len(points), len(looks))
    known, found = st.session_state.get(_KEPT, (None, []))
    if known != key:
        found = diagnose(History(run.request, len(class_names(run)), points, looks, run.state, run.step))
        st.session_state[_KEPT] = (key, found)
    return found


def _say(run: Run, found: Sequence[Finding]) -> None:
    """All findings; those that ask for something say what, and how it was measured; the others on hover."""
    with st.container(gap="small"):
        for finding in found:
            title, term = TITLES[finding.kind]
            text = f"{_MARKS[finding.level]} **{title}.** {finding.sentence}"
            measured = f"Measured: {finding.measured}"
            if finding.level == "good":
                st.markdown(text, help=f"{meaning(term)}\n\n{measured}")
            else:
                st.markdown(f"{text}  \n:material/healing: {finding.mend}", help=meaning(term))
                st.caption(measured)
        rate = next((f.rate for f in found if f.rate and f.level == "warning"), None)
        if rate:
            slower = replace(run.request.config, learning_rate=rate)
            st.button(
                f"Try again at a tenth of the rate: {rate:g}",
                icon=":material/healing:",
                key="health_mend",
                help="Starts a new run with the same settings but for the learning rate.",
                on_click=again.start,
                args=(replace(run.request, config=slower, fork=None),),
            )


def _charts(looks: Sequence[Health]) -> None:
    """One line a layer; they keep their place on the page and change in place."""
    flow, units = flow_table(looks), unit_table(looks)
    st.markdown("**Gradient norm** of each layer", help=meaning("gradient norm"))
    st.vega_lite_chart(
        flow,
        NORM_CHART,
        height=HEIGHT,
        key="health_norms",
        alt="Gradient norm of each layer over the epochs, on a logarithmic axis",
    )
    st.markdown(
        "**Update-to-weight ratio** of each layer; dotted: usual",
        help=meaning("update-to-weight ratio"),
    )
    st.vega_lite_chart(
        flow,
        RATIO_CHART,
        height=HEIGHT,
        key="health_ratios",
        alt="Update-to-weight ratio of each layer over the epochs, on a logarithmic axis",
    )
    if len(units):
        st.markdown(
            "**Dead units** (line) and **saturated outputs** (dashed) of each activation",
            help=f"{meaning('dead ReLU')} {meaning('saturation')}",
        )
        st.vega_lite_chart(
            units,
            UNIT_CHART,
            height=HEIGHT,
            key="health_units",
            alt="Share of dead units and of saturated outputs of each activation over the epochs",
        )
    st.caption(
        f"{len(looks)} look{'s' if len(looks) > 1 else ''} so far, one every two seconds of training, each at one "
        "step and its batch. A gradient of exactly 0 is not on a logarithmic axis."
    )


def _nothing(run: Run) -> str:
    """Why there is nothing to say yet, a sentence."""
    if run.state == "queued":
        return "This run waits for its turn; its health is measured from its first step on."
    if run.state in ACTIVE:
        return "The first look comes with the first step, in a moment."
    return "This run ended before there was anything to measure."
