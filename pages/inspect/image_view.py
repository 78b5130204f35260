"""One image: its pixels, all probabilities and logits, its history over the run, its evidence, and what is inside."""

import pandas as pd
import streamlit as st
from torch import Tensor

from core.figures.image_history import history_chart
from core.figures.pixels import pixel_figure
from core.inspection.attribution import METHODS, MethodUnableError, SettingError
from core.inspection.image_history import ImageHistory, chosen_checkpoints, image_history
from core.training.runs.records import CheckpointRecord, Run
from pages.inspect import address, components, inside_panel, neighbours_panel
from pages.inspect.chosen_image import ChosenImage, choose_image, pixel_network
from pages.inspect.evidence_view import evidence_figure
from pages.inspect.method_choice import choose_method
from pages.inspect.method_controls import draw_controls
from pages.inspect.subject import Subject, attribution_of
from pages.shared.glossary import meaning, meanings
from pages.shared.server import run_store

_PARTS = ("Numbers", "Attribution", "Neighbours", "Inside")


def draw(run: Run, subject: Subject) -> None:
    """The choice of an image and of what to know of it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        key, changed = address.followed("about", list(_PARTS), _PARTS[0])
        part = st.segmented_control(
            "What to see", _PARTS, key=key, on_change=changed, required=True, label_visibility="collapsed"
        )
        image = choose_image(subject)
    if part == "Attribution":
        _evidence(subject, image)
    elif part == "Neighbours":
        neighbours_panel.draw(run, subject, image)
    elif part == "Inside":
        inside_panel.draw(run, subject, image)
    else:
        _numbers(run, subject, image)


def _numbers(run: Run, subject: Subject, image: ChosenImage) -> None:
    pixels, table, history = st.columns([1.4, 1.05, 1.05], gap="medium")
    logits = pixel_network(subject).asked(image.pixels[None])[0]
    with pixels:
        components.pixels(key="inspect_pixels", data=pixel_figure(image.pixels, subject.normalisation))
        st.caption(_normalisation(subject), help=meaning("normalisation"))
    with table:
        _table(subject, image, logits)
    with history:
        st.markdown("**Over the run**", help=meaning("checkpoint"))
        records = tuple(chosen_checkpoints(run_store().checkpoints(run.id)))
        found = _history(tuple(record.sha256 for record in records), image.key, run, records, subject, image)
        st.markdown(found.sentence(subject.classes, image.label))
        if len(found.epochs) > 1:
            st.altair_chart(history_chart(found, subject.classes, image.label), key="inspect_history")


def _normalisation(subject: Subject) -> str:
    means, deviations = (
        ", ".join(f"{255 * value:.2f}" for value in values)
        for values in (subject.normalisation.mean, subject.normalisation.std)
    )
    return (
        f"Normalised: (grey level − {means}) / {deviations}, the mean and the standard deviation of the images that it "
        "was trained on."
    )


def _table(subject: Subject, image: ChosenImage, logits: Tensor) -> None:
    probabilities, said = logits.softmax(dim=0), int(logits.argmax())
    roles = {image.label: " · true", said: " · predicted"}
    if image.label == said:
        roles = {said: " ✓"}  # the whole words would be cut off
    table = pd.DataFrame(
        {
            "class": [name + roles.get(k, "") for k, name in enumerate(subject.classes)],
            "probability": [f"{100 * p:.3f} %" for p in probabilities.tolist()],
            "logit": [f"{z:.3f}".replace("-", "−") for z in logits.tolist()],
        }
    )
    st.dataframe(
        table, hide_index=True, key="inspect_image_table", height=min(600, 35 * (len(table) + 1) + 2),
        column_config={"class": st.column_config.Column(help="✓ is the true class, and the predicted one.")} | {
            name: st.column_config.Column(width="small", alignment="right", help=meaning(term))
            for name, term in (("probability", "probabilities"), ("logit", "logits"))
        },
    )  # fmt: skip


@st.cache_resource(max_entries=64, show_spinner="Asking the checkpoints")
def _history(
    shas: tuple[str, ...],
    image: str,
    _run: Run,
    _records: tuple[CheckpointRecord, ...],
    _subject: Subject,
    _image: ChosenImage,
) -> ImageHistory:
    return image_history(_run.request, _records, _image.pixels, _subject.normalisation, len(_subject.classes))


def _evidence(subject: Subject, image: ChosenImage) -> None:
    logits = pixel_network(subject).asked(image.pixels[None])[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        method = choose_method(subject)
        target = st.selectbox(
            "Evidence for", range(len(subject.classes)), int(logits.argmax()), label_visibility="collapsed",
            format_func=lambda k: f"for {subject.classes[k]}", key=f"inspect_image_target_{image.key}", width=190,
        )  # fmt: skip
        settings = draw_controls(METHODS[method], subject)
    try:
        found, why = attribution_of(subject, image.pixels, image.key, target, method, settings), ""
    except (MethodUnableError, SettingError) as reason:
        found, why = None, str(reason)
    pictures, words = st.columns([1.6, 1], gap="medium")
    with pictures:
        data = evidence_figure(subject, image.pixels, target, found, why)
        components.evidence(key="inspect_image_evidence", data=data)
    with words:
        chosen = METHODS[method]
        st.markdown(f"##### How to read {chosen.name}", help=meanings("attribution", "target class"))
        st.latex(chosen.formula)
        st.markdown(f"**A large score means**: {chosen.meaning[0].lower()}{chosen.meaning[1:]}")
        st.markdown(f":material/warning: {chosen.misleads}")
