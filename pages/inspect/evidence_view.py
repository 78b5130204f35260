"""One image: what it is, what the network says, and which pixels speak for it."""

from dataclasses import dataclass, field

import streamlit as st
from torch import Tensor

from core.figures.images import css_gradient, data_url, grey, heat_map
from core.figures.probabilities import probability_bars
from core.inspection.attribution import METHODS, AttributionMap, MethodUnableError, SettingError
from core.inspection.controls import Value
from pages.inspect import address, components
from pages.inspect.images_view import HELP, Gallery
from pages.inspect.method_choice import choose_method
from pages.inspect.method_controls import choose_target, draw_controls
from pages.inspect.subject import Subject, attribution


@dataclass(frozen=True)
class Evidence:
    """The map that is shown, or why there is none."""

    method: str  # a key of METHODS
    target: int
    found: AttributionMap | None
    why: str  # "" where there is a map
    settings: dict[str, Value] = field(default_factory=dict)


def draw(subject: Subject, index: int) -> Evidence:
    """A test image with its map, its probabilities beside it, the controls above."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):  # the settings to the right, so that their pop-over hides the bars and not the map
        method = choose_method(subject, address.put_later)
        target = choose_target(subject, index)
        settings = draw_controls(METHODS[method], subject)
    evidence = _evidence(subject, index, target, method, settings)
    pictures, bars = st.columns([1.75, 1])
    with pictures:
        components.evidence(key="inspect_evidence", data=_pictures(subject, index, evidence))
    with bars:
        found = subject.predictions
        rows = probability_bars(
            found.probabilities[index].tolist(),
            found.logits[index].tolist(),
            subject.classes,
            int(found.labels[index]),
            int(found.predicted[index]),
        )
        components.bars(key="inspect_bars", data=rows)
    return evidence


def draw_title(subject: Subject, shown: Gallery) -> None:
    """What the chosen image is and what it is taken for, and the ways to the images beside it."""
    found, index = subject.predictions, shown.chosen
    true, predicted = int(found.labels[index]), int(found.predicted[index])
    name, taken_for = subject.classes[true], subject.classes[predicted]
    answer = "recognised" if true == predicted else f"taken for **{taken_for}**"
    sign = ":material/check:" if true == predicted else ":material/close:"
    verdict = f"{sign} **{name}**, {answer} ({100 * float(found.confidence[index]):.0f} %)"
    with st.container(horizontal=True, vertical_alignment="center"):
        words = f"Image {index}: {verdict}, loss {float(found.losses[index]):.2f}"
        st.markdown(words, width="stretch", help=HELP)
        for step, icon, name in (
            (-1, ":material/chevron_left:", "Previous"),
            (1, ":material/chevron_right:", "Next"),
        ):
            beside = shown.beside(step)
            st.button(
                "",
                icon=icon,
                key=f"inspect_{name.lower()}",
                help=f"{name} image of the list",
                type="tertiary",
                disabled=beside is None,
                on_click=address.put_later,
                kwargs={"image": str(beside)},
            )


def _evidence(subject: Subject, index: int, target: int, method: str, settings: dict[str, Value]) -> Evidence:
    try:
        return Evidence(method, target, attribution(subject, index, target, method, settings), "", settings)
    except (MethodUnableError, SettingError) as reason:
        return Evidence(method, target, None, str(reason), settings)


def _pictures(subject: Subject, index: int, evidence: Evidence) -> dict[str, object]:
    pixels = subject.test.pixels[index]  # uint8 (C, H, W)
    return evidence_figure(subject, pixels, evidence.target, evidence.found, evidence.why)


def evidence_figure(
    subject: Subject, pixels: Tensor, target: int, found: AttributionMap | None, why: str
) -> dict[str, object]:
    """What the component draws of uint8 pixels (C, H, W) and their map for class `target`, or why there is none."""
    data: dict[str, object] = {
        "image": data_url(grey(pixels)),
        "grey": pixels.float().mean(dim=0).round().int().flatten().tolist(),
        "width": pixels.shape[2],
        "why": why,
    }
    if found is None:
        return data
    name = subject.classes[target]
    low, high = ("speaks against", f"speaks for {name}") if found.signed else ("0", "matters most")
    end = f"{found.extent:.3g}"
    return data | {
        "map": data_url(heat_map(found.plane, found.signed, found.extent)),
        "scores": [float(f"{score:.4g}") for score in found.plane.flatten().tolist()],
        "gradient": css_gradient(found.signed),
        "low": f"−{end} {low}" if found.signed else low,
        "high": f"{high} {end}",
        "words": "The colour scale of the map; its ends are the largest absolute score.",
    }
