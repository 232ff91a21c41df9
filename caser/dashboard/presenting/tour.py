"""A guided tour of six steps, each a page with something to look at; the last says what does the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from caser import findings
from caser.dashboard import results, wording
from caser.dashboard.selection import link, page_text, quoted
from caser.dashboard.view import View
from caser.words import W, spoken

STEP = "tour"  # the parameter in the URL, from 1


@dataclass(frozen=True)
class Step:
    """One step: where it is, what the address says there besides the selection, and what to look at."""

    page: str
    title: str
    says: Callable[[View], str]
    params: tuple[tuple[str, str], ...] = ()


def _question(view: View) -> str:
    return (
        f"Somebody has just {W.watched} a few {W.films}: what comes next? {view.name} reads the last "
        f"{W.films} like a small "
        f"picture; the numbers here say how often the next {W.film} is among its first 50, beside another model."
    )


def _lists(view: View) -> str:
    return (
        f"One {W.viewer}, two lists. The {W.film} that was really {W.watched} next has a star; the line "
        "above the lists says where "
        f"each model has it. One {W.viewer} proves nothing: turn to others with + and −."
    )


def _reason(view: View) -> str:
    return (
        f"Every score is a sum: of each {W.film} {W.watched}, of who is {W.watching}, and of constants. "
        "The first sentence names "
        f"the largest parts. It says what the model does, not why anybody {W.watched}."
    )


def _story(view: View) -> str:
    return (
        f"Press play. A vertical filter weighs all {W.films} by their place and blends them; a horizontal "
        "one slides over "
        f"the {W.films}, multiplies, adds up, and keeps its best answer."
    )


def _names(view: View) -> str:
    if not view.trained.model.has_filters:
        return f"{view.name} has no filters; pick a Caser model in the sidebar to see what they look for."
    real = findings.sentence(results.found_in_filters(view.trained, view.split), view.name)
    return f"What every filter looks for, and whether it is more than a random filter. {wording.plain(real)}"


def _honest(view: View) -> str:
    works = wording.what_works(view)
    return f"What does the work? {works}" if works else "What does the work in this model was not measured yet."


STEPS = (
    Step("overview", "The question", _question),
    Step("recommend", "Two lists", _lists),
    Step("recommend", "Why this film", _reason, (("ask", "Why this film"),)),
    Step("filters", "Two kinds of filters", _story),
    Step("filters", "What the filters look for", _names, (("view", "All filters"),)),
    Step("compare", "What does the work", _honest),
)


def draw(view: View) -> None:
    """The step that the address names, if it names one; the page below is what it talks of."""
    asked = page_text(STEP)
    if asked is None:
        return
    if asked not in [str(number) for number in range(1, len(STEPS) + 1)]:
        st.warning(f"{STEP}={quoted(asked)} in the address is no step; the tour has steps 1 to {len(STEPS)}.")
        return
    place = int(asked) - 1
    with st.container(border=True, key="tour"):
        st.markdown(f"**Step {place + 1} of {len(STEPS)} · {spoken(STEPS[place].title)}**  \n{STEPS[place].says(view)}")
        with st.container(horizontal=True):
            if place:
                _link(view, place - 1, "Back", ":material/arrow_back:")
            if place + 1 < len(STEPS):
                _link(view, place + 1, f"Next: {spoken(STEPS[place + 1].title)}", ":material/arrow_forward:")
            link(STEPS[place].page, "Leave the tour", _address(view, STEPS[place]), ":material/close:")


def begin(view: View) -> None:
    """A link to the first step."""
    _link(view, 0, f"Take the tour: {len(STEPS)} steps, two minutes", ":material/tour:")


def _link(view: View, place: int, label: str, icon: str) -> None:
    link(STEPS[place].page, label, _address(view, STEPS[place]) | {STEP: str(place + 1)}, icon)


def _address(view: View, step: Step) -> dict[str, str]:
    return view.selection.params() | dict(step.params)
