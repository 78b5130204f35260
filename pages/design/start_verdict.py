"""For each initialisation its formula, and what becomes of the signal, in words and numbers."""

import streamlit as st

from core.inspection.signal import Signal
from core.inspection.verdict import A_LAYER, IN_ALL, Verdict, number, verdict
from core.networks.initialisation import INITIALISATIONS, Initialisation

_MARKS = {  # the verdict's word → how it is shown
    "holds": st.success,
    "vanishes": st.warning,
    "explodes": st.error,
    "is the same in every unit": st.error,
}
_ICONS = {
    "holds": ":material/check:",
    "vanishes": ":material/trending_down:",
    "explodes": ":material/trending_up:",
    "is the same in every unit": ":material/content_copy:",
}
OTHERS = "Normalisation layers keep their own start; biases are 0, except for PyTorch's default."
RULE = (
    f"A signal holds while what arrives is between 1/{IN_ALL:g} and {IN_ALL:g} times what begins, or changes "
    f"by less than a factor of {A_LAYER:g} a layer. Forward the signal is what differs between the images "
    "(the deviation of each unit over the images); backward it is the gradient, by its length."
)


def draw(signals: dict[str, Signal]) -> None:
    """For each initialisation its formula and the verdict, side by side."""
    for column, (key, signal) in zip(st.columns(len(signals)), signals.items(), strict=True):
        rule, found = INITIALISATIONS[key], verdict(signal)
        with column:
            formula, why = (column, column) if len(signals) > 1 else st.columns([1, 1.4])
            formula.latex(rule.formula)
            why.markdown(f"**{rule.label}.** {rule.explanation}", help=f"{rule.source}. {OTHERS}")
            why.caption(example(rule, signal))
            _MARKS[found.word](headline(found), icon=_ICONS[found.word])


def example(rule: Initialisation, signal: Signal) -> str:
    """The rule with the numbers of one layer: the second, as the first one's fan-in is often tiny."""
    if not signal.weighted:
        return ""
    one = signal.weighted[:2][-1]
    assert one.fans
    return (
        f"In {one.name}, n_in = {one.fans.inputs:,} values feed each output, and each value feeds n_out = "
        f"{one.fans.outputs:,} outputs: the weights have a deviation of {number(rule.deviation(one.fans))}."
    )


def headline(found: Verdict) -> str:
    """The verdict in bold, and the numbers behind it, a line for each direction."""
    return "  \n".join((f"**The signal {found.word}.**", *found.sentences))
