"""The network that this session works on, the same in Design and Train, and the images that it is for."""

import streamlit as st

from core.networks.gallery import NAMED_NETWORKS
from core.networks.images import IMAGES
from core.networks.spec import NetworkSpec, Shape
from pages.shared.draft import kept

_KEY = "network"
_FIRST = "LeNet"
IMAGE_KEY = "image"  # of the Design page's widget: a key of IMAGES


def current_network() -> NetworkSpec:
    """The design of this session: at first what this visitor left here, or LeNet for a newcomer."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = kept("design") or NAMED_NETWORKS[_FIRST]
    network: NetworkSpec = st.session_state[_KEY]
    return network


def choose_network(network: NetworkSpec) -> None:
    """Make `network` the design of this session."""
    st.session_state[_KEY] = network


def current_image() -> Shape:
    """The shape of the images that this session designs for; a newcomer has grey ones of 28 × 28."""
    return IMAGES.get(st.session_state.get(IMAGE_KEY, ""), next(iter(IMAGES.values())))


def choose_image(shape: Shape) -> None:
    """Design for images of `shape`, before the widget is drawn."""
    st.session_state[IMAGE_KEY] = next(word for word, known in IMAGES.items() if known == shape)
