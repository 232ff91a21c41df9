"""The search for a film, as one types: suggestions, keys, touch, and what is left where the server is away."""

from __future__ import annotations

import re

import pytest

from caser import data
from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect

RINGS = ["The Fellowship of the Ring", "The Two Towers", "The Return of the King"]
ONE_FILM = "/recommend?data=cinema&sequence=1"


def search_of(page):
    return page.get_by_role("combobox", name="Add a film")


def own_id(title: str) -> int:
    films = data.load("cinema").catalogue
    return int(films["item_id"][films["title"] == title].iat[0])


def sequence_is(page, *films: int) -> None:
    expect(page).to_have_url(re.compile(f"sequence={'(%2C|,)'.join(map(str, films))}(&|$)"))


@pytest.fixture
def open_search(visit):
    """Opens a page with one film in the history; returns it and its search."""

    def open_search(path: str = ONE_FILM, **how):
        page = visit(path, **how)
        expect(search_of(page)).to_have_count(1)
        return page, search_of(page)

    return open_search


def test_films_of_a_series_are_suggested_in_the_order_of_years_with_year_and_genres(open_search):
    page, search = open_search()
    search.press_sequentially("lord of the rings")
    expect(page.get_by_role("option")).to_have_text(
        [re.compile(f"^The Lord of the Rings: {part} {2001 + at} · .*Fantasy") for at, part in enumerate(RINGS)]
    )


def test_arrows_lead_through_the_suggestions_and_enter_takes_one(open_search):
    page, search = open_search()
    search.press_sequentially("aliens")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Aliens")
    expect(search).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("option", selected=True)).to_have_count(0)
    search.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(search).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    search.press("ArrowUp")
    expect(page.get_by_role("option", selected=True)).to_have_count(0)
    search.press("ArrowDown")
    search.press("Enter")
    sequence_is(page, 1, own_id("Aliens"))
    expect(search).to_have_value("")
    expect(search).to_be_focused()  # so that the next film can be typed at once


def test_escape_closes_the_suggestions_then_empties_the_field(open_search):
    page, search = open_search()
    search.press_sequentially("jaws")
    expect(page.get_by_role("option").first).to_be_visible()
    search.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(search).to_have_value("jaws")
    search.press("Escape")
    expect(search).to_have_value("")
    sequence_is(page, 1)


def test_a_suggestion_is_taken_by_a_tap_on_a_small_screen(open_search):
    page, search = open_search(width=420)
    search.press_sequentially("godfahter")
    option = page.get_by_role("option", name="The Godfather 1972")
    shown = option.bounding_box()
    assert shown["x"] + shown["width"] <= 420
    option.click()
    sequence_is(page, 1, own_id("The Godfather"))


def test_a_title_of_ten_thousand_letters_is_named_and_the_list_stays(open_search):
    page, search = open_search()
    search.fill("a" * 10_000)
    expect(page.get_by_text("This has 10,000 letters; type a few words of the title.")).to_be_visible()
    search.press("Enter")
    expect(page.get_by_text("a title has at most 1,000 letters.", exact=False)).to_be_visible()
    sequence_is(page, 1)
    settle(page)


def test_without_the_servers_answers_a_typed_title_is_taken_as_before(open_search):
    page, search = open_search()
    page.route("**/search/**", lambda route: route.abort())
    try:
        search.press_sequentially("aliens")
        expect(page.get_by_text("No suggestions now. Type the title and press Enter.")).to_be_visible()
        search.press("Enter")
        sequence_is(page, 1, own_id("Aliens"))
    finally:
        page.unroute("**/search/**")
