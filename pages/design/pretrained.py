"""The card of a design whose weights were learned elsewhere: what they are, a way to get them, what is trained."""

from dataclasses import replace

import streamlit as st

from core.networks.analysis import Analysis
from core.networks.pretrained import PRETRAINED, PretrainedWeights
from core.training.starting_weights import WeightsMissing, WeightsStatus, fetch_weights, misfit, status
from pages.design.address import note_action
from pages.shared import history
from pages.shared.choice import current_network
from pages.shared.glossary import meaning
from pages.shared.progress import progress_bar

TRAINED = {True: "The head alone", False: "The whole network"}  # by NetworkSpec.frozen
_FROZEN = "pretrained_frozen"
_REFUSALS = "pretrained_refusals"  # in the session: weights → why they could not be had, until they can


def weights_card(analysis: Analysis) -> None:
    """Draw the card where the design begins with pretrained weights, or trains its head alone; else nothing."""
    weights = PRETRAINED.get(analysis.spec.weights)
    if weights is None:
        if analysis.spec.frozen:
            _frozen_at_random()
        return
    with st.container(border=True, key="pretrained_card"):
        st.markdown(
            f":material/school: **Pretrained weights of {weights.title}** ({weights.source}), learned on "
            f"{weights.trained_on}: photographs in a thousand classes, of which it names "
            f"{100 * weights.accuracy:.1f} % right at the first guess. torchvision publishes them "
            f"({weights.bytes / 1e6:.0f} MB); the head, for other classes, is new.",
            help=meaning("pretrained weights"),
        )
        if not analysis.problems and (
            refusal := misfit(analysis.spec, analysis.input_shape, analysis.classes)
        ):
            st.warning(refusal, icon=":material/extension_off:")
            st.button("Begin with random weights instead", on_click=_begin_at_random, key="pretrained_random")
            return
        found = status(weights.name)
        if found.state == "here":
            st.caption(f":material/check: {found.message}")
        else:
            _offer(weights, found)
        _what_is_trained(analysis)


def _offer(weights: PretrainedWeights, found: WeightsStatus) -> None:
    """The download, and why it did not work the last time."""
    refusals: dict[str, str] = st.session_state.setdefault(_REFUSALS, {})
    if found.state == "damaged":
        st.warning(f"{weights.file_name} on this machine is damaged.", icon=":material/broken_image:")
    if st.button(
        f"Download the weights of {weights.title}",
        type="primary",
        icon=":material/download:",
        key="pretrained_download",
    ):
        refusals.pop(weights.name, None)
        try:
            with progress_bar(f"Downloading {weights.file_name}") as report:
                fetch_weights(weights.name, report)
            st.rerun()
        except WeightsMissing as refusal:
            refusals[weights.name] = str(refusal)
    if weights.name in refusals:
        st.warning(refusals[weights.name], icon=":material/cloud_off:")
    else:
        st.caption(f"Without a network: {found.by_hand}.")


def _what_is_trained(analysis: Analysis) -> None:
    """The choice, with the number of parameters that each leaves to learn."""
    learned = {True: analysis.head.parameters if analysis.head else 0, False: analysis.parameters}
    st.session_state[_FROZEN] = analysis.spec.frozen
    st.radio(
        "Train",
        list(TRAINED),
        key=_FROZEN,
        format_func=lambda frozen: f"{TRAINED[frozen]} ({learned[frozen]:,} parameters)",
        captions=(
            "What comes before stays as it is: quick, and few images are enough.",
            "Fine-tuning: better in the end, and about three times the work; take a tenth of the usual learning rate.",
        ),
        on_change=_choose_what_is_trained,
    )


def _frozen_at_random() -> None:
    """What is left when a person takes other weights for a design whose head alone is trained."""
    st.warning(
        "Only the head of this design is trained, and what comes before it begins at random and stays so.",
        icon=":material/ac_unit:",
    )
    st.button("Train the whole network", on_click=_begin_at_random, key="pretrained_unfreeze")


def _choose_what_is_trained() -> None:
    note_action()
    history.change(replace(current_network(), frozen=st.session_state[_FROZEN]))


def _begin_at_random() -> None:
    """Without pretrained weights, all is trained; another rule for the first weights stays chosen."""
    note_action()
    network = current_network()
    weights = "default" if network.weights in PRETRAINED else network.weights
    history.change(replace(network, weights=weights, frozen=False))
