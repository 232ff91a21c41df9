"""A history is compared with each data set by itself, and what was given is kept no longer than it takes to read it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from caser import data
from caser.dashboard.history import review
from caser.dashboard.history.brought import Brought
from caser.data.dataset import Dataset, from_interactions
from caser.data.history import ABSENT, MATCHED, UNSURE, Entry, History, Match, Review


def films(name: str, *titles: str, year: int) -> Dataset:
    n = np.arange(len(titles))
    catalogue = pd.DataFrame({"item_id": n, "title": titles, "year": year, "genres": [()] * len(n)})
    return from_interactions(name, n, n, n, n * 1.0, catalogue)


def brought(given) -> Brought:
    now = Brought(given)
    now.read()
    return now


def test_what_was_given_is_not_kept():
    now = brought(("a.csv", b"Title,Year\nHeat,1995\n"))
    assert (now.given, now.problem, len(now.history.entries)) == ("", "", 1)
    now = brought(("a.csv", b"x,y\n"))
    assert (now.given, now.history) == ("", None)
    assert "is unknown" in now.problem


def test_a_question_is_answered_and_the_file_read_again():
    now = brought(("a.csv", b"Title,Date\nA,1/2/22\nB,5/6/22\nC,3/1/22\n"))
    assert (now.history, now.question.question) == (None, "day_first")
    now.answer(False)
    assert (now.question, now.given) == (None, "")
    assert [entry.title for entry in now.history.entries] == ["A", "C", "B"]


def test_each_data_set_has_its_own_review_and_confirmations():
    now = brought("Heat (1995)\nPsyco (1995)\nAlien (1995)")
    first, second = films("first", "Heat", "Psycho", year=1995), films("second", "Alien", year=1995)
    held = now.compared_with(first)
    assert (held.unsure, list(held.films())) == ([1], [0])
    held.confirm_likeliest()
    assert list(held.films()) == [0, 1]
    assert now.compared_with(first) is held
    assert list(now.compared_with(second).films()) == [0]
    changed = replace(first, catalogue=films("x", "Alien", "Jaws", year=1995).catalogue)
    assert list(now.compared_with(changed).films()) == [0]  # as its files are now


def test_the_likeliest_are_taken_where_nothing_was_confirmed_before():
    now = brought("Heat\n")
    held = now.compared_with(films("three", "Heat 2", "Heat 3", year=1995))
    held.review = Review(
        now.history, (Match(Entry("Heat"), UNSURE, (0, 1)), Match(Entry("Heat"), UNSURE, (1, 0))), 1995
    )
    held.confirmed[0] = 1
    held.confirm_likeliest()
    assert held.confirmed == {0: 1, 1: 1}


@pytest.mark.parametrize(
    ("years", "said"),
    [
        (
            (1999, 2022),
            "2 of your films are newer than Here (ends in 1998). MovieLens 32M, with films to 2023, may have 2",
        ),
        ((1999,), "1 of your films is newer than Here (ends in 1998). MovieLens"),
        ((2090,), "1 of your films is newer than Here (ends in 1998)."),
    ],
)
def test_the_data_set_that_would_know_the_newer_films_is_named(offline, years, said):
    matches = tuple(Match(Entry("x", year), ABSENT) for year in (*years, 1990))
    text = review.too_new(Review(History("list", ()), (*matches, Match(Entry("y", 2020), MATCHED, (0,))), 1998), "Here")
    assert text.startswith(said)
    assert ("fetches it" in text) == (years != (2090,))


def test_every_set_of_movielens_says_when_its_films_end():
    ends = [source.until for name, source in data.sources().items() if name.startswith("ml-")]
    assert min(ends) == 1998
    assert max(ends) == 2023
