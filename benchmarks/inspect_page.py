"""How soon the Inspect page answers in a real browser: python -m benchmarks.inspect_page

FashionCNN on the whole test split of Fashion-MNIST: from a click on a cell of the matrix to its images, from a click on
an image to its saliency map, from an edit in "Play" to new probabilities, and from the choice of an attribution method
to its picture, each up to the first frame in which it shows. Every cell, edit and image is new to the server. Medians
and the slowest, in milliseconds; a server of its own is started, trained on and warmed up.
"""

import argparse
import itertools
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

from core.data import catalogue
from core.inspection.attribution import METHODS
from core.networks.gallery import GALLERY
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import Run
from core.training.runs.states import ENDED
from core.training.runs.store import RunStore
from tests.browser.chromium import FLAGS, chromium
from tests.browser.server import Server
from tests.browser.visits import settle

LIMITS = {  # what is measured → milliseconds
    "a cell to its images": 300,
    "an image to its map": 120,
    "an edit to new probabilities": 200,
    "saliency": 120,
    "grad-cam": 120,
    "integrated-gradients": 250,
    "occlusion": 250,
}

# begins at a click on `from`, or when `from` takes a value, ends in the frame in which `watched` shows something else
CHANGE = """([from, watched, value]) => new Promise((resolve) => {
  const shown = () => watched.innerHTML + (watched.src ?? "") + (watched.dataset.name ?? "") + watched.value
  const before = shown()
  const began = performance.now()
  // Streamlit may put a new element in the place of `watched`
  const over = () => shown() !== before || !watched.isConnected
  const look = () => over() ? resolve(performance.now() - began) : requestAnimationFrame(look)
  if (value) {
    from.value = value
    from.dispatchEvent(new Event("input", { bubbles: true }))
    from.dispatchEvent(new Event("change", { bubbles: true }))
  } else from.click()
  look()
})"""


def change(page: Page, trigger: Locator, watched: Locator, value: str = "") -> float:
    """Milliseconds from using `trigger` to the frame in which `watched` is another."""
    taken: float = page.evaluate(CHANGE, [trigger.element_handle(), watched.element_handle(), value])
    settle(page)
    return taken


def cells(page: Page) -> Iterator[float]:
    """Each cell of the matrix that has images, one after the other."""
    grid = page.get_by_role("group", name="Confusion matrix")
    sheet = page.get_by_role("group", name="Images", exact=True)
    expect(grid.get_by_role("button").first).to_be_visible()
    for cell in grid.get_by_role("button").all():
        if re.search(r"[1-9]", cell.inner_text()):
            yield change(page, cell, sheet)


def images(page: Page) -> Iterator[float]:
    """Each image of the chosen cell, one after the other."""
    sheet = page.get_by_role("group", name="Images", exact=True)
    expect(sheet.get_by_role("button").first).to_be_visible()
    for image in sheet.get_by_role("button").all()[1:]:  # the first is chosen
        yield change(page, image, page.locator(".evidence img.map"))


def edits(page: Page) -> Iterator[float]:
    """The sliders of "Play", a step further each time."""
    bars = page.get_by_role("img", name="Probabilities of the classes")
    sliders = [page.get_by_role("slider", name=re.compile(f"^{name}")) for name in ("Rotate", "Shift right")]
    for slider in itertools.cycle(sliders):
        value = float(slider.input_value()) + float(slider.get_attribute("step") or 1)
        yield change(page, slider, bars, value=f"{value:g}")


def maps(page: Page, method: str) -> Iterator[float]:
    """A method's map of one image after the other, chosen from the list of methods."""
    other = {"saliency": "grad-cam"}.get(method, "saliency")  # one whose map isn't being checked meanwhile
    thumbs = page.get_by_role("group", name="Images", exact=True).get_by_role("button")
    methods = page.get_by_role("combobox", name="Attribution")
    expect(thumbs.first).to_be_visible()
    for image in thumbs.all()[1:]:
        methods.select_option(other)
        settle(page)
        image.click()
        settle(page)
        yield change(page, methods, page.locator(".evidence img.map"), value=method)


def train(folder: Path) -> Run:
    """A moment of training, so that there is something to inspect."""
    store = RunStore(folder / "runs")
    run = store.add(RunRequest(GALLERY["FashionCNN"].spec, DataChoice(share=0.05), TrainingConfig(epochs=1)))
    while store.get(run.id).state not in ENDED:
        time.sleep(0.2)
    return store.get(run.id)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--only", nargs="+", default=list(LIMITS), choices=LIMITS)
    options = parser.parse_args()
    expect.set_options(timeout=60_000)
    if not catalogue.status("fashion-mnist").ready:
        catalogue.prepare("fashion-mnist")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place) / "data"
        shutil.copytree(catalogue.data_folder(), folder, ignore=shutil.ignore_patterns("runs"))
        server = Server(folder)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(60_000)
            url = f"{server.url}/inspect?run={train(folder).id}"
            measured: dict[str, Callable[[], Iterator[float]]] = {
                "a cell to its images": partial(cells, page),
                "an image to its map": partial(images, page),
                "an edit to new probabilities": partial(edits, page),
                **{name: partial(maps, page, name) for name in LIMITS if name in METHODS},
            }
            print(f"{'':>30}   median   slowest of {options.repetitions}   limit, in ms")
            for name, times in ((name, measured[name]) for name in options.only):
                page.goto(f"{url}&view=Play&image=3" if "edit" in name else url)
                settle(page)
                first, *taken = itertools.islice(times(), options.repetitions + 1)
                print(
                    f"{name:>30}   {statistics.median(taken):>6.0f}   {max(taken):>7.0f}   {LIMITS[name]:>11}"
                    f"   (the first, before all is warm: {first:.0f})",
                    flush=True,
                )
        finally:
            browser.close()
            server.close()


if __name__ == "__main__":
    main()
