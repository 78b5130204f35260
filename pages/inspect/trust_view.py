"""Can this map be trusted? The same map under random weights and for other classes; deletion and insertion."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from torch import Tensor

from core.figures.map_grid import Tile, map_grid
from core.figures.trust import DELETION_CHART, INSERTION_CHART, curve_table, variant_tiles
from core.inspection.attribution import METHODS
from core.inspection.controls import Value
from core.inspection.trust.check import Trust, Variant, check
from core.inspection.trust.words import Finding, findings, verdict
from core.training.runs.records import Run
from pages.inspect import asking, components, confusion_view, images_view, sheet, work
from pages.inspect.method_choice import choose_method
from pages.inspect.method_controls import choose_target, draw_controls
from pages.inspect.subject import Subject
from pages.shared.glossary import meaning, meanings

_ICONS = {True: ":material/check_circle:", False: ":material/error:", None: ":material/help:"}
_TILE = 70
_KEY = "inspect_trust"


def draw(_run: Run, subject: Subject) -> None:
    """The image and its map to the left; the checks to the right, as far as they are."""
    cell = confusion_view.chosen_cell(subject)
    shown = images_view.gallery(subject, cell)
    left, right = st.columns([1, 2.1], gap="medium")
    with left, st.container(gap="xsmall"):
        images_view.draw(subject, cell, shown)
        if shown.chosen < 0:
            return
        st.markdown(sheet.label(subject, shown.chosen), help=images_view.HELP)
        original = st.empty()
    with right:
        with st.container(horizontal=True, vertical_alignment="center"):
            method = choose_method(subject)
            target = choose_target(subject, shown.chosen)
            settings = draw_controls(METHODS[method], subject)
        found = draw_checks(subject, shown.chosen, target, method, settings)
    with original.container():
        _original(subject, shown.chosen, target, method, found)
    _explain(method)


def draw_checks(
    subject: Subject, image: int, target: int, method: str, settings: Mapping[str, Value]
) -> work.Work[Trust]:
    """The three checks of a map with what they show in words, as far as they are."""
    asked = (image, target, method, settings)
    found = _work(subject, *asked)
    st.fragment(_checks, run_every=None if found.over else work.POLL)(subject, asked, found.over)
    return found


def _work(
    subject: Subject, image: int, target: int, method: str, settings: Mapping[str, Value]
) -> work.Work[Trust]:
    order = subject.predictions.logits[image].argsort(descending=True).tolist()
    return work.work(
        _KEY,
        ("trust", *asking.name(subject, image, target, method, settings)),
        lambda pause: check(
            asking.question(asking.pausing(subject, pause), image, target, method, settings),
            subject.anatomy,
            [other for other in order if other != target],
        ),
    )


def _original(subject: Subject, image: int, target: int, method: str, found: work.Work[Trust]) -> None:
    pixels, name = subject.test.pixels[image], subject.classes[target]
    trust = found.latest
    tiles = [Tile("The image", pixels)]
    tiles += [
        Tile(f"{METHODS[method].name}: {name}", pixels, trust.original if trust else None, why=found.refusal)
    ]
    components.maps(key="inspect_trust_original", data=map_grid(tiles, tile=130, columns=2, opacity=85))


def _checks(subject: Subject, asked: tuple[int, int, str, Mapping[str, Value]], was_over: bool) -> None:
    found = _work(subject, *asked)
    if found.over != was_over:
        st.rerun()  # the timer is mounted only while something is under way
    trust = found.latest
    done = trust.done if trust else 0.0
    work.draw(found, _KEY, done, f"{100 * done:.0f} % of the checks")
    if trust is None:
        return
    if found.over and not found.stopped:
        st.markdown(f"**{verdict(trust)}**")
    sentences = {finding.name: finding for finding in findings(trust)}
    pixels, target = subject.test.pixels[asked[0]], subject.classes[asked[1]]
    names = [f"… {one.name}" for one in trust.randomised]
    _strip(
        "Weights",
        "Weights made random, from the output down to …",
        trust.randomised,
        names,
        pixels,
        sentences,
    )
    others = [subject.classes[int(one.name)] for one in trust.classes]
    _strip("Class", f"For another class than {target}", trust.classes, others, pixels, sentences)
    charts = (DELETION_CHART, INSERTION_CHART)
    for column, curve, chart in zip(st.columns(2), trust.curves, charts, strict=False):
        column.vega_lite_chart(
            curve_table(curve),
            chart,
            height=220,
            key=f"inspect_trust_{curve.name}",
            alt=f"{curve.name.capitalize()}: the probability of {target} over the share of changed pixels",
        )
        _say(column, sentences[curve.name.capitalize()])


def _strip(
    check_name: str,
    title: str,
    variants: tuple[Variant, ...],
    names: list[str],
    pixels: Tensor,
    sentences: dict[str, Finding],
) -> None:
    if not variants:
        return
    st.markdown(f"**{title}**", help=meaning("randomisation check") if check_name == "Weights" else None)
    tiles = variant_tiles(variants, names, pixels)
    data = map_grid(tiles, tile=_TILE, columns=len(tiles), plain=True)
    components.maps(key=f"inspect_trust_{check_name.lower()}", data=data)
    _say(st.container(), sentences[check_name])


def _say(place: DeltaGenerator, finding: Finding) -> None:
    """What a check shows, with a sign for whether it speaks for the map."""
    place.markdown(f"{_ICONS[finding.good]} {finding.sentence}")


def _explain(method: str) -> None:
    if METHODS[method].suspect:
        st.caption(f":material/warning: {METHODS[method].suspect}")
    st.caption(
        "Rank is Spearman's correlation of the absolute scores with the original's, SSIM their structural "
        "similarity as pictures. Random weights: Adebayo and others, 2018 (arXiv:1810.03292); each map has its "
        "own colour scale. Deletion paints the pixels black, insertion begins with the blurred image: Petsiuk, "
        "Das and Saenko, 2018 (arXiv:1806.07421); the grey band is ten random orders. A check that a map passes "
        "does not prove that it is right.",
        help=meanings("rank correlation", "SSIM", "deletion and insertion"),
    )
