"""A guided tour of six steps, each a page and what to see on it; the last shows what does the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from caser.dashboard.selection import link, page_text, quoted
from caser.dashboard.view import View
from caser.words import W, spoken

STEP = "tour"  # the parameter in the URL, from 1


@dataclass(frozen=True)
class Step:
    """One step: its page, what the address says there besides the selection, and what to see."""

    page: str
    title: str
    says: Callable[[View], str]
    params: tuple[tuple[str, str], ...] = ()


def _question(view: View) -> str:
    return (
        f"Somebody has just {W.watched} a few {W.films}: what comes next? "
        "The numbers here compare how often two models have it in their top 50."
    )


def _lists(view: View) -> str:
    return (
        f"The star marks the {W.film} really {W.watched} next; the line above gives its two ranks. "
        f"One {W.viewer} proves nothing: try others."
    )


def _reason(view: View) -> str:
    return (
        "A score is a sum; the first sentence names its largest parts. "
        f"It says what the model does, not why anybody {W.watched}."
    )


def _story(view: View) -> str:
    return (
        f"Press play. A vertical filter blends all {W.films} with one weight per place. "
        "A horizontal filter slides over them and keeps its best match."
    )


def _names(view: View) -> str:
    if not view.trained.model.has_filters:
        return f"{view.name} has no filters; pick a Caser model in the sidebar to see what they look for."
    return "One line per filter: what it looks for. The page compares them with random filters and other trainings."


def _honest(view: View) -> str:
    return "Take out each part and see what is lost. Train without it and see what the others make up for."


STEPS = (
    Step("overview", "The question", _question),
    Step("recommend", "Two lists", _lists),
    Step("recommend", "Why this film", _reason, (("ask", "Why this film"),)),
    Step("filters", "Two kinds of filters", _story),
    Step("filters", "What the filters look for", _names, (("view", "Are they real?"),)),
    Step("compare", "What does the work", _honest, (("part", "works"),)),
)


def draw(view: View) -> None:
    """The step that the address names, if it names one; it speaks of the page below."""
    asked = page_text(STEP)
    if asked is None:
        return
    if asked not in [str(number) for number in range(1, len(STEPS) + 1)]:
        st.warning(f"{STEP}={quoted(asked)} in the address is not a step; the tour has steps 1 to {len(STEPS)}.")
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
