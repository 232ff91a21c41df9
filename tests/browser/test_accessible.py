"""axe-core over every page and view, light and dark: nothing serious that is ours."""

from __future__ import annotations

import pytest

from tests.browser.conftest import give_up, settle

VIEWS = [
    "/",
    "/compare",
    "/train",
    "/data",
    *(f"/recommend?ask={ask}" for ask in ("The other list", "Why this film", "What if", "Who or what")),
    *(f"/recommend?ask={ask}" for ask in ("What the filters saw", "Two histories")),
    "/recommend?sequence=1,30,60",
    *(f"/filters?view={view}" for view in ("The story", "Walk-through", "Step by step", "All filters", "Positions")),
    *(f"/filters?view={view}" for view in ("Map", "Switch off", "Forming", "Two histories")),
]
SERIOUS = ("serious", "critical")
WEARS = """scheme => {
  const [red] = getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/[0-9]+/g).map(Number)
  return (red > 127) === (scheme === 'light')
}"""


@pytest.fixture(scope="module")
def axe():
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        give_up("axe-playwright-python is missing; install requirements-dev.txt")
    return Axe()


@pytest.fixture(scope="module")
def page(chromium, server):
    """One window for all, since a new one has to fetch the app anew."""
    context = chromium.new_context(viewport={"width": 1300, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", VIEWS)
def test_no_serious_violation(page, server, axe, path):
    joined, said = "&" if "?" in path else "?", set()
    page.goto(f"{server}{path}{joined}data=cinema&tour=2", timeout=60_000)
    settle(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(WEARS, arg=scheme)  # on a busy machine the theme follows late
        found = [v for v in axe.run(page).response["violations"] if v["impact"] in SERIOUS]
        said |= {f"{scheme} {v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]}
    assert not said, "\n".join(sorted(said)[:12])
