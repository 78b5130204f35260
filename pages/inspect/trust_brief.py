"""Beside maps of methods that are known to fail: the same map under random weights."""

import streamlit as st

from core.figures.map_grid import map_grid
from core.figures.trust import variant_tiles
from core.inspection.trust.check import Trust, check_weights
from core.inspection.trust.words import findings
from pages.inspect import asking, components, work
from pages.inspect.evidence_view import Evidence
from pages.inspect.subject import Subject
from pages.inspect.trust_view import TILE, say

_KEY = "inspect_trust_brief"


def draw(subject: Subject, image: int, evidence: Evidence) -> None:
    """For methods that are known to fail: the map under random weights, without being asked."""
    found = _brief_work(subject, image, evidence)
    st.fragment(_brief, run_every=None if found.over else work.POLL)(subject, image, evidence, found.over)


def _brief_work(subject: Subject, image: int, evidence: Evidence) -> work.Work[Trust]:
    asked = (image, evidence.target, evidence.method, evidence.settings)
    return work.work(
        _KEY,
        ("weights", *asking.name(subject, *asked)),
        lambda pause: check_weights(asking.question(asking.pausing(subject, pause), *asked), subject.anatomy),
    )


def _brief(subject: Subject, image: int, evidence: Evidence, was_over: bool) -> None:
    found = _brief_work(subject, image, evidence)
    if found.over != was_over:
        st.rerun()
    trust = found.latest
    if trust is None or not trust.randomised:
        return
    names = [f"… {one.name}" for one in trust.randomised]
    tiles = variant_tiles(trust.randomised, names, subject.test.pixels[image])
    components.maps(key=f"{_KEY}_maps", data=map_grid(tiles, tile=TILE, columns=len(tiles), plain=True))
    if found.over:
        say(st.container(), findings(trust)[0])
