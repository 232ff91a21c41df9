"""What only a browser can show of the filters: cells that can be clicked, and views that draw."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import settle

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
    for place, name in ((0, "1.0"), (7, "3.1")):  # cells in the order of the figure: a row a filter, a column a height
        click_cell(page, place)
        expect(page.get_by_role("heading", name=re.compile(rf"^Filter {re.escape(name)}\b"))).to_be_visible()
        expect(page.get_by_label("Filter", exact=False).first).to_be_visible()
    settle(page)


def click_cell(page, place: int) -> None:
    """Click one cell of the grid's first panel."""
    mark = page.locator(".js-plotly-plot").first.locator("path.point").nth(place)
    box = mark.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_why_and_what_if_draw_below_the_lists(visit):
    page = visit("/recommend")
    expect(page.get_by_text("moved the score most").first).to_be_visible()
    page.get_by_text("What if", exact=True).click()
    expect(page.get_by_role("button", name="Reverse")).to_be_visible()
    page.get_by_role("button", name="Back to the original").click()
    expect(page.get_by_text("As it is:").first).to_be_visible()
    page.get_by_role("button", name="Reverse").click()
    expect(page.get_by_text("In another order:").first).to_be_visible()
    settle(page)


def test_a_click_on_a_row_of_the_list_explains_that_film(visit):
    page = visit("/recommend?user=3")
    explained = page.locator("[data-testid=stSelectbox]", has_text="Film to explain").locator("input")
    expect(explained).to_have_value(re.compile("^1 · "))
    table = page.locator("[data-testid=stDataFrame]").first
    table.scroll_into_view_if_needed()
    for viewer in (3, 4):  # the same cell again, of another list
        if viewer == 4:
            page.get_by_role("button", name="Increment").first.click()
            expect(page.get_by_text("Simulated viewer 4 watched", exact=False)).to_be_visible()
            settle(page)
            expect(explained).not_to_have_value(re.compile(r"^3 · |\(rank 3\)$"))
        table.click(position={"x": 120, "y": 35 + 35 * 2 + 17})  # the third row; a row is 35 pixels high
        expect(explained).to_have_value(re.compile(r"^3 · |^★ .*\(rank 3\)$"))
        settle(page)
    expect(page.locator("[data-testid='stException']")).to_have_count(0)
