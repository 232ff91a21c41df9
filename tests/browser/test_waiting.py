"""What takes long shows how far it is, can be stopped, and is done once for all who wait."""

import re

import pytest

from tests.browser.conftest import PATIENCE, serving, settle
from tests.browser.slow_work import let_go

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("slow")


@pytest.fixture(scope="module")
def slow_server(chromium, home):
    with serving(home, home, "tests/browser/slow_page.py") as address:
        yield address


@pytest.fixture
def visit(opened, slow_server):
    return lambda work, where="page": opened(f"{slow_server}/?work={work}&where={where}")


@pytest.fixture
def second(window):
    """Another window of the same browser."""
    second = window.context.new_page()
    second.set_default_timeout(PATIENCE)
    yield second
    second.close()


def share(page) -> int:
    return int(page.get_by_text("Ranking films … ").inner_text().split("…")[1].split("%")[0])


def test_a_page_shows_how_far_it_is_and_then_the_result(visit, home):
    page = visit(1)
    page.get_by_text("left").wait_for()
    assert share(page) == 50
    let_go(home, 1).touch()
    page.get_by_text("1 is done").wait_for()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.get_by_text("left")).to_have_count(0)


def test_one_who_stops_is_free_and_others_get_it(visit, second, home):
    first = visit(2)
    second.goto(first.url)
    second.get_by_role("button", name="Stop").wait_for()
    first.get_by_role("button", name="Stop").click()
    first.get_by_text("Stopped: Ranking films. The rest of the page needs it.").wait_for()
    settle(first)
    first.get_by_role("button", name="Continue").click()
    first.get_by_text("left").wait_for()
    let_go(home, 2).touch()
    for page in (second, first):
        page.get_by_text("2 is done, begun 1 times").wait_for()  # for both, not from the start


@pytest.mark.parametrize(("where", "work"), [("fragment", 3), ("dialog", 4)])
def test_a_part_of_a_page_can_be_stopped_as_well(visit, where, work):
    page = visit(work, where)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped: Ranking films. The rest of the page needs it.").wait_for()


def test_a_page_whose_visitor_clicks_elsewhere_still_gets_what_others_wait_for(visit, second, home):
    first = visit(5)
    first.get_by_text("left").wait_for()
    second.goto(first.url)
    second.get_by_text("left").wait_for()
    first.goto("about:blank")  # who began it
    let_go(home, 5).touch()
    second.get_by_text("5 is done, begun 1 times").wait_for()
    settle(second)
    second.get_by_role("button", name="Elsewhere").wait_for()  # the page was drawn to its end


def test_a_callback_waits_and_draws_nothing(visit, home):
    page = visit(6, "callback")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_timeout(1000)  # a page would show how far it is after half of that
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    let_go(home, 6).touch()
    page.get_by_text("6 is done").wait_for()
    settle(page)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


def test_a_page_goes_on_beside_its_work_and_is_not_drawn_again_for_other_work(visit, home):
    page = visit(7, "beside")
    working, other = page.get_by_text("Ranking films …"), page.get_by_role("button", name="Other")
    page.get_by_text("page drawn 1").wait_for()
    working.wait_for()
    let_go(home, 7).touch()
    page.get_by_text("7 is done").wait_for()
    settle(page)
    drawn = page.get_by_text("page drawn").inner_text()
    other.click()
    expect(page).to_have_url(re.compile("work=8"))
    working.wait_for()
    other.click()  # while the first is being done
    expect(page).to_have_url(re.compile("work=9"))
    working.wait_for()
    let_go(home, 9).touch()
    page.get_by_text("9 is done").wait_for()
    settle(page)
    expect(page.get_by_text(drawn)).to_have_count(1)
    expect(working).to_have_count(0)
