"""The images of a cell or of a list, as one contact sheet; a click chooses one."""

from dataclasses import dataclass

import streamlit as st

from core.figures.images import contact_sheet, data_url
from core.inspection.confusion import cell_images
from core.inspection.lists import LISTS
from core.training.config import DataChoice
from pages.inspect import address, components
from pages.inspect.subject import Subject

PAGE = 400  # images in one sheet: one picture of about 200 kB
COLUMNS = 20  # of the picture that travels; the browser lays its pieces out as it has room
_KEY = "inspect_sheet"
_PAGE = "inspect_page"  # (sha, list or cell, page)


@dataclass(frozen=True)
class Gallery:
    """The images to choose from, in order, and the one that is chosen."""

    name: str  # "" for the cell, else a key of LISTS
    images: list[int]
    chosen: int  # −1 where there are no images

    def beside(self, step: int) -> int | None:
        """The image `step` places further in the list; None at its ends."""
        place = self.images.index(self.chosen) + step if self.chosen in self.images else -1
        return self.images[place] if 0 <= place < len(self.images) else None


def gallery(subject: Subject, cell: tuple[int, int]) -> Gallery:
    """What the address names: its list, else the cell; its image, else the first of them."""
    name = address.get("list") if address.get("list") in LISTS else ""
    images = LISTS[name].choose(subject.predictions) if name else cell_images(subject.predictions, *cell)
    wanted, total = address.get("image"), len(subject.predictions)
    chosen = int(wanted) if wanted.isdecimal() and int(wanted) < total else next(iter(images.tolist()), -1)
    return Gallery(name, images.tolist(), chosen)


def choose_image(index: int) -> None:
    """Make an image the chosen one."""
    address.put(image=str(index))


def draw(subject: Subject, cell: tuple[int, int], shown: Gallery) -> None:
    """The choice between the cell and the lists, and the sheet."""
    _choose_list(subject, cell)
    page = _page(subject, cell, shown)
    start = page * PAGE
    part = shown.images[start : start + PAGE]
    left = len(shown.images) - start - len(part)

    def clicked() -> None:
        if (index := st.session_state[_KEY].image) is not None:
            choose_image(int(index))

    def turned() -> None:
        if (step := st.session_state[_KEY].turn) is not None:
            st.session_state[_PAGE] = (*_whose(subject, cell, shown), page + int(step))

    picture, rows = _sheet(subject.data, tuple(part), subject)
    data = {
        "picture": picture,
        "columns": COLUMNS,
        "rows": rows,
        "images": [{"index": index, "label": _label(subject, index)} for index in part],
        "selected": shown.chosen,
        "nothing": "No image is in this cell." if not shown.name else "No image is in this list.",
        "before": f"the {PAGE} before" if page else "",
        "after": f"{left:,} more" if left else "",
    }
    components.sheet(key=_KEY, data=data, on_image_change=clicked, on_turn_change=turned)


def _whose(subject: Subject, cell: tuple[int, int], shown: Gallery) -> tuple[str, str]:
    return subject.sha, shown.name or f"{cell[0]}-{cell[1]}"


def _page(subject: Subject, cell: tuple[int, int], shown: Gallery) -> int:
    """The part of the images that this session turned to, else the one with the chosen image."""
    *whose, page = st.session_state.get(_PAGE, ("", "", 0))
    if tuple(whose) == _whose(subject, cell, shown):
        return int(page)
    return shown.images.index(shown.chosen) // PAGE if shown.chosen in shown.images else 0


def _choose_list(subject: Subject, cell: tuple[int, int]) -> None:
    true, predicted = (subject.classes[k] for k in cell)
    count = int(subject.matrix.counts[cell])
    names = {"cell": f"{true} → {predicted} ({count:,})"} | {
        name: entry.name for name, entry in LISTS.items()
    }
    key, changed = address.followed("list", list(names), "cell")

    def another() -> None:
        changed()
        address.put(image="")

    meanings = "\n".join(f"- **{entry.name}**: {entry.meaning}" for entry in LISTS.values())
    st.segmented_control(
        "Images",
        list(names),
        format_func=names.__getitem__,
        key=key,
        on_change=another,
        required=True,
        label_visibility="collapsed",
        help=f"The chosen cell's images, the highest loss first; or a list over the test split:\n{meanings}",
    )


def _label(subject: Subject, index: int) -> str:
    found = subject.predictions
    true, predicted = (subject.classes[int(k)] for k in (found.labels[index], found.predicted[index]))
    what = true if true == predicted else f"{true}, taken for {predicted}"
    confidence, loss = 100 * float(found.confidence[index]), float(found.losses[index])
    return f"Image {index}: {what} ({confidence:.0f} %), loss {loss:.2f}"


@st.cache_data(max_entries=64, show_spinner=False)
def _sheet(data: DataChoice, images: tuple[int, ...], _subject: Subject) -> tuple[str, int]:
    """The sheet as an address for the browser, and its number of rows."""
    picture = contact_sheet(_subject.test.pixels[list(images)], COLUMNS)
    return data_url(picture), max(1, -(-len(images) // COLUMNS))
