"""What counts as harm: an exception or a warning that nobody is meant to see, a red box, more than 10 seconds,
more than 2 GiB, a half-written file, a score that is not a number, a request to anyone but this machine.
"""

from __future__ import annotations

import gc
import resource
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.fuzz.place import Place

SECONDS, BYTES = 10, 2 << 30
HERE = ("127.0.0.1", "::1", "localhost", "", None)


class Harm(AssertionError):
    """An input did what none may do."""


class _Hang(BaseException):
    """Raised in the midst of what takes too long; no handler of ours catches it."""


_requests: list[str] = []
_hooked: list[bool] = []


def _note_request(event: str, arguments: tuple) -> None:
    if event == "socket.connect" and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host not in HERE:
        _requests.append(str(host))


def verdict(place: Place, tries: Callable[[], None]) -> str:
    """What harm trying an input does; "" for none."""
    if not _hooked:
        sys.addaudithook(_note_request)
        _hooked.append(True)
    _requests.clear()
    try:
        with _limited(), warnings.catch_warnings(action="error"):
            tries()
    except _Hang:
        return f"it took more than {SECONDS} s"
    except Exception:
        return traceback.format_exc(limit=-6)
    if _requests:
        return f"it asked {_requests[0]}"
    if place.left_over:
        return f"it left {place.left_over[0]}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return f"the process has had {peak:,} bytes" if peak > BYTES else ""


@contextmanager
def _limited() -> Iterator[None]:
    def late(*_):
        raise _Hang

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.collect(0)
