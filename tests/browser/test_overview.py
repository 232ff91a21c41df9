"""Overview: little to read and little to press at first, and films that are picked in the picture."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
COUNTS = """() => {
  const main = document.querySelector('[data-testid=stMain]')
  const words = main.innerText.split(/\\s+/).filter(word => /[\\p{L}\\d]/u.test(word)).length
  const inView = box => box.width > 0 && box.top < innerHeight && box.bottom > 0
  const all = [...main.querySelectorAll('button,input,textarea,select,a[href],[role=slider],[role=combobox]')]
  return [words, all.filter(part => inView(part.getBoundingClientRect())).length]
}"""


@pytest.fixture
def overview(visit):
    """Opens Overview and waits for its picture."""

    def overview(query: str = "?data=cinema"):
        page = visit(f"/{query}", width=1400)
        page.locator(".living-picture .entry").first.wait_for()
        return page

    return overview


def test_at_most_120_words_and_10_controls(overview):
    page = overview()
    page.locator(".js-plotly-plot .bars").first.wait_for()
    page.evaluate("document.querySelector('.st-key-not-fetched')?.remove()")  # only a machine without a network says so
    words, controls = page.evaluate(COUNTS)
    assert words <= 120
    assert controls <= 10


def test_films_are_dropped_and_added_in_the_picture_one_entry_each(overview):
    page = overview("?data=cinema&sequence=57,58,1")
    before = page.evaluate("history.length")
    page.locator(".living-picture .films [data-place]:not(.empty)").first.focus()
    page.keyboard.press("Delete")
    expect(page).to_have_url(re.compile(r"sequence=58(%2C|,)1(&|$)"))
    settle(page)
    search = page.locator(".living-picture").get_by_role("combobox", name="Add a film by title")
    search.press_sequentially("Jaws")
    search.press("Enter")
    expect(page).to_have_url(re.compile(r"sequence=58(%2C|,)1(%2C|,)237(&|$)"))
    settle(page)
    expect(page.locator(".living-picture .films ol")).to_contain_text("Jaws")
    assert page.evaluate("history.length") == before + 2
    page.go_back()
    expect(page.locator(".living-picture .films ol")).not_to_contain_text("Jaws")
    expect(page).to_have_url(re.compile(r"sequence=58(%2C|,)1(&|$)"))


def test_a_surprise_changes_picture_and_reason(overview):
    page = overview()
    said = page.locator(".st-key-why").inner_text()
    page.get_by_role("button", name="Surprise me").click()
    expect(page).not_to_have_url(re.compile("sequence=237"))
    settle(page)
    expect(page.locator(".st-key-why")).not_to_have_text(said)
