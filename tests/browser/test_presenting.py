"""Presenting: nothing beside the page, larger text, and all of it in one screen."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
LONG = 45_000  # milliseconds for a page to be drawn, on a busy machine too
MAIN = "document.querySelector('[data-testid=stMain]')"
FITS = f"{MAIN}.scrollHeight <= {MAIN}.clientHeight"
SIZE = "parseFloat(getComputedStyle(document.querySelector('[data-testid=stMain] p')).fontSize)"


@pytest.mark.parametrize("path", ["/", "/filters"])
def test_a_page_that_is_presented_fits_one_screen(chromium, server, path):
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(LONG)
    page.goto(f"{server}{path}?data=cinema&model=cinema-caser", timeout=60_000)
    settle(page)
    usual = page.evaluate(SIZE)
    page.get_by_text("Presenting", exact=True).click()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden(timeout=LONG)
    settle(page)
    expect(page).to_have_url(re.compile("presenting=1"), timeout=LONG)
    assert page.evaluate(SIZE) > usual
    page.wait_for_function(FITS, timeout=LONG)
    page.get_by_role("button", name="Menu").click()
    page.get_by_text("Presenting", exact=True).click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible(timeout=LONG)
    page.close()
