"""Slow work runs in a background thread, shared by all sessions that need it.

Pages show progress and a stop button.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from contextvars import ContextVar
from time import monotonic
from typing import Any

import streamlit as st

from caser import words
from caser.dashboard.names import duration
from caser.dashboard.runtime import private

UNSHOWN = 0.5  # seconds before a page says that it waits
_LOOK = 0.2  # seconds between two looks at the share
_LEFT_ALONE, _STOPPED_ALONE = 15.0, 2.0  # seconds after which work that nobody waits for is given up
_STOPPED = "stopped waiting for"  # in the session

_lock = threading.Lock()
_numbers = itertools.count()
_running: dict[Hashable, Work] = {}
_own: ContextVar[Work | None] = ContextVar("the work that is being done", default=None)


class GivenUp(Exception):
    """Nobody waits any more."""


class Work:
    """One computation in a thread of its own; result or error is there when it is done.

    Attributes:
        share: how much is done, 0 to 1. waiting: how many pages wait now. left: when the last session stopped
            waiting. stopped: whether a session pressed Stop and none has joined since.
    """

    def __init__(self, compute: Callable[[], Any]):
        self.number = next(_numbers)
        self.share, self.waiting, self.result, self.error = 0.0, 0, None, None
        self.began, self.left = monotonic(), monotonic()
        self.stopped = False
        self._compute, self._done = compute, threading.Event()

    def start(self, key: Hashable) -> None:
        """Begin; other callers find it under its key until it is done.

        Its thread is no page's: what ends a page's run must not end what others wait for.
        """
        context = words.carried()
        threading.Thread(target=context.run, args=(self._run, key), name="kept", daemon=True).start()

    def _run(self, key: Hashable) -> None:
        _own.set(self)
        try:
            self.result = self._compute()
        except BaseException as error:  # whoever waits raises it
            self.error = error
        self._compute = None  # a large file is not held for nothing
        self.end(key)

    def end(self, key: Hashable) -> None:
        """Let everybody go on."""
        with _lock:
            if _running.get(key) is self:
                del _running[key]
        self._done.set()

    def tell(self, share: float) -> None:
        """Say how much is done; GivenUp ends it where nobody has waited for a while."""
        self.share = share
        if self.waiting == 0 and monotonic() - self.left > (_STOPPED_ALONE if self.stopped else _LEFT_ALONE):
            raise GivenUp

    def done(self, within: float) -> bool:
        """Whether it is done, at the latest after so many seconds."""
        return self._done.wait(within)

    def said(self, text: str) -> str:
        """What is waited for, how much of it is done, and how long it will take."""
        taken = monotonic() - self.began
        if self.share <= 0:
            return f"{text} {taken:.0f} s"
        seconds = taken * (1 - self.share) / self.share
        return f"{text} {self.share:.0%}" + (f", about {duration(seconds)} left" if seconds >= 1 else "")


def teller() -> Callable[[float], None]:
    """What is to be called, from any thread, with how much of the work that is being done here is done, 0 to 1.

    It raises GivenUp where nobody waits for the work any more, and does nothing outside such work.
    """
    work = _own.get()
    return work.tell if work is not None else lambda share: None


def wait_for(key: Hashable, compute: Callable[[], Any], text: str) -> Any:
    """What `compute` returns, or the exception it raises; on a page in a thread beside it, shared by equal keys.

    A page that waits shows the progress, and a button that ends the page instead. A callback, which runs before the
    page, waits without a word.

    Args:
        text: what is waited for, as Markdown.
    """
    if not private.on_a_page() or _own.get() is not None:
        return compute()
    drawn = not private.in_callback()
    while True:
        if drawn:
            _unless_stopped(key, text)
        work = _joined(key, compute)
        try:
            if not work.done(UNSHOWN if drawn else None):
                _look_at(work, key, text)
        finally:
            _leave(work)
        if isinstance(work.error, GivenUp):
            continue  # another visitor's, given up a moment before we came
        if work.error is not None:
            raise work.error
        return work.result


def begun(key: Hashable, compute: Callable[[], Any], within: float = UNSHOWN) -> Work:
    """The work under a key, after so many seconds at most; who asks may look again, and nobody waits for it.

    It is begun unless it is being done, and given up where nobody has looked for a while.
    """
    while True:
        work = _joined(key, compute)
        try:
            work.done(within)
        finally:
            _leave(work)
        if not isinstance(work.error, GivenUp):
            return work


def _leave(work: Work) -> None:
    """Wait no more."""
    with _lock:
        work.left = monotonic()
        work.waiting -= 1


def _joined(key: Hashable, compute: Callable[[], Any]) -> Work:
    """The work under a key, begun unless it is being done."""
    with _lock:
        work = _running.get(key)
        began = work is None
        if began:
            work = _running[key] = Work(compute)
        work.waiting += 1
        work.stopped = False
    if began:
        try:
            work.start(key)
        except BaseException as error:  # no thread is to be had; nobody may wait for it
            work.error = error
            work.end(key)
            raise
    return work


def _look_at(work: Work, key: Hashable, text: str) -> None:
    """Show how far it is until it is done; every look lets Streamlit end this run if the visitor has moved on."""
    place = st.empty()
    with place.container():
        bar = st.progress(0.0)
        st.button("Stop", key=f"stop {work.number}", icon=":material/stop_circle:", on_click=_stop, args=(key,))
        while True:
            bar.progress(min(max(work.share, 0.0), 1.0), work.said(text))
            if work.done(_LOOK):
                break
            if private.clicked_in_fragment():
                st.rerun()
    place.empty()


def _stop(key: Hashable) -> None:
    with _lock:
        if key in _running:
            _running[key].stopped = True
    st.session_state[_STOPPED] = key


def go_on() -> None:
    """Wait again for what the visitor has stopped."""
    with suppress(KeyError):
        del st.session_state[_STOPPED]


def _unless_stopped(key: Hashable, text: str) -> None:
    """End the page where its visitor has stopped this."""
    if st.session_state.get(_STOPPED) != key:
        return
    st.info(f"Stopped: {text.rstrip(' …')}. The rest of the page needs it.", icon=":material/stop_circle:")
    st.button("Continue", key="go on", icon=":material/play_arrow:", on_click=go_on)
    st.stop()
