"""The history a visitor brought and their decisions on it, for as long as the session lasts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from caser.dashboard import loaders
from caser.dashboard.selection import forget_own_films
from caser.dashboard.view import View
from caser.data.dataset import Dataset
from caser.data.history import History, HistoryError, Review, Undecided, read, read_pasted

_KEY = "history brought"


@dataclass
class OfDataset:
    """A history compared with one data set.

    Attributes:
        confirmed: by the place of an unsure match, the dense film that the visitor says it is.
    """

    digest: str
    review: Review
    confirmed: dict[int, int] = field(default_factory=dict)

    @property
    def unsure(self) -> list[int]:
        """The places of the matches that only the visitor can decide."""
        return list(self.review.likeliest())

    def confirm_likeliest(self) -> None:
        """Take the first film offered for each that was not decided before."""
        self.confirmed = self.review.likeliest() | self.confirmed

    def films(self) -> dict[int, date | None]:
        """Dense films, oldest first, with the day each was watched."""
        return self.review.sequence(self.confirmed)


@dataclass
class Brought:
    """What was handed in and the history read from it.

    Attributes:
        given: a pasted text, or a file's name and content.
        history: None until it can be read. problem: why it cannot be. question: what has to be known first.
    """

    given: str | tuple[str, bytes] = ""
    history: History | None = None
    problem: str = ""
    question: Undecided | None = None
    _answers: dict = field(default_factory=dict)
    _held: dict[str, OfDataset] = field(default_factory=dict)

    def answer(self, value: object) -> None:
        """The visitor's answer to the question."""
        self._answers[self.question.question] = value
        self.read()

    def read(self) -> None:
        """Make a history of what was given; it is kept no longer than that takes."""
        self.problem, self.question = "", None
        try:
            if isinstance(self.given, str):
                self.history = read_pasted(self.given, **self._answers)
            else:
                self.history = read(*self.given, **self._answers)
        except Undecided as question:
            self.question = question
            return  # what was given is needed once more
        except HistoryError as error:
            self.problem = str(error)
        self.given = ""

    def compared_with(self, dataset: Dataset) -> OfDataset:
        """The history in that data set's films, with what the visitor confirmed there."""
        held = self._held.get(dataset.name)
        if held is None or held.digest != dataset.digest:
            held = OfDataset(dataset.digest, loaders.matcher(dataset).review(self.history))
            self._held[dataset.name] = held
        return held


def brought() -> Brought:
    """This session's; empty at first."""
    return st.session_state.setdefault(_KEY, Brought())


def take(given: str | tuple[str, bytes]) -> None:
    """A pasted text, or a file's name and content, in place of what was there; for use in callbacks."""
    st.session_state[_KEY] = Brought(given)
    brought().read()


def forget() -> None:
    """Drop the history and the films that were taken from it; for use in callbacks."""
    st.session_state.pop(_KEY, None)
    forget_own_films()


def days(view: View) -> dict[int, date | None]:
    """When the visitor watched the films of their own history, by dense film; {} without one."""
    now = brought()
    if now.history is None or not view.selection.private:
        return {}
    return now.compared_with(view.dataset).films()
