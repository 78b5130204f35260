"""Forward + backward + step over and over on one normalised batch that is already on the device."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.ways.task import Answer, Task, Window
from core.data import catalogue
from core.training.layout import lay_out
from core.training.optimizers import OPTIMIZERS
from core.training.precision import autocast
from core.training.setup import set_up


def speed(
    task: Task,
    given: Callable[[Tensor], Tensor] = lambda images: images,
    laid_out: Callable[[nn.Module, torch.memory_format], nn.Module] = lay_out,
) -> Answer:
    """With the layouts, optimizer and precision of our own loop; each step is given what `given` makes."""
    config = task.request.config
    setup = set_up(task.request, catalogue.load(task.request.data.dataset))
    device = setup.training.device
    model = laid_out(setup.model.to(device), setup.training.layout).train()
    optimizer = OPTIMIZERS[config.optimizer].of(model, config.learning_rate, config.weight_decay)
    images, labels = next(setup.training.shuffled(0, 0))
    window = Window(task, torch.cuda.synchronize if device.type == "cuda" else lambda: None)
    while window.step():
        optimizer.zero_grad()
        with autocast(config.precision, device):
            logits = model(given(images))
        F.cross_entropy(logits.float(), labels).backward()
        optimizer.step()
    return Answer(window.images_per_second, precision=config.precision)
