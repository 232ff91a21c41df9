"""What the turned knobs do for all viewers: a sentence beside the picture, which it neither blocks nor redraws."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import names, results, wording
from caser.dashboard.selection import page_text
from caser.dashboard.view import View
from caser.dashboard.waiting import Work
from caser.dashboard.waiting.beside import beside
from caser.explain.knobs import Knobs
from caser.field.knobs import sentence
from caser.words import spoken

TURN = "turn"  # the parameter in the URL
KEY = "knob effect"  # `st.rerun(KEY)` in the callback that changes it says what the new knobs do
MOST_NOTICES = 3


def draw(view: View) -> None:
    """Say what the knobs that the address turns do for all viewers, as soon as that is known."""
    for notice in knobs_of(view)[1][:MOST_NOTICES]:
        st.warning(f"{wording.plain(names.capital(notice))}.", icon=":material/info:")
    beside(
        KEY, spoken("Trying this on all viewers …"), lambda: _work(view), lambda effect: st.markdown(sentence(effect))
    )


def knobs_of(view: View) -> tuple[Knobs, list[str]]:
    """What the address turns in the view's model, and a sentence for each setting that cannot be used."""
    return Knobs.read(page_text(TURN) or "", view.trained.model)


def _work(view: View) -> Work | None:
    knobs, _ = knobs_of(view)
    return results.knob_effect(view.pair[0], view.split, knobs.text) if knobs else None
