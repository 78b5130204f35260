"""All test images as points: what the network has made of them before its last layer decides."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
import torch

from core.figures.projection import BOX, COLOURINGS, DOT, projection_chart, projection_table
from core.inspection.last_features import LastFeatures, last_features
from core.inspection.projection import (
    NEIGHBOURS,
    NoMapError,
    PrincipalComponents,
    inside,
    nearest,
    neighbours_kept,
    principal_components,
)
from core.training.runs.records import Run
from pages.inspect import sheet, tsne_map
from pages.inspect.contrast_view import open_image
from pages.inspect.looks import looks_of
from pages.inspect.segmented import segmented
from pages.inspect.subject import Subject
from pages.shared.glossary import meaning
from pages.shared.markdown import unbroken

_MAPS = {"pca": "PCA", "tsne": "t-SNE"}
_KEY = "inspect_projection"
_CHOSEN = "inspect_projection_chosen"  # in the session: (what is mapped how, the selections on it)
HEIGHT = 440  # pixels
_HOW = {
    "pca": "PCA turns the space and looks at it from the side from which the points spread most. Straight lines stay "
    "straight, and two points far apart here are at least as far apart in the space; two that are close may be far "
    "apart along what is not shown.",
    "tsne": "t-SNE puts images beside those that are their neighbours in the space. **What it does not preserve**: "
    "how far apart two groups are, how large or dense a group is, and directions; the axes mean nothing. Gaps may be "
    "where there are none, and another perplexity or seed gives another picture, so trust only what stays.",
}


def draw(_run: Run, subject: Subject) -> None:
    """The map; the images in a rectangle that was drawn on it; how to read it."""
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        way, colouring = _controls()
    try:
        features = _features(subject)
        main = _principal(subject.sha, subject.data.dataset, features)
    except NoMapError as reason:
        left.warning(str(reason), icon=":material/error:")
        return
    with right:
        neighbours = tsne_map.draw(subject, features.values) if way == "tsne" else None
    name, shown = neighbours or ("PCA", main.points)
    which = f"{subject.sha} {subject.data.dataset} {name}"
    with left:
        _chart(subject, shown, colouring, which)
    with right:
        if way == "tsne" and neighbours is None:
            st.caption("Until then you see the principal components.")
        _images(subject, features, shown, which)
    st.markdown(
        f"Each point is a test image, as {features.what}. {_HOW['tsne' if neighbours else 'pca']}",
        help=meaning("t-SNE" if neighbours else "PCA"),
    )
    kept = _kept(which, features.values, shown)
    st.markdown(
        unbroken(
            ("" if neighbours else main.sentence() + " ")
            + f"Of the {NEIGHBOURS} nearest neighbours that an image has in the space, {100 * kept:.0f} % are among "
            "its nearest in this picture, on average."
        )
    )


def _controls() -> tuple[str, str]:
    with st.container(horizontal=True):
        way = segmented("map", "Map", _MAPS)
        colouring = segmented("colour", "Colour", COLOURINGS)
    return way, colouring


def _features(subject: Subject) -> LastFeatures:
    found: LastFeatures = looks_of("features", 6).look(
        (subject.sha, subject.data),
        lambda report: last_features(subject.model, subject.test, subject.normalisation, report),
        "The network looks at the whole test split",
    )
    return found


@st.cache_resource(max_entries=24, show_spinner=False)
def _principal(sha: str, dataset: str, _features: LastFeatures) -> PrincipalComponents:
    return principal_components(_features.values)


@st.cache_data(max_entries=48, show_spinner=False)
def _kept(which: str, _features: torch.Tensor, _points: torch.Tensor) -> float:
    return neighbours_kept(_features, _points)


@st.cache_data(max_entries=12, show_spinner=False)
def _table(which: str, _points: torch.Tensor, _subject: Subject) -> Any:
    return projection_table(_points, _subject.predictions, _subject.classes)


def _chart(subject: Subject, points: torch.Tensor, colouring: str, which: str) -> None:
    def chosen() -> None:
        st.session_state[_CHOSEN] = (which, dict(st.session_state[_KEY]["selection"]))

    st.vega_lite_chart(
        _table(which, points, subject),
        projection_chart(colouring, subject.classes),
        height=HEIGHT,
        key=_KEY,
        on_select=chosen,
        selection_mode=[BOX, DOT],
        alt="All test images as points, coloured by class or by whether they are recognised",
    )


def _images(subject: Subject, features: LastFeatures, points: torch.Tensor, which: str) -> None:
    """The sheet of the images in the rectangle, those with the highest loss first; or a point and its neighbours."""
    of, chosen = st.session_state.get(_CHOSEN, ("", {}))
    box, dots = (chosen.get(BOX), chosen.get(DOT)) if of == which else (None, None)
    images = _in_the_box(points, box or {})
    found = subject.predictions
    if len(images):
        images = images[found.losses[images].argsort(descending=True, stable=True)]
        wrong = int((~found.correct[images]).sum())
        st.markdown(
            f"**{len(images):,}** images, **{wrong:,}** of them misclassified; the highest loss first"
        )
    elif dots:
        images = nearest(features.values, int(dots[0]["image"]))
        st.markdown(f"Image {int(images[0])}, and its {len(images) - 1} nearest neighbours in the space")
    else:
        st.markdown(
            ":material/select: Draw a rectangle on the map, and you see its images here; double-click a point beside "
            "it for one and its neighbours."
        )
        return

    def open_it(index: int) -> None:
        open_image(index, (int(found.labels[index]), int(found.predicted[index])))

    whose = f"{which} {box} {dots}"
    sheet.draw(subject, "inspect_projection_sheet", images.tolist(), whose, open_it, tall=True)


def _in_the_box(points: torch.Tensor, box: Mapping[str, Any]) -> torch.Tensor:
    x, y = box.get("x"), box.get("y")
    if not x or not y:
        return torch.empty(0, dtype=torch.int64)
    return inside(points, (float(x[0]), float(x[-1])), (float(y[0]), float(y[-1])))
