"""What a network may be designed for: images of a shape, in a number of classes."""

from __future__ import annotations

from dataclasses import dataclass

from core.networks.spec import Shape

GREY, COLOUR = (1, 28, 28), (3, 32, 32)  # the images of Fashion-MNIST and of CIFAR-10
COLOURS = {1: "grey", 3: "colour"}  # by channels


@dataclass(frozen=True)
class Task:
    """The images that come in and the classes that go out."""

    shape: Shape  # (C, H, W)
    classes: int = 10

    @property
    def words(self) -> str:
        """What it is called on the page and in an address; ten classes go without saying."""
        channels, height, width = self.shape
        images = f"{COLOURS[channels]} {height} × {width}"
        return images if self.classes == 10 else f"{images}, {self.classes} classes"


# by what they are called
IMAGES: dict[str, Task] = {task.words: task for task in (Task(GREY), Task(COLOUR))}
