"""The probabilities of an image beside those of the same image before something was done to it."""

from typing import Any

from torch import Tensor

from core.figures.probabilities import per_cent, probability_bars


def paired_bars(
    logits: Tensor, before: Tensor | None, classes: tuple[str, ...], true: int | None
) -> list[dict[str, Any]]:
    """Bars of `logits` (K,), each with the one of `before` (K,); None leaves those out.

    `true` is the true class, None where nobody knows it.
    """
    probabilities = logits.softmax(dim=0).tolist()
    bars = probability_bars(
        probabilities, logits.tolist(), classes, -1 if true is None else true, int(logits.argmax())
    )
    if before is None:
        return bars
    earlier = dict(zip(classes, before.softmax(dim=0).tolist(), strict=True))
    for bar in bars:
        length = earlier[bar["name"]]
        known = length == length  # NaN is not
        bar["before"] = {"length": length if known else 0.0, "text": per_cent(length) if known else "—"}
        bar["title"] += f"; before: probability {length:.4f}"
    return bars
