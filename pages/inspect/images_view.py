"""The images of a cell or of a list, as one contact sheet; a click chooses one."""

from dataclasses import dataclass

import streamlit as st

from core.inspection.confusion import cell_images
from core.inspection.lists import LISTS
from pages.inspect import address, sheet
from pages.inspect.subject import Subject

_LISTS = {name: LISTS[name] for name in ("misclassified", "top-losses", "surest-mistakes", "least-sure")}
# as many as stand in one row; the view Gallery has all
HELP = (  # stands behind the chosen image's words: the choice above has no room for a question mark
    "In brackets is the probability of the predicted class; the loss is −ln of the true class's. The images above are "
    "those of the chosen cell, the highest loss first, or a list over the test split:\n"
) + "\n".join(f"- **{entry.name}**: {entry.meaning}" for entry in _LISTS.values())


@dataclass(frozen=True)
class Gallery:
    """The images to choose from, in order, and the one that is chosen."""

    name: str  # "" for the cell, else a key of _LISTS
    images: list[int]
    chosen: int  # −1 where there are no images

    def beside(self, step: int) -> int | None:
        """The image `step` places further in the list; None at its ends."""
        place = self.images.index(self.chosen) + step if self.chosen in self.images else -1
        return self.images[place] if 0 <= place < len(self.images) else None


def gallery(subject: Subject, cell: tuple[int, int]) -> Gallery:
    """What the address names: its list, else the cell; its image, else the first of them."""
    name = address.get("list") if address.get("list") in _LISTS else ""
    images = _LISTS[name].choose(subject.predictions) if name else cell_images(subject.predictions, *cell)
    wanted, total = address.get("image"), len(subject.predictions)
    chosen = int(wanted) if wanted.isdecimal() and int(wanted) < total else next(iter(images.tolist()), -1)
    return Gallery(name, images.tolist(), chosen)


def draw(
    subject: Subject,
    cell: tuple[int, int],
    shown: Gallery,
    put: address.Put = address.put,
    sent: sheet.Sent | None = None,
) -> None:
    """The choice between the cell and the lists, and the sheet; `sent` as in `sheet.draw`."""
    _choose_list(subject, cell)
    sheet.draw(
        subject,
        "inspect_sheet",
        shown.images,
        whose=shown.name or f"{cell[0]}-{cell[1]}",
        on_choose=lambda index: put(image=str(index)),
        selected=shown.chosen,
        nothing="No image is in this list." if shown.name else "No image is in this cell.",
        sent=sent,
    )


def _choose_list(subject: Subject, cell: tuple[int, int]) -> None:
    true, predicted = (subject.classes[k] for k in cell)
    count = int(subject.matrix.counts[cell])
    names = {"cell": f"{true} → {predicted} ({count:,})"} | {
        name: entry.name for name, entry in _LISTS.items()
    }
    key, changed = address.followed("list", list(names), "cell")

    def another() -> None:
        changed()
        address.put(image="")

    st.segmented_control(
        "Images",
        list(names),
        format_func=names.__getitem__,
        key=key,
        on_change=another,
        required=True,
        label_visibility="collapsed",
    )
