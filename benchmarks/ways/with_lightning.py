"""PyTorch Lightning on the module that the Design page writes for it, with torchvision's transforms."""

import logging
import warnings
from typing import Any

import lightning

from benchmarks.ways.stock import loader
from benchmarks.ways.task import Answer, Task, Window
from core.networks.source import to_source


class _Timing(lightning.Callback):
    """Ends the training when the time is over."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def on_train_batch_end(self, trainer: lightning.Trainer, *_: object) -> None:
        if not trainer.should_stop:
            trainer.should_stop = not self._window.step()


def speed(task: Task) -> Answer:
    """Without Lightning's logger, progress bar and checkpoints."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    names: dict[str, Any] = {"__name__": "network"}
    exec(to_source(task.request.network, (1, 28, 28), "lightning"), names)  # noqa: S102 (our own text)
    window = Window(task)
    trainer = lightning.Trainer(
        max_epochs=-1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[_Timing(window)],
    )
    trainer.fit(names["model"], loader(task))
    return Answer(window.images_per_second)
