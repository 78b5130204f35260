"""What the notebook computes again: the first run of a document, and those of its maps that plain Captum makes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.figures.report.captum_code import Surroundings, able
from core.figures.report.contents import Contents, Looked
from core.inspection.exhibits import Exhibit
from core.networks.source.outline import Outline, outline
from core.training.export.weights import module_names


@dataclass(frozen=True)
class Recomputed:
    """One run, as the notebook's code needs it."""

    contents: Contents
    mean: tuple[float, ...]  # of its normalisation, a number a channel
    std: tuple[float, ...]
    state: tuple[str, ...]  # the names of the checkpoint's tensors

    @property
    def looked(self) -> Looked:
        """The run, its predictions and its test images."""
        return self.contents.first

    @cached_property
    def network(self) -> Outline:
        """Its network, to be written as a program."""
        return outline(self.looked.analysis)

    @cached_property
    def around(self) -> Surroundings:
        """What the text of a method depends on."""
        analysis = self.looked.analysis
        names = module_names(self.state, analysis.spec, analysis.input_shape, analysis.classes)
        channels, height, width = self.looked.pixels.shape[1:]
        return Surroundings((channels, height, width), names)

    @cached_property
    def maps(self) -> tuple[Exhibit, ...]:
        """The exhibits that have a map which the notebook can make, too."""
        return tuple(
            each
            for each in self.contents.exhibits
            if each.trust is not None and able(each.method, each.settings, self.around)
        )

    @cached_property
    def methods(self) -> dict[str, Exhibit]:
        """Each method once, with the settings that all its maps have."""
        found: dict[str, Exhibit] = {}
        for each in self.maps:
            found.setdefault(each.method, each)
        return found
