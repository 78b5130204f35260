"""How soon the page follows an edit in a real browser: python -m benchmarks.design_page

From the change of a number in the layer list to the first frame in which the list's own total, the totals beside it
and the code all show the new network. Each network is new to the server. Medians and the slowest over repetitions, in
milliseconds; a server of its own is started and warmed up. The limit is 300 ms.
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect, sync_playwright

from core.networks.analysis import analyse
from core.networks.edit import replace_setting
from core.networks.gallery import GALLERY
from core.networks.images import GREY
from core.networks.spec import NetworkSpec, Place
from pages.design.totals import count
from tests.browser.chromium import FLAGS, chromium
from tests.browser.server import Server
from tests.browser.visits import settle

LIMIT = 300  # milliseconds
# network → which convolution is changed, and what it is called on the page
NETWORKS: dict[str, tuple[Place, str]] = {
    "LeNet": ((0,), "conv1"),
    "FashionCNN": ((0,), "conv1"),
    "Small ResNet": ((0,), "conv1"),
    "ResNet-18": ((0,), "conv1"),
}

# changes the input as a person does who leaves it, and waits for the frame that shows `total` in both places
CHANGE = """(input, [value, total, metric]) => new Promise((resolve) => {
  const began = performance.now()
  const shown = () => {
    const list = input.getRootNode().textContent
    const number = document.querySelector('[data-testid="stMetricValue"]').textContent
    const code = document.querySelector('[data-testid="stCode"]').textContent
    return list.includes(total) && number.includes(metric) && code.includes(total)
  }
  const look = () => shown() ? resolve(performance.now() - began) : requestAnimationFrame(look)
  input.value = value
  input.dispatchEvent(new Event("change", { bubbles: true }))
  look()
})"""


def change(page: Page, spec: NetworkSpec, place: Place, name: str, channels: int) -> float:
    """Milliseconds from the change of out_channels to the page of the new network."""
    total = analyse(replace_setting(spec, place, "out_channels", channels), GREY).parameters
    field = page.get_by_label(f"out_channels of {name}", exact=True)
    passed: float = field.evaluate(CHANGE, [channels, f"{total:,}", count(total)])
    settle(page)
    return passed


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repetitions", type=int, default=9)
    options = parser.parse_args()
    expect.set_options(timeout=60_000)  # a busy machine takes its time to open the first page
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            print(f"{'':>14}   median   slowest of {options.repetitions}, in ms (limit {LIMIT})")
            for network, (place, name) in NETWORKS.items():
                page.goto(f"{server.url}/design?design={quote(network)}")
                settle(page)
                spec = GALLERY[network].spec
                change(page, spec, place, name, 200)  # the first edit names the network anew
                times = [change(page, spec, place, name, 201 + i) for i in range(options.repetitions)]
                print(f"{network:>14}   {statistics.median(times):>6.0f}   {max(times):>7.0f}", flush=True)
        finally:
            browser.close()
            server.close()


if __name__ == "__main__":
    main()
