"""A card's blocks as LaTeX, for places where the browser's own card is not there."""

from collections.abc import Sequence
from typing import Any

_SIGNS = {"×": r"\times", "·": r"\cdot", "→": r"\rightarrow", "@": r"\,@\,", "Σ→": r"\xrightarrow{\Sigma}"}


def equation_latex(items: Sequence[dict[str, Any]]) -> str:
    """An equation block: matrices with their labels below, signs between them."""
    return r"\;".join(
        _SIGNS.get(item["sign"], item["sign"]) if "sign" in item
        else rf"\underset{{\text{{{_words(item['label'])}}}}}{{{_cells(item['cells'])}}}"
        for item in items
    )  # fmt: skip


def _cells(cells: Sequence[Sequence[str]]) -> str:
    texts = [[_number(text) for text in row] for row in cells]
    if len(texts) == 1 and len(texts[0]) == 1:
        return texts[0][0]
    return r"\begin{bmatrix}" + r"\\".join(" & ".join(row) for row in texts) + r"\end{bmatrix}"


def _number(text: str) -> str:
    """−1.2e−5 as −1.2·10⁻⁵; words stay words."""
    plain = text.replace("−", "-")
    if plain in ("∞", "-∞"):
        return plain.replace("∞", r"\infty")
    digits, sign, exponent = plain.partition("e")
    try:
        float(plain)
    except ValueError:
        return rf"\text{{{_words(text)}}}"
    return digits + (rf"\cdot 10^{{{int(exponent)}}}" if sign else "")


def _words(text: str) -> str:
    """What a student wrote may hold signs that mean something to LaTeX."""
    for sign in "\\{}$&#^_%~":
        text = text.replace(
            sign, {"\\": r"\textbackslash ", "^": r"\^{}", "~": r"\~{}"}.get(sign, "\\" + sign)
        )
    return text
