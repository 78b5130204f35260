"""What an attribution is asked for, so that it can be asked again of another network, class or image."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor, nn

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.attribution import attribute
from core.inspection.controls import Value
from core.inspection.maps import AttributionMap


@dataclass(frozen=True, eq=False)
class Question:
    """One image, one class, one method with its settings."""

    model: nn.Module
    pixels: Tensor  # uint8 (C, H, W)
    normalisation: Normalisation
    target: int
    method: str  # a key of METHODS
    settings: Mapping[str, Value] = field(default_factory=dict)
    background: LabelledImages | None = None

    def answer(self) -> AttributionMap:
        """Its map; raises MethodUnableError, SettingError."""
        return attribute(
            self.model,
            self.pixels,
            self.normalisation,
            self.target,
            self.method,
            self.settings,
            self.background,
        )
