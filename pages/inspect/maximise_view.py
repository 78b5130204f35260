"""What a class or a channel wants to see: images made to excite it most."""

import streamlit as st

from core.figures.map_grid import Tile, map_grid
from core.inspection.maximise import MOST, Excited, Wish, maximise
from core.training.runs.records import Run
from pages.inspect import asking, components, work
from pages.inspect.subject import Subject, input_shape
from pages.shared.glossary import meanings

_KEY = "inspect_maximise"
_CLASSES = ""  # the layer's name that stands for the logits
_SLIDERS = {  # setting → label, lowest, highest, step, help
    "steps": ("Steps", 50, 500, 50, "Steps of gradient ascent (Adam)."),
    "smoothness": (
        "Smoothness",
        0,
        500,
        25,
        "Weight of the total variation: how much neighbouring pixels may differ. With 0 the image is mostly noise "
        "that only this network sees something in.",
    ),
    "greyness": ("Greyness", 0, 200, 10, "Weight of the squared distance to mid-grey (L2)."),
    "jitter": (
        "Jitter",
        0,
        4,
        1,
        "By how many pixels the image is shifted at random before each step, so that it must not depend on single "
        "pixels.",
    ),
    "seed": ("Seed", 0, 20, 1, "Another seed begins with other noise."),
}


def draw(_run: Run, subject: Subject) -> None:
    """The settings to the left, the images to the right."""
    left, right = st.columns([1, 2.6], gap="medium")
    with left:
        layer, units = _choose_units(subject)
        wish = Wish(layer, units, **{name: _slider(name) for name in _SLIDERS})
    with right:
        found = _work(subject, wish)
        st.fragment(_images, run_every=None if found.over else work.POLL)(subject, wish, found.over)
        st.latex(
            r"x^*=\arg\max_x\ \operatorname{mean} F^k(x)/s-\lambda_1\,\mathrm{TV}(x)-\lambda_2\,\|x-\tfrac12\|^2",
            help=meanings("activation maximisation", "regulariser", "total variation"),
        )
        st.markdown(
            ":material/warning: **When it misleads**: it shows what excites a unit most, not what it reacts to "
            "in real images, and the regularisers decide much of what it looks like. A unit may react to several "
            "different things, of which one start finds one: try other seeds."
        )
        st.caption(
            "Erhan and others, 2009; Olah, Mordvintsev and Schubert, Feature Visualization, Distill 2017. F is a "
            "channel's map, or a class's logit; s is by how much it would change if every pixel of the first noise "
            "moved by 1, so that the weights λ, in per cent, mean the same in every layer."
        )


def _choose_units(subject: Subject) -> tuple[str, tuple[int, ...]]:
    layers = {layer.name: layer for layer in subject.anatomy.maps}
    layer = st.selectbox(
        "Of what",
        [_CLASSES, *layers],
        format_func=lambda name: layers[name].label if name else "The classes",
        key=f"{_KEY}_layer_{subject.sha[:8]}",
    )
    count = layers[layer].shape[0] if layer else len(subject.classes)
    first = 1
    if count > MOST:
        first = st.number_input(
            f"From number (of {count})",
            1,
            count,
            1,
            MOST,
            key=f"{_KEY}_first_{subject.sha[:8]}_{layer}",
            help=f"{MOST} at a time.",
        )
    return layer, tuple(range(int(first) - 1, min(count, int(first) - 1 + MOST)))


def _slider(name: str) -> int:
    label, low, high, step, help_text = _SLIDERS[name]
    return int(
        st.slider(
            label,
            low,
            high,
            getattr(Wish(), name),
            step,
            key=f"{_KEY}_{name}",
            help=help_text,
            persist_state="session",
        )
    )


def _work(subject: Subject, wish: Wish) -> work.Work[Excited]:
    return work.work(
        _KEY,
        ("maximise", subject.sha, subject.data, wish),
        lambda pause: maximise(
            asking.pausing(subject, pause).model, subject.normalisation, input_shape(subject), wish
        ),
    )


def _images(subject: Subject, wish: Wish, was_over: bool) -> None:
    found = _work(subject, wish)
    if found.over != was_over:
        st.rerun()  # the timer is mounted only while something is under way
    excited = found.latest
    step = excited.step if excited else 0
    work.draw(found, _KEY, step / wish.steps, f"step {step} of {wish.steps}")
    if excited is None:
        return
    what = "activation" if wish.layer else "logit"
    tiles = [
        Tile(
            f"Channel {unit + 1}" if wish.layer else subject.classes[unit],
            pixels,
            note=f"{what} {strength:.3g}, noise {begun:.2g}",
        )
        for unit, pixels, strength, begun in zip(
            wish.units, excited.pixels, excited.strengths, excited.begun, strict=True
        )
    ]
    components.maps(key="inspect_excited", data=map_grid(tiles, tile=130, columns=len(tiles)))
