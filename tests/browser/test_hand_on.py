"""A list is taken along: its link, its picture as PNG, and its page, which needs no network."""

from __future__ import annotations

import json
import struct
from dataclasses import replace

import pytest

from caser.handout import drawing
from caser.handout.content import Handout, Row
from tests.browser.conftest import browsing, click_until, settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
HARD = (
    "W" * 300,
    "The Englishman Who Went Up a Hill, But Came Down a Mountain (1995)",
    "七人の侍 七人の侍 七人の侍 七人の侍 七人の侍 七人の侍 七人の侍 七人の侍",
    "جدایی نادر از سیمین " * 8,
    "Сталкер, или Пикник на обочине, и ещё очень длинное название фильма",
    "शोले शोले शोले शोले शोले शोले शोले शोले शोले शोले शोले शोले",
    "🎬👩‍🚀" * 40,
    "<script>alert(1)</script> & \"quoted\" 'twice'",
)


def open_menu(page):
    settle(page)
    click_until(page.get_by_role("button", name="Hand on"), page.get_by_role("button", name="Copy link"))


def saved(page, name: str, folder):
    """Press a button that saves a file; returns where it is."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_link_picture_and_page_are_taken_along(visit, chromium, tmp_path):
    page = visit("/recommend?data=cinema&user=3&genre=Comedy")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_menu(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    for name, size in (("Picture (PNG)", (1080, None)), ("Slide (16:9)", (1920, 1080))):
        width, height = struct.unpack(">II", saved(page, name, tmp_path).read_bytes()[16:24])
        assert (width, height if size[1] else None) == size
    first = page.locator(".html-table td.button").first.locator("button").first.inner_text()
    path = saved(page, "Page (HTML)", tmp_path)
    with browsing(chromium, offline=True) as window:
        window.goto(path.as_uri())
        expect(window.locator("tr.explained")).to_contain_text(first)
        expect(window.locator(".living-picture .place").first).to_be_visible()
        assert {address for address in window.asked if not address.startswith(("data:", "blob:"))} == {path.as_uri()}


def test_where_the_clipboard_is_not_allowed_the_link_stands_there_to_be_copied(visit):
    page = visit("/recommend?data=cinema&user=3")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })")
    open_menu(page)
    page.get_by_role("button", name="Copy link").click()
    field = page.get_by_label("The link, to copy")
    expect(field).to_have_value(page.url)
    assert field.evaluate("node => node.selectionEnd - node.selectionStart") == len(page.url)


CROSSED = """() => {
  const texts = [...document.querySelectorAll("text")].filter((node) => node.textContent);
  const boxes = texts.map((node) => [node.textContent, node.getBBox()]);
  const wide = document.documentElement.viewBox.baseVal.width;
  const out = boxes.filter(([, box]) => box.x < 0 || box.x + box.width > wide - 30);
  const over = ([, a], [, b]) => Math.abs(a.y + a.height - b.y - b.height) < 8
    && a.x < b.x && a.x + a.width > b.x + 1;
  return [...out, ...boxes.filter((a) => boxes.some((b) => a !== b && over(a, b)))].map(([text]) => text);
}"""


@pytest.mark.parametrize("shape", [drawing.PICTURE, drawing.SLIDE], ids=["picture", "slide"])
def test_no_text_leaves_its_place(opened, tmp_path, shape):
    rows = tuple(
        Row(nth, title, ("Comedy", "Drama"), 1234.5, 0.01, nth == 1, nth == 2) for nth, title in enumerate(HARD, 1)
    )
    parts = tuple((title, 1.5 - nth) for nth, title in enumerate(HARD[:6]))
    shown = Handout(
        "What to watch next", HARD[1] * 3, True, HARD[:5], "5 films", 3, rows, HARD[0], HARD[2], HARD[1] * 6, parts, 0
    )
    for content in (shown, *(replace(shown, watched=(title,), film=title) for title in HARD)):
        path = tmp_path / "drawn.svg"
        path.write_text(drawing.svg(content, shape), encoding="utf-8")
        assert json.dumps(opened(path.as_uri()).evaluate(CROSSED)) == "[]"
