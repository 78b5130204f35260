"""The controls of a new run: what to train, on which data, and how."""

from dataclasses import dataclass, replace

import streamlit as st

from core.networks.analysis import analyse
from core.networks.gallery import NAMED_NETWORKS
from core.networks.spec import NetworkSpec
from core.training import device
from core.training.config import RunRequest, TrainingConfig
from core.training.optimizers import OPTIMIZERS
from core.training.starting_weights import unready
from pages.shared.choice import current_network
from pages.shared.glossary import meaning
from pages.train import augmentation, data_choice
from pages.train.fit import NETWORK_KEY, OWN

RATE_KEY = "train_learning_rate"
_DEFAULT = TrainingConfig()


@dataclass(frozen=True)
class Settings:
    """What the controls say: a request, or what is wrong with it."""

    request: RunRequest | None
    problems: tuple[str, ...]  # a sentence each
    design_problem: str  # of the network; the Design page mends it; "" for none
    parameters: int  # that training will change


def draw() -> Settings:
    """Draw the controls and read them."""
    network = _choose_network()
    data = data_choice.draw(network)
    plan = augmentation.draw(data.choice.dataset)
    left, right = st.columns(2, gap="xsmall")
    with left, st.container(gap="xsmall"):
        epochs = _whole("Epochs", "epochs", _DEFAULT.epochs, 1, 1000, "epoch")
        optimizer = _choose_optimizer()
        decay, decay_problem = _number("Weight decay", "train_weight_decay", "0", "weight decay")
    with right, st.container(gap="xsmall"):
        batch = _whole("Batch size", "batch_size", _DEFAULT.batch_size, 1, 8192, "batch")
        rate, rate_problem = _number(
            "Learning rate", RATE_KEY, f"{_DEFAULT.learning_rate:g}", "learning rate"
        )
        seed = _whole("Seed", "seed", _DEFAULT.seed, 0, 2**31 - 1, "seed")
    place = _choose_device()
    request = RunRequest(
        network,
        replace(data.choice, augmentation=plan),
        TrainingConfig(
            epochs,
            batch_size=batch,
            optimizer=optimizer,
            learning_rate=rate,
            weight_decay=decay,
            seed=seed,
            device=place,
        ),
    )
    analysis = analyse(network, data.shape, data.classes)
    unreadable = [problem for problem in (rate_problem, decay_problem) if problem]
    problems = unreadable or request.problems()
    design_problem = " ".join(
        f"{problem.name}: {problem.sentence}" if problem.name else problem.sentence
        for problem in analysis.problems
    ) or unready(network, data.shape, data.classes)
    sound = not problems and not design_problem
    return Settings(request if sound else None, tuple(problems), design_problem, analysis.trained_parameters)


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


def _choose_optimizer() -> str:
    return st.selectbox(
        "Optimizer",
        list(OPTIMIZERS),
        index=list(OPTIMIZERS).index(_DEFAULT.optimizer),
        format_func=lambda name: OPTIMIZERS[name].label,
        key="train_optimizer",
        persist_state="session",
        help=meaning("optimizer")
        + "".join(
            f"\n\n**{kind.label}**: ${kind.formula}$. {kind.explanation} "
            f"A good first learning rate: {kind.learning_rate:g}."
            for kind in OPTIMIZERS.values()
        ),
    )


def _choose_device() -> str:
    names = ["auto", *device.available()]
    return st.selectbox(
        "Device",
        names,
        format_func=lambda name: (
            f"{'Automatic: ' if name == 'auto' else ''}{device.describe(device.resolve(name))}"
        ),
        key="train_device",
        persist_state="session",
        help="Where the network is trained. Automatic takes CUDA, else Apple's MPS, else the CPU.",
    )


def _whole(label: str, name: str, default: int, low: int, high: int, term: str) -> int:
    number = st.number_input(
        label,
        low,
        high,
        default,
        step=1,
        key=f"train_{name}",
        persist_state="session",
        help=meaning(term),
    )
    return default if number is None else int(number)


def _number(label: str, key: str, default: str, term: str) -> tuple[float, str]:
    """A number as people write it, 0.001 or 1e-3, and a sentence if it is none."""
    st.session_state.setdefault(key, default)  # not the widget's: the page itself may change the value
    text = st.text_input(label, key=key, persist_state="session", help=meaning(term))
    try:
        return float(text), ""
    except ValueError:
        return 0.0, f"The {label.lower()} “{text}” is not a number; write it like 0.001 or 1e-3."
