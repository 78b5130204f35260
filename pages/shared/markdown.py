"""Text that people typed, inside Markdown."""

_MARKS = r"\`*_{}[]()#+-.!|~$:<>"


def plain(text: str) -> str:
    """`text` without what Markdown would make of it."""
    return "".join(f"\\{character}" if character in _MARKS else character for character in text)
