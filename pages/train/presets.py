"""Settings by name: one click makes all controls say them."""

import streamlit as st

from core.networks.gallery import NAMED_NETWORKS
from core.networks.spec import NetworkSpec
from core.training.config import RunRequest
from core.training.presets import PRESETS
from pages.shared import history
from pages.shared.choice import current_network
from pages.shared.draft import keep
from pages.train import augmentation, configuration, data_choice
from pages.train.fit import NETWORK_KEY, OWN

_NONE = "none"


def draw(request: RunRequest) -> None:
    """The choice; `request` is what the controls say now."""
    with st.popover("Presets", icon=":material/playlist_play:", width="stretch"), st.container(width=520):
        st.caption("Each sets all controls; the last ones go wrong on purpose, and say afterwards why.")
        for name, preset in PRESETS.items():
            st.button(
                f"**{preset.label}**: {preset.reason}",
                icon=":material/science:" if preset.to_see else ":material/play_circle:",
                key=f"preset_{name}",
                width="stretch",
                type="tertiary",
                on_click=_take,
                args=(preset.applied_to(request),),
            )


def _take(request: RunRequest) -> None:
    show(request)


def show(request: RunRequest) -> None:
    """Make all controls say what `request` says, from the next run of the page on."""
    configuration.show(request.config, request.data.shuffled_labels)
    data_choice.show(request.data)
    augmentation.show(request.data.augmentation)
    _show_network(request.network)


def _show_network(network: NetworkSpec) -> None:
    name = next((name for name, known in NAMED_NETWORKS.items() if known == network), OWN)
    if name == OWN and network != current_network():
        history.change(network)  # undo is on the Design page
        keep("design", network)
    st.session_state[NETWORK_KEY] = name
