"""What went wrong in a program: where, what, and what to try."""

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """A stretch of source text: lines from 1, columns from 0 in characters, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def of(cls, node: ast.expr | ast.stmt | ast.alias | ast.keyword, lines: tuple[str, ...]) -> "Span":
        """The span of `node`; ast counts bytes, we count characters."""
        end_line = node.end_lineno or node.lineno
        return cls(
            node.lineno,
            _characters(lines, node.lineno, node.col_offset),
            end_line,
            _characters(lines, end_line, node.end_col_offset or 0),
        )


def _characters(lines: tuple[str, ...], line: int, offset: int) -> int:
    text = lines[line - 1]
    return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))


class RefusalError(Exception):
    """A step that cannot be done, before it is known where in the program it stands."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ProgramError(Exception):
    """A wrong place in a program: `span` says where, `message` what is wrong, `hint` what to try."""

    def __init__(self, span: Span, message: str, hint: str, source: str) -> None:
        super().__init__(f"line {span.line}, column {span.column + 1}: {message}")
        self.span = span
        self.message = message
        self.hint = hint
        self.source = source

    @property
    def line(self) -> int:
        return self.span.line

    @property
    def column(self) -> int:
        """Counted from 1, as editors do."""
        return self.span.column + 1

    @property
    def fragment(self) -> str:
        """The offending text, its first line only."""
        text = self._line_text()
        end = self.span.end_column if self.span.end_line == self.span.line else len(text)
        return text[self.span.column : end]

    def caret_lines(self, width: int = 72) -> str:
        """The offending line with carets under the offending part, cut to `width` characters."""
        text = self._line_text()
        start = max(0, min(self.span.column - width // 3, len(text) - width))
        length = max(1, min(len(self.fragment), width - (self.span.column - start)))
        return f"{text[start : start + width]}\n{' ' * (self.span.column - start)}{'^' * length}"

    def _line_text(self) -> str:
        lines = self.source.split("\n")
        return lines[self.span.line - 1] if self.span.line <= len(lines) else ""
