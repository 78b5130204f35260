"""A design's name as an identifier."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.networks.source.names import class_name, file_name


@pytest.mark.parametrize(
    ("name", "wanted", "file"),
    [
        ("LeNet", "LeNet", "lenet_keras.py"),
        ("My network", "MyNetwork", "my_network_keras.py"),
        ("LeNet-6-12", "LeNet6_12", "lenet_6_12_keras.py"),
        ("ResNet-18", "ResNet18", "resnet_18_keras.py"),
        ("3 Größen", "Network3Groen", "3_groen_keras.py"),
        ("ümläut", "Umlaut", "umlaut_keras.py"),
        ("网络", "Network", "network_keras.py"),
        ("None", "NetworkNone", "none_keras.py"),
        ("L", "NetworkL", "l_keras.py"),
    ],
)
def test_known_names(name: str, wanted: str, file: str) -> None:
    assert class_name(name) == wanted
    assert file_name(name, "_keras") == file


@given(name=st.text(max_size=60))
def test_any_name_gives_an_identifier_and_a_plain_file_name(name: str) -> None:
    made = class_name(name)
    assert made.isidentifier() and made.isascii() and not keyword.iskeyword(made)
    assert file_name(name, "").removesuffix(".py").replace("_", "a").isalnum()
