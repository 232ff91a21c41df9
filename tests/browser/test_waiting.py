"""What takes long shows how far it is, can be stopped, and is done once for all who wait."""

import pytest

from tests.browser.conftest import serving, settle


@pytest.fixture(scope="module")
def slow_server(chromium, tmp_path_factory):
    home = tmp_path_factory.mktemp("slow")
    with serving(home, home, "tests/browser/slow_page.py") as address:
        yield address


def visit(chromium, address: str, step: float):
    page = chromium.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{address}/?step={step}")
    return page


def share(page) -> int:
    return int(page.get_by_text("Ranking films … ").inner_text().split("…")[1].split("%")[0])


def test_a_page_shows_how_far_it_is_and_then_the_result(chromium, slow_server):
    page = visit(chromium, slow_server, 0.03)
    page.get_by_text("left").wait_for()
    assert 0 < share(page) < 100
    page.get_by_text("counted to 100").wait_for()
    assert page.get_by_role("button", name="Stop").count() == 0
    again = visit(chromium, slow_server, 0.03)
    again.get_by_text("counted to 100").wait_for(timeout=2_000)


def test_one_who_stops_is_free_and_others_get_it(chromium, slow_server):
    first, second = (visit(chromium, slow_server, 0.05) for _ in range(2))
    for page in (first, second):
        page.get_by_role("button", name="Stop").wait_for()
    first.get_by_role("button", name="Stop").click()
    first.get_by_text("Stopped: Ranking films. What follows needs it.").wait_for()
    settle(first)
    first.get_by_role("button", name="Go on").click()
    first.get_by_text("left").wait_for()
    assert share(first) > 5  # of what is done for both, not from the start
    for page in (second, first):
        page.get_by_text("counted to 100").wait_for()
