"""The probabilities of all classes for one image, as bars."""

from typing import Any

from core.figures.palette import PETROFF_10

MOST_BARS = 16
ROLES = {  # what a class is for this image → its colour; blue is right and orange wrong, as in the matrix
    "true class": PETROFF_10[0],
    "predicted instead": PETROFF_10[6],
    "predicted class": PETROFF_10[4],  # where nobody knows the true one
    "": PETROFF_10[3],
}


def probability_bars(
    probabilities: list[float], logits: list[float], classes: tuple[str, ...], true: int, predicted: int
) -> list[dict[str, Any]]:
    """One bar for each class, in the classes' order: its name, length (0–1), colour, text, and all that it
    stands for. Of more than MOST_BARS classes only the most probable, in that order, and the true one; −1 is
    a true class that nobody knows.
    """
    shown = list(range(len(classes)))
    if len(classes) > MOST_BARS:
        shown = sorted(shown, key=lambda k: -probabilities[k])[:MOST_BARS]
        shown = shown if true in shown or true < 0 else [*shown[:-1], true]
    bars = []
    for k in shown:
        name, probability, logit = classes[k], probabilities[k], logits[k]
        instead = "predicted instead" if true >= 0 else "predicted class"
        role = "true class" if k == true else instead if k == predicted else ""
        known = probability == probability  # NaN is not
        bars.append(
            {
                "name": name,
                "length": probability if known else 0.0,
                "colour": ROLES[role],
                "text": per_cent(probability) if known else "—",
                "strong": bool(role),
                "title": f"{name}: probability {probability:.4f}, logit {logit:.3f}{role and f', {role}'}",
            }
        )
    return bars


def per_cent(p: float) -> str:
    """Enough digits to tell a small probability from none: 63 %, 1.2 %, < 0.1 %."""
    return f"{100 * p:.0f} %" if p >= 0.1 else f"{100 * p:.1f} %" if p >= 0.001 else "< 0.1 %"
