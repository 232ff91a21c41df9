"""The tour: each step is an entry of history, what it speaks of is wholly in view, and keys go on and back."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from caser.dashboard.presenting.tour import STEPS
from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
FROM = {"data": "cinema", "user": 9, "model": "cinema-caser"}
SEEN = """spots => {
  const part = spots.flatMap(spot => [...document.querySelectorAll(spot)]).find(part => part.getClientRects().length)
  if (!part) return false
  const inside = box => box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth
  const a = part.getBoundingClientRect(), card = document.querySelector('.st-key-tour').getBoundingClientRect()
  const apart = a.bottom <= card.top || card.bottom <= a.top || a.right <= card.left || card.right <= a.left
  return inside(a) && inside(card) && apart
}"""


def address(number: int) -> str:
    """The path and the query of a step."""
    step = STEPS[number - 1]
    path = "/" if step.page == "overview" else f"/{step.page}"
    return f"{path}?{urlencode(FROM | dict(step.params) | {'tour': number})}"


@pytest.fixture
def show(visit):
    """Opens a step of the tour in a window of a size."""

    def show(number: int, width: int = 1280, height: int = 720, **media):
        return visit(address(number), width=width, height=height, **media)

    return show


def expect_step(page, number: int) -> None:
    """The address says the step, and so does the page, which is the step's own."""
    page.get_by_role("dialog", name=f"Tour, step {number} of {len(STEPS)}").wait_for()
    expect(page).to_have_url(re.compile(re.escape(address(number)) + "$"))
    settle(page)


def expect_subject(page, number: int) -> None:
    """What the step speaks of is wholly in view beside the card."""
    expect_step(page, number)
    page.wait_for_function(SEEN, arg=list(STEPS[number - 1].spots))


def entries(page) -> int:
    return page.evaluate("history.length")


def test_the_tour_is_walked_forwards_reloaded_at_each_step_and_walked_back_its_subjects_in_view(visit):
    page = visit(f"/?{urlencode(FROM)}", width=1280, height=720)
    before, numbers = entries(page), range(1, len(STEPS) + 1)
    for number in numbers:
        page.get_by_role("link", name="Next" if number > 1 else "Tour", exact=True).click()
        expect_subject(page, number)
        page.reload()
        expect_subject(page, number)
        assert entries(page) == before + number
    for number in reversed(numbers[:-1]):
        page.go_back()
        expect_step(page, number)
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("tour="))
    assert entries(page) == before + len(STEPS)


@pytest.mark.parametrize("number", [2, 6])
def test_on_a_narrow_window_the_card_is_in_view_and_nothing_is_cut_off(show, number):
    page = show(number, 420, 800)
    expect_step(page, number)
    box = page.locator(".st-key-tour").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 420
    assert box["y"] + box["height"] <= 800
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_keys_go_on_and_back_to_any_step_and_out(show):
    page = show(1)
    for key, number in (("ArrowRight", 2), ("2", 2), ("ArrowLeft", 1), ("5", 5), ("Enter", 6), ("ArrowLeft", 5)):
        expect(page.locator(".st-key-tour-next a, .st-key-tour-leave a").last).to_be_focused()
        page.keyboard.press(key)
        expect_step(page, number)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("/recommend"))
    expect(page.locator("h1")).to_be_focused()


def test_leaving_the_tour_keeps_the_page(show):
    page = show(4)
    before = entries(page)
    page.get_by_role("link", name="Leave", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile(re.escape(f"/filters?{urlencode(FROM)}") + "$"))
    assert entries(page) == before + 1
    page.go_back()
    expect_step(page, 4)


def test_what_is_typed_is_no_step(show):
    page = show(1)
    page.get_by_role("combobox", name="Add a film by title").press_sequentially("2 12")
    expect_step(page, 1)


def test_a_step_is_announced_and_stands_still_where_motion_is_unwanted(show):
    page = show(2, reduced_motion="reduce")
    expect(page.locator(".tour-said[aria-live=polite]")).to_have_text(re.compile(f"2 of {len(STEPS)}"))
    assert page.locator(".tour-spot").evaluate("spot => getComputedStyle(spot).transitionDuration") == "0s"
