"""A guided tour: a spotlight on one part of a page after the other, each step an address of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from caser.dashboard import results
from caser.dashboard.names import plain
from caser.dashboard.runtime.component import component
from caser.dashboard.selection import link, page_text, quoted
from caser.dashboard.view import View
from caser.evaluation import of_100
from caser.field import works
from caser.words import W, spoken

STEP = "tour"  # the parameter in the URL, from 1
METRIC = "hr@50"
PICTURE = ".st-key-picture"
_spotlight = component("caser_tour", __file__, '<p class="tour-said" aria-live="polite"></p>')


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        page: its file's name. spots: CSS selectors of what it speaks of; the first that is on the page is lit.
        says: at most 25 words, as Markdown. params: what the address says there besides the selection.
    """

    page: str
    title: str
    spots: tuple[str, ...]
    says: Callable[[View], str]
    params: tuple[tuple[str, str], ...] = ()


def _bag(view: View) -> str:
    return (
        f"The usual method treats these {W.films} as a bag; order is lost. "
        "Take one away or add another: everything here follows."
    )


def _bars(view: View) -> str:
    shares = [results.summary(one, view.split)[0][METRIC] for one in view.pair]
    if not all(share == share for share in shares):
        return f"The longer the bar, the more often a model finds the {W.film} really {W.watched} next."
    first, *rival = (f"for {of_100(share)} {W.viewers}" for share in shares)
    beside = f", {plain(view.pair[1].name)} {rival[0]}" if rival else ""
    return f"In a list of 50, {plain(view.name)} finds the {W.film} really {W.watched} next {first}{beside}."


def _filters(view: View) -> str:
    if not view.trained.model.has_filters:
        return f"{plain(view.name)} has no filters. Pick a Caser model to see what filters do with the {W.films}."
    return (
        f"Horizontal filters slide over neighbouring {W.films} and keep their best match. "
        f"Vertical filters blend all {W.films}, one weight per place."
    )


def _list(view: View) -> str:
    return f"Wide arrows add much to the score. Move {W.a_film} or turn a filter, and this list follows at once."


def _reason(view: View) -> str:
    return f"A score is a sum; this names its largest parts. It says what the model does, not why anybody {W.watched}."


def _honest(view: View) -> str:
    measured = results.works(view.pair[0], view.trained, view.split, METRIC)
    return "\n".join(f"- {plain(one)}." for one in works.take_home(measured))


STEPS = (
    Step("overview", "A bag or an order", (f"{PICTURE} .films", PICTURE), _bag),
    Step("overview", "How often it is right", (".st-key-bars",), _bars),
    Step("filters", "Two kinds of filters", (f"{PICTURE} .filters", PICTURE), _filters),
    Step("filters", "What comes first", (f"{PICTURE} .list", PICTURE), _list),
    Step("recommend", "Why this film", (".st-key-reason",), _reason, (("ask", "Why this film"),)),
    Step("compare", "Three things to take home", ("[data-testid=stMain] h3",), _honest),
)


def draw(view: View) -> None:
    """The step that the address names, if it names one; it speaks of a part of the page below."""
    asked = page_text(STEP)
    if asked is None:
        return
    if asked not in [str(number) for number in range(1, len(STEPS) + 1)]:
        st.warning(f"{STEP}={quoted(asked)} in the address is not a step; the tour has steps 1 to {len(STEPS)}.")
        return
    place = int(asked) - 1
    step, title = STEPS[place], f"{place + 1} of {len(STEPS)} · {spoken(STEPS[place].title)}"
    with st.container(border=True, key="tour", gap="xsmall"):
        st.markdown(f"**{title}**\n\n{step.says(view)}")
        _ways(view, place)
        _spotlight(key="spotlight", data={"step": place + 1, "title": title, "spots": list(step.spots)})


def _ways(view: View, place: int) -> None:
    """On, back, to any step, and out."""
    last, step = len(STEPS) - 1, STEPS[place]
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key="tour-ways"):
        for number in range(len(STEPS)):
            with st.container(key=f"tour-{number + 1}", width="content"):
                _link(view, number, str(number + 1))
        with st.container(key="tour-leave", width="content"):
            link(step.page, "Leave" if place < last else "Finish", _address(view, step))
        if place:
            with st.container(key="tour-back", width="content"):
                _link(view, place - 1, "Back")
        if place < last:
            with st.container(key="tour-next", width="content"):
                _link(view, place + 1, "Next")


def begin(view: View) -> None:
    """A link to the first step."""
    _link(view, 0, "Tour")


def _link(view: View, place: int, label: str) -> None:
    link(STEPS[place].page, label, _address(view, STEPS[place]) | {STEP: str(place + 1)})


def _address(view: View, step: Step) -> dict[str, str]:
    return view.selection.params() | dict(step.params)
