"""The network that this session works on, the same in Design and Train."""

import streamlit as st

from core.networks.gallery import NAMED_NETWORKS
from core.networks.spec import NetworkSpec

_KEY = "network"
_FIRST = "LeNet"


def current_network() -> NetworkSpec:
    """The design of this session; a newcomer starts with LeNet."""
    network: NetworkSpec = st.session_state.setdefault(_KEY, NAMED_NETWORKS[_FIRST])
    return network


def choose_network(network: NetworkSpec) -> None:
    """Make `network` the design of this session."""
    st.session_state[_KEY] = network
