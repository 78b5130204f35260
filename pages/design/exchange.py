"""A design leaves and comes: as a JSON file, and as a link."""

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from core.networks.images import IMAGES
from core.networks.json_form import MOST_CHARACTERS, from_json, to_json
from core.networks.link import encode
from core.networks.spec import NetworkSpec, SpecError
from pages.design.address import PARAMETER, note_action
from pages.shared import history
from pages.shared.choice import IMAGE_KEY

ASSETS = Path(__file__).parents[2] / "assets" / "design"
MOST_BYTES = 4 * MOST_CHARACTERS  # UTF-8 takes up to four a character
_TAKEN, _REFUSAL = "designs_taken", "design_upload_refusal"

_copy_link = st.components.v2.component(
    "autograd_lab_copy_link",
    js=(ASSETS / "copy_link.js").read_text(encoding="utf-8"),
    css=(ASSETS / "copy_link.css").read_text(encoding="utf-8"),
)


def exchange(spec: NetworkSpec) -> None:
    """Download, upload, and the link that shows this design to others."""
    st.download_button(
        "Download JSON",
        to_json(spec, indent=2),
        f"{_file_name(spec.name)}.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
        key="download_design",
        width="stretch",
    )
    key = f"upload_design_{st.session_state.get(_TAKEN, 0)}"  # an empty field after each file that was taken
    st.file_uploader(
        "Upload JSON",
        "json",
        max_upload_size=1,
        key=key,
        on_change=take,
        args=(key,),
        help="A design as JSON",
    )
    if refusal := st.session_state.get(_REFUSAL):
        st.error(refusal, icon=":material/error:")
    _copy_link(key="copy_link", data={"link": link(spec)})


def link(spec: NetworkSpec) -> str:
    """The address that opens `spec`, with the images that it is for unless they are the usual ones."""
    image = st.session_state.get(IMAGE_KEY)
    images = {} if image in (None, next(iter(IMAGES))) else {IMAGE_KEY: image}
    return f"{st.context.url or ''}?{urlencode({**images, PARAMETER: encode(spec)})}"


def take(key: str) -> None:
    """Open the file that was chosen; one that is wrong changes nothing and is told why."""
    st.session_state[_REFUSAL] = None
    if (file := st.session_state[key]) is None:
        return
    try:
        spec = read(file.getvalue())
    except SpecError as error:
        st.session_state[_REFUSAL] = f"{file.name} was not opened. {error}"
        return
    note_action()
    history.change(spec)
    st.session_state[_TAKEN] = st.session_state.get(_TAKEN, 0) + 1
    st.toast(f"Opened {spec.name}.", icon=":material/check:")


def read(data: bytes) -> NetworkSpec:
    """The network in a file; raises SpecError saying what is wrong, and where."""
    if len(data) > MOST_BYTES:
        raise SpecError(f"The file has {len(data):,} bytes; a network has at most {MOST_BYTES:,}.")
    try:
        return from_json(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SpecError(f"This is not a text in UTF-8: byte {error.start:,} can't be read.") from None


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_ " else "_" for c in name)
