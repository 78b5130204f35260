"""Valid programs, drawn at random: each runs here, and gives in a notebook the same numbers and gradients."""

import io
import warnings
from contextlib import redirect_stdout

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.autograd.language.interpreter import run
from core.autograd.language.notebook import notebook_text

NAMES = st.sampled_from(["a", "b", "c"])  # of shape (2, 3), all along
SAME_SHAPE = st.sampled_from(
    [
        "{n} + {m}",
        "{n} * {m}",
        "{n} - 0.5 * {m}",
        "{n} / ({m} * {m} + 1)",
        "-{n}",
        "{n}.tanh()",
        "{n} ** 2 / 9",
        "torch.sigmoid({n})",
        "F.relu({n})",
        "F.dropout({n}, 0.4)",
        "{n}.clone()",
        "{n}.T.T",
        "{n}.view(3, 2).reshape(2, 3)",
        "torch.where({n} > {m}, {n}, {m} * 2)",
        "torch.max({n}, {m})",
        "{n} - {n}.mean(1, keepdim=True)",
        "torch.softmax({n}, dim=1)",
        "{n} @ torch.eye(3)",
        "torch.stack([{n}[0], {m}[1]])",
        "{n} * torch.rand(3)",
        "{n}.detach() * {m}",
        "{n} + torch.randn(2, 3)",
        "torch.cat([{n}[:, 1:], {m}[:, :1]], dim=1)",
        "{n}.flip(0)",
        "F.layer_norm({n}, (3,))",
        "{n}.expand(2, 3)",
        "{n}.cumsum(1) / 3",
        "{n}.squeeze()",
    ]
)
# changes are made to a result, because a leaf cannot be changed while autograd records
LINES = st.sampled_from(
    [
        "{k} = {e}",
        "{k} = {e}",
        "{k} = {e}",
        "w = {n}[0]\n{k} = w * {m}",
        "for i in range(2):\n    {k} = {e}",
        "if {n}.sum() > 0:\n    {k} = {e}",
        "with torch.no_grad():\n    {k} = {e}",
        "{k} = {n} * 1\n{k}[0] = {m}[1]",
        "{k} = {n} * 1\n{k} += {m}",
        "{k} = {n} + 0\nw = {k}[1]\nw += 0.5\n{k} = {k} * w",
        "{k} = {n} * 2\n{k}[:, 0] *= 3",
        "{k} = {n} + 1\n{k}[{k} > 0.7] = 0.25",
        "{k} = {n} * 1\nw = {k}.view(6)\n{k} -= 1\nd = w.sum()",
        "print({n}, {m}.shape)",
        "{k} = {n} * 1\n{k}.add_({m}).mul_(0.5)",
    ]
)
ENDS = st.sampled_from(["loss.backward()", "g, h = torch.autograd.grad(loss, [x, c], allow_unused=True)"])


@st.composite
def programs(draw: st.DrawFn) -> str:
    lines = [
        "x = torch.linspace(-1, 1.5, 6).reshape(2, 3).requires_grad_()",
        "u = torch.tensor([0.5, -0.25, 2.0], requires_grad=True)",
        "a = x * u",
        "b = x + u",
        "c = x * 0.5",
    ]
    for _ in range(draw(st.integers(1, 7))):
        n, m, k = draw(NAMES), draw(NAMES), draw(NAMES)
        expression = draw(SAME_SHAPE).format(n=n, m=m)
        lines.append(draw(LINES).format(n=n, m=m, k=k, e=expression))
    lines.append("loss = (a * b).mean() + c.sum() + x.sum()")
    lines.append(
        draw(
            st.sampled_from(
                ["loss.backward()", "g, h = torch.autograd.grad(loss, [x, c], allow_unused=True)"]
            )
        )
    )
    return "\n".join(lines) + "\n"


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_the_same_numbers_and_gradients_as_a_notebook(source: str) -> None:
    trace = run(source)
    names: dict = {}
    shown = io.StringIO()
    try:
        with redirect_stdout(shown), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(notebook_text(source), names)  # noqa: S102  our own text
    except RuntimeError:  # such as a changed value that backward needs: then it is an error here too
        assert trace.error is not None
        return
    assert trace.error is None, trace.error
    assert shown.getvalue() == "".join(note.text + "\n" for note in trace.printed)
    for name, number in trace.names.items():
        assert torch.equal(trace.values[number].data, names[name].detach()), name
        assert trace.values[number].tensor._version == names[name]._version
    for name in ("x", "u"):
        ours, theirs = trace.value(name).tensor.grad, names[name].grad
        assert (ours is None) == (theirs is None)
        assert ours is None or torch.equal(ours, theirs)
    for backward in trace.passes:
        assert all(error == 0 for error in backward.engine.values())
