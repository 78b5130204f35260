"""Which maps are made at once, and which in a way that can be stopped."""

from types import SimpleNamespace
from typing import cast

import pytest
import streamlit as st
import torch

from core.inspection.anatomy import anatomy
from pages.inspect import address
from pages.inspect.method_controls import quick_to_map
from pages.inspect.subject import Subject
from tests.core.inspection.small_networks import convolutional


@pytest.mark.parametrize(
    ("method", "macs", "quick"),
    [
        ("occlusion", 4_000_000, True),  # 170 images of 28×28: 0.7 · 10⁹ multiply-adds
        ("occlusion", 400_000_000, False),
        ("saliency", 400_000_000, True),  # a single image
        ("kernel-shap", 10_000, True),
        ("feature-permutation", 10_000, False),  # over a thousand images
    ],
)
def test_a_map_that_takes_long_can_be_stopped(
    monkeypatch: pytest.MonkeyPatch, method: str, macs: int, quick: bool
) -> None:
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(address, "get", lambda _name: method)
    layers = anatomy(convolutional(), torch.zeros(1, 12, 12))
    test = SimpleNamespace(pixels=torch.zeros(1, 1, 28, 28))
    subject = cast(Subject, SimpleNamespace(anatomy=layers, macs=macs, test=test))
    assert quick_to_map(subject) is quick
