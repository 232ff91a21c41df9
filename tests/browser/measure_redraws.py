"""How long pages take to redraw after an interaction, through the running app and a real browser.

    python -m tests.browser.measure_redraws [--repeats 5] [--query "data=ml-100k"] [--only filters,recommend]

A redraw lasts from the key or mouse button until the page's last change on screen; a table paints its cells
on a canvas and, 0.2 s later, writes them down unseen for screen readers, which does not count. The first time an
interaction is made it may fill caches; that is reported apart. Prints a table, then one JSON line.
Data and checkpoints are those of the environment (CASER_DATA_DIR, CASER_CHECKPOINT_DIR).
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.browser.conftest import CHROMIUM, ROOT, settle, wait_for

QUIET = 350  # milliseconds without a change: the redraw is over
LIMIT = 30_000
WATCH = """
(() => {
  window.__begun = 0; window.__changed = 0;
  for (const kind of ['pointerup', 'keydown'])
    document.addEventListener(kind, () => { window.__begun = performance.now(); }, true);
  const main = document.querySelector('[data-testid=stMain]');
  const changed = () => { window.__changed = performance.now(); };
  new MutationObserver(records => {
    if (records.some(r => !(r.target.closest ? r.target : r.target.parentElement)?.closest('canvas'))) changed();
  }).observe(
    main, {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['d', 'alt']});
  const paint = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (...given) { changed(); return paint.apply(this, given); };
})()
"""
OVER = f"""
() => document.querySelector("[data-test-script-state='notRunning']")
  && performance.now() - Math.max(window.__begun, window.__changed) > {QUIET}
"""

Act = Callable[[object], None]


def button(label: str) -> Act:
    """Click a button."""
    return lambda page: page.get_by_role("button", name=label).first.click()


def option(text: str) -> Act:
    """Choose a part of a segmented control or a pill."""
    return lambda page: page.locator("[data-testid=stButtonGroup]").get_by_text(text, exact=True).first.click()


def select_next(label: str, key: str = "ArrowDown") -> Act:
    """Choose the next entry of a select box by keyboard; "ArrowUp" chooses the one before."""

    def act(page) -> None:
        page.locator("[data-testid=stSelectbox]", has_text=label).first.locator("input").click()
        page.keyboard.press(key)
        page.keyboard.press("Enter")

    return act


def slide(label: str, key: str) -> Act:
    """Move a slider by keyboard."""

    def act(page) -> None:
        page.locator("[data-testid=stSlider]", has_text=label).get_by_role("slider").focus()
        page.keyboard.press(key)

    return act


def visit(name: str) -> Act:
    """Turn to another page through the navigation."""
    return lambda page: page.get_by_role("link", name=name, exact=True).first.click()


HEAVIEST = ("are they real", "another filter")  # interactions that draw the list of every filter
INTERACTIONS: dict[str, list[tuple[str, Act]]] = {
    "recommend": [
        ("why", option("Why this film")),
        ("next viewer", button("At random")),
        ("another film", select_next("Film to explain")),
        ("what if", option("What if")),
        ("reverse", button("Reverse")),
        ("shuffle", button("Shuffle")),
        ("who or what", option("Who or what")),
        ("slider", slide("who you are", "ArrowLeft")),
        ("two histories", option("Two histories")),
        ("the other list", option("The other list")),
    ],
    "filters": [
        ("are they real", option("Are they real?")),
        ("another filter", select_next("Filter", "ArrowUp")),
        ("another beside it", select_next("Beside it", "ArrowUp")),
        ("map", option("Map")),
        ("another film", select_next("Film to explain")),
    ],
    "data": [("next viewer", button("At random"))],
}


@contextmanager
def app() -> Iterator[str]:
    """The app's address, with the environment's data and checkpoints."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield wait_for(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            process.wait(10)


def redraw(page, act: Act) -> float:
    """Milliseconds from an interaction to the last change it makes."""
    page.evaluate("window.__changed = 0")
    act(page)
    page.wait_for_function(OVER, timeout=LIMIT, polling=50)  # the default, every frame, costs a core
    begun, changed = page.evaluate("[window.__begun, window.__changed]")
    return max(changed - begun, 0.0)


def measure(page, address: str, name: str, query: str, repeats: int) -> dict[str, dict]:
    """The redraws of one page by interaction: the first time, and the median and highest of the others."""
    page.goto(f"{address}/{name}?{query}")
    settle(page)
    page.evaluate(WATCH)
    page.wait_for_timeout(800)
    found: dict[str, list[float]] = {}
    for _ in range(repeats + 1):
        for label, act in INTERACTIONS[name]:
            found.setdefault(label, []).append(redraw(page, act))
            settle(page)
    return summed_up(found)


def switches(page, address: str, query: str, repeats: int) -> dict[str, dict]:
    """Turning from page to page through the navigation."""
    page.goto(f"{address}/data?{query}")
    settle(page)
    page.evaluate(WATCH)
    found: dict[str, list[float]] = {}
    for _ in range(repeats + 1):
        for label in ("Overview", "Recommend", "Filters", "Compare", "Chapter", "Train", "Data"):
            found.setdefault(f"to {label}", []).append(redraw(page, visit(label)))
    return summed_up(found)


def summed_up(found: dict[str, list[float]]) -> dict[str, dict]:
    """The first redraw of each interaction apart from the others."""
    return {
        label: {"first": values[0], "median": statistics.median(values[1:]), "warm": values[1:]}
        for label, values in found.items()
    }


def percentile(values: list[float], share: float) -> float:
    """The value that a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def report(results: dict[str, dict[str, dict]]) -> str:
    """A table, one row for each interaction, one line for each page."""
    lines = [f"{'page':<11}{'interaction':<32}{'first':>8}{'median':>8}{'highest':>9}  (milliseconds)"]
    for name, rows in results.items():
        for label, row in rows.items():
            lines.append(f"{name:<11}{label:<32}{row['first']:>8.0f}{row['median']:>8.0f}{max(row['warm']):>9.0f}")
        warm = [value for row in rows.values() for value in row["warm"]]
        lines.append(f"{name:<11}{'ALL':<32}{'':>8}p50 {percentile(warm, 0.5):.0f}, p95 {percentile(warm, 0.95):.0f}")
    pages = [item for rows in results.values() for item in rows.items()]
    rest = [value for label, row in pages if label not in HEAVIEST for value in row["warm"]]
    grid = [value for label, row in pages if label in HEAVIEST for value in row["warm"]]
    lines.append(
        f"all but the heaviest view, with page turns: p50 {percentile(rest, 0.5):.0f}, p95 {percentile(rest, 0.95):.0f}"
    )
    lines.append(f"the heaviest view: p50 {percentile(grid, 0.5):.0f}, at most {max(grid, default=float('nan')):.0f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="warm redraws of each interaction")
    parser.add_argument("--query", default="data=ml-100k", help="the URL's parameters")
    parser.add_argument("--only", default="", help="pages, separated by commas; 'pages' is the navigation")
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    chosen = [name for name in (*INTERACTIONS, "pages") if not given.only or name in given.only.split(",")]
    results = {}
    with app() as address, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.set_default_timeout(LIMIT)
        for name in chosen:
            if name == "pages":
                results[name] = switches(page, address, given.query, given.repeats)
            else:
                results[name] = measure(page, address, name, given.query, given.repeats)
        browser.close()
    print(report(results))
    print(json.dumps({"cpus": os.cpu_count(), "query": given.query, "milliseconds": results}))


if __name__ == "__main__":
    main()
