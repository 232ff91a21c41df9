"""A history that somebody brings: films in the order they were watched, as their file says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from caser.data.titles import normalise


class HistoryError(ValueError):
    """A history that cannot be read; the message names file, line, value and remedy."""


class Undecided(HistoryError):
    """A history that can be read in more than one way; only the person who brings it knows which.

    Attributes:
        question: the argument of `caser.data.history.read` that decides, "day_first" or "who".
        answers: each value it can take, with what it is called.
    """

    def __init__(self, message: str, question: str, answers: dict[object, str]):
        super().__init__(message)
        self.question, self.answers = question, answers


@dataclass(frozen=True)
class Entry:
    """One film as its file says it.

    Attributes:
        title: "" where only an id is given. others: further names of it.
        year: of the film, 0 if unknown. day: when it was watched, None if unknown.
        imdb_id, tmdb_id: 0 if unknown. item_id: an id in a data set, a text where it is no plain number; None if there
            is none. numbered: the column that gives it, "movieid"; "" in a list, where it is of the data set shown.
        codes: by which the world knows it, such as its ISBN. artist: who made it, "" if unknown.
        line: in its file, from 1.
    """

    title: str
    year: int = 0
    day: date | None = None
    others: tuple[str, ...] = ()
    imdb_id: int = 0
    tmdb_id: int = 0
    item_id: int | str | None = None
    numbered: str = ""
    codes: tuple[str, ...] = ()
    artist: str = ""
    line: int = 0

    @property
    def called(self) -> str:
        """Its title, or the number that it has instead."""
        if self.title or self.item_id is not None:
            return self.title or f"id {self.item_id}"
        if self.codes:
            return self.codes[0]
        return f"tt{self.imdb_id:07}" if self.imdb_id else f"TMDB {self.tmdb_id}"

    @property
    def key(self) -> tuple:
        """What two entries of one film share."""
        numbers = () if self.title else (self.imdb_id, self.tmdb_id)
        return normalise(self.title), self.year, self.item_id, self.codes, *numbers


def oldest_first(entries: Iterable[Entry]) -> list[Entry]:
    """In the order of their days, those without one before all others."""
    return sorted(entries, key=lambda entry: (entry.day is not None, entry.day or 0))


@dataclass(frozen=True)
class History:
    """What was read of one file or archive.

    Attributes:
        source: where it comes from, "Letterboxd diary". entries: oldest first, each film once.
        notes: sentences on what was left out, assumed or put in order.
    """

    source: str
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = field(default=())
