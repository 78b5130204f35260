"""Shapes and sizes as the picture and its cards write them."""

from core.networks.backward_graph import Saved
from core.networks.spec import Shape


def parameter_name(path: str) -> str:
    """A parameter with the name of its layer, without the blocks that it is in: conv1.weight."""
    names = path.split(".")
    return ".".join(names[-3 if names[-2:-1] and names[-2].isdigit() else -2 :])


def shape(dimensions: Shape) -> str:
    """A shape as people write it; of a single number: ()."""
    return " × ".join(f"{n:,}" for n in dimensions) or "()"


def arriving(dimensions: Shape) -> str:
    """The upstream gradient's shape, in a box."""
    return f"g {shape(dimensions)}"


def size(count: int) -> str:
    """Bytes in readable units: 6.1 KiB."""
    for unit, word in ((2**20, "MiB"), (2**10, "KiB")):
        if count >= unit:
            return f"{count / unit:,.1f} {word}"
    return f"{count} bytes"


def saved_words(saved: Saved) -> str:
    """Shape, bytes, and whose memory it is."""
    words = f"{shape(saved.shape)} · {size(saved.bytes)}"
    return f"{words} · {saved.source}" if saved.source else words
