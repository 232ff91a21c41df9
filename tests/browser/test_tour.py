"""The tour's spotlight: what a step speaks of is wholly in view, keys work, and the focus is where one goes on."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from caser.dashboard.presenting.tour import STEPS
from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
LONG = 45_000  # milliseconds for a page to be drawn, on a busy machine too
NUMBERS = range(1, len(STEPS) + 1)
SEEN = """spots => {
  const part = spots.flatMap(spot => [...document.querySelectorAll(spot)]).find(part => part.getClientRects().length)
  if (!part) return false
  const inside = box => box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth
  const a = part.getBoundingClientRect(), card = document.querySelector('.st-key-tour').getBoundingClientRect()
  const apart = a.bottom <= card.top || card.bottom <= a.top || a.right <= card.left || card.right <= a.left
  return inside(a) && inside(card) && apart
}"""


@pytest.fixture
def window(chromium, server):
    """Opens a step of the tour in a window of a size."""
    contexts = []

    def window(number: int, width: int = 1280, height: int = 720, **options):
        step = STEPS[number - 1]
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(LONG)
        path = "" if step.page == "overview" else step.page
        params = {"data": "cinema", "model": "cinema-caser", "tour": number, **dict(step.params)}
        page.goto(f"{server}/{path}?{urlencode(params)}")
        settle(page)
        return page

    yield window
    for context in contexts:
        context.close()


def expect_step(page, number: int) -> None:
    expect(page.get_by_role("dialog", name=f"Tour, step {number} of {len(STEPS)}")).to_be_visible(timeout=LONG)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_subject_of_every_step_is_wholly_in_view_beside_the_card(window, number):
    page = window(number)
    expect_step(page, number)
    page.wait_for_function(SEEN, arg=list(STEPS[number - 1].spots))


@pytest.mark.parametrize("number", [2, 6])
def test_on_a_narrow_window_the_card_is_in_view_and_nothing_is_cut_off(window, number):
    page = window(number, 420, 800)
    expect_step(page, number)
    box = page.locator(".st-key-tour").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 420
    assert box["y"] + box["height"] <= 800
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_keys_go_on_and_back_to_any_step_and_out(window):
    page = window(1)
    for key, number in (("ArrowRight", 2), ("2", 2), ("ArrowLeft", 1), ("5", 5), ("Enter", 6), ("ArrowLeft", 5)):
        expect(page.locator(".st-key-tour-next a, .st-key-tour-leave a").last).to_be_focused(timeout=LONG)
        page.keyboard.press(key)
        expect_step(page, number)
        settle(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=LONG)
    expect(page).to_have_url(re.compile("/recommend"))
    expect(page.locator("h1")).to_be_focused()


def test_what_is_typed_is_no_step(window):
    page = window(1)
    page.get_by_role("combobox", name="Add a film by title").press_sequentially("2 12")
    expect_step(page, 1)


def test_a_step_is_announced_and_stands_still_where_motion_is_unwanted(window):
    page = window(2, reduced_motion="reduce")
    expect(page.locator(".tour-said[aria-live=polite]")).to_have_text(re.compile(f"2 of {len(STEPS)}"))
    assert page.locator(".tour-spot").evaluate("spot => getComputedStyle(spot).transitionDuration") == "0s"
