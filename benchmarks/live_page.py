"""What a live page and a run cost each other, in a real browser: python -m benchmarks.live_page

- cost of looking: images a second of one run while the Train page is open on it, as a ratio to the same run while
  no page is open; in turns of twenty seconds, when it is some minutes old; and of the first half minute, in which
  the page looks at it oftener, of a run that was started there, as a ratio to that of the same run without a page;
- cost of a run: how long the Design page takes to show an edit while a run trains, as a ratio to an idle server:
  medians and 95th percentiles;
- first point: from the press of “Start training” to the first point in the chart, the server being warm.

A server of its own is started, on a copy of the data set's four files; about twenty minutes.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.design_page import change
from core.data.catalogue import data_folder
from core.networks.gallery import GALLERY, NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.curves import RUNNING, Curves
from core.training.runs.records import Run
from core.training.runs.states import ACTIVE
from core.training.runs.store import RunStore
from pages.train.pace import RARE
from tests.browser.chromium import FLAGS, chromium
from tests.browser.server import Server
from tests.browser.visits import settle

OLD = 100  # seconds after which a run is looked at as seldom as ever
YOUNG = 2.0, 27.0  # of a run's seconds

# whether a chart has a coloured pixel: without points all is grey there
ON_CHART = """() => [...document.querySelectorAll(".st-key-train_live *")].some((host) =>
  [...(host.shadowRoot?.querySelectorAll("canvas") ?? [])].some((canvas) => {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
    for (let i = 0; i < pixels.length; i += 4)
      if (pixels[i + 3] > 100 && Math.abs(pixels[i] - pixels[i + 2]) > 60) return true
  }))"""


def started(store: RunStore, network: str, batch_size: int) -> Run:
    """A run that trains by now, and would go on for hours."""
    config = TrainingConfig(epochs=1000, batch_size=batch_size)
    run = store.add(RunRequest(NAMED_NETWORKS[network], DataChoice(), config))
    wait(lambda: store.get(run.id).step > 20)
    return run


def wait(until: Callable[[], bool], seconds: float = 60) -> None:
    """Look again and again."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)


def ended(store: RunStore, run: Run) -> None:
    """Stop it, and wait until it is."""
    store.command(run.id, "stop")
    wait(lambda: store.get(run.id).state not in ACTIVE)


def speed(store: RunStore, run: Run, since: float, until: float) -> float:
    """Images a second between two of the run's seconds; what an evaluation came between does not count."""
    curves = Curves().read_on(store.database, run.number)
    seconds, images = (curves.column(RUNNING, name) for name in ("seconds", "images"))
    passed = np.diff(seconds)
    counted = (seconds[:-1] >= since) & (seconds[1:] <= until) & (passed < 2 * np.median(passed))
    return float(images[1:][counted].sum() / passed[counted].sum())


def seconds_of(store: RunStore, run: Run) -> float:
    """Of training, by the newest point."""
    return float(store.curve(run.id, *RUNNING, ["seconds"])[-1][1])


def cost_of_looking(
    page: Page, store: RunStore, url: str, network: str, batch: int, turns: int
) -> list[float]:
    """Ratios of images a second: with the page open to without; of a run that is some minutes old by then."""
    run = started(store, network, batch)
    page.wait_for_timeout(1000 * OLD)
    ratios = []
    for _ in range(turns):
        speeds = []
        for address in (f"{url}/train?run={run.id}", "about:blank"):
            page.goto(address)
            if address != "about:blank":
                settle(page)
            page.wait_for_timeout(1000)  # what opening costs is not what looking costs
            began = seconds_of(store, run)
            page.wait_for_timeout(1000 * RARE)  # one look at everything, the others at what moves
            speeds.append(speed(store, run, began, seconds_of(store, run)))
        ratios.append(speeds[0] / speeds[1])
    ended(store, run)
    return ratios


def pressed(page: Page, store: RunStore, url: str) -> tuple[Run, float]:
    """A run that was started on a page that had been open for a while, and the seconds to its first point there."""
    page.goto(f"{url}/train")
    settle(page)
    page.wait_for_timeout(6000)  # a worker gets ready
    before = {run.id for run in store.runs()}
    began = time.monotonic()
    page.get_by_role("button", name="Start training").click()
    wait(lambda: bool({run.id for run in store.runs()} - before))
    run = store.runs()[0]
    expect(page.get_by_text(f"Run {run.number} ·").first).to_be_visible()
    page.wait_for_function(ON_CHART)
    return run, time.monotonic() - began


def first_half_minute(page: Page, store: RunStore, url: str, turns: int) -> tuple[list[float], list[float]]:
    """Seconds to the first points, and ratios of images a second: with the page open to without.

    Of the run that the page suggests, which is pressed for, and of the same without a page, in turns.
    """
    waits, ratios = [], []
    speeds: dict[bool, float] = {}
    for turn in range(2 * turns):
        open_page = turn % 4 in (0, 3)  # each as often the first as the second
        if open_page:
            run, waited = pressed(page, store, url)
            waits.append(waited)
        else:
            page.goto("about:blank")
            page.wait_for_timeout(6000)
            run = store.add(store.runs()[0].request)
        page.wait_for_timeout(1000 * YOUNG[1])
        while store.get(run.id).seconds < YOUNG[1]:
            page.wait_for_timeout(200)
        speeds[open_page] = speed(store, run, *YOUNG)
        ended(store, run)
        if turn % 2:
            ratios.append(speeds[True] / speeds[False])
    return waits, ratios


def edits(page: Page, url: str, first: int, count: int) -> list[float]:
    """Milliseconds of edits in the Design room, each new to the server."""
    page.goto(f"{url}/design?design=LeNet")
    settle(page)
    spec = GALLERY["LeNet"].spec
    change(page, spec, (0,), "conv1", first)  # the first edit names the network anew
    return [change(page, spec, (0,), "conv1", first + 1 + i) for i in range(count)]


def p95(times: list[float]) -> float:
    """Their 95th percentile."""
    return float(np.percentile(times, 95))


def said(what: str, ratios: list[float]) -> str:
    """The line of one measurement."""
    return (
        f"{what}: with the page open {statistics.median(ratios):.3f} of its speed "
        f"({min(ratios):.3f} to {max(ratios):.3f}; limit 0.97)"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--networks", nargs="+", default=["LeNet-6-12", "FashionCNN"], choices=NAMED_NETWORKS)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--edits", type=int, default=40)
    options = parser.parse_args()
    expect.set_options(timeout=60_000)  # a busy machine takes its time to open the first page
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        shutil.copytree(data_folder() / "FashionMNIST" / "raw", folder / "FashionMNIST" / "raw")
        server = Server(folder)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{server.url}/train")
            settle(page)
            store = RunStore(folder / "runs")
            waits, ratios = first_half_minute(page, store, server.url, options.turns)
            print(f"first point after {statistics.median(waits):.2f} s (slowest {max(waits):.2f} s; limit 2)")
            print(said("the suggested run, half a minute old", ratios), flush=True)
            for network in options.networks:
                ratios = cost_of_looking(page, store, server.url, network, options.batch_size, options.turns)
                print(said(f"{network}, some minutes old", ratios), flush=True)
            idle = edits(page, server.url, 100, options.edits)
            for network in options.networks:
                run = started(store, network, options.batch_size)
                busy = edits(page, server.url, 200, options.edits)
                ended(store, run)
                idle += edits(page, server.url, 300, options.edits)
                print(
                    f"Design page while {network} trains: median {statistics.median(busy):.0f} ms "
                    f"(idle {statistics.median(idle):.0f}), 95 % within {p95(busy):.0f} ms (idle {p95(idle):.0f}): "
                    f"{p95(busy) / p95(idle):.2f} times (limit 1.5)",
                    flush=True,
                )
        finally:
            browser.close()
            server.close()


if __name__ == "__main__":
    main()
