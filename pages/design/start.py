"""How the weights begin: the choice of initialisation, and what it does to the signal through this design."""

from dataclasses import replace

import streamlit as st

from core.figures.signal import BACKWARD_CHART, FORWARD_CHART, strength_table
from core.inspection.signal import LayerSignal, Signal, TooLarge
from core.inspection.verdict import A_LAYER, IN_ALL, Verdict, verdict
from core.networks.analysis import Analysis
from core.networks.initialisation import INITIALISATIONS
from pages.design import start_histograms
from pages.design.address import note_action
from pages.design.history import change
from pages.design.start_batch import batch_of, signal_of
from pages.shared.choice import current_network
from pages.shared.glossary import meaning

HEIGHT = 250  # pixels of the two charts
LAYERS = {"all": "all", "weighted": "with weights"}
MANY = 24  # layers; from so many on those without weights are left out at first
_WEIGHTS, _BESIDE, _SEED, _LAYERS = "start_weights", "start_beside", "start_seed", "start_layers"
_NONE = "none"

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


def show(analysis: Analysis) -> None:
    """Choose how the weights begin, and see the signal through each layer."""
    if analysis.problems:
        st.info(f"{analysis.problems[0].sentence} Mend it under Build; then the signal can be shown.")
        return
    chosen, beside, seed, only = controls(len(analysis.rows))
    keys = [chosen] if beside == _NONE else [chosen, beside]
    try:
        batch = batch_of(analysis)
        with st.spinner("One batch forward and back", show_time=False):
            signals = {key: signal_of(analysis, key, seed, batch) for key in keys}
    except TooLarge as refusal:
        st.warning(str(refusal), icon=":material/memory:")
        return
    judge(signals)
    layers = {label(key): signal.weighted if only else signal.layers for key, signal in signals.items()}
    strengths(layers)
    start_histograms.draw(layers)
    st.caption(f"{batch.sentence} Loss at the start: {losses(signals)}.")


def controls(count: int) -> tuple[str, str, int, bool]:
    """The design's initialisation, the one beside it, the seed, and whether to leave out layers without
    weights, of so many.
    """
    weights = current_network().weights
    if weights not in INITIALISATIONS:
        st.info(
            f"This design begins with trained weights ({weights}). Choosing an initialisation here replaces "
            "them; what follows is PyTorch's default.",
            icon=":material/model_training:",
        )
    st.session_state[_WEIGHTS] = weights if weights in INITIALISATIONS else None
    left, middle, right, last = st.columns([1.3, 1.3, 0.7, 1.2], vertical_alignment="bottom")
    left.selectbox(
        "The design begins with",
        list(INITIALISATIONS),
        format_func=label,
        key=_WEIGHTS,
        on_change=choose,
        placeholder="trained weights",
        help="Belongs to the design: training begins with it.",
    )
    others = [_NONE, *(key for key in INITIALISATIONS if key != weights)]
    if st.session_state.get(_BESIDE) not in others:
        st.session_state[_BESIDE] = _NONE
    beside = middle.selectbox("Beside it", others, format_func=label, key=_BESIDE, persist_state="session")
    seed = right.number_input("Seed", 0, 2**31 - 1, key=_SEED, help=meaning("seed"), persist_state="session")
    if _LAYERS not in st.session_state:
        st.session_state[_LAYERS] = "all" if count < MANY else "weighted"
    layers = last.segmented_control(
        "Layers",
        list(LAYERS),
        format_func=LAYERS.__getitem__,
        key=_LAYERS,
        required=True,
        persist_state="session",
    )
    return weights if weights in INITIALISATIONS else "default", beside, int(seed), layers == "weighted"


def label(key: str) -> str:
    """What the page calls an initialisation."""
    return INITIALISATIONS[key].label if key in INITIALISATIONS else "nothing"


def choose() -> None:
    """Make the chosen initialisation the design's; can be undone."""
    note_action()
    if (chosen := st.session_state[_WEIGHTS]) in INITIALISATIONS:
        change(replace(current_network(), weights=chosen))


def judge(signals: dict[str, Signal]) -> None:
    """For each initialisation its formula and the verdict, side by side."""
    for column, (key, signal) in zip(st.columns(len(signals)), signals.items(), strict=True):
        rule, found = INITIALISATIONS[key], verdict(signal)
        with column:
            formula, why = (column, column) if len(signals) > 1 else st.columns([1, 1.4])
            formula.latex(rule.formula)
            why.markdown(f"**{rule.label}.** {rule.explanation}", help=f"{rule.source}. {OTHERS}")
            _MARKS[found.word](headline(found), icon=_ICONS[found.word])


def headline(found: Verdict) -> str:
    """The verdict in bold, and the numbers behind it, a line for each direction."""
    return "  \n".join((f"**The signal {found.word}.**", *found.sentences))


def strengths(layers: dict[str, tuple[LayerSignal, ...]]) -> None:
    """How strong the signal is at each layer, in both directions."""
    table = strength_table(layers)
    left, right = st.columns(2)
    left.vega_lite_chart(table, FORWARD_CHART, height=HEIGHT, key="start_forward", alt=RULE)
    right.vega_lite_chart(table, BACKWARD_CHART, height=HEIGHT, key="start_backward", alt=RULE)


def losses(signals: dict[str, Signal]) -> str:
    """The loss of each batch."""
    return ", ".join(f"{label(key)} {signal.loss:.3g}" for key, signal in signals.items())
