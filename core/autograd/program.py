"""Program text → the statements that may run, and what is wrong after them."""

import ast
from dataclasses import dataclass

from core.autograd.errors import ProgramError, Span
from core.autograd.limits import LIMITS, Limits

STATEMENTS: tuple[type[ast.stmt], ...] = (
    ast.Assign,
    ast.AugAssign,
    ast.Expr,
    ast.For,
    ast.If,
    ast.Import,
    ast.ImportFrom,
    ast.Pass,
    ast.With,
)
EXPRESSIONS: tuple[type[ast.expr], ...] = (
    ast.Attribute,
    ast.BinOp,
    ast.BoolOp,
    ast.Call,
    ast.Compare,
    ast.Constant,
    ast.FormattedValue,
    ast.IfExp,
    ast.JoinedStr,
    ast.List,
    ast.Name,
    ast.Slice,
    ast.Subscript,
    ast.Tuple,
    ast.UnaryOp,
)

# what is refused → why, and what to write in its place
REFUSED: dict[type[ast.AST], tuple[str, str]] = {
    ast.While: ("`while` could run for ever", "Write `for i in range(n):` with a fixed number of turns."),
    ast.FunctionDef: (
        "Defining functions is not part of this language",
        "Write the steps one after another.",
    ),
    ast.AsyncFunctionDef: (
        "Defining functions is not part of this language",
        "Write the steps one after another.",
    ),
    ast.ClassDef: ("Defining classes is not part of this language", "Write the steps one after another."),
    ast.Lambda: ("Defining functions is not part of this language", "Write the expression itself."),
    ast.ListComp: ("Comprehensions are not part of this language", "Write a `for` loop over `range(n)`."),
    ast.SetComp: ("Comprehensions are not part of this language", "Write a `for` loop over `range(n)`."),
    ast.DictComp: ("Comprehensions are not part of this language", "Write a `for` loop over `range(n)`."),
    ast.GeneratorExp: ("Comprehensions are not part of this language", "Write a `for` loop over `range(n)`."),
    ast.Dict: ("Dictionaries are not part of this language", "Use a name for each tensor."),
    ast.Set: ("Sets are not part of this language", "Use a list: `[a, b]`."),
    ast.Try: ("`try` is not part of this language", "Errors are explained here, just run the line."),
    ast.Raise: ("`raise` is not part of this language", "Use `print` to show something."),
    ast.Delete: ("`del` is not part of this language", "Use another name; old tensors stay in the picture."),
    ast.Global: ("`global` is not part of this language", "All names are in one place here."),
    ast.Nonlocal: ("`nonlocal` is not part of this language", "All names are in one place here."),
    ast.Return: ("`return` stands outside a function", "Give the result a name, or `print` it."),
    ast.Break: ("`break` is not part of this language", "Choose the number of turns in `range(n)`."),
    ast.Continue: ("`continue` is not part of this language", "Use `if`/`else` inside the loop."),
    ast.Assert: ("`assert` is not part of this language", "Use `print` to look at a value."),
    ast.AnnAssign: ("Type annotations are not part of this language", "Write `name = value`."),
    ast.NamedExpr: ("`:=` is not part of this language", "Assign on a line of its own."),
    ast.Starred: ("`*` unpacking is not part of this language", "Write the arguments one by one."),
    ast.Await: ("`await` is not part of this language", "Leave it out."),
    ast.Yield: ("`yield` is not part of this language", "Leave it out."),
    ast.YieldFrom: ("`yield` is not part of this language", "Leave it out."),
}

READABLE = ("_version",)  # private by name, and the only way to see a tensor's version counter


@dataclass(frozen=True)
class Program:
    """The longest allowed beginning of a text, and the error that ends it, if any."""

    source: str
    statements: tuple[ast.stmt, ...]
    error: ProgramError | None

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.source.split("\n"))


def parse(source: str, limits: Limits = LIMITS) -> Program:
    """Check `source` against the language; what stands before the first wrong statement can still run."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    if len(source) > limits.characters:
        message = f"The program has {len(source):,} characters; at most {limits.characters:,} are allowed"
        return Program(
            source, (), ProgramError(Span(1, 0, 1, 1), message, "Keep the part to look at.", source)
        )
    statements, error = _parse_prefix(source)
    lines = tuple(source.split("\n"))
    allowed: list[ast.stmt] = []
    for statement in statements:
        wrong = _first_wrong(statement, lines, source, limits)
        if wrong is not None:
            return Program(source, tuple(allowed), wrong)
        allowed.append(statement)
    return Program(source, tuple(allowed), error)


def _parse_prefix(source: str) -> tuple[list[ast.stmt], ProgramError | None]:
    """The statements of the longest run of whole lines that Python can read, and the syntax error after
    it."""
    try:
        return ast.parse(source).body, None
    except SyntaxError as problem:
        error = _syntax_error(problem, source)
    except (ValueError, RecursionError, MemoryError) as problem:
        nested = isinstance(problem, (RecursionError, MemoryError))
        message = "This is nested too deeply" if nested else f"Python cannot read this: {problem}"
        return [], ProgramError(
            Span(1, 0, 1, 1), message, "Use names for the parts of a long expression.", source
        )
    lines = source.split("\n")
    for end in range(min(error.line - 1, len(lines)), 0, -1):
        if lines[end - 1].startswith((" ", "\t")) and end > error.line - 40:
            continue  # inside a block, which is only whole up to the next line that is not indented
        try:
            return ast.parse("\n".join(lines[:end])).body, error
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return [], error


def _syntax_error(problem: SyntaxError, source: str) -> ProgramError:
    lines = source.split("\n")
    line = min(max(problem.lineno or 1, 1), len(lines))
    column = min(max((problem.offset or 1) - 1, 0), len(lines[line - 1]))
    end = problem.end_offset - 1 if problem.end_lineno == line and problem.end_offset else column + 1
    message = f"Python cannot read this line: {problem.msg}"
    hint = "Check brackets, commas, quotes and the indentation here and at the end of the line before."
    return ProgramError(Span(line, column, line, max(end, column + 1)), message, hint, source)


def _first_wrong(
    statement: ast.stmt, lines: tuple[str, ...], source: str, limits: Limits
) -> ProgramError | None:
    """The first node of `statement` that the language lacks, found without recursion."""
    waiting: list[tuple[ast.AST, int]] = [(statement, 1)]
    while waiting:
        node, depth = waiting.pop()
        problem = _problem(node, depth, limits)
        if problem is not None:
            where = node if isinstance(node, (ast.expr, ast.stmt, ast.keyword)) else statement
            return ProgramError(Span.of(where, lines), *problem, source)
        waiting += [(child, depth + 1) for child in reversed(list(ast.iter_child_nodes(node)))]
    return None


def _problem(node: ast.AST, depth: int, limits: Limits) -> tuple[str, str] | None:
    if depth > limits.depth:
        return (
            f"This is nested more than {limits.depth} deep (a long chain of operators counts too)",
            "Give a name to a part of it, on a line of its own.",
        )
    if type(node) in REFUSED:
        return REFUSED[type(node)]
    if isinstance(node, ast.stmt) and not isinstance(node, STATEMENTS):
        return (
            f"`{type(node).__name__}` statements are not part of this language",
            "See the list of what is allowed.",
        )
    if isinstance(node, ast.expr) and not isinstance(node, EXPRESSIONS):
        return (
            f"`{type(node).__name__}` expressions are not part of this language",
            "See the list of what is allowed.",
        )
    if isinstance(node, ast.For) and node.orelse:
        return "`else` after a loop is not part of this language", "Write the lines after the loop."
    if isinstance(node, ast.Attribute) and node.attr.startswith("_") and node.attr not in READABLE:
        return (
            f"`.{node.attr}` is private: names that begin with an underscore are closed here",
            "Use the tensor's public attributes, such as .grad, .shape, .T or .grad_fn.",
        )
    if isinstance(node, ast.Name) and node.id.startswith("__"):
        return f"`{node.id}` is closed here", "Choose a name that does not begin with two underscores."
    if isinstance(node, ast.keyword) and node.arg is None:
        return "`**` unpacking is not part of this language", "Write the arguments one by one."
    if isinstance(node, ast.Constant):
        return _problem_of_constant(node.value, limits)
    return None


def _problem_of_constant(value: object, limits: Limits) -> tuple[str, str] | None:
    if isinstance(value, int) and abs(value) > limits.whole:
        return (
            "This whole number is too large: at most 2⁵³ is allowed",
            "Use a smaller one, or a float such as 1e20.",
        )
    if isinstance(value, str) and len(value) > limits.text:
        return f"This text has more than {limits.text:,} characters", "Shorten it."
    if isinstance(value, (bytes, complex)):
        return (
            f"Values of type {type(value).__name__} are not part of this language",
            "Use an int or a float.",
        )
    return None
