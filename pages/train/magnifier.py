"""The step under a magnifier: one batch, its logits and losses, each layer's gradient, one weight's update."""

from collections.abc import Sequence

import streamlit as st

from core.figures.magnifier import CLASS_CHART, GRADIENT_CHART, class_table, gradient_table, image_table
from core.training.observations import StepUnderMagnifier
from core.training.runs.records import Run
from core.training.runs.states import ACTIONS
from pages.shared.glossary import meaning
from pages.train import one_update, steering
from pages.train.classes import class_names
from pages.train.observed import observed

HEIGHT = 280  # pixels of the images and the two charts
_STEP = "magnifier_step"  # of the widget that chooses among the steps
_NEWEST = "magnifier_newest"  # in the session: the newest step so far; another one is shown when it comes


def draw(run: Run, _runs: Sequence[Run]) -> None:
    """The newest magnified step of a run, or the chosen one, or why there is none."""
    steps = {found.step: found for found in observed(run, StepUnderMagnifier)}
    with st.container(horizontal=True, vertical_alignment="center"):
        _button(run)
        if not steps:
            st.markdown(_nothing(run))
            return
        step = steps[_choose(run, list(steps))]
        st.markdown(_facts(step))
    classes = class_names(run)
    images, logits, gradients = st.columns([1.3, 1, 0.8], gap="medium")
    with images:
        place = _images(step, classes)
    with logits:
        st.markdown(f"**Image {place + 1}**: logits and softmax", help=meaning("logits"))
        st.vega_lite_chart(
            class_table(step, place, classes),
            CLASS_CHART,
            height=HEIGHT,
            key="magnifier_classes",
            alt=f"Probability and logit of each class for image {place + 1} of the batch",
        )
    with gradients:
        st.markdown("**Gradient norm** of each layer", help=meaning("gradient norm"))
        st.vega_lite_chart(
            gradient_table(step),
            GRADIENT_CHART,
            height=HEIGHT,
            key="magnifier_gradients",
            alt="Gradient norm of each layer in this step, on a logarithmic axis",
        )
    one_update.draw(run, step)


def _button(run: Run) -> None:
    st.button(
        "One step",
        icon=":material/skip_next:",
        key="magnifier_take",
        type="primary",
        disabled=run.state not in ACTIONS["step"].told,
        on_click=steering.ask,
        args=(run, "step"),
        help="The worker takes one step, shows here all that happened in it, and pauses.",
    )


def _choose(run: Run, steps: list[int]) -> int:
    """The chosen step; the newest one as soon as it comes."""
    newest = (run.id, steps[-1])
    if st.session_state.get(_NEWEST) != newest or st.session_state.get(_STEP) not in steps:
        st.session_state[_NEWEST] = newest
        st.session_state[_STEP] = steps[-1]
    return st.selectbox(
        "Step",
        steps[::-1],
        format_func=lambda step: f"Step {step:,}",
        key=_STEP,
        label_visibility="collapsed",
        width=150,
    )


def _facts(step: StepUnderMagnifier) -> str:
    return (
        f"Epoch {step.epoch:.2f} · {step.images} images · loss **{step.loss:.4f}** · gradient norm "
        f"{step.gradient_norm:.3g} · learning rate {step.learning_rate:g}"
    )


def _images(step: StepUnderMagnifier, classes: Sequence[str]) -> int:
    """The batch's images; which one is chosen."""
    few = f"the first {len(step.labels)} of {step.images}" if len(step.labels) < step.images else "all"
    st.markdown(
        f"**The batch**, {few}: click one",
        help="As the network got them, augmented where that was asked for. The loss of an image is −ln of the "
        "probability that its true class got."
        + (" That of the step is the mean of each times what the image counts (×)." if step.counts else ""),
    )
    widths = (52, 72, 75, 50) if step.counts else (55, 85, 85, 55)
    event = st.dataframe(
        image_table(step, classes),
        height=HEIGHT,
        hide_index=True,
        row_height=44,
        key="magnifier_images",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        column_config={
            "image": st.column_config.ImageColumn("Image", width=widths[0]),
            "label": st.column_config.TextColumn("Label", width=widths[1]),
            "predicted": st.column_config.TextColumn("Predicted", width=widths[2]),
            "loss": st.column_config.NumberColumn("Loss", format="%.3f", width=widths[3]),
            "counts": st.column_config.NumberColumn(
                "×",
                format="%.3g×",
                width=45,
                help=f"How much it counts. {meaning('leaving easy images out')}",
            ),
        },
    )
    rows = event.selection.rows
    return rows[0] if rows and rows[0] < len(step.labels) else 0


def _nothing(run: Run) -> str:
    """What the button does, or why there is nothing to see, in a sentence."""
    if run.state in ACTIONS["step"].told:
        return (
            "**Press One step**: the run takes a single step and pauses. You then see its batch, the logits and "
            "losses, each layer's gradient, and how the optimizer moved single weights, formula and numbers."
        )
    if run.state == "queued":
        return "This run waits for its turn; once it runs, its steps can be taken one by one."
    return (
        "No step of this run was put under the magnifier. Start it again, pause it, and press One step here: "
        "only a run that is under way can take one."
    )
