"""The first fetch of MovieLens: in a thread, tried once in a server's life, watched by every visitor."""

from __future__ import annotations

import threading

import streamlit as st

from caser import data

FIRST = "ml-100k"
TIMEOUT = 8.0  # seconds without data until a connection counts as dead


class Download:
    """One data set on its way here.

    Attributes:
        tried: whether a try was ever started. error: why the last one failed; "" if it did not.
        done, total: bytes so far, and in all if known.
    """

    def __init__(self, name: str):
        self.name = name
        self.tried, self.error, self.done, self.total = False, "", 0, None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Try to fetch, unless a try is under way."""
        with self._lock:
            if self.running:
                return
            self.tried, self.error, self.done, self.total = True, "", 0, None
            self._thread = threading.Thread(target=self._fetch, name=f"fetch {self.name}", daemon=True)
            self._thread.start()

    def wait(self, seconds: float) -> None:
        """Give a try a moment: without a network it fails at once."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _fetch(self) -> None:
        try:
            data.source(self.name).fetch(self._progress, timeout=TIMEOUT)
        except ValueError as error:
            self.error = str(error)

    def _progress(self, done: int, total: int | None) -> None:
        self.done, self.total = done, total


@st.cache_resource(max_entries=1, show_spinner=False)
def first_download() -> Download:
    """The one download of this server."""
    return Download(FIRST)


def first_set_is_here() -> bool:
    """Whether MovieLens 100K is on this machine; if not, the first caller of a server run starts its fetch."""
    if data.available(FIRST):
        return True
    download = first_download()
    if not download.tried:
        download.start()
        download.wait(0.3)
    return data.available(FIRST)
