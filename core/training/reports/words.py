"""How reports write accuracies, differences, times and chances."""

from collections.abc import Sequence


def percent(share: float) -> str:
    """A share of one: `87.4 %`."""
    return f"{100 * share:.1f} %"


def points(difference: float) -> str:
    """A difference of two shares, in percentage points: `+1.8 points`; `no difference` where it rounds to 0."""
    text = f"{100 * difference:+.1f}"
    return "no difference" if float(text) == 0 else f"{text.replace('-', '−')} points"


def seconds(time: float) -> str:
    """A length of time: `4.2 s`, `12 s`, `3 min 20 s`."""
    if time < 10:
        return f"{time:.1f} s"
    whole = round(time)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"


def chance(probability: float) -> str:
    """A probability: `12 %`, `0.4 %`, `less than 0.1 %`."""
    if probability < 0.001:
        return "less than 0.1 %"
    return f"{100 * probability:.1f} %" if probability < 0.1 else f"{100 * probability:.0f} %"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


MEANINGFUL = 0.05  # a difference that chance brings more seldom than this counts as more than chance


def verdict(probability: float) -> str:
    """Whether that is more than chance."""
    return "more than chance" if probability < MEANINGFUL else "chance alone may explain it"
