"""What only a browser can show of the filters: a list that is sorted and searched, rows that are clicked."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect


COUNTED = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  const words = main.innerText.split(/\\s+/).filter((word) => /[\\p{L}\\d]/u.test(word)).length;
  const all = [...document.querySelectorAll('button, input, textarea, select, a[href], [role=slider]')];
  const shown = all.filter((one) => {
    const box = one.getBoundingClientRect();
    return main.contains(one) && box.width && box.top < innerHeight && box.bottom > 0;
  });
  return [words, shown.length];
}"""


def test_the_page_begins_with_little_and_every_view_draws_fits_and_is_in_the_address(visit):
    page = visit("/filters?model=cinema-caser", width=1400)
    words, controls = page.evaluate(COUNTED)
    assert words <= 200
    assert controls <= 10, page.evaluate("document.querySelector('[data-testid=stMain]').innerText")
    for view, said in (("Are they real?", "Are(%20|[+])they(%20|[+])real"), ("Map", "Map")):
        page.get_by_role("radio", name=view).or_(page.get_by_role("button", name=view)).first.click()
        expect(page).to_have_url(re.compile(f"view={said}"))
        settle(page)
        expect(page.locator(".js-plotly-plot").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), view


def column(page, name: str) -> list[str]:
    """The cells of one column of the list of filters, as far as they are shown."""
    names = page.locator(".html-table th").all_inner_texts()
    at = next(place for place, text in enumerate(names) if text.startswith(name))
    return page.locator(f".html-table tbody tr:not([hidden]) td:nth-child({at + 1})").all_inner_texts()


def heading(page, name: str):
    return page.locator(".html-table th", has_text=name).first


def test_the_list_is_sorted_by_click_and_by_key_and_searched(visit):
    page = visit("/filters?view=Are they real?")
    expect(heading(page, "Adds")).to_be_visible()
    every = column(page, "Filter")
    heading(page, "Adds").get_by_role("button").click()
    expect(heading(page, "Adds")).to_have_attribute("aria-sort", "descending")
    adds = [float(text) for text in column(page, "Adds") if text != "inactive"]
    assert adds == sorted(adds, reverse=True)
    assert sorted(column(page, "Filter")) == sorted(every)
    heading(page, "Adds").get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(heading(page, "Adds")).to_have_attribute("aria-sort", "ascending")
    assert [float(text) for text in column(page, "Adds") if text != "inactive"] == sorted(adds)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # the heading before it, "Again"
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    page.get_by_role("searchbox", name="Search filters").fill("V1")
    assert {name[:2] for name in column(page, "Filter")} == {"V1"}
    page.get_by_role("searchbox", name="Search filters").fill("")
    assert len(column(page, "Filter")) == len(every)


def test_a_row_leads_to_the_filters_detail_and_keeps_the_order(visit):
    page = visit("/filters?view=Are they real?")
    heading(page, "Filter").get_by_role("button").click()
    for name in ("1a", "V1"):
        page.locator(".html-table").get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=re.compile(rf"^{name}: ")).first).to_be_visible()
        expect(page).to_have_url(re.compile(f"filter={name}"))
    settle(page)
    expect(heading(page, "Filter")).to_have_attribute("aria-sort", "ascending")
    assert page.locator(".html-table canvas").count() == len(column(page, "Filter"))


def test_an_old_address_is_led_on_in_the_browser(visit):
    page = visit("/filters?model=cinema-caser&view=Switch off&off=vertical 0")
    expect(page).to_have_url(re.compile("turn=V1(%3A|:)0"))
    expect(page).not_to_have_url(re.compile("off="))


def test_a_link_to_another_model_on_the_same_page(visit):
    def expect_model(name: str) -> None:
        expect(page.get_by_role("combobox", name="Model", exact=True)).to_have_value(name)
        expect(page).to_have_url(re.compile(rf"/filters\?.*model={name}$"))

    page = visit("/filters?data=cinema&user=9&model=cinema-mf")
    before = page.evaluate("history.length")
    page.get_by_role("link", name="Look into cinema-caser").click()
    expect_model("cinema-caser")
    settle(page)
    page.reload()
    expect_model("cinema-caser")
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    expect_model("cinema-mf")


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


def test_every_click_on_a_film_of_a_list_explains_that_film_and_quick_ones_end_at_the_last(visit):
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
    for _ in range(4):  # over what else the row that is picked offers
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(explained_film(page)).to_have_value(said_of(films_of(page).nth(4)))


def films_of(page, at: int = 0):
    """The films of one of the lists, to be clicked."""
    return page.locator(".html-table").nth(at).locator("td.button > button")


def explained_film(page):
    """The box with the film that is explained."""
    return page.locator("[data-testid=stSelectbox]", has_text="Film to explain").locator("input")


def said_of(film) -> re.Pattern:
    """How that box calls a film of a list, which is starred there if it was watched next."""
    return re.compile(re.escape(film.inner_text().removeprefix("★ ").removesuffix(" (watched next)")))
