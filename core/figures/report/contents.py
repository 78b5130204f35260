"""What goes into a document: one run, or two, with what a person chose and wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from core.inspection.confusion import ConfusionMatrix
from core.inspection.exhibits import Exhibit
from core.inspection.predictions import Predictions
from core.inspection.report import Report
from core.networks.analysis import Analysis, analyse
from core.training.reports.curves import Curve, Series
from core.training.runs.records import Run


@dataclass(frozen=True, eq=False)
class Looked:
    """One run, and what the weights of one of its checkpoints say about the test split."""

    run: Run
    moment: str  # of the checkpoint: `after 3 epochs (540 steps)`
    sha: str  # SHA-256 of its file
    classes: tuple[str, ...]
    pixels: Tensor  # uint8 (N, C, H, W): the test images as the network gets them, before they are normalised
    predictions: Predictions
    curves: Mapping[Series, Curve]
    matrix: ConfusionMatrix
    report: Report

    @property
    def name(self) -> str:
        """In a sentence."""
        return f"run {self.run.number}"

    @property
    def analysis(self) -> Analysis:
        """Of its network, for its images."""
        _, channels, height, width = self.pixels.shape
        return analyse(self.run.request.network, (channels, height, width), len(self.classes))

    def of(self, image: int) -> str:
        """A test image in words: what it is, what it is taken for, how surely."""
        found = self.predictions
        true, said = (self.classes[int(k)] for k in (found.labels[image], found.predicted[image]))
        sure = f"{100 * float(found.confidence[image]):.0f} % sure"
        return f"{true}, recognised, {sure}" if true == said else f"{true}, taken for {said}, {sure}"


@dataclass(frozen=True, eq=False)
class Contents:
    """All of a document."""

    title: str
    author: str  # "" for nobody
    date: str  # as it stands under the title
    looked: tuple[Looked, ...]  # one run, or two that are compared
    sections: tuple[str, ...]  # keys of SECTIONS that are wanted
    texts: Mapping[str, str] = field(default_factory=dict)  # section → what a person wrote beside it
    exhibits: tuple[Exhibit, ...] = ()  # maps of the first run

    @property
    def first(self) -> Looked:
        """The run that the document is about."""
        return self.looked[0]

    def paragraphs(self, section: str) -> list[str]:
        """What a person wrote beside a section: empty lines part paragraphs."""
        parts = self.texts.get(section, "").replace("\r\n", "\n").split("\n\n")
        return [part.strip() for part in parts if part.strip()]
