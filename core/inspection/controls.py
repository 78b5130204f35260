"""The settings that an attribution method offers, as data: a page draws them, and core checks what comes
back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Value = int | str | bool
Settings = dict[str, Value]


class SettingError(ValueError):
    """A setting that its method can't use; the text says what was given and what is allowed."""


@dataclass(frozen=True)
class Number:
    """A whole number in a range."""

    name: str
    label: str
    help: str
    default: int
    low: int
    high: int
    step: int = 1


@dataclass(frozen=True)
class Switch:
    """Yes or no."""

    name: str
    label: str
    help: str
    default: bool


@dataclass(frozen=True)
class Choice:
    """One of a few."""

    name: str
    label: str
    help: str
    default: str
    options: tuple[tuple[str, str], ...]  # (value, label)


@dataclass(frozen=True)
class LayerChoice:
    """A layer of the network at hand that hands on feature maps; the last convolution by default."""

    name: str
    label: str
    help: str


Control = Number | Switch | Choice | LayerChoice


def complete(
    controls: Sequence[Control], given: Mapping[str, Value], layers: Sequence[str], layer: str | None
) -> Settings:
    """The given settings with defaults for the rest; `layers` are the network's own, `layer` the one by
    default.

    Raises SettingError for an unknown name or a value out of range.
    """
    known = {control.name: control for control in controls}
    for name in given:
        if name not in known:
            raise SettingError(f"There is no setting “{name}” here; there is {', '.join(known) or 'none'}.")
    settings: Settings = {}
    for name, control in known.items():
        default = layer if isinstance(control, LayerChoice) else control.default
        value = given.get(name, default)
        allowed = _problem(control, value, layers)
        if value is None or allowed:
            raise SettingError(f"{control.label} can't be {value!r}: {allowed}.")
        settings[name] = value
    return settings


def _problem(control: Control, value: Value | None, layers: Sequence[str]) -> str:
    """What is allowed instead of `value`, or nothing where it is fine."""
    if isinstance(control, Switch):
        return "" if isinstance(value, bool) else "it is either on or off"
    if isinstance(control, Number):
        fits = isinstance(value, int) and not isinstance(value, bool) and control.low <= value <= control.high
        return "" if fits else f"choose a whole number from {control.low} to {control.high}"
    options = layers if isinstance(control, LayerChoice) else [option for option, _ in control.options]
    return "" if value in options else f"choose one of {', '.join(options) or 'no layer, for there is none'}"
