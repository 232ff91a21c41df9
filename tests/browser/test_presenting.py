"""Presenting: nothing beside the page, larger text, and all of it in one screen."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
MAIN = "document.querySelector('[data-testid=stMain]')"
FITS = f"{MAIN}.scrollHeight <= {MAIN}.clientHeight"
SIZE = "parseFloat(getComputedStyle(document.querySelector('[data-testid=stMain] p')).fontSize)"


@pytest.mark.parametrize("path", ["/", "/filters"])
def test_a_page_that_is_presented_fits_one_screen(visit, path):
    page = visit(f"{path}?data=cinema&model=cinema-caser", width=1280, height=720)
    usual = page.evaluate(SIZE)
    page.get_by_text("Presenting", exact=True).click()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    settle(page)
    expect(page).to_have_url(re.compile("presenting=1"))
    page.wait_for_function(f"{SIZE} > {usual}")
    page.wait_for_function(FITS)
    page.get_by_role("button", name="Menu").click()
    page.get_by_text("Presenting", exact=True).click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
