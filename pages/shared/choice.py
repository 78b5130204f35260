"""The network that this session works on, the same in Design and Train, and the images that it is for."""

import streamlit as st

from core.data.catalogue import datasets
from core.networks.gallery import NAMED_NETWORKS
from core.networks.images import IMAGES, Task
from core.networks.spec import NetworkSpec
from pages.shared.draft import kept

_KEY = "network"
_FIRST = "LeNet"
IMAGE_KEY = "image"  # of the Design page's widget: a name of `tasks`
_TASK = "task"  # in the session: what was chosen from elsewhere, which no data set may have


def current_network() -> NetworkSpec:
    """The design of this session: at first what this visitor left here, or LeNet for a newcomer."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = kept("design") or NAMED_NETWORKS[_FIRST]
    network: NetworkSpec = st.session_state[_KEY]
    return network


def choose_network(network: NetworkSpec) -> None:
    """Make `network` the design of this session."""
    st.session_state[_KEY] = network


def tasks() -> dict[str, Task]:
    """What can be designed for, by its name: the usual images, those of every data set, and the present one."""
    known = (Task(record.input_shape, len(record.classes)) for record in datasets().values())
    chosen: Task | None = st.session_state.get(_TASK)
    return {**IMAGES, **{task.words: task for task in (*known, *([chosen] if chosen else []))}}


def current_task() -> Task:
    """What this session designs for; a newcomer has grey images of 28 × 28 in ten classes."""
    return tasks().get(st.session_state.get(IMAGE_KEY, ""), next(iter(IMAGES.values())))


def choose_task(task: Task) -> None:
    """Design for `task`, before the widget is drawn."""
    st.session_state[_TASK] = task
    st.session_state[IMAGE_KEY] = task.words
