"""Deletion and insertion: how the answer changes as the highest-scored pixels go or come (Petsiuk and others, 2018)."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.inspection.maps import Case
from core.inspection.preserve import own_copy
from core.inspection.question import Question

STEPS = 28  # shares of the pixels between none and all
ORDERS = 10  # random ones to compare with


@dataclass(frozen=True, eq=False)
class Curve:
    """The probability of the class while pixels go or come, the highest score first."""

    name: str  # deletion | insertion
    shares: Tensor  # float32 (STEPS + 1,): of the pixels that have changed, 0 to 1
    probability: Tensor  # float32 (STEPS + 1,)
    random: Tensor  # float32 (ORDERS, STEPS + 1): with the pixels in random order

    @property
    def area(self) -> float:
        """Under the curve, 0 to 1: for a map that finds what matters low in deletion, high in insertion."""
        return float(torch.trapezoid(self.probability, self.shares))

    @property
    def random_areas(self) -> Tensor:
        """float32 (ORDERS,)."""
        return torch.trapezoid(self.random, self.shares)

    @property
    def gain(self) -> float:
        """By how much it is better than the mean of random orders; negative where it is worse."""
        lead = self.area - float(self.random_areas.mean())
        return lead if self.name == "insertion" else -lead

    @property
    def clear(self) -> bool:
        """Whether that is more than random orders differ among themselves: twice their standard deviation."""
        return abs(self.gain) > 2 * float(self.random_areas.std())


def curves(question: Question, plane: Tensor, seed: int = 0) -> Iterator[Curve]:
    """Deletion and insertion for the order in which `plane` (H, W) puts the pixels, ties in random order.

    Deletion paints pixels black in the image; insertion begins with the blurred image and brings them back.
    """
    draw = torch.Generator().manual_seed(seed)
    model = own_copy(question.model)
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    image = question.normalisation(question.pixels[None].to(device))
    case = Case(model, image, question.target, question.normalisation)
    orders = [_order(plane, draw)] + [torch.randperm(plane.numel(), generator=draw) for _ in range(ORDERS)]
    for name, start, end in (
        ("deletion", image, case.baseline("black")),
        ("insertion", case.baseline("blurred"), image),
    ):
        found = torch.stack([_along(case, order.to(device), start, end) for order in orders])
        yield Curve(name, torch.linspace(0, 1, STEPS + 1), found[0], found[1:])


def _order(plane: Tensor, draw: torch.Generator) -> Tensor:
    """int64 (H·W,): pixels by falling score; equal scores in random order, lest the upper rows come first."""
    mixed = torch.randperm(plane.numel(), generator=draw)
    return mixed[plane.flatten()[mixed].argsort(descending=True, stable=True)]


def _along(case: Case, order: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """float32 (STEPS + 1,): the class's probability while `order`'s pixels go over from `start` to `end`."""
    height, width = start.shape[2:]
    rank = torch.empty_like(order).scatter_(0, order, torch.arange(len(order), device=order.device))
    limits = (torch.linspace(0, 1, STEPS + 1, device=order.device) * len(order)).round()
    changed = (rank[None] < limits[:, None]).view(-1, 1, height, width)  # (STEPS + 1, 1, H, W)
    with torch.no_grad():
        logits: Tensor = case.model(torch.where(changed, end, start))
    return logits.softmax(dim=1)[:, case.target].float().cpu()
