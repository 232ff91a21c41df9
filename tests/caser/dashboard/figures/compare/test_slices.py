"""Slices are named in the words of the data; a genre is the data's own word and stays as it is."""

from __future__ import annotations

import pytest

from caser.dashboard import theme
from caser.dashboard.figures.compare import slices as figures
from caser.dashboard.theme import Look
from caser.field.slices import GENRE, Slice
from caser.words import speaking

LOOK = Look(theme.ACCENT, "circle", "solid", "")
FOUND = (
    Slice("history", "2–9 films", 40, 0.1, 0.05, 0.2, 0.01, 0.0, 1.0),
    Slice("next film watched by", "1–5 viewers", 40, 0.1, 0.05, 0.2, 0.01, 0.0, 1.0),
    Slice(GENRE, "Film", 40, 0.1, 0.05, 0.2, 0.01, 0.0, 1.0),
    Slice("time", "tied with the film before", 40, 0.1, -0.05, 0.2, 0.5, 0.0, 1.0),
)


@pytest.fixture
def labels():
    return lambda: list(figures.chart(FOUND, "hr@50", ("Caser", LOOK), ("MF", LOOK)).layout.yaxis.ticktext)


def test_of_films_they_say_what_is_written(labels):
    assert [f"<b>{FOUND[1].group}</b>", f"{FOUND[1].label} (40)"] == labels()[2:4]


def test_of_books_they_say_books_but_for_a_genre(labels):
    with speaking("book"):
        said = labels()
    assert said == [
        "<b>history</b>",
        "2–9 books (40)",
        "<b>next book picked by</b>",
        "1–5 users (40)",
        "<b>genre</b>",
        "Film (40)",
        "<b>time</b>",
        "tied with the book before (40)",
    ]
