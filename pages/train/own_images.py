"""A data set of one's own images: a zip that is uploaded, or a folder that the operator of the server offers."""

from pathlib import PurePath

import streamlit as st

from core.data import image_sets, image_zip
from core.data.catalogue import data_folder
from core.data.image_folder import ImagesRefused
from core.networks.images import COLOURS
from pages.shared.progress import progress_bar
from pages.shared.visitor import visitor_id

UPLOAD = ""  # among the sources: a zip of one's own, not one of the operator's folders
_TAKEN, _REFUSAL = "own_images_taken", "own_images_refusal"  # in the session


def draw() -> str | None:
    """The controls; the name of a data set that was added just now."""
    st.markdown("##### Your own images")
    folders = image_sets.offered_folders()
    source = UPLOAD
    if folders:
        source = st.selectbox(
            "Images from",
            [UPLOAD, *folders],
            format_func=lambda name: f"Folder “{name}” on this server" if name else "A zip of yours",
            key="own_images_source",
        )
    archive, title = None, source
    if source == UPLOAD:
        archive = st.file_uploader(
            "A zip with one folder a class",
            "zip",
            max_upload_size=image_zip.MOST_ZIPPED // image_zip.MEGABYTE,
            key=f"own_images_zip_{st.session_state.get(_TAKEN, 0)}",  # empty after each that was taken
            help="Each folder is a class and holds its images. Folders “train” and “test” (or “val”) around them "
            "are kept as the splits; else a fifth of each class becomes the test split.",
        )
        title = st.text_input(
            "Name",
            placeholder=PurePath(archive.name).stem if archive else "as the zip is called",
            max_chars=image_sets.MOST_CHARACTERS,
            key="own_images_title",
        ) or (PurePath(archive.name).stem[: image_sets.MOST_CHARACTERS] if archive else "")
    with st.container(horizontal=True):
        side = st.segmented_control(
            "Side in pixels", image_sets.SIDES, default=32, required=True, key="own_images_side"
        )
        channels = st.segmented_control(
            "Colours",
            COLOURS,
            default=3,
            format_func=COLOURS.__getitem__,
            required=True,
            key="own_images_channels",
        )
    pressed = st.button(
        "Make a data set of them",
        icon=":material/photo_library:",
        key="own_images_add",
        width="stretch",
        disabled=source == UPLOAD and archive is None,
        help="Each image is cut to the square in its middle and scaled. Everybody on this server can then use it.",
    )
    added = None
    if pressed:
        st.session_state.pop(_REFUSAL, None)
        try:
            with progress_bar("Looking through the images") as report:
                image, owner = (channels or 3, side or 32), visitor_id()
                if archive is None:
                    added, _ = image_sets.add_folder(data_folder(), source, image, owner, report)
                else:
                    added, _ = image_sets.add_zip(
                        data_folder(), archive, archive.size, title, image, owner, report
                    )
                st.session_state[_TAKEN] = st.session_state.get(_TAKEN, 0) + 1
        except ImagesRefused as refusal:
            st.session_state[_REFUSAL] = str(refusal)
    if refusal_text := st.session_state.get(_REFUSAL):
        st.error(refusal_text, icon=":material/error:")
    _list()
    return added


def _list() -> None:
    """What there is already; one's own can be deleted."""
    for name, one in image_sets.kept(data_folder()).items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{one.title}**: {one.sentence}", width="stretch")
            if one.owner == visitor_id():
                st.button(
                    "",
                    icon=":material/delete:",
                    help=f"Delete {one.title}; runs that used it stay, but can't be inspected or go on",
                    key=f"own_images_delete_{name}",
                    on_click=_delete,
                    args=(name,),
                )


def _delete(name: str) -> None:
    try:
        image_sets.remove(data_folder(), name, visitor_id())
    except ImagesRefused as refusal:
        st.session_state[_REFUSAL] = str(refusal)
