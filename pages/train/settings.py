"""The controls of a new run: what to train, on which data, and how."""

from dataclasses import dataclass, replace

import streamlit as st

from core.networks.analysis import analyse
from core.networks.gallery import NAMED_NETWORKS
from core.networks.spec import NetworkSpec
from core.training.config import RunRequest
from core.training.memory import never_fits
from core.training.starting_weights import unready
from pages.shared.choice import current_network
from pages.train import augmentation, configuration, data_choice, presets
from pages.train.data_choice import ChosenData
from pages.train.fit import NETWORK_KEY, OWN


@dataclass(frozen=True)
class Settings:
    """What the controls say, and what is wrong with it."""

    asked: RunRequest  # as the controls say, sound or not
    request: RunRequest | None  # the same, None where it is not sound
    problems: tuple[str, ...]  # a sentence each
    design_problem: str  # of the network; the Design page mends it; "" for none
    parameters: int  # that training will change
    data: ChosenData


def draw() -> Settings:
    """Draw the controls and read them."""
    top = st.container()
    network = _choose_network()
    data = data_choice.draw(network)
    plan = augmentation.draw(data.choice.dataset)
    chosen = configuration.draw()
    choice = replace(data.choice, augmentation=plan, shuffled_labels=chosen.shuffled_labels)
    request = RunRequest(network, choice, chosen.config)
    with top:
        presets.draw(request)
    analysis = analyse(network, data.shape, data.classes)
    problems = list(chosen.unreadable) or request.problems()
    design_problem = " ".join(
        f"{problem.name}: {problem.sentence}" if problem.name else problem.sentence
        for problem in analysis.problems
    ) or unready(network, data.shape, data.classes)
    if not problems and not design_problem and (too_large := never_fits(request)):
        problems = [too_large]
    sound = not problems and not design_problem
    return Settings(
        request,
        request if sound else None,
        tuple(problems),
        design_problem,
        analysis.trained_parameters,
        data,
    )


def use_rate(rate: float) -> None:
    """Let the controls say this learning rate, from the next run of the page on."""
    st.session_state[configuration.RATE_KEY] = f"{rate:g}"


def _choose_network() -> NetworkSpec:
    own = current_network()
    name = st.selectbox(
        "Network",
        [OWN, *NAMED_NETWORKS],
        format_func=lambda name: f"Your design ({own.name})" if name == OWN else name,
        key=NETWORK_KEY,
        persist_state="session",
        help="Your design is the network of the Design page; the others are there by name.",
    )
    return own if name == OWN else NAMED_NETWORKS[name]
