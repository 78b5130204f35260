"""Whether the network is as often right as it is sure, and what one number, the temperature, can mend."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.figures.calibration import (
    CONFIDENCE_CHART,
    RELIABILITY_CHART,
    calibration_table,
    error_in_numbers,
)
from core.inspection.calibration import BINS, Calibration, Temperature, fit_temperature
from core.inspection.run_predictions import validation_predictions
from core.training.checkpoint import CheckpointDamaged
from core.training.runs.records import CheckpointRecord, Run
from pages.inspect.looks import looks_of
from pages.inspect.subject import Subject
from pages.shared import server
from pages.shared.glossary import meaning, meanings
from pages.shared.markdown import unbroken

HEIGHT, LOW_HEIGHT = 250, 95  # pixels
_LEAST, _MOST = 0.2, 5.0  # temperatures on the slider
_INTERVAL = "95 % interval"


def draw(run: Run, subject: Subject) -> None:
    """The reliability diagram as trained and with a temperature; below, the error in numbers, bin by bin."""
    left, right = st.columns(2, gap="medium")
    bins = int(
        left.slider(
            "**As trained**, with so many bins", 5, 30, BINS, key="inspect_bins",
            help=meanings("calibration", "reliability diagram"),
        )
    )  # fmt: skip
    try:
        before = _calibration(subject.sha, bins, 1.0, subject)
        fitted = _fitted(run, subject)
    except ValueError as reason:
        st.warning(str(reason), icon=":material/error:")
        return
    except CheckpointDamaged as damage:
        st.error(str(damage), icon=":material/broken_image:")
        return
    with right:
        temperature = _temperature(subject, fitted)
    after = _calibration(subject.sha, bins, temperature, subject)
    with left:
        _numbers(before)
        _diagram(before, "before")
    with right:
        _numbers(after)
        _diagram(after, "after")
    st.markdown(unbroken(before.sentence() + " " + _what_it_brought(before, after, fitted, temperature)))
    _error(before)


@st.cache_data(max_entries=256, show_spinner=False)
def _calibration(sha: str, bins: int, temperature: float, _subject: Subject) -> Calibration:
    return Calibration.of(_subject.predictions, bins, temperature)


def _fitted(run: Run, subject: Subject) -> Temperature:
    records = server.run_store().checkpoints(run.id)
    record = next((each for each in records if each.sha256 == subject.sha), None)
    if record is None:
        raise CheckpointDamaged("These weights were just replaced by newer ones of the run. Look again.")
    found: Temperature = looks_of("temperature", 256).look(
        (subject.sha, subject.data),
        lambda report: _fit(run, record, report),
        "The network looks at the validation images",
    )
    return found


def _fit(run: Run, record: CheckpointRecord, report: Callable[[float], None]) -> Temperature:
    choice = run.request.data
    images = server.dataset(choice.dataset, choice.image)
    return fit_temperature(validation_predictions(run, record, images, report))


def _temperature(subject: Subject, fitted: Temperature) -> float:
    """The slider, on the fitted temperature at first; its value."""
    key = f"inspect_temperature_{subject.sha[:12]}"
    best = round(min(max(fitted.value, _LEAST), _MOST), 2)
    st.session_state.setdefault(key, best)

    def back() -> None:
        st.session_state[key] = best

    with st.container(horizontal=True, vertical_alignment="bottom"):
        value = st.slider(
            "**Logits divided by a temperature** T",
            _LEAST,
            _MOST,
            step=0.01,
            key=key,
            help=meaning("temperature scaling"),
        )
        st.button(f"Fitted: {fitted.value:.2f}", on_click=back, key="inspect_fitted", type="tertiary")
    return float(value)


def _diagram(calibration: Calibration, name: str) -> None:
    table = calibration_table(calibration)
    st.vega_lite_chart(
        table,
        RELIABILITY_CHART,
        height=HEIGHT,
        key=f"inspect_reliability_{name}",
        alt="Accuracy over confidence, bin by bin, with the diagonal of perfect calibration",
    )
    st.vega_lite_chart(
        table,
        CONFIDENCE_CHART,
        height=LOW_HEIGHT,
        key=f"inspect_confidence_{name}",
        alt="How many images have each confidence",
    )


def _numbers(calibration: Calibration) -> None:
    st.markdown(
        unbroken(
            f"Calibration error **{100 * calibration.ece:.2f} %** · loss **{calibration.loss:.4f}** · "
            f"accuracy **{100 * calibration.accuracy:.2f} %**"
        ),
        help=f"{meaning('calibration error')} The loss is the mean cross-entropy (negative log-likelihood, NLL) in "
        "nats. All are of the test split.",
    )


def _what_it_brought(before: Calibration, after: Calibration, fitted: Temperature, temperature: float) -> str:
    chosen = (
        f"With T = {temperature:.2f} the calibration error goes from {100 * before.ece:.2f} to "
        f"{100 * after.ece:.2f} %, the loss from {before.loss:.4f} to {after.loss:.4f}. The accuracy stays at "
        f"{100 * after.accuracy:.2f} %: dividing all logits by one number leaves the largest one the largest."
    )
    how = (
        f" T = {fitted.value:.3f} gives the lowest loss on the {fitted.images:,} validation images "
        f"({fitted.loss_before:.4f} → {fitted.loss_after:.4f}); what you see is the test split, which had no say."
    )
    if fitted.at_its_end:
        how += " It is the end of what was searched: the loss falls on beyond."
    return chosen + how


def _error(before: Calibration) -> None:
    formula, table = st.columns([1, 1.2], gap="medium")
    with formula:
        st.markdown("##### The calibration error in numbers")
        st.latex(r"\text{ECE} = \sum_b \tfrac{n_b}{N}\,|\text{accuracy}_b - \text{confidence}_b|")
        st.latex(error_in_numbers(before))
        st.markdown(
            "Blue is the accuracy of each bin, with its 95 % Wilson interval; orange, partly over it, is the gap to "
            "the mean confidence. On the dashed line a network that is 70 % sure is right in 70 % of the cases. Bins "
            "with few images have wide intervals and count little. The error depends on the number of bins, and chance "
            "alone keeps it above 0."
        )
        st.caption("After Guo et al., “On calibration of modern neural networks”, 2017.")
    with table:
        st.dataframe(
            _rows(before),
            hide_index=True,
            key="inspect_calibration_bins",
            height=35 * (min(len(before.bins), 16) + 1) + 2,
            column_config={_INTERVAL: st.column_config.Column(help=meaning("Wilson interval"))},
        )


def _rows(calibration: Calibration) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "confidence in": f"({100 * each.low:.3g}, {100 * each.high:.3g}] %",
                "images": each.images,
                "mean confidence": "—" if each.confidence is None else f"{100 * each.confidence:.1f} %",
                "accuracy": "—" if each.accuracy is None else f"{100 * each.accuracy:.1f} %",
                _INTERVAL: "—"
                if not each.images
                else f"{100 * each.interval[0]:.1f} – {100 * each.interval[1]:.1f} %",
                "part of the error": f"{100 * calibration.share(each) * abs(each.gap):.3f} %",
            }
            for each in calibration.bins
        ]
    )
