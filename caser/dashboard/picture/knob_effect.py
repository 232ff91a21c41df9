"""What the turned knobs do for all viewers: a sentence beside the picture, which it neither blocks nor redraws."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import names, public, results, wording
from caser.dashboard.selection import page_text
from caser.dashboard.view import View
from caser.dashboard.waiting import Work
from caser.explain.knobs import Knobs
from caser.field.knobs import sentence
from caser.words import spoken

TURN = "turn"  # the parameter in the URL
KEY = "knob effect"  # `st.rerun(KEY)` in a callback draws this again and nothing else
LOOK = 0.5  # seconds between two looks at work that is not done
MOST_NOTICES = 3


def draw(view: View) -> None:
    """Say what the knobs that the address turns do for all viewers, as soon as that is known.

    The page goes on at once. Until it is done a clock looks after it; where the knobs were turned since the page was
    drawn, each look asks for the next, and between two looks other parts of the page are served.
    """
    begun = [_work(view)]
    waits = begun[0] is not None and not begun[0].done(0)
    st.fragment(_draw, key=KEY, run_every=LOOK if waits else None)(view, begun, waits)


def knobs_of(view: View) -> tuple[Knobs, list[str]]:
    """What the address turns in the view's model, and a sentence for each setting that cannot be used."""
    return Knobs.read(page_text(TURN) or "", view.trained.model)


def _work(view: View) -> Work | None:
    knobs, _ = knobs_of(view)
    return results.knob_effect(view.pair[0], view.split, knobs.text) if knobs else None


def _draw(view: View, begun: list[Work | None], clock: bool) -> None:
    """One look; the first is the page's own, which has begun the work."""
    with_page, work = bool(begun), begun.pop() if begun else _work(view)
    for notice in knobs_of(view)[1][:MOST_NOTICES]:
        st.warning(f"{wording.plain(names.capital(notice))}.", icon=":material/info:")
    if work is None:
        return
    if not work.done(0):
        st.progress(min(max(work.share, 0.0), 1.0), work.said(spoken("Trying this on all viewers …")))
        if not with_page and not clock:
            st.rerun(scope="fragment")
    elif clock and not with_page:
        st.rerun()  # ends the clock
    elif isinstance(work.error, ValueError):
        st.warning(wording.plain(public.said(str(work.error))), icon=":material/info:")
    elif work.error:
        raise work.error
    else:
        st.markdown(sentence(work.result))
