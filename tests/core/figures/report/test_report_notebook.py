"""The report as a notebook, executed: plain PyTorch and Captum come to the numbers that already stand in it."""

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

from core.figures.report.captum_code import PLAIN
from core.figures.report.contents import Contents
from core.figures.report.files import FILES
from core.figures.report.markdown import Cell, escaped, quoted
from core.figures.report.notebook import notebook
from core.figures.report.plain import class_lines
from core.inspection.attribution import METHODS
from core.training.config import RunRequest
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from tests.core.figures.report.looking import contents_of, exhibits_of, looked_at, record_of
from tests.core.training.export.notebooks import BRANCHING, executed


def written(store: RunStore, run: Run, contents: Contents, folder: Path) -> NotebookNode:
    """The notebook, with what it reads beside where it will run."""
    record = record_of(store, run)
    for name in ("weights", "images"):
        (folder / FILES[name].file_name(run)).write_bytes(FILES[name].make(store, record, contents))
    book = nbformat.reads(notebook(store, record, contents).decode(), as_version=4)
    nbformat.validate(book)
    return book


def printed_in(book: NotebookNode) -> list[str]:
    return [
        output.text.rstrip("\n")
        for cell in book.cells
        for output in cell.get("outputs", ())
        if output.output_type == "stream" and output.name == "stdout"
    ]


def check_maps(maps: dict[tuple[int, str], object], contents: Contents) -> None:
    ours = {(each.image, METHODS[each.method].name): each.trust for each in contents.exhibits}
    assert set(maps) == set(ours)
    for key, trust in ours.items():
        assert trust is not None
        plane = trust.original.plane
        assert float(plane.abs().max()) > 0, key
        torch.testing.assert_close(
            torch.as_tensor(maps[key]), plane, rtol=1e-3, atol=1e-4 * float(plane.abs().max())
        )


@pytest.mark.parametrize("kind", ["a plain network", "a branching network"])
def test_every_plain_method_and_all_numbers_are_repeated(
    kind: str,
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = trained(request_small if kind == "a plain network" else replace(request_small, network=BRANCHING))
    looked = looked_at(store, run)
    wanted = [(image, method, {}) for image in (3, 700) for method in PLAIN]
    contents = contents_of(looked, exhibits=exhibits_of(store, run, looked, wanted))
    book = written(store, run, contents, tmp_path)
    names, printed = executed(book, tmp_path, monkeypatch)
    assert torch.equal(names["counts"], looked.matrix.counts)
    torch.testing.assert_close(names["logits"], looked.predictions.logits, rtol=1e-4, atol=1e-4)
    check_maps(names["maps"], contents)
    recorded = printed_in(book)
    assert (
        printed.startswith(recorded[0]) and recorded[1] in printed
    )  # the accuracy, and the table of classes
    assert f"{run.test_accuracy:.2%}" in recorded[0]


@pytest.mark.parametrize("baseline", ["white", "mean", "blurred"])
def test_settings_are_repeated(
    baseline: str,
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = trained(request_small)
    looked = looked_at(store, run)
    wanted = [
        (5, "integrated-gradients", {"baseline": baseline, "steps": 20}),
        (5, "occlusion", {"baseline": baseline, "window": 6, "stride": 3}),
        (5, "grad-cam", {"relu": False, "enlarge": "blocks"}),
    ]
    contents = contents_of(looked, exhibits=exhibits_of(store, run, looked, wanted))
    names, _ = executed(written(store, run, contents, tmp_path), tmp_path, monkeypatch)
    check_maps(names["maps"], contents)


def test_images_in_another_format_are_brought_to_it(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = trained(replace(request_small, data=replace(request_small.data, image=(3, 30))))
    looked = looked_at(store, run)
    contents = contents_of(looked, exhibits=exhibits_of(store, run, looked, [(1, "saliency", {})]))
    names, _ = executed(written(store, run, contents, tmp_path), tmp_path, monkeypatch)
    assert torch.equal(names["test_pixels"], looked.pixels)
    assert torch.equal(names["counts"], looked.matrix.counts)
    check_maps(names["maps"], contents)


def test_jupyter_runs_it_to_what_stands_in_it(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)  # Jupyter's own, whatever a test before has set
    run = trained(request_small)
    looked = looked_at(store, run)
    wanted = [(3, "integrated-gradients", {}), (3, "lime", {})]
    texts = {"conclusion": "1. It *works*, for $5.\n\n<script>alert(1)</script>"}
    contents = contents_of(looked, exhibits=exhibits_of(store, run, looked, wanted), texts=texts)
    book = written(store, run, contents, tmp_path)
    before = printed_in(book)
    pictures = [o for cell in book.cells for o in cell.get("outputs", ()) if o.output_type == "display_data"]
    assert len(before) == 3 and len(pictures) == 2
    for picture in pictures:
        assert Image.open(io.BytesIO(base64.b64decode(picture.data["image/png"]))).size[0] > 300
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert printed_in(book)[:2] == before[:2]

    words = {cell.source.split("\n")[0]: cell for cell in book.cells if cell.cell_type == "markdown"}
    assert "> \\<script\\>alert(1)\\</script\\>" in words["## Conclusion"].source
    # LIME draws at random: it has no code, so that the maps are shown as a picture, too
    attached = [name for cell in book.cells for name in cell.get("attachments", {})]
    assert "evidence-1.png" in attached
    assert not [name for name in attached if name.startswith("confusion")]  # the code draws it
    assert "| Trained |" in words["## Result"].source


def test_two_runs_are_compared_in_words_and_pictures(
    trained: Callable[..., Run], store: RunStore, request_small: RunRequest, tmp_path: Path
) -> None:
    first = trained(request_small)
    second = trained(replace(request_small, config=replace(request_small.config, seed=4)))
    contents = contents_of(looked_at(store, first), looked_at(store, second))
    book = written(store, first, contents, tmp_path)
    words = {cell.source.split("\n")[0]: cell for cell in book.cells if cell.cell_type == "markdown"}
    assert "McNemar" in words["## What differs"].source
    attached = [name for cell in book.cells for name in cell.get("attachments", {})]
    assert sum(name.startswith("confusion") for name in attached) == 3  # both, and the difference


def test_the_table_of_classes_by_hand() -> None:
    lines = class_lines([[3, 1, 0], [2, 2, 0], [0, 0, 0]], ("a", "b", "c")).split("\n")
    assert lines[1].split() == ["a", "60.0%", "75.0%", "66.7%", "4"]  # 3/5, 3/4, 6/9
    assert lines[2].split() == ["b", "66.7%", "50.0%", "57.1%", "4"]  # 2/3, 2/4, 4/7
    assert lines[3].split() == ["c", "—", "—", "—", "0"]


def test_no_text_is_markup() -> None:
    assert escaped("a_b *c* <i> $x$ | &lt; `d` [e](f) # g") == (
        "a\\_b \\*c\\* \\<i\\> \\$x\\$ \\| \\&lt; \\`d\\` \\[e\\](f) \\# g"
    )
    assert escaped("- a\n+ b\n= c\n12. d") == "\\- a\n\\+ b\n\\= c\n12\N{WORD JOINER}. d"
    assert quoted(["one\ntwo", "three"]) == "> one  \n> two\n>\n> three"
    with pytest.raises(TypeError, match="No way to write"):
        Cell("x").write(3)  # type: ignore[arg-type]
