"""What only a browser can show: pages that draw, links that restore a view, and films typed in."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import browsing, settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect


CUT = """async () => {
  const texts = '.stMarkdown, .stHeading, .stButton, .stCaption, .stAlert'
  for (let again = 50; ; again--) {
    await new Promise(go => setTimeout(go, 200))  // a page goes on being laid out after its window has changed
    const cut = [...document.querySelectorAll(texts)]
      .filter(e => e.getClientRects().length && !e.closest('[data-testid=stSidebar]'))
      .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.innerText.slice(0, 60))
    if (document.documentElement.scrollWidth > innerWidth) cut.push('the page scrolls sideways')
    if (!cut.length || !again) return cut
  }
}"""


@pytest.fixture(scope="module")
def dense(chromium):
    """A window with twice the pixels, as a telephone has and a screen at 200 %."""
    with browsing(chromium, device_scale_factor=2) as window:
        yield window


@pytest.mark.parametrize("path", ["/", "/recommend", "/filters", "/compare", "/train", "/data"])
def test_a_page_opens_without_an_exception_cuts_nothing_off_and_asks_nobody_else(dense, server, path):
    """A window of 1300 pixels at 200 % is one of 650 with twice the pixels."""
    dense.asked.clear()
    for width in (420, 650, 1300):
        dense.set_viewport_size({"width": width, "height": 800})
        if width == 420:
            dense.goto(server + path)
        settle(dense)
        cut = dense.evaluate(CUT)
        assert not cut, (width, cut)
    expect(dense.locator("h1")).to_be_visible()
    expect(dense.locator("[data-testid='stException']")).to_have_count(0)
    own = (server, server.replace("http", "ws"), "data:", "blob:")
    assert dense.asked
    assert not {url for url in dense.asked if not url.startswith(own)}


def test_the_first_page_answers_at_once(visit):
    page = visit()
    expect(page.locator(".living-picture .list")).to_contain_text("What comes next")
    expect(page.get_by_text("is first because of", exact=False)).to_be_visible()
    expect(page.get_by_text("could not be fetched", exact=False)).to_be_visible()


def test_a_user_is_picked_and_the_link_restores_the_view(visit):
    page = visit("/recommend?user=3")
    box = page.get_by_label("Viewer, 1 to 800")
    box.fill("7")
    box.press("Enter")
    expect(page.get_by_text("Simulated viewer 7 watched", exact=False)).to_be_visible()
    expect(page).to_have_url(re.compile(r"user=7(&|$)"))
    again = visit(page.url[page.url.index("/recommend") :])
    expect(again.get_by_text("Simulated viewer 7 watched", exact=False)).to_be_visible()


def test_a_sequence_is_built_by_searching_and_shared(visit):
    page = visit("/recommend?sequence=")
    for film in ("Alien", "Jaws"):
        search = page.get_by_role("combobox", name=re.compile("Add a film"))
        expect(search).to_have_count(1)  # while the page is drawn anew the old one is there, too
        search.fill(film)
        page.get_by_role("option", name=re.compile(f"^{film} ")).first.click()
        expect(page.get_by_text("last watched")).to_have_count(1)
        expect(page.locator("strong", has_text=re.compile(rf"^{film} \(\d+\)$"))).to_be_visible()
        settle(page)
    expect(page).to_have_url(re.compile(r"sequence=\d+(%2C|,)\d+"))
    again = visit(page.url[page.url.index("/recommend") :])
    expect(again.locator("strong", has_text=re.compile(r"^Jaws \(\d+\)$"))).to_be_visible()


def test_garbage_in_the_url_is_named(visit):
    page = visit("/compare?user=nobody&k=-3")
    expect(page.get_by_text("There is no user", exact=False)).to_be_visible()
    expect(page.get_by_text("nobody", exact=True)).to_be_visible()


def test_a_servers_first_visit_may_go_straight_to_a_page(opened, fresh_server):
    page = opened(f"{fresh_server}/data?user=9")
    expect(page.get_by_role("link", name="Overview", exact=True)).to_be_visible()
    settle(page)
    expect(page.get_by_role("heading", name="The windows of simulated viewer 9")).to_be_visible()


def test_a_page_turn_keeps_the_selection_is_one_entry_and_back_goes_back_one_view(visit):
    page = visit("/recommend?data=cinema&model=cinema-caser&user=9")
    before = page.evaluate("history.length")
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page.get_by_role("heading", name="The windows of simulated viewer 9")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/data\?.*user=9(&|$)"))
    settle(page)
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    expect(page.get_by_text("Why this film", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/recommend\?.*user=9(&|$)"))


def test_one_choice_is_one_entry_whatever_it_changes_in_the_address(visit):
    page = visit("/recommend?data=cinema&model=cinema-caser&user=9")
    before = page.evaluate("history.length")
    page.get_by_role("button", name="My own films").or_(page.get_by_text("My own films", exact=True)).first.click()
    expect(page.get_by_text("No films yet", exact=False)).to_be_visible()
    settle(page)
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    expect(page.get_by_text("Simulated viewer 9 watched", exact=False)).to_be_visible()


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_chart_is_saved_as_the_visitor_likes(visit, kind):
    page = visit(f"/compare?saved={kind}&type=large")
    chart = page.locator(".js-plotly-plot").first
    chart.hover()
    with page.expect_download() as waiting:
        chart.locator(".modebar-btn").click()
    assert waiting.value.suggested_filename.endswith(f".{kind}")
    begins = {"png": b"\x89PNG", "svg": b"<svg"}[kind]
    assert waiting.value.path().read_bytes().startswith(begins)


def test_enter_adds_the_film_that_is_typed_and_letters_far_apart_find_none(visit):
    page = visit("/recommend?data=cinema&sequence=1")
    search = page.get_by_role("combobox", name="Add a film")
    search.click()
    search.type("mtrx")
    expect(page.get_by_role("option").filter(has_text="Matrix")).to_have_count(0)
    search.fill("")
    search.type("Alien (1979)")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"sequence=1(,|%2C)\d+"))
    settle(page)
    search.type("No Such Film")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"ends in \d{4}; it has no newer film"))).to_be_visible()
