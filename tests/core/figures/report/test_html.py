"""The report as an HTML file: valid, on its own, harmless, and with the numbers of the run."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from core.figures.block_diagram import block_diagram
from core.figures.report.diagram import diagrams
from core.figures.report.html import html
from core.figures.report.sections import SECTIONS
from core.networks.analysis import analyse
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import RunRequest
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from tests.core.figures.report.looking import Parsed, contents_of, exhibits_of, looked_at

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def run(trained: Callable[..., Run], request_small: RunRequest) -> Run:
    return trained(request_small)


def test_it_is_whole_and_needs_nothing_from_elsewhere(run: Run, store: RunStore) -> None:
    looked = looked_at(store, run)
    exhibits = exhibits_of(store, run, looked, [(3, "grad-cam", {}), (3, "occlusion", {})])
    text = html(contents_of(looked, exhibits=exhibits, texts={"conclusion": "Done."})).decode()
    assert text.startswith("<!DOCTYPE html>")
    parsed = Parsed(text)
    for tag, attrs in parsed.tags:
        assert tag not in ("script", "link", "iframe", "object", "base", "form")
        assert not [name for name in attrs if name.startswith("on")]
        address = attrs.get("src") or attrs.get("href") or ""
        assert address.startswith(("data:image/", "#")) or not address, address
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style and "@import" not in style
    assert "@media print" in style and "@page" in style
    assert len(parsed.pictures()) == 7  # network, curves, matrix, two sheets, calibration, maps
    for picture in parsed.pictures().values():
        for element in picture.iter():
            assert not element.tag.endswith(("script", "foreignObject"))
            for name, value in element.attrib.items():
                if name.endswith("href"):
                    assert value.startswith(("#", "data:image/png"))
    wanted = [section.title for key, section in SECTIONS.items() if key not in ("introduction", "comparison")]
    assert re.findall("<h2>(.*?)</h2>", text) == wanted
    links = [attrs["href"] for tag, attrs in parsed.tags if tag == "a"]
    assert links == [f"#{attrs['id']}" for tag, attrs in parsed.tags if tag == "section"]


def test_what_a_person_writes_is_only_text(run: Run, store: RunStore) -> None:
    attack = "<script>alert(1)</script>\n\n<img src=x onerror=alert(2)> & \"quotes\" 'too'"
    named = replace(run, name="</title><script>alert(3)</script>", note=attack)
    looked = replace(looked_at(store, run), run=named)
    texts = dict.fromkeys(SECTIONS, attack)
    text = html(contents_of(looked, title=attack, author=attack, texts=texts)).decode()
    parsed = Parsed(text)
    assert "<script" not in text and "onerror=alert(2)>" not in text
    assert not {"script"} & {tag for tag, _ in parsed.tags}
    assert all(str(attrs["src"]).startswith("data:") for tag, attrs in parsed.tags if tag == "img")
    assert parsed.text.count("<script>alert(1)</script>") >= len(SECTIONS)
    # an empty line parts two paragraphs
    assert text.count('<p class="own">') == 2 * (len(SECTIONS) - 0)
    for picture in parsed.pictures().values():
        assert not [element for element in picture.iter() if element.tag.endswith("script")]


def test_its_numbers_are_those_of_the_run(run: Run, store: RunStore) -> None:
    looked = looked_at(store, run)
    parsed = Parsed(html(contents_of(looked)).decode())
    facts = {row[0]: row[1] for row in parsed.table("") if len(row) == 2}
    assert facts["Test accuracy"].startswith(f"{100 * (run.test_accuracy or 0):.2f} %")
    assert facts["Mean test loss (nats)"] == f"{run.test_loss:.4f}"
    assert facts["Parameters"] == f"{run.parameters:,}"
    labels, predicted = looked.predictions.labels.numpy(), looked.predictions.predicted.numpy()
    theirs = precision_recall_fscore_support(labels, predicted, labels=range(10), zero_division=np.nan)
    for place, (name, precision, recall, _, f1, images) in enumerate(parsed.table("Class")):
        assert name == looked.classes[place]
        expected = [theirs[0][place], theirs[1][place], theirs[2][place]]
        for shown, value in zip((precision, recall, f1), expected, strict=True):
            assert shown == "—" if np.isnan(value) else shown == f"{100 * value:.1f} %"
        assert images == f"{theirs[3][place]:,}"
    (matrix,) = [svg for said, svg in parsed.pictures().items() if said.startswith("The confusion matrix")]
    numbers = [
        int(t.text.replace(",", "")) for t in matrix.iter(f"{SVG}text") if re.fullmatch(r"[\d,]+", t.text)
    ]
    assert numbers == looked.matrix.counts.flatten().tolist()
    assert looked.matrix.most_confused(1)[0].sentence(looked.classes) in parsed.text


def test_layers_and_settings_stand_in_it(run: Run, store: RunStore) -> None:
    parsed = Parsed(html(contents_of(looked_at(store, run))).decode())
    layers = parsed.table("Layer")
    assert layers[0] == ["conv1 (Conv2d)", "4 × 24 × 24", "5 × 5", "104", "57,600"]  # 4·(25 + 1); 100 · 24²
    assert layers[-1][0] == "all" and layers[-1][3] == f"{run.parameters:,}"
    words = parsed.text
    for setting in ("Batch size", "Optimizer", "Learning rate", "Share of the data", "Augmentation"):
        assert setting in words


def test_two_runs_stand_side_by_side(
    trained: Callable[..., Run], store: RunStore, request_small: RunRequest
) -> None:
    first = trained(request_small)
    other = replace(request_small, config=replace(request_small.config, learning_rate=0.01, seed=4))
    second = trained(other)
    looked = looked_at(store, first), looked_at(store, second)
    parsed = Parsed(html(contents_of(*looked)).decode())
    first_right, second_right = (each.predictions.correct for each in looked)
    alone = int((second_right & ~first_right).sum()), int((first_right & ~second_right).sum())
    assert f"right on {alone[0]} image" in parsed.text and f"run 1 on {alone[1]} where" in parsed.text
    assert ["Learning rate", "0.001", "0.01"] in [row for table in parsed.tables for row in table]
    said = list(parsed.pictures())
    assert sum(each.startswith("The confusion matrix of run") for each in said) == 2
    (difference,) = [svg for words, svg in parsed.pictures().items() if words.startswith("The difference")]
    signed = [
        t.text.replace("−", "-")
        for t in difference.iter(f"{SVG}text")
        if re.fullmatch("[+−]?[0-9,]+", t.text)
    ]
    expected = (looked[1].matrix.counts - looked[0].matrix.counts).flatten().tolist()
    assert [int(each.replace(",", "")) for each in signed] == expected
    assert sum("network" in each.lower() or "input" in each for each in said) == 1  # both have the same


def test_only_what_is_chosen_is_in_it(run: Run, store: RunStore) -> None:
    text = html(contents_of(looked_at(store, run), sections=("classes",))).decode()
    assert re.findall("<h2>(.*?)</h2>", text) == ["Class by class"]
    assert "<img" not in text


@pytest.mark.parametrize(("name", "files"), [("LeNet", 1), ("FashionCNN", 1), ("ResNet-18", 2)])
def test_a_wide_network_is_drawn_in_strips_and_a_long_one_on_several_pages(name: str, files: int) -> None:
    drawn = [
        ElementTree.fromstring(svg)
        for svg in diagrams(block_diagram(analyse(NAMED_NETWORKS[name], (1, 28, 28))))
    ]
    assert len(drawn) == files
    windows = []
    for each in drawn:
        assert float(each.attrib["height"]) < 1.25 * float(each.attrib["width"])
        strips = [element for element in each if element.tag == f"{SVG}svg"]
        windows += [list(map(float, strip.attrib["viewBox"].split())) for strip in strips]
    windows.pop()  # the legend
    assert len(windows) > 1 and windows[0][0] == 0
    for (left, _, width, _), (following, *_) in pairwise(windows):
        assert left + width == pytest.approx(following, abs=0.11)  # nothing is lost between two
    boxes = [box for box in drawn[0].iter(f"{SVG}rect") if "body" in box.attrib.get("class", "")]
    assert len(boxes) > 5
    for box in boxes:
        x, width = float(box.attrib["x"]), float(box.attrib["width"])
        assert sum(left <= x and x + width <= left + wide for left, _, wide, _ in windows) == 1
