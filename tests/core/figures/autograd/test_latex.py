"""Equations of a card as LaTeX."""

from core.autograd.language.interpreter import run
from core.autograd.play.prediction import derivation, questions
from core.figures.autograd.derivation import derivation_blocks
from core.figures.autograd.latex import equation_latex


def test_numbers_signs_and_labels() -> None:
    items = [
        {"label": "x_1", "cells": [["1", "−2.5"], ["1.2e−5", "∞"]]},
        {"sign": "×"},
        {"label": "50%", "cells": [["3"]]},
    ]
    assert equation_latex(items) == (
        r"\underset{\text{x\_1}}{\begin{bmatrix}1 & -2.5\\1.2\cdot 10^{-5} & \infty\end{bmatrix}}"
        r"\;\times\;\underset{\text{50\%}}{3}"
    )


def test_words_of_a_program_cannot_become_commands() -> None:
    found = equation_latex([{"label": "}\\input{x}$", "cells": [["(3,) of $a"]]}])
    assert found == (r"\underset{\text{\}\textbackslash input\{x\}\$}}{\text{(3,) of \$a}}")


def test_the_derivation_of_a_product() -> None:
    source = "a = torch.tensor(2.0, requires_grad=True)\nb = torch.tensor(-3.0)\nc = a * b\nc.backward()\n"
    trace = run(source)
    question = questions(trace)[0]
    lines = derivation_blocks(trace, derivation(trace, question), question.value)
    kinds = [kind for kind, _ in lines]
    assert kinds[0] == "formula" and "equation" in kinds
    equation = next(text for kind, text in lines if kind == "equation")
    assert r"{-3}" in equation  # the other factor, and 1 · (−3) = −3


def test_the_derivation_of_a_variable_used_twice_adds_up() -> None:
    trace = run("x = torch.tensor(2.0, requires_grad=True)\ny = x ** 2 + 3 * x\ny.backward()\n")
    question = questions(trace)[0]
    lines = derivation_blocks(trace, derivation(trace, question), question.value)
    assert sum(kind == "formula" for kind, _ in lines) == 2
    assert any(kind == "equation" and "{7}" in text for kind, text in lines)  # 3 + 4
