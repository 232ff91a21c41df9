"""A list that is steered by clicks on its rows."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect


def act(page, words: str) -> str:
    """Click one of the picked row's words; returns its film."""
    settle(page)
    picked = page.locator(".html-table tr.picked").first
    film = picked.locator("td.button > button").inner_text()
    picked.get_by_role("button", name=f"{words}: {film}").click()
    return film


def test_a_row_is_seen_unwanted_or_asked_for_more_and_each_is_taken_back(visit):
    page = visit("/recommend?data=cinema&user=3")
    film = act(page, "Not for me")
    expect(page).to_have_url(re.compile(r"without=\d+"))
    expect(page.locator(".html-table button", has_text=film)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page).not_to_have_url(re.compile("without="))
    assert act(page, "Watched it") == film
    expect(page).to_have_url(re.compile(r"sequence="))
    expect(page.get_by_text("You watched 6 films", exact=False)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(r"user=3"))
    expect(page).not_to_have_url(re.compile("sequence="))
    assert act(page, "More like this") == film
    expect(page).to_have_url(re.compile(r"ask=More\+like\+this"))
    expect(page.get_by_text("By the vectors the model learnt", exact=False)).to_be_visible()


def test_other_rows_offer_their_words_once_they_are_picked(visit):
    page = visit("/recommend?data=cinema&user=3")
    settle(page)
    row = page.locator(".html-table").first.locator("tr[data-id]").nth(3)
    expect(row.locator("[data-act]").first).to_be_hidden()
    row.locator("button").first.click()
    expect(row.locator("[data-act]").first).to_be_visible()
