"""The choice of a class, and the method's settings, drawn from its table."""

import streamlit as st

from core.inspection.attribution import METHODS
from core.inspection.controls import (
    Choice,
    Control,
    LayerChoice,
    Number,
    SettingError,
    Switch,
    Value,
    complete,
)
from core.inspection.methods import Method
from pages.inspect.method_choice import chosen_method
from pages.inspect.segmented import segmented
from pages.inspect.subject import Subject, input_shape

_TARGETS = {"predicted": "Predicted class", "true": "True class"}
_QUICK = 400  # images through the network
_QUICK_MACS = 6e9  # multiply-adds for all of them: a few tenths of a second
_SLIDER = 200  # positions of a slider that a hand can tell apart


def draw_controls(method: Method, subject: Subject) -> dict[str, Value]:
    """A pop-over with one widget for each control; {} for a method without controls, or without use here."""
    if not method.controls or method.unable(subject.anatomy):
        return {}
    with st.popover("Settings", icon=":material/tune:"):
        return {control.name: _widget(control, method, subject) for control in method.controls}


def _widget(control: Control, method: Method, subject: Subject) -> Value:
    place = next(name for name, known in METHODS.items() if known is method)
    key = f"inspect_{place}_{control.name}"
    label, help_text = control.label, control.help
    value: Value
    match control:
        case Number() if control.high - control.low > _SLIDER * control.step:
            value = st.number_input(
                label, control.low, control.high, control.default, control.step,
                key=key, help=help_text, persist_state="session",
            )  # fmt: skip
        case Number():
            value = st.slider(
                label, control.low, control.high, control.default, control.step,
                key=key, help=help_text, persist_state="session",
            )  # fmt: skip
        case Switch():
            value = st.toggle(label, control.default, key=key, help=help_text, persist_state="session")
        case Choice():
            labels = dict(control.options)
            values = list(labels)
            value = st.selectbox(
                label, values, values.index(control.default), format_func=labels.__getitem__,
                key=key, help=help_text, persist_state="session",
            )  # fmt: skip
        case LayerChoice():
            layers = {layer.name: layer.label for layer in subject.anatomy.maps}
            names = list(layers)
            value = st.selectbox(
                label, names, names.index(subject.anatomy.last_convolution or names[0]),
                format_func=layers.__getitem__, key=f"{key}_{subject.sha[:8]}", help=help_text,
            )  # fmt: skip
    return value


def kept_settings(method: str) -> dict[str, Value]:
    """What this session has chosen for METHODS[method] before, without layers, which belong to one network."""
    controls = [each for each in METHODS[method].controls if not isinstance(each, LayerChoice)]
    known = {control.name: f"inspect_{method}_{control.name}" for control in controls}
    return {name: st.session_state[key] for name, key in known.items() if key in st.session_state}


def quick_to_map(subject: Subject) -> bool:
    """Whether the map of the chosen method, with its settings, needs so few passes that nobody would stop it."""
    name = chosen_method()
    method, anatomy = METHODS[name], subject.anatomy
    if method.unable(anatomy):
        return True
    layers = [layer.name for layer in anatomy.maps]
    try:
        settings = complete(method.controls, kept_settings(name), layers, anatomy.last_convolution)
    except SettingError:  # it is said where the map would be
        return True
    images = method.cost(settings, input_shape(subject)).forward
    return images <= _QUICK and images * subject.macs <= _QUICK_MACS


def choose_target(subject: Subject, index: int) -> int:
    """The class whose logit is explained: the predicted or the true one of this test image."""
    found = subject.predictions
    target = {"predicted": int(found.predicted[index]), "true": int(found.labels[index])}
    return target[segmented("target", "Evidence for", _TARGETS)]
