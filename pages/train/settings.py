"""The controls of a new run: what to train, on which data, and how."""

from dataclasses import dataclass

import streamlit as st

from core.data.catalogue import DATASETS
from core.networks.analysis import analyse
from core.networks.gallery import NAMED_NETWORKS
from core.networks.spec import NetworkSpec
from core.training import device
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.optimizers import OPTIMIZERS
from core.training.starting_weights import unready
from pages.shared.choice import current_network
from pages.shared.data_card import DATASET_KEY
from pages.shared.glossary import meaning
from pages.train import augmentation

OWN = "own design"
SHARES = {0.01: "1 %", 0.1: "10 %", 1.0: "100 %"}
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
    data = st.selectbox(
        "Data set",
        list(DATASETS),
        format_func=lambda name: DATASETS[name].title,
        key=DATASET_KEY,
        persist_state="session",
        help="\n\n".join(f"**{known.title}**: {known.sentence}" for known in DATASETS.values()),
    )
    share = st.segmented_control(
        "Share of the training split",
        list(SHARES),
        default=1.0,
        format_func=SHARES.__getitem__,
        key="train_share",
        persist_state="session",
        required=True,
        width="stretch",
        help="Ten per cent of the training images are cut off for validation first, and stay whole. "
        "Then this share of the rest is taken, the same for every run: each class gives its part.",
    )
    plan = augmentation.draw(data)
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
        DataChoice(dataset=data, share=share or 1.0, augmentation=plan),
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
    known = DATASETS[data]
    analysis = analyse(network, known.input_shape, len(known.classes))
    unreadable = [problem for problem in (rate_problem, decay_problem) if problem]
    problems = unreadable or request.problems()
    design_problem = " ".join(
        f"{problem.name}: {problem.sentence}" if problem.name else problem.sentence
        for problem in analysis.problems
    ) or unready(network, known.input_shape, len(known.classes))
    sound = not problems and not design_problem
    return Settings(request if sound else None, tuple(problems), design_problem, analysis.trained_parameters)


def _choose_network() -> NetworkSpec:
    own = current_network()
    name = st.selectbox(
        "Network",
        [OWN, *NAMED_NETWORKS],
        format_func=lambda name: f"Your design ({own.name})" if name == OWN else name,
        key="train_network",
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
