"""Work beside the page: its words, its end where nobody waits, and its errors."""

from threading import Event

from streamlit.testing.v1 import AppTest

from caser.dashboard import waiting
from caser.dashboard.waiting import GivenUp, Work


def begun(compute) -> Work:
    work = Work(compute)
    work.start(key=compute)
    return work


def test_the_time_left_follows_from_the_share():
    work = Work(int)
    work.began -= 30
    assert work.said("Ranking") == "Ranking 30 s"  # nothing is known of the share
    work.share = 0.75
    assert work.said("Ranking") == "Ranking 75%, about 10 s left"
    work.share = 0.01
    assert work.said("Ranking") == "Ranking 1%, about 50 min left"


def test_work_ends_once_it_is_stopped_and_nobody_waits():
    seen, go_on = [], Event()

    def compute():
        seen.append(waiting.tell(0.5))
        go_on.wait(10)
        waiting.tell(0.6)
        seen.append("not reached")

    work = begun(compute)
    work.stopped = True
    go_on.set()
    assert work.done(10)
    assert isinstance(work.error, GivenUp)
    assert seen == [None]


def test_outside_of_work_telling_does_nothing_and_waiting_computes():
    assert waiting.tell(0.3) is None
    assert waiting.wait_for("key", lambda: 7, "Counting") == 7


def page(fails: bool):
    import time

    import streamlit as st

    from caser.dashboard import waiting

    def compute():
        time.sleep(0.8)
        if fails:
            raise ValueError("no such film")
        return 3

    st.text(waiting.wait_for(("page", fails), compute, "Counting"))


def test_a_page_that_waited_shows_the_result_alone():
    app = AppTest.from_function(page, args=(False,), default_timeout=20).run()
    assert [one.value for one in app.text] == ["3"]
    assert not app.button


def test_what_it_raises_the_page_raises():
    app = AppTest.from_function(page, args=(True,), default_timeout=20).run()
    (shown,) = app.exception
    assert shown.proto.type == "ValueError"
    assert not app.button
