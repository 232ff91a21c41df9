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


@pytest.fixture(scope="module")
def axe():
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        give_up("axe-playwright-python is missing; install requirements-dev.txt")
    return Axe()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", VIEWS)
def test_no_serious_violation(chromium, server, axe, path, scheme):
    context = chromium.new_context(viewport={"width": 1300, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    joined = "&" if "?" in path else "?"
    page.goto(f"{server}{path}{joined}data=cinema&tour=2", timeout=60_000)
    settle(page)
    found = [v for v in axe.run(page).response["violations"] if v["impact"] in SERIOUS]
    context.close()
    said = [f"{v['id']}: {node['target']} {node['html'][:120]}" for v in found for node in v["nodes"]]
    assert not said, "\n".join(sorted(set(said))[:12])
