"""What takes long shows how far it is, can be stopped, and is done once for all who wait."""

import pytest

from tests.browser.conftest import serving, settle


@pytest.fixture(scope="module")
def slow_server(chromium, tmp_path_factory):
    home = tmp_path_factory.mktemp("slow")
    with serving(home, home, "tests/browser/slow_page.py") as address:
        yield address


def visit(chromium, address: str, step: float, where: str = "page"):
    page = chromium.new_page()
    page.set_default_timeout(45_000)
    page.goto(f"{address}/?step={step}&where={where}")
    return page


def share(page) -> int:
    return int(page.get_by_text("Ranking films … ").inner_text().split("…")[1].split("%")[0])


def test_a_page_shows_how_far_it_is_and_then_the_result(chromium, slow_server):
    page = visit(chromium, slow_server, 0.03)
    page.get_by_text("left").wait_for()
    assert 0 < share(page) < 100
    page.get_by_text("counted to 100").wait_for()
    assert page.get_by_role("button", name="Stop").count() == 0
    assert page.get_by_text("left").count() == 0


def test_one_who_stops_is_free_and_others_get_it(chromium, slow_server):
    first, second = (visit(chromium, slow_server, 0.11) for _ in range(2))
    for page in (first, second):
        page.get_by_role("button", name="Stop").wait_for()
    first.get_by_role("button", name="Stop").click()
    first.get_by_text("Stopped: Ranking films. The rest of the page needs it.").wait_for()
    settle(first)
    before = share(second)
    first.get_by_role("button", name="Continue").click()
    first.get_by_text("left").wait_for()
    assert share(first) >= before  # of what is done for both, not from the start
    for page in (second, first):
        page.get_by_text("counted to 100").wait_for()


@pytest.mark.parametrize(("where", "step"), [("fragment", 0.4), ("dialog", 0.41)])
def test_a_part_of_a_page_can_be_stopped_as_well(chromium, slow_server, where, step):
    page = visit(chromium, slow_server, step, where)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped: Ranking films. The rest of the page needs it.").wait_for(timeout=20_000)  # it takes 40 s
    page.close()


def test_a_page_whose_visitor_clicks_elsewhere_still_gets_what_others_wait_for(chromium, slow_server):
    first, second = (visit(chromium, slow_server, 0.12) for _ in range(2))
    for page in (first, second):
        page.get_by_text("left").wait_for()
    first.close()  # who began it
    second.get_by_text("counted to 100").wait_for()
    settle(second)
    second.get_by_role("button", name="Elsewhere").wait_for()  # the page was drawn to its end


def test_a_callback_waits_and_draws_nothing(chromium, slow_server):
    page = visit(chromium, slow_server, 0.025, "callback")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("counted to 100").wait_for()
    settle(page)
    assert page.get_by_role("button", name="Stop").count() == 0
    page.close()


def test_a_page_goes_on_beside_its_work_and_is_not_drawn_again_for_other_work(chromium, slow_server):
    page = visit(chromium, slow_server, 0.04, "beside")
    page.get_by_text("page drawn 1").wait_for()
    page.get_by_text("Ranking films …").wait_for()
    page.get_by_text("counted to 100").wait_for()
    page.get_by_text("page drawn 2").wait_for()  # which ended the clock
    page.get_by_role("button", name="Other").click()
    page.get_by_text("Ranking films …").wait_for()
    page.get_by_role("button", name="Other").click()  # while the first is being done
    page.get_by_text("Ranking films …").wait_for()
    page.get_by_text("counted to 100").wait_for()
    assert page.get_by_text("page drawn 2").count() == 1
    assert page.get_by_text("Ranking films …").count() == 0
    assert "step=0.042" in page.url
    page.close()
