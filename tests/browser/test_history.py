"""A visitor's own history in a browser: dropped, decided on, used, and gone with the tab."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import enter, settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
WATCHED = b"""Date,Name,Year,Letterboxd URI
2020-01-01,Alien,1979,https://boxd.it/a
2020-01-02,Psyco,1960,https://boxd.it/b
2020-01-03,<b>Nothing</b>,1990,https://boxd.it/c
2020-01-04,Jaws,1975,https://boxd.it/d
"""


def test_a_history_is_dropped_decided_on_used_and_gone_with_the_tab(visit):
    page = visit("/recommend")
    page.get_by_role("button", name="Bring your own history").click()
    dialog = page.get_by_role("dialog")
    file = {"name": "watched.csv", "mimeType": "text/csv", "buffer": WATCHED}
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog.get_by_text("2 matched", exact=False)).to_be_visible()
    settle(page)  # a click while it is drawn anew is lost
    dialog.locator("label", has_text="Psycho (1960)").click()
    expect(dialog.get_by_text("0 of 1 are left out so far", exact=False)).to_be_visible()
    dialog.get_by_text("Every row").click()
    dialog.get_by_role("tab", name="Not in this data set").click()
    expect(dialog.get_by_text("<b>Nothing</b> (1990)")).to_be_visible()
    dialog.get_by_role("button", name="Use these 3 films").click()
    expect(page.get_by_text("You watched 3 films", exact=False)).to_be_visible()
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(re.compile(r"sequence=mine(&|$)"))
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page.get_by_role("heading", name="The windows of a new visitor")).to_be_visible()
    expect(page.locator("strong", has_text="Psycho (1960)")).to_be_visible()
    page.reload()
    settle(page)
    expect(page.get_by_text("was in another session's memory only", exact=False)).to_be_visible()


def test_the_dialog_closes_and_leaves_everything_as_it_was(visit):
    page = visit("/recommend?user=9")
    page.get_by_role("button", name="Bring your own history").click()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Simulated viewer 9 watched", exact=False)).to_be_visible()
    page.get_by_role("button", name="At random").click()
    settle(page)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_enter_adds_no_film_that_was_not_named_and_a_suggestion_is_taken_by_a_click(visit):
    page = visit("/recommend?sequence=5")
    search = page.get_by_role("combobox", name="Add a film")
    for text in ("1", "Zzyzx Road Revisited"):
        enter(page, search, text)
        expect(page.get_by_text(f"No film '{text}' in cinema", exact=False)).to_be_visible()
        expect(page).to_have_url(re.compile(r"sequence=5(&|$)"))
    enter(page, search, "The Godfathr")
    page.get_by_role("button", name="The Godfather (1972)").click()
    expect(page).to_have_url(re.compile(r"sequence=5(%2C|,)\d+(&|$)"))
    expect(page.get_by_text("Did you mean")).to_have_count(0)


def test_a_viewer_out_of_range_is_said(visit):
    page = visit("/recommend?user=9")
    viewer = page.get_by_role("textbox", name="Viewer,")
    for text in ("99999", "1e2"):
        enter(page, viewer, text)
        expect(
            page.get_by_text(f"There is no user {text}", exact=False).or_(
                page.get_by_text(f"There is no user '{text}'", exact=False)
            )
        ).to_be_visible()
        expect(page).to_have_url(re.compile(r"user=9(&|$)"))
        expect(viewer).to_have_value("9")
