"""Text inside Markdown: what people typed, and sentences with numbers."""

_MARKS = r"\`*_{}[]()#+-.!|~$:<>"


def plain(text: str) -> str:
    """`text` without what Markdown would make of it."""
    return "".join(f"\\{character}" if character in _MARKS else character for character in text)


def unbroken(sentence: str) -> str:
    """With each % on the line of its number."""
    return sentence.replace(" %", "\N{NO-BREAK SPACE}%")
