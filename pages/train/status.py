"""How far a run is, in words and in five numbers."""

from typing import Any

from core.training.runs.queue import turn_of
from core.training.runs.records import Run
from core.training.runs.states import ACTIVE, ENDED
from pages.shared.server import keeper, run_store
from pages.train.words import duration, loss, percent, waiting

TILES = {  # what each number is → its term in the glossary
    "Loss, running": "running training loss",
    "Loss, validation": "evaluation loss",
    "Accuracy, running": "running training loss",
    "Accuracy, validation": "validation split",
    "Accuracy, test": "test split",
}


def status(run: Run) -> dict[str, Any]:
    """What is shown of a run, its numbers in the order of TILES; with another `stamp` the page around it is old."""
    fraction, text = _progress(run)
    numbers = [
        loss(run.train_loss),
        loss(run.validation_loss),
        percent(run.train_accuracy),
        percent(run.validation_accuracy),
        percent(run.test_accuracy),
    ]
    return {"stamp": stamp(run), "fraction": fraction, "text": text, "numbers": numbers}


def stamp(run: Run) -> str:
    """What stands around the moving parts says no more than this of a run."""
    return f"{run.state} {run.attempt} {can_be_inspected(run)} {run.name} {run.message}"


def can_be_inspected(run: Run) -> bool:
    """Whether there are weights that learned anything."""
    return run.state in ENDED or run.epoch >= 1


def _progress(run: Run) -> tuple[float, str]:
    """How much is done, and in words."""
    fraction = min(run.step / run.total_steps, 1.0) if run.total_steps else 0.0
    epochs = run.request.config.epochs
    if run.state == "queued":
        return fraction, waiting(turn_of(run, run_store().runs(), keeper().at_once))
    if run.state in ACTIVE and run.total_steps is None:
        return fraction, "Getting ready: the images are read, the network is built"
    if run.state in ACTIVE:
        parts = [
            f"Epoch {min(run.epoch + 1, epochs)} of {epochs}",
            f"step {run.step:,} of {run.total_steps:,}",
        ]
        if run.images_per_second:
            parts.append(f"{run.images_per_second:,.0f} images/s")
        if run.state == "running":
            parts.append(
                f"{duration(run.seconds_left)} left"
                if run.seconds_left is not None
                else "time left not known yet"
            )
        return fraction, " · ".join(parts)
    done = f"{run.epoch} of {epochs} epochs, {run.step:,} steps in {duration(run.seconds)}"
    return fraction, f"{done} on {run.device}" if run.device else "Not started"
