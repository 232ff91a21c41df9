"""Work beside the page: its words, its end where nobody waits, and its errors."""

from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from caser import words
from caser.dashboard import waiting
from caser.dashboard.waiting import GivenUp, Work
from caser.data import table


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


def test_work_ends_once_it_is_stopped_and_nobody_waits(monkeypatch):
    monkeypatch.setattr(waiting, "_STOPPED_ALONE", 0.0)
    seen, told, go_on = [], Event(), Event()

    def compute():
        tell = waiting.teller()
        seen.append(tell(0.5))
        told.set()
        go_on.wait(10)
        tell(0.6)
        seen.append("not reached")

    work = begun(compute)
    assert told.wait(10)
    work.stopped = True
    go_on.set()
    assert work.done(10)
    assert isinstance(work.error, GivenUp)
    assert seen == [None]


def test_work_that_is_stopped_has_a_moment_for_another_page_to_come_back():
    work = Work(int)
    work.stopped = True
    work.tell(0.5)
    work.left -= 60
    with pytest.raises(GivenUp):
        work.tell(0.6)
    work.waiting = 1
    work.tell(0.7)


def test_what_reads_in_a_thread_of_its_own_tells_the_work_too():
    (file,) = table.opened("log.csv", b"user,item\n" + b"".join(b"%d,%d\n" % (i % 50, i % 7) for i in range(200)))
    shares = []

    class Kept(Work):
        def tell(self, share):
            shares.append(share)

    work = Kept(lambda: table.read(file, table.proposal(table.layout(file)).decided(), on_share=waiting.teller()))
    work.start(key="read")
    assert work.done(10)
    assert not work.error
    assert min(shares) < 0.35  # while it is parsed, which pyarrow does in a thread that knows of no work
    assert shares[-1] == 1.0


def test_work_speaks_in_the_words_of_the_page_that_began_it():
    with words.speaking("book"):
        work = begun(lambda: f"{words.W.films}")
    assert work.done(10)
    assert work.result == "books"


def test_where_no_thread_is_to_be_had_nobody_waits(monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(waiting.threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match="can't start"):
        waiting._joined("key", int)
    assert "key" not in waiting._running


def test_outside_of_work_telling_does_nothing_and_waiting_computes():
    assert waiting.teller()(0.3) is None
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


def test_work_that_is_begun_is_looked_at_and_not_waited_for():
    go_on = Event()

    def compute():
        go_on.wait(10)
        return 5

    first = waiting.begun("looked at", compute, within=0)
    assert not first.done(0)
    assert first.waiting == 0
    assert waiting.begun("looked at", compute, within=0) is first
    go_on.set()
    assert first.done(10)
    assert first.result == 5
    assert waiting.begun("looked at", lambda: 6, within=10).result == 6  # what is done is not kept here
