"""Python's own arithmetic on numbers and texts, with bounds that are checked before the work."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from core.autograd.errors import RefusalError
from core.autograd.limits import LIMITS
from core.autograd.operations.signature import in_words, is_number

BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.MatMult: ("@", operator.matmul),
}
COMPARISONS: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Gt: (">", operator.gt),
    ast.Lt: ("<", operator.lt),
    ast.GtE: (">=", operator.ge),
    ast.LtE: ("<=", operator.le),
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
}
CONSTANTS: dict[tuple[str, str], float] = {
    (module, name): number
    for module in ("torch", "math")
    for name, number in (("pi", math.pi), ("e", math.e), ("inf", math.inf), ("nan", math.nan))
}
MATH: dict[str, Callable[[float], float]] = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "tanh": math.tanh,
    "floor": math.floor,
    "ceil": math.ceil,
}


def calculate(kind: type[ast.operator], left: Any, right: Any) -> Any:
    """`left` operator `right` for numbers, or joining two texts."""
    symbol, call = BINARY[kind]
    if symbol == "+" and isinstance(left, str) and isinstance(right, str):
        return short_text(left + right)
    if not (is_number(left) and is_number(right)):
        raise RefusalError(
            f"`{symbol}` does not work between {in_words(left)} and {in_words(right)}",
            "Use tensors or numbers on both sides.",
        )
    if symbol == "**":
        _check_power(left, right)
    try:
        return bounded(call(left, right))
    except ZeroDivisionError:
        raise RefusalError(
            f"{left} {symbol} 0: division by zero", "Tensors would give inf: torch.tensor(1.0) / 0."
        ) from None
    except (OverflowError, TypeError) as problem:
        raise RefusalError(
            f"`{left} {symbol} {right}` has no result that fits: {problem}", "Use smaller numbers."
        ) from None


def _check_power(base: Any, exponent: Any) -> None:
    """Whole numbers can grow without end; refuse before the power is worked out."""
    if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1:
        digits = abs(exponent) * math.log2(abs(base))
        if digits > math.log2(LIMITS.whole):
            raise RefusalError(
                f"{base} ** {exponent} is too large: at most 2⁵³ is allowed", "Use a float: 10.0 ** 20."
            )


def bounded(value: Any) -> Any:
    """`value`, unless it is a whole number beyond the limit or has an imaginary part."""
    if isinstance(value, complex):
        raise RefusalError(
            "The result is a complex number, which this language lacks", "Keep what is under a root positive."
        )
    if isinstance(value, int) and abs(value) > LIMITS.whole:
        raise RefusalError("This whole number becomes too large: at most 2⁵³ is allowed", "Use floats: 1.0.")
    return value


def short_text(text: str, most: int = LIMITS.text) -> str:
    if len(text) > most:
        raise RefusalError(f"This text becomes longer than {most:,} characters", "Print less.")
    return text


def as_text(value: Any, most: int = LIMITS.text) -> str:
    """`str(value)`, with the items of lists written one by one, so that too long a text is refused early."""
    if type(value) not in (list, tuple) or not value:
        return short_text(str(value), most)
    parts: list[str] = []
    length = 0
    for item in value:
        parts.append(repr(item) if type(item) is str else as_text(item, most))
        length += len(parts[-1]) + 2
        if length > most:
            short_text(" " * length, most)
    if isinstance(value, list):
        return f"[{', '.join(parts)}]"
    return f"({', '.join(parts)}{',' * (len(parts) == 1)})"


def rounded(number: Any, digits: Any = None) -> Any:
    """`round`; with many digits left of the point Python would first work out a power of ten."""
    if digits is not None and not (isinstance(digits, int) and abs(digits) <= 20):
        raise RefusalError(
            f"`round` takes up to 20 digits; given was {in_words(digits)}", "Write round(x, 2)."
        )
    return round(number, digits)


def measured(items: list[Any] | tuple[Any, ...]) -> Any:
    """`items`, unless they hold too much or are nested too deeply."""
    if _weight(items, LIMITS.dimensions) > LIMITS.list_items:
        raise RefusalError(
            f"A list may hold at most {LIMITS.list_items:,} items, inner lists included", "Use torch.arange."
        )
    return items


def _weight(items: list[Any] | tuple[Any, ...], depth: int) -> int:
    if depth == 0:
        raise RefusalError(f"Lists may be nested at most {LIMITS.dimensions} deep", "Use fewer dimensions.")
    return 1 + sum(_weight(item, depth - 1) if isinstance(item, (list, tuple)) else 1 for item in items)
