"""A part of a page that appears as soon as its work is done, while the page goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import streamlit as st

from caser.dashboard.runtime.component import component
from caser.dashboard.waiting import Work

_clock = component("caser_clock", str(Path(__file__).with_name("clock.py")))
LOOK = 0.5  # seconds between two looks at work that is not done


def beside(key: str, text: str, look: Callable[[], Work | None], draw: Callable[[Any], None]) -> None:
    """Draw the result of some work, or how far it is, in a fragment that the page does not wait for.

    `st.rerun(key)` in a callback draws this part again, for other work, and nothing else. Until the work that the page
    began is done a clock looks after it, and in the end the page is drawn once more, which ends the clock. Other work
    asks for the next look itself; between two looks whatever else is clicked is served.

    Args:
        text: what is worked out, as Markdown. look: `begun` work, asked anew each time; None is nothing to draw.
        draw: draws its result.
    """
    begun = [look()]
    waits = begun[0] is not None and not begun[0].done(0)
    st.fragment(_look, key=key)(text, look, draw, begun, f"{key} clock" if waits else "")


def _look(text: str, look: Callable, draw: Callable, begun: list[Work | None], clock: str) -> None:
    """One look; the first is that of the page, which has begun the work.

    Args:
        clock: the key of the clock that asks for the next look; empty for none.
    """
    with_page, work = bool(begun), begun.pop() if begun else look()
    if work is None:
        return
    if not work.done(0):
        st.progress(min(max(work.share, 0.0), 1.0), work.said(text))
        if clock:
            _clock(key=clock, data={"look": str(monotonic()), "seconds": LOOK}, on_tick_change=lambda: None)
        elif not with_page:
            st.rerun(scope="fragment")
    elif clock and not with_page:
        st.rerun()
    elif work.error:
        raise work.error
    else:
        draw(work.result)
