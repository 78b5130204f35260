"""A disc in a run's colour, for tables."""

from base64 import b64encode
from functools import lru_cache

from core.figures.palette import run_colour


@lru_cache(maxsize=2048)
def disc(number: int, shown: bool = False) -> str:
    """The address of an image; the shown run's disc has a ring."""
    colour = run_colour(number)
    ring = f'<circle cx="8" cy="8" r="7" fill="none" stroke="{colour}" stroke-width="2"/>' if shown else ""
    filled = f'<circle cx="8" cy="8" r="{4 if shown else 5}" fill="{colour}"/>'
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">{filled}{ring}</svg>'
    return f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}"
