"""The training images nearest to an image, by what the network sees in them or by their pixels."""

import streamlit as st
from torch import Tensor

from core.data.splits import split
from core.figures.images import grey
from core.inspection.familiarity import DISTANCE, Familiar, placed
from core.inspection.last_features import FeatureNetwork
from core.inspection.neighbours import (
    FeatureBank,
    Neighbours,
    feature_bank,
    features_of,
    nearest_features,
    nearest_pixels,
    usual_distances,
)
from core.training.config import DataChoice
from core.training.runs.records import Run
from pages.inspect import work
from pages.inspect.chosen_image import ChosenImage
from pages.inspect.kept import Kept
from pages.inspect.pictures import pictures
from pages.inspect.subject import Subject
from pages.shared import server
from pages.shared.glossary import meaning

_KEY = "inspect_features"
COUNT = 8
SAMPLE = 1000  # test images whose distances say what is usual
MOST_BANKS = 3  # checkpoints whose features the server keeps
_WAYS = {"features": "What the network sees", "pixels": "Pixels"}


def draw(run: Run, subject: Subject, image: ChosenImage) -> None:
    """The choice of a distance, and the nearest training images; the features are computed once, when asked for."""
    found = work.begun(_KEY, _wanted(subject), _banks())
    polled = found is not None and not found.over
    if not polled:
        work.forget(_KEY)  # the server keeps a few of these large results, a session none
    st.fragment(_content, run_every=work.POLL if polled else None)(run, subject, image, polled)


def _content(run: Run, subject: Subject, image: ChosenImage, polled: bool) -> None:
    wanted = _wanted(subject)
    st.markdown(
        "**Nearest training images**",
        help=f"What the network sees: cosine distance between what the last layer with weights takes in. "
        f"{meaning('cosine distance')} Pixels: root of the mean squared difference, in grey levels.",
    )
    way = st.segmented_control(
        "Nearest by", list(_WAYS), format_func=_WAYS.__getitem__, default="features", required=True,
        key="inspect_nearest", label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    if way == "pixels":
        _show(subject, _by_pixels(subject.data, image.key, subject, image), "{:.1f} levels")
        return
    if polled:
        work.wait(work.begun(_KEY, wanted, _banks()), _KEY, "Looking at the training images")
    elif bank := _bank(subject):
        features = features_of(_network(subject.sha, subject.data, subject), image.pixels[None])[0]
        _show(subject, nearest_features(bank, features, COUNT), "{:.3f}")
    elif st.button("Look at the training images", icon=":material/search:", key="inspect_features_begin"):
        places = _trained_on(run.request.data)
        pixels = server.dataset(subject.data.dataset, subject.data.image).train.pixels
        steps = feature_bank(_network(subject.sha, subject.data, subject), pixels, places)
        work.start(_KEY, wanted, lambda _pause: work.shares(steps), _banks())
        st.rerun()
    else:
        st.caption("The network looks at all images that it was trained on, once; that takes some seconds.")


def _show(subject: Subject, found: Neighbours, distance: str) -> None:
    train = server.dataset(subject.data.dataset, subject.data.image).train
    shown = [
        (grey(train.pixels[index]), f"{subject.classes[int(train.labels[index])]}, {distance.format(away)}")
        for index, away in zip(found.images.tolist(), found.distances.tolist(), strict=True)
    ]
    half = COUNT // 2
    for row in (shown[:half], shown[half:]):
        if row:
            pictures(row, most=84)


def familiar_distance(subject: Subject, image: ChosenImage) -> Familiar | None:
    """How far an image is from its nearest training image, beside the test images; None before these were looked at."""
    bank = _bank(subject)
    if bank is None:
        return None
    network = _network(subject.sha, subject.data, subject)
    usual = _usual_distances(subject.sha, subject.data, subject, network, bank)
    nearest = nearest_features(bank, features_of(network, image.pixels[None])[0], 1)
    return placed(DISTANCE, float(nearest.distances[0]), usual)


@st.cache_resource(max_entries=6, show_spinner="Measuring the test images")
def _usual_distances(
    sha: str, data: DataChoice, _subject: Subject, _network: FeatureNetwork, _bank: FeatureBank
) -> Tensor:
    return usual_distances(_network, _bank, _subject.test.pixels[:SAMPLE])


def _wanted(subject: Subject) -> tuple[str, DataChoice]:
    return subject.sha, subject.data


def _bank(subject: Subject) -> FeatureBank | None:
    found: work.Share[FeatureBank] | None = _banks().get(_wanted(subject))
    return found.whole if found else None


@st.cache_resource
def _banks() -> Kept:
    return Kept(MOST_BANKS)


@st.cache_resource(max_entries=6, show_spinner=False)
def _network(sha: str, data: DataChoice, _subject: Subject) -> FeatureNetwork:
    return FeatureNetwork(_subject.model, _subject.normalisation, _subject.test.pixels[0])


@st.cache_resource(max_entries=8, show_spinner=False)
def _trained_on(data: DataChoice) -> Tensor:
    labels = server.dataset(data.dataset, data.image).train.labels
    return split(labels, data.share, data.validation_share, data.split_seed).train


@st.cache_resource(max_entries=64, show_spinner=False)
def _by_pixels(data: DataChoice, image: str, _subject: Subject, _image: ChosenImage) -> Neighbours:
    train = server.dataset(data.dataset, data.image).train
    return nearest_pixels(train.pixels, _trained_on(data), _image.pixels, COUNT)
