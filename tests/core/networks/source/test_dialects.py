"""The table of dialects."""

import ast

import pytest
from hypothesis import given, settings

from core.networks.analysis import analyse
from core.networks.edit import append
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.source import DIALECTS, to_source
from core.networks.spec import NetworkSpec
from tests.core.networks.strategies import IMAGE, fitting


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown dialect 'fortran', allowed are pytorch, lightning, keras"):
        to_source(append(EMPTY, layer("ReLU")), IMAGE, dialect="fortran")


def test_each_dialect_has_its_own_words() -> None:
    lenet = NAMED_NETWORKS["LeNet"]
    names = [dialect.file_name(lenet) for dialect in DIALECTS.values()]
    assert names == ["lenet.py", "lenet_lightning.py", "lenet_keras.py"]
    assert [dialect.label for dialect in DIALECTS.values()] == ["PyTorch", "Lightning", "Keras 3"]
    assert all(dialect.note.endswith(".") and ". " not in dialect.note for dialect in DIALECTS.values())


@pytest.mark.parametrize("name", ["a\nimport os", "\r", "'''", '"', "\u2028x = 1", "class", "nn", "keras"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_name_is_only_a_comment_and_the_name_of_the_class(name: str, dialect: str) -> None:
    block = layer("Residual", (layer("ReLU"),))
    layers = (layer("ReLU"), block, layer("Flatten"), layer("Linear"))

    def tree(called: str) -> str:
        program = ast.parse(to_source(NetworkSpec(called, layers), IMAGE, dialect))
        classes = [node.name for node in program.body if isinstance(node, ast.ClassDef)]
        assert len(classes) == (dialect != "keras")
        text = ast.dump(program)
        return text.replace(f"'{classes[0]}'", "'It'") if classes else text

    assert tree(name) == tree("My network")


@settings(max_examples=30, deadline=None)
@given(spec=fitting())
def test_every_layer_is_named_in_every_dialect(spec: NetworkSpec) -> None:
    for dialect in DIALECTS:
        source = to_source(spec, IMAGE, dialect)
        assert all(f"{row.name}: " in source for row in analyse(spec, IMAGE).rows)
