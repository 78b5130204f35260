"""What an optimizer did to one weight, in numbers: its rule line by line, with the values put in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from core.training.observations import WeightUpdate

LETTERS = {"eta": r"\eta", "decay": r"\lambda"}  # name in a rule → LaTeX, where the name is not its own
ROUNDING = float(np.finfo(np.float32).eps)  # of a float32, relative
OF_THE_STEP = 1e-4  # relative error of a step that float32 arithmetic may leave where terms nearly cancel


@dataclass(frozen=True)
class Rule:
    """One line of an optimizer's rule.

    The names are w weight, g gradient, eta learning rate, decay weight decay, and the letters of what the
    optimizer remembers.
    """

    gives: str  # the name whose value it changes
    formula: str  # LaTeX of its right side, with {names}
    value: Callable[[SimpleNamespace], float]  # of the names so far
    with_decay: bool = False  # left out where the weight decay is 0


@dataclass(frozen=True)
class Line:
    """A rule in one case."""

    gives: str  # LaTeX
    formula: str  # LaTeX, with letters
    numbers: str  # LaTeX, with the numbers in their place
    value: float  # computed in float64

    @property
    def latex(self) -> str:
        """The whole line."""
        return rf"{self.gives} \leftarrow {self.formula} = {self.numbers} = {number(self.value)}"


@dataclass(frozen=True)
class Check:
    """A number that was computed here beside the one that training computed."""

    letter: str  # LaTeX
    computed: float  # float64, from the numbers before the step
    trained: float  # float32, what was there after the step
    agrees: bool  # up to the rounding of float32


@dataclass(frozen=True)
class Worked:
    """An update computed anew."""

    lines: tuple[Line, ...]
    checks: tuple[Check, ...]  # of what the optimizer remembers, and of the weight, which comes last

    @property
    def agrees(self) -> bool:
        """Whether training did what the rule says."""
        return all(check.agrees for check in self.checks)


def work(
    rules: tuple[Rule, ...], memory: Mapping[str, str], update: WeightUpdate, rate: float, decay: float
) -> Worked:
    """Compute an update anew by `rules`, from the numbers before it.

    `memory` says which letter each number has that the optimizer keeps: PyTorch's name → letter. What it has
    not kept yet is 0.
    """
    kept = {letter: update.kept_before.get(name, 0.0) for name, letter in memory.items()}
    now = SimpleNamespace(w=update.before, g=update.gradient, eta=rate, decay=decay, **kept)
    lines = []
    for rule in rules:
        if rule.with_decay and not decay:
            continue
        letters = {name: LETTERS.get(name, name) for name in vars(now)}
        values = {name: _in_place(value) for name, value in vars(now).items()}
        value = rule.value(now)
        line = Line(letters[rule.gives], rule.formula.format(**letters), rule.formula.format(**values), value)
        lines.append(line)
        setattr(now, rule.gives, value)
    pull = decay * abs(update.before)
    cancelling = {"m": abs(update.gradient) + pull, "v": pull * (abs(update.gradient) + pull)}
    checks = [
        _check(letter, getattr(now, letter), update.kept[name], cancelling.get(letter, 0.0))
        for name, letter in memory.items()
        if name in update.kept
    ]
    checks.append(_check("w", now.w, update.after, abs(update.before), now.w - update.before))
    return Worked(tuple(lines), tuple(checks))


def _check(letter: str, computed: float, trained: float, size: float, step: float = 0.0) -> Check:
    """Compare a number that came from terms of `size`, which may have cancelled, and perhaps a step."""
    allowed = 4 * ROUNDING * max(size, abs(computed)) + OF_THE_STEP * abs(step)
    return Check(letter, computed, trained, abs(computed - trained) <= allowed)


def number(value: float) -> str:
    r"""Five digits that count, as LaTeX: 0.00123, 3.1 \cdot 10^{-10}."""
    if not math.isfinite(value):
        return r"\infty" if value > 0 else r"-\infty" if value < 0 else r"\text{no number}"
    text = f"{value:.5g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"


def _in_place(value: float) -> str:
    """A number as it stands within a formula."""
    text = number(value)
    return f"({text})" if value < 0 or "10^" in text else text
