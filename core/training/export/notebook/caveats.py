"""What of a run its notebook can't repeat: one sentence each, so that nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.training.export.notebook.subject import Subject
from core.training.runs.states import ENDED


def _fork(subject: Subject) -> str:
    fork = subject.run.request.fork
    return (
        f"This run branched off {subject.parent} at step {fork.step} and began with the weights that were there. "
        "They are not kept any more, so this notebook begins with new ones: its numbers will be others."
        if fork and not subject.start
        else ""
    )


def _seconds(subject: Subject) -> str:
    limit = subject.config.seconds
    return (
        f"The budget is {limit:g} seconds: how many steps that is depends on the machine, and so do the numbers."
        if limit
        else ""
    )


def _unfinished(subject: Subject) -> str:
    run = subject.run
    return (
        ""
        if run.state in ENDED
        else f"This run is {run.state}: its results go up to step {run.step}, while this notebook trains to the end."
    )


def _diverged(subject: Subject) -> str:
    run = subject.run
    return (
        f"The loss of this run was not a finite number any more at step {run.step}, where it ended; this notebook "
        "goes on to the end, with whatever numbers come."
        if run.state == "diverged"
        else ""
    )


def _device(subject: Subject) -> str:
    run = subject.run
    return (
        f"This run computed on {run.device}. Another device, another number of threads or another version of "
        "PyTorch rounds differently: losses then agree to a few digits at first and drift apart slowly."
    )


_ANOTHER_ORDER = (
    "It is the same arithmetic in another order, so that losses agree to a few digits at first and drift apart slowly "
    "there, too."
)


def _first_layers(subject: Subject) -> str:
    return (
        "On a CPU with AVX-512 the app lets oneDNN pool the maps of this network's first layers, and keep them in its "
        f"own memory layout; this notebook leaves both to PyTorch. {_ANOTHER_ORDER}"
        if subject.first_layers
        else ""
    )


def _classes_first(subject: Subject) -> str:
    return (
        "On a CPU the app computes the last layer and the loss of batches as large as this run's with the classes "
        f"lying first in memory; this notebook leaves them where PyTorch has them. {_ANOTHER_ORDER}"
        if subject.classes_first
        else ""
    )


CAVEATS: tuple[Callable[[Subject], str], ...] = (
    _fork,
    _seconds,
    _unfinished,
    _diverged,
    _device,
    _first_layers,
    _classes_first,
)


def caveats(subject: Subject) -> Iterator[str]:
    """A sentence for each thing that may make the notebook's numbers others than the run's."""
    return (sentence for caveat in CAVEATS if (sentence := caveat(subject)))
