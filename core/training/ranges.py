"""What a number may be, and the sentence that says so when it is not."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """The allowed values of one setting."""

    label: str  # as in "The … is 3"
    low: float
    high: float = math.inf
    above: bool = False  # `low` itself is not allowed
    below: bool = False  # `high` itself is not allowed

    def allows(self, value: float) -> bool:
        """Whether `value` is a finite number in the range."""
        low = value > self.low if self.above else value >= self.low
        high = value < self.high if self.below else value <= self.high
        return math.isfinite(value) and low and high

    def problem(self, value: float) -> str:
        """A sentence, or "" where `value` is allowed."""
        return "" if self.allows(value) else f"The {self.label} is {value}; allowed is {self.allowed}."

    @property
    def allowed(self) -> str:
        """The range in words."""
        if math.isinf(self.high):
            return f"any number above {self.low:g}" if self.above else f"{self.low:g} or above"
        if not self.above and not self.below:
            return f"{self.low:g} to {_whole(self.high)}"
        low = f"above {self.low:g}" if self.above else f"{self.low:g} or above"
        return f"{low}, {'below' if self.below else 'up to'} {_whole(self.high)}"


def _whole(number: float) -> str:
    return "2³¹ − 1" if number == 2**31 - 1 else f"{number:g}"
