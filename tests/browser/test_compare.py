"""Compare in a browser: short at first, parts opened by link, key and address, a line-up kept in the link."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
MOST_WORDS, MOST_CONTROLS = 600, 12
COUNTED = """() => {
  const main = document.querySelector("[data-testid=stMain]")
  const inView = (part) => {
    const { width, top, bottom } = part.getBoundingClientRect()
    return width > 0 && top < innerHeight && bottom > 0
  }
  const controls = "button, input, textarea, select, a[href], [role=slider], [role=combobox]"
  const words = main.innerText.split(/\\s+/).filter((word) => /[\\p{L}\\d]/u.test(word))
  return { words: words.length, controls: [...main.querySelectorAll(controls)].filter(inView).length }
}"""


def follow(page, title: str):
    """The part that a link of the contents list leads to, once it is open, on top and has the focus."""
    page.get_by_role("navigation", name="On this page").get_by_role("link", name=title).press("Enter")
    return led_to(page, title)


def led_to(page, title: str):
    part = page.locator("[data-testid=stMain] details[open]").filter(has_text=title)
    expect(part).to_have_count(1)
    settle(page)
    expect(part.locator("summary")).to_be_focused()
    return part


def test_the_first_state_is_short_a_link_opens_its_part_and_every_step_can_be_taken_back(visit):
    page = visit("/compare?data=cinema")
    counted = page.evaluate(COUNTED)
    assert counted["words"] <= MOST_WORDS
    assert counted["controls"] <= MOST_CONTROLS
    expect(page.locator("[data-testid=stMain] .js-plotly-plot")).to_have_count(1)
    expect(page.get_by_text(re.compile("^With a list of 50, Caser finds the next film for"))).to_be_visible()
    for title, names in (("Two models", "pair"), ("All metrics", "pair%2Cnumbers")):
        part = follow(page, title)
        expect(page).to_have_url(re.compile(f"part={names}(&|$)"))
        expect(part.locator("summary")).to_be_in_viewport()
    page.keyboard.press("Enter")  # closes the part whose head has the focus
    expect(page).to_have_url(re.compile("part=pair(&|$)"))
    opened = page.locator("[data-testid=stMain] details[open]")
    expect(opened).to_have_count(1)
    for count in (2, 1, 0):
        page.go_back()
        expect(opened).to_have_count(count)


@pytest.mark.parametrize(("address", "title"), [("part=lists", "Lists and cost"), ("read=MF", "How it is measured")])
def test_the_address_opens_a_part_and_leads_to_it(visit, address, title):
    part = led_to(visit(f"/compare?data=cinema&{address}"), title)
    expect(part.locator("summary")).to_be_in_viewport()


def test_a_line_up_is_picked_and_the_link_restores_it_on_a_narrow_screen(visit):
    page = visit("/compare")
    page.get_by_role("button", name="Models and metric").click()
    page.get_by_role("button", name="Remove MF · cinema-mf").click()
    expect(page).to_have_url(re.compile(r"models=cinema-caser(%2C|,)popularity"))
    expect(page.locator("[data-tag]")).to_have_count(2)  # the pickers stay open
    again = visit(page.url[page.url.index("/compare") :], width=420)
    expect(again.locator(".js-plotly-plot .bars .point")).to_have_count(2)
    assert again.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
