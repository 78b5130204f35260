"""Which images a run sees: the data set, how much of it, how it is split, and in which format."""

from dataclasses import dataclass

import streamlit as st

from core.data.catalogue import datasets, status
from core.data.image_sets import SIDES
from core.data.record import DatasetRecord
from core.data.resizing import ImageFormat
from core.data.splits import split
from core.networks.images import COLOURS
from core.networks.spec import NetworkSpec
from core.training.config import DataChoice
from pages.shared.data_card import DATASET_KEY
from pages.shared.glossary import meaning
from pages.shared.server import dataset
from pages.train import fit, own_images

SHARES = {0.01: "1 %", 0.1: "10 %", 1.0: "100 %"}
OTHER = 0.0  # in the place of a share: any number, which is typed
AS_IT_IS: ImageFormat = (0, 0)  # in the place of a format: the images are not changed
FORMATS = (AS_IT_IS, *((channels, side) for channels in COLOURS for side in SIDES))
_DEFAULT = DataChoice()
_WANTED = (
    "train_dataset_wanted"  # in the session: a data set that was just added, to be chosen at the next run
)


@dataclass(frozen=True)
class ChosenData:
    """What the controls say, and what it means for a network."""

    choice: DataChoice
    shape: tuple[int, int, int]  # (C, H, W) of the images as the network gets them
    classes: int

    @property
    def words(self) -> str:
        """What the network gets, in words."""
        return f"{_format_words(self.shape)}, {self.classes} classes"


def draw(network: NetworkSpec) -> ChosenData:
    """Draw the controls and read them; `network` is what is to be trained, and offered to be fitted."""
    known = datasets()
    if wanted := st.session_state.pop(_WANTED, None):
        st.session_state[DATASET_KEY] = wanted
    if st.session_state.get(DATASET_KEY) not in known:  # it was deleted meanwhile
        st.session_state[DATASET_KEY] = _DEFAULT.dataset
    name = st.selectbox(
        "Data set",
        list(known),
        format_func=lambda name: known[name].title,
        key=DATASET_KEY,
        persist_state="session",
        help="\n\n".join(
            f"**{record.title}** ({record.source}): {record.sentence}" for record in known.values()
        ),
    )
    record = known[name]
    share = _choose_share()
    left, right = st.columns(2, gap="xsmall")
    with left.popover(
        "Split", width="stretch", help="How the data set is split, and in which format it is used"
    ):
        choice = _choose_split(name, record, share)
    with right.popover("Add images", width="stretch", help="Your own images"):
        if added := own_images.draw():
            st.session_state[_WANTED] = added
            st.rerun()
    shape, classes = record.shape_as(choice.image), len(record.classes)
    fit.offer(network, record.short_title, shape, classes)
    return ChosenData(choice, shape, classes)


def show(choice: DataChoice) -> None:
    """Make the controls say this, from the next run of the page on."""
    state = st.session_state
    state[DATASET_KEY] = choice.dataset
    state["train_share"] = choice.share if choice.share in SHARES else OTHER
    state["train_share_percent"] = 100 * choice.share
    state["train_validation_percent"] = 100 * choice.validation_share
    state["train_split_seed"] = choice.split_seed
    state["train_image"] = choice.image


def _choose_share() -> float:
    share = st.segmented_control(
        "Share of the training split",
        [*SHARES, OTHER],
        default=1.0,
        format_func=lambda share: SHARES.get(share, "Any"),
        key="train_share",
        persist_state="session",
        required=True,
        width="stretch",
        help="The validation images are cut off first, and stay whole. Then this share of the rest is taken, the "
        "same for every run with the same split seed: each class gives its part.",
    )
    if share != OTHER:
        return 1.0 if share is None else float(share)
    percent = st.number_input(
        "Any share, per cent",
        0.01,
        100.0,
        5.0,
        step=1.0,
        format="%.6g",
        key="train_share_percent",
        persist_state="session",
    )
    return (5.0 if percent is None else float(percent)) / 100


def _choose_split(name: str, record: DatasetRecord, share: float) -> DataChoice:
    st.markdown(f"**{record.title}**, {record.source}. {record.sentence}")
    validation = st.number_input(
        "Validation, per cent of the training images",
        1.0,
        90.0,
        100 * _DEFAULT.validation_share,
        step=1.0,
        format="%.6g",
        key="train_validation_percent",
        persist_state="session",
        help=meaning("validation split"),
    )
    seed = st.number_input(
        "Seed of the split",
        0,
        2**31 - 1,
        _DEFAULT.split_seed,
        step=1,
        key="train_split_seed",
        persist_state="session",
        help="Which images are for validation, and which are in a smaller share. Runs with the same seed are judged "
        "on the same images.",
    )
    image = st.selectbox(
        "Images for the network",
        FORMATS,
        format_func=lambda image: (
            f"as they are: {_format_words(record.input_shape)}"
            if image == AS_IT_IS
            else _format_words(record.shape_as(image))
        ),
        key="train_image",
        persist_state="session",
        help="Grey becomes colour by repeating its channel, colour becomes grey by its luma; the size changes by "
        "bilinear interpolation with antialiasing.",
    )
    choice = DataChoice(
        dataset=name,
        share=share,
        validation_share=_DEFAULT.validation_share if validation is None else float(validation) / 100,
        split_seed=_DEFAULT.split_seed if seed is None else int(seed),
        image=None if image == AS_IT_IS else image,
    )
    st.caption(_sizes(choice))
    return choice


def _sizes(choice: DataChoice) -> str:
    """How many images each split gets, in words, where the data set is here."""
    if status(choice.dataset).state != "ready":
        return "How many images each split gets can be said once the data set is here."
    images = dataset(choice.dataset)
    train, validation = _counts(choice)
    return (
        f"{train:,} images for training, {validation:,} for validation, {len(images.test):,} for test. Mean and "
        "standard deviation, by which the pixels are normalised, are measured on those for training alone."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _counts(choice: DataChoice) -> tuple[int, int]:
    labels = dataset(choice.dataset).train.labels
    cut = split(labels, choice.share, choice.validation_share, choice.split_seed)
    return len(cut.train), len(cut.validation)


def _format_words(shape: tuple[int, int, int]) -> str:
    channels, height, width = shape
    return f"{COLOURS[channels]} {height}×{width}"
