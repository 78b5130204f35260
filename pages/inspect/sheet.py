"""A contact sheet of test images: one picture for hundreds of them, of which a click chooses one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.figures.images import contact_sheet, data_url
from pages.inspect import components
from pages.inspect.kept import Kept
from pages.inspect.subject import Subject

PAGE = 400  # images in one sheet: one picture of about 200 kB
COLUMNS = 20  # of the picture that travels; the browser lays its pieces out as it has room


@dataclass
class Sent:
    """The sheet that a browser got last, since the page was drawn whole."""

    name: str = ""


def draw(
    subject: Subject,
    key: str,
    images: Sequence[int],
    whose: str,
    on_choose: Callable[[int], None],
    selected: int = -1,
    nothing: str = "No image is here.",
    tall: bool = False,
    whole: bool = False,
    sent: Sent | None = None,
) -> None:
    """The test images with these indices, `selected` marked; `on_choose(index)` follows a click.

    `whose` names what the images are of: while it stays the same, a page that was turned to stays, too.
    A `tall` one has room for more rows; a `whole` one takes the rest of the screen's height. In a fragment, `sent` is
    what the page began with, so that no picture travels twice in a row.
    """
    turned_to = f"{key}_page"  # (weights, whose, page)

    page = _page(st.session_state.get(turned_to), (subject.sha, whose), images, selected)
    start = page * PAGE
    part = tuple(images[start : start + PAGE])
    left = len(images) - start - len(part)

    def clicked() -> None:
        if (index := st.session_state[key].image) is not None:
            on_choose(int(index))

    def turned() -> None:
        if (step := st.session_state[key].turn) is not None:
            st.session_state[turned_to] = (subject.sha, whose, page + int(step))

    def missed() -> None:
        if sent is not None:
            sent.name = ""

    name = str(hash((subject.sha, subject.data, whose, part, left)))
    filling = {
        **_sheet(subject, part),
        "nothing": nothing,
        "before": f"the {PAGE} before" if page else "",
        "after": f"{left:,} more" if left else "",
    }
    components.sheet(
        key=key,
        data={
            "name": name,
            "filling": None if sent and sent.name == name else filling,
            "selected": selected,
            "tall": tall,
            "whole": whole,
        },
        on_image_change=clicked,
        on_turn_change=turned,
        on_missing_change=missed,
    )
    if sent is not None:
        sent.name = name


def label(subject: Subject, index: int) -> str:
    """One test image in words: what it is, what it is taken for, how surely."""
    found = subject.predictions
    true, predicted = (subject.classes[int(k)] for k in (found.labels[index], found.predicted[index]))
    what = true if true == predicted else f"{true}, taken for {predicted}"
    confidence, loss = 100 * float(found.confidence[index]), float(found.losses[index])
    return f"Image {index}: {what} ({confidence:.0f} %), loss {loss:.2f}"


def _page(
    turned_to: tuple[str, str, int] | None, of: tuple[str, str], images: Sequence[int], selected: int
) -> int:
    """The part of the images that this session turned to, else the one with the selected image."""
    if turned_to and turned_to[:2] == of:
        return turned_to[2]
    return images.index(selected) // PAGE if selected in images else 0


@st.cache_resource(max_entries=1)
def _sheets() -> Kept:
    return Kept(64)


def _sheet(subject: Subject, images: tuple[int, ...]) -> dict[str, object]:
    """The sheet's picture as an address for the browser, and what stands on it; made once."""
    name = (subject.sha, subject.data, images)
    made: dict[str, object] | None = _sheets().get(name)
    if made is None:
        made = {
            "picture": data_url(contact_sheet(subject.test.pixels[list(images)], COLUMNS)),
            "columns": COLUMNS,
            "rows": max(1, -(-len(images) // COLUMNS)),
            "images": [{"index": index, "label": label(subject, index)} for index in images],
        }
        _sheets().put(name, made)
    return made
