"""What only a browser can show of the filters: cells that can be clicked, and views that draw."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import ROOT, serving, settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect


def test_every_view_draws_fits_and_is_in_the_address(visit):
    page = visit("/filters?view=Forming")
    for view in ("Step by step", "Positions", "Map", "Switch off"):
        page.get_by_role("radio", name=view).click()
        expect(page).to_have_url(re.compile(f"view={view.replace(' ', '(%20|[+])')}"))
        settle(page)
        expect(page.locator(".js-plotly-plot").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), view


def test_a_click_in_the_grid_leads_to_the_filters_detail(visit):
    page = visit("/filters?view=All%20filters")
    page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
    expect(page.get_by_text("What it seeks, whoever is watching")).to_be_visible()
    for place, name in ((0, "1.0"), (7, "3.1")):  # cells in the order of the figure
        click_cell(page, place)
        expect(page.get_by_role("heading", name=re.compile(rf"^Filter {re.escape(name)}\b"))).to_be_visible()
        expect(page.get_by_label("Filter", exact=False).first).to_be_visible()
    settle(page)


def click_cell(page, place: int) -> None:
    """Click one cell of the grid's first panel."""
    mark = page.locator(".js-plotly-plot").first.locator("path.point").nth(place)
    box = mark.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_why_and_what_if_draw_beside_the_list_within_one_screen(visit):
    page = visit("/recommend")
    films_of(page).nth(1).click()
    reason = page.get_by_text("because of").first
    expect(reason).to_be_visible()
    expect(page.locator("tr.picked")).to_have_count(1)
    above = page.locator(".html-table").first.bounding_box()
    assert abs(reason.bounding_box()["y"] - above["y"]) < page.viewport_size["height"]
    page.get_by_text("What if", exact=True).click()
    expect(page.get_by_text("As it is:").first).to_be_visible()
    page.get_by_role("button", name="Reverse").click()
    expect(page.get_by_text("In another order:").first).to_be_visible()
    settle(page)


def test_every_click_on_a_film_of_a_list_explains_that_film(visit):
    page = visit("/recommend?user=3")
    for viewer in (3, 4, 5):
        if viewer > 3:
            was = films_of(page).all_inner_texts()
            picker = page.get_by_label("Viewer, 1 to")
            picker.fill(str(viewer))
            picker.press("Enter")
            expect(films_of(page)).not_to_have_text(was)  # and on with it, while the page below is still being drawn
        for place in (2, 5, 2):
            film = films_of(page).nth(place)
            film.click()
            expect(explained_film(page)).to_have_value(said_of(film))
    films_of(page, 1).nth(4).click()
    expect(explained_film(page)).to_have_value(said_of(films_of(page, 1).nth(4)))
    expect(page.locator("[data-testid='stException']")).to_have_count(0)


def test_clicks_in_quick_succession_end_at_the_last(visit):
    page = visit("/recommend?user=3")
    for place in (1, 2, 3, 4):
        films_of(page).nth(place).click()
    expect(explained_film(page)).to_have_value(said_of(films_of(page).nth(4)))
    settle(page)


def test_a_film_of_a_list_can_be_chosen_without_a_mouse(visit):
    page = visit("/recommend?user=3")
    film = films_of(page).nth(3)
    film.focus()
    film.press("Enter")
    expect(explained_film(page)).to_have_value(said_of(film))
    settle(page)
    expect(film).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(explained_film(page)).to_have_value(said_of(films_of(page).nth(4)))


def films_of(page, at: int = 0):
    """The films of one of the lists, to be clicked."""
    return page.locator(".html-table").nth(at).get_by_role("button")


def explained_film(page):
    """The box with the film that is explained."""
    return page.locator("[data-testid=stSelectbox]", has_text="Film to explain").locator("input")


def said_of(film) -> re.Pattern:
    """How that box calls a film of a list, which is starred there if it was watched next."""
    return re.compile(re.escape(film.inner_text().removeprefix("★ ").removesuffix(" (watched next)")))


def test_the_story_steps_by_button_and_by_key_and_an_answer_lights_its_films(chromium, tmp_path):
    """With the shipped models, of which one is small enough to be told."""
    with serving(ROOT / "checkpoints", tmp_path) as address:
        page = chromium.new_page(viewport={"width": 420, "height": 900})
        page.goto(f"{address}/filters?model=cinema-caser")
        tell(page)
        page.close()


def tell(page) -> None:
    story = page.locator(".story")
    expect(story.locator(".place")).to_have_text(re.compile("^1 of "), timeout=30_000)
    assert story.locator(".row.lit").count() == 5  # the whole window
    story.get_by_role("button", name="Next").click()
    expect(story.locator(".say")).to_contain_text("Vertical filter")
    expect(story.locator(".row.lit")).to_have_count(1)
    story.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(story.locator(".say")).to_contain_text("Horizontal filter")
    page.keyboard.press("ArrowRight")
    first = story.locator(".answer").first
    first.hover()
    expect(story.locator(".say")).to_contain_text(re.compile("lies over film"))
    expect(story.locator(".board > .row.lit")).to_have_count(int(story.locator(".filter .row").count()))
    page.mouse.move(0, 0)
    story.focus()
    page.keyboard.press(" ")
    expect(story.get_by_role("button", name="Pause")).to_be_visible()
    expect(story.locator(".say")).to_contain_text("Max pooling", timeout=15_000)
    expect(story.get_by_role("button", name="Play")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    named = page.locator(".html-table").get_by_role("button").first  # of all the filters, by name
    what = named.inner_text()
    named.click()
    expect(page).to_have_url(re.compile(r"view=All(\+|%20)filters"))
    expect(page.get_by_role("heading", name=f": {what}")).to_be_visible(timeout=30_000)
    settle(page)
    page.go_back()
    expect(story).to_be_visible(timeout=30_000)
