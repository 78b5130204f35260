"""The notebook cell on the page: the program with its imports, in a block that can be copied."""

from streamlit.testing.v1 import AppTest


def _page() -> None:
    from pages.autograd.notebook import show_notebook

    show_notebook("x = torch.rand(2, requires_grad=True)\ny = F.relu(x).sum()\n")


def test_the_cell_has_imports_and_a_seed() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert not app.exception
    assert app.code[0].value == (
        "import torch\nimport torch.nn.functional as F\ntorch.manual_seed(0)\n\n"
        "x = torch.rand(2, requires_grad=True)\ny = F.relu(x).sum()"
    )
    assert "same numbers" in app.caption[0].value
