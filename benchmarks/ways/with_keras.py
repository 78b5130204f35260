"""Keras 3 on the network that the Design page writes for it, with the backend that KERAS_BACKEND names.

The images are there as one array, which is quicker for Keras than torchvision's transforms are.
"""

from typing import Any

import keras
import numpy as np

from benchmarks.ways.task import Answer, Task, Window
from core.data import catalogue
from core.networks.source import to_source

_compiled: dict[tuple[str, int], keras.Model] = {}  # since compiling takes longer than measuring


class _Timing(keras.callbacks.Callback):
    """Ends the training when the time is over."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window, self._over = window, False

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        if not self._over and not self._window.step():
            self._over = self.model.stop_training = True
            raise StopIteration


def speed(task: Task) -> Answer:
    """With Keras's own Adam and compilation."""
    images = catalogue.load("fashion-mnist").train
    mean, std = 0.2860, 0.3530
    pixels = (images.pixels.numpy().astype(np.float32).transpose(0, 2, 3, 1) / 255 - mean) / std
    model = _compiled.setdefault((task.network, task.batch_size), _compile(task))
    window = Window(task)
    while not window.images_per_second:
        try:
            model.fit(
                pixels,
                images.labels.numpy(),
                batch_size=task.batch_size,
                verbose=0,
                callbacks=[_Timing(window)],
            )
        except StopIteration:
            break
    return Answer(window.images_per_second)


def _compile(task: Task) -> keras.Model:
    names: dict[str, Any] = {"__name__": "network"}
    exec(to_source(task.request.network, (1, 28, 28), "keras"), names)  # noqa: S102 (our own text)
    model: keras.Model = names["model"]
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model
