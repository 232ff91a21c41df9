"""Compare in a browser: a line-up picked, kept in the link, and readable on a telephone."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect


def test_a_line_up_is_picked_and_the_link_restores_it_on_a_narrow_screen(visit):
    page = visit("/compare")
    expect(page.get_by_text(re.compile("^Caser (leads|is first) on HR@50")).first).to_be_visible()
    page.get_by_role("button", name="Remove MF · cinema-mf").click()
    expect(page).to_have_url(re.compile(r"models=cinema-caser(%2C|,)popularity"))
    again = visit(page.url[page.url.index("/compare") :])
    again.set_viewport_size({"width": 420, "height": 900})
    settle(again)
    expect(again.locator("[data-tag]")).to_have_count(2)
    expect(again.get_by_role("heading", name="Two models, viewer by viewer")).to_be_attached()
    assert again.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
