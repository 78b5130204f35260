"""The section about single images: which pixels the network went by, and whether the maps can be trusted."""

from __future__ import annotations

import re
from itertools import groupby

from core.figures.images import grey, heat_map
from core.figures.report.blocks import Block, Picture, Subheading, Table, Words
from core.figures.report.contents import Contents, Looked
from core.figures.report.svg import Tile, tiles
from core.inspection.attribution import METHODS
from core.inspection.exhibits import Exhibit
from core.inspection.trust.words import findings, verdict

_SIDE, _COLUMNS = 132, 5  # CSS pixels of a map; pictures in a row


def evidence(contents: Contents) -> list[Block]:
    """For each image its maps side by side, then what the checks say of each; then how to read the methods."""
    if not contents.exhibits:
        return []
    looked = contents.first
    blocks: list[Block] = [
        Words(
            "Each map gives every pixel a score for the class that the network predicted, in a colour scale of its "
            "own. Black is 0; where a method has signs, orange speaks for the class and blue against it, otherwise "
            "bright is high."
        )
    ]
    for image, shown in groupby(contents.exhibits, key=lambda each: each.image):
        blocks += _one_image(looked, image, list(shown))
    methods = dict.fromkeys(each.method for each in contents.exhibits)
    blocks.append(Subheading("How to read the methods"))
    blocks.append(
        Table(
            ("Method", "A large score means", "When it misleads", "Source"),
            tuple((m.name, m.meaning, m.misleads, m.paper) for m in (METHODS[key] for key in methods)),
            prose=True,
        )
    )
    blocks.append(
        Words(
            "The checks: the same map with the weights made random from the output down (Adebayo and others, 2018); "
            "for other classes; and how fast the probability falls or rises when the highest-scored pixels are painted "
            "black or given back first (Petsiuk, Das and Saenko, 2018), against ten random orders. A check that a map "
            "passes does not prove that it is right."
        )
    )
    return blocks


def _one_image(looked: Looked, image: int, shown: list[Exhibit]) -> list[Block]:
    drawn = [Tile(grey(looked.pixels[image]), ("the image",)), *(_tile(looked, each) for each in shown)]
    names = ", ".join(METHODS[each.method].name for each in shown)
    return [
        Subheading(f"Test image {image}: {looked.of(image)}"),
        Picture(
            tiles(drawn, min(len(drawn), _COLUMNS), _SIDE),
            f"Test image {image} and its attribution maps by {names}",
            width=(_SIDE + 10) * min(len(drawn), _COLUMNS) - 10,
        ),
        Table(
            ("Map", "Check", "Speaks", "In words"),
            tuple(row for each in shown for row in checks(each)),
            prose=True,
        ),
    ]


def _tile(looked: Looked, exhibit: Exhibit) -> Tile:
    name, target = METHODS[exhibit.method].name, looked.classes[exhibit.target]
    if exhibit.trust is None:
        return Tile(grey(looked.pixels[exhibit.image]), (name, "no map"))
    found = exhibit.trust.original
    scale = f"{'−' if found.signed else '0 to '}{found.extent:.2g}{f' to {found.extent:.2g}' if found.signed else ''}"
    return Tile(heat_map(found.plane, found.signed, found.extent), (name, f"for {target}", scale))


def checks(exhibit: Exhibit) -> list[tuple[str, ...]]:
    """What the checks of one map say, a row each, and all of them together; or why there is no map."""
    name, trust = METHODS[exhibit.method].name, exhibit.trust
    if trust is None:
        return [(name, "", "", exhibit.refusal or "It was not made.")]
    if trust.done < 1:
        return [(name, "", "", "Its checks were stopped before they ended.")]
    if trust.original.extent == 0:
        return [(name, "", "", verdict(trust))]
    rows = [("", found.name, _SPEAKS[found.good], _minus(found.sentence)) for found in findings(trust)]
    return [(name, "All together", "", verdict(trust)), *rows]


_SPEAKS = {True: "for it", False: "against it", None: "neither"}


def _minus(sentence: str) -> str:
    return re.sub(r"(?<=[ (])-(?=\d)", "−", sentence)
