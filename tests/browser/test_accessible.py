"""axe-core over every page and view, light and dark: nothing serious that is ours."""

from __future__ import annotations

import pytest

from tests.browser.conftest import give_up, settle

VIEWS = [
    "/",
    "/compare",
    "/compare?part=works,pair,numbers,lists,measured",
    "/chapter",
    "/train",
    "/data",
    *(f"/recommend?ask={ask}" for ask in ("The other list", "Why this film", "What if", "Who or what")),
    "/recommend?ask=Two histories",
    "/recommend?sequence=1,30,60",
    "/filters",
    *(f"/filters?view={view}" for view in ("Are they real%3F", "Map")),
]
OF_COLOUR = ["color-contrast", "link-in-text-block"]
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


@pytest.mark.parametrize("path", VIEWS)
def test_no_serious_violation(visit, axe, path):
    accessible(visit(f"{path}{'&' if '?' in path else '?'}data=cinema"), axe)


@pytest.mark.parametrize("path", ["/?tour=2", "/filters?tour=3"])
def test_the_tours_card_is_accessible(visit, axe, path):
    """The rest of the page is dimmed meanwhile."""
    page = visit(f"{path}&data=cinema")
    page.wait_for_selector(".st-key-tour[data-lifted]")
    accessible(page, axe, ".st-key-tour")


def test_the_suggestions_for_a_title_are_accessible(visit, axe):
    page = visit("/recommend?data=cinema&sequence=1")
    search = page.get_by_role("combobox", name="Add a film")
    search.press_sequentially("star")
    page.get_by_role("option").first.wait_for()
    search.press("ArrowDown")
    accessible(page, axe)


def accessible(page, axe, within: str | None = None) -> None:
    """Nothing serious in either theme, which differ in colours alone."""
    page.add_style_tag(content="* { transition: none !important }")  # half a change of colours is hard to read
    said = set()
    for scheme, rules in (("light", {}), ("dark", {"runOnly": OF_COLOUR})):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(WEARS, arg=scheme)  # on a busy machine the theme follows late
        answer = axe.run(page, context=within, options={"resultTypes": ["violations"]} | rules).response
        found = [v for v in answer["violations"] if v["impact"] in SERIOUS]
        said |= {f"{scheme} {v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]}
    assert not said, "\n".join(sorted(said)[:12])


def test_no_serious_violation_where_a_history_is_brought(visit, axe):
    page = visit("/recommend?data=cinema&sequence=1,2,3")
    page.get_by_role("button", name="Bring your own history").click()
    page.get_by_role("dialog").wait_for()
    accessible(page, axe)
    page.get_by_role("dialog").locator("textarea").fill("No such film\nSomething else (1990)")
    page.get_by_role("button", name="Read these titles").click()
    settle(page)
    accessible(page, axe)


def test_no_serious_violation_where_data_are_brought(visit, axe):
    page = visit("/data?data=cinema")
    page.get_by_role("button", name="Bring your own data").click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    accessible(page, axe)
    rows = "user,item,stars,time\n" + "".join(f"{i % 9},{i % 7},{i % 5},2020-01-{i % 28 + 1}\n" for i in range(99))
    dialog.locator("input[type=file]").first.set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    dialog.get_by_role("button", name="Keep it and open it").wait_for()
    settle(page)
    accessible(page, axe)
