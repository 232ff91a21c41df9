"""Short names are explained where a pointer or a finger rests on one."""

from __future__ import annotations

import pytest

from tests.browser.conftest import settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
PLACE = """(term) => {
  const walker = document.createTreeWalker(document.querySelector("[data-testid=stMain]"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.search(new RegExp(`\\\\b${term}`));
    if (at < 0 || !walker.currentNode.parentElement.checkVisibility()) continue;
    walker.currentNode.parentElement.scrollIntoView({ block: "center" });
    const range = document.createRange();
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + term.length);
    const { x, y, width, height } = range.getBoundingClientRect();
    if (width) return [x + width / 2, y + height / 2];
  }
}"""


def test_a_name_is_explained_under_the_pointer_and_no_other_word(visit):
    page = visit("/recommend?data=cinema&user=3&variety=0.5")
    page.get_by_text("HR@10 over", exact=False).wait_for()
    settle(page)
    tip = page.locator(".glossary")
    expect(tip).to_be_hidden()
    page.mouse.move(*page.evaluate(PLACE, "HR"))
    expect(tip).to_contain_text("Hit rate")
    expect(tip).to_be_in_viewport(ratio=1)
    page.mouse.move(*page.evaluate(PLACE, "Watched next"))
    expect(tip).to_be_hidden()
    page.mouse.click(*page.evaluate(PLACE, "MF"))
    expect(tip).to_contain_text("Matrix factorisation")
    assert page.evaluate("CSS.highlights.get('glossary').size") >= 1
