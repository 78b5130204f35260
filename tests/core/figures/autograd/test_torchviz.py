"""torchviz draws the graph before backward() frees it."""

import re
import sys

import pytest
import torch

from core.figures.autograd.torchviz import draw, torchviz_drawing

PRODUCT = """\
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0)
c = a * b
c.backward()
"""


def test_nodes_attributes_and_saved_tensors_are_drawn() -> None:
    pytest.importorskip("torchviz")
    dot = torchviz_drawing(PRODUCT, {}).dot
    assert "MulBackward0" in dot and "AccumulateGrad" in dot
    assert "[saved tensor]" in dot and "fillcolor=orange" in dot  # of b, which backward() frees
    assert '"a\n ()"' in dot  # the leaf under its name


def test_no_label_begins_with_an_empty_line() -> None:
    """With one, every second drawing fails in the browser's Graphviz: table index is out of bounds."""
    pytest.importorskip("torchviz")
    a = torch.ones(3, requires_grad=True)
    dot = draw(a * a, {}, saved=True, most=10, note="").dot  # none of the tensors has a name
    assert dot.count('label=" (3)"') == 2  # the result, and a
    assert not re.search(r'label="\s*\n', dot)


def test_a_program_without_backward_is_drawn_too() -> None:
    pytest.importorskip("torchviz")
    assert "MulBackward0" in torchviz_drawing(PRODUCT.replace("c.backward()\n", ""), {}).dot


def test_without_a_graph_it_says_so() -> None:
    pytest.importorskip("torchviz")
    drawing = torchviz_drawing("x = torch.ones(2)", {})
    assert drawing.dot == "" and "no grad_fn" in drawing.note


def test_a_graph_too_large_is_named() -> None:
    pytest.importorskip("torchviz")
    source = "x = torch.ones(1, requires_grad=True)\ny = x\nfor i in range(150):\n    y = y * 2\n"
    assert "151 backward nodes" in torchviz_drawing(source, {}).note


def test_where_torchviz_is_missing_a_note_stands_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchviz", None)  # the import then fails
    drawing = torchviz_drawing(PRODUCT, {})
    assert drawing.dot == "" and "cannot draw here" in drawing.note
