"""How the page writes times, shares and a place in the queue."""

from core.training.runs.queue import Turn


def duration(seconds: float | None) -> str:
    """A length of time as a person says it: `8 s`, `1 min 20 s`, `2 h 5 min`; `—` while unknown."""
    if seconds is None:
        return "—"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def percent(share: float | None) -> str:
    """A share of one as `87.4 %`; `—` while unknown."""
    return "—" if share is None else f"{share:.1%}".replace("%", " %")


def loss(value: float | None) -> str:
    """A loss in nats, short also where it has run away; — where there is none yet."""
    if value is None:
        return "—"
    return f"{value:.3f}" if value < 100 else f"{value:.2g}"


def waiting(turn: Turn) -> str:
    """Where a run stands in the queue, and when it starts."""
    if turn.seconds == 0:
        return "Waiting: a worker is starting"
    place = f"Waiting: place {turn.place} of {turn.of}"
    return f"{place}, start not known yet" if turn.seconds is None else f"{place}, {_start(turn.seconds)}"


def _start(seconds: float) -> str:
    """No closer than can be foreseen."""
    if seconds < 60:
        return "starts in less than a minute"
    if seconds < 5400:
        return f"starts in about {seconds / 60:.0f} min"
    return f"starts in about {seconds / 3600:.1f} h"
