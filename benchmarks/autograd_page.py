"""How soon the picture follows in a real browser: python -m benchmarks.autograd_page

From the end of typing (Ctrl+Enter), or from the move of a leaf's slider, to the new numbers in the graph, for
programs of 20, 50 and 300 operations. Each program and each number is new to the server, so that nothing
comes from its cache. Medians over repetitions, in milliseconds; a server of its own is started and warmed up.
The limit is 300 ms for 20 operations.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.autograd_speed import PROGRAMS
from tests.browser.chromium import FLAGS, chromium
from tests.browser.server import Server
from tests.browser.visits import settle, type_program

SIZES = (20, 50, 300)
LIMITS = {20: 300}  # milliseconds

# window.until: the milliseconds to the first frame in which a cell of the picture shows the number
UNTIL = """() => {
  window.until = (number) => new Promise((resolve) => {
    const began = performance.now()
    const look = () => {
      const roots = [...document.querySelectorAll("*")].map((each) => each.shadowRoot).filter(Boolean)
      const cells = roots.flatMap((root) => [...root.querySelectorAll(".lab .picture .cell")])
      if (cells.some((cell) => cell.textContent === number)) resolve(performance.now() - began)
      else requestAnimationFrame(look)
    }
    look()
  })
}"""
NEXT_KEY = """(number) => {
  window.measured = new Promise((resolve) => {
    const pressed = () => window.until(number).then(resolve)
    document.addEventListener("keydown", pressed, { capture: true, once: true })
  })
}"""
MOVE = """(slider, value) => {
  slider.value = value
  slider.dispatchEvent(new Event("input", { bubbles: true }))
  return window.until(String(Number(Number(slider.value).toPrecision(4))))
}"""


def typing(page: Page, program: str, number: str) -> float:
    """Milliseconds from Ctrl+Enter to the picture of `program`, in which `number` is new."""
    page.get_by_role("textbox", name="Program").fill(program)
    page.keyboard.down("Control")
    page.evaluate(NEXT_KEY, number)
    page.keyboard.press("Enter")
    page.keyboard.up("Control")
    passed: float = page.evaluate("window.measured")
    settle(page)
    return passed


def sliding(page: Page, leaf: str, value: float) -> float:
    """Milliseconds from a move of the leaf's slider to the picture with its new number."""
    passed: float = page.get_by_role("slider", name=leaf, exact=True).evaluate(MOVE, value)
    settle(page)
    return passed


def marked(source: str, turn: int) -> tuple[str, str]:
    """The program with one more number in its first line, and that number as the picture shows it."""
    number = f"7.{turn:03d}"
    return f"m = torch.tensor({number})\n{source}", number.rstrip("0").rstrip(".")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repetitions", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{server.url}/autograd")
            settle(page)
            type_program(page, "x = torch.ones(2, requires_grad=True)\nx.sum().backward()")
            print(f"medians of {options.repetitions}, in ms")
            page.evaluate(UNTIL)
            turn = 0
            for size in SIZES:
                for name, program in PROGRAMS.items():
                    source = program(size - 2)  # the marked number and backward make it whole
                    found: dict[str, list[float]] = {"typed": [], "slid": []}
                    for _ in range(options.repetitions):
                        turn += 1
                        found["typed"].append(typing(page, *marked(source, turn)))
                        found["slid"].append(sliding(page, "m", 1 + turn / 50))
                    cells = "".join(
                        f"{way} {statistics.median(times):>6.0f}   " for way, times in found.items()
                    )
                    limit = f"limit {LIMITS[size]}" if size in LIMITS else ""
                    print(f"{f'{size} operations, {name}':>34}   {cells}{limit}", flush=True)
        finally:
            browser.close()
            server.close()


if __name__ == "__main__":
    main()
