"""How a call is written in a program."""

from core.networks.spec import Value


def call(name: str, *positional: object, **named: Value) -> str:
    """`layers.Conv2D(20, 5, padding="same")`; named arguments that are None are left out."""
    given = [f"{key}={_text(value)}" for key, value in named.items() if value is not None]
    return f"{name}({', '.join([*map(_text, positional), *given])})"


def differing(value: Value, default: Value) -> Value:
    """The value, or None where it is what the call assumes anyway."""
    return None if value == default else value


def _text(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
