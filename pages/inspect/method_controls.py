"""The settings of an attribution method, drawn from its table."""

import streamlit as st

from core.inspection.attribution import METHODS
from core.inspection.controls import Choice, Control, LayerChoice, Number, Switch, Value
from core.inspection.methods import Method
from pages.inspect.subject import Subject

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


def method_label(method: Method, subject: Subject) -> str:
    """Its name, and where this network can't be served, what it lacks."""
    if not method.unable(subject.anatomy):
        return method.name
    return f"{method.name} (not for this network: {method.need.short})"
