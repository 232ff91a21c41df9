"""Slices of a difference: each viewer where they belong, and titles that name only what is sure."""

from __future__ import annotations

import numpy as np
import pytest

from caser.dashboard import theme
from caser.dashboard.figures import slices as figures
from caser.evaluation import Ranks
from caser.explain.slices import Slice, slices

CASER, MF = ("Caser", theme.look("caser")), ("MF", theme.look("mf"))


@pytest.fixture(scope="module")
def found(cinema_split):
    """Model a finds every film watched by few, model b every other."""
    users = cinema_split.evaluated
    rare = cinema_split.dataset.views[cinema_split.target("test")] < 100
    full = np.full(len(users), 200)
    a, b = Ranks(users, np.where(rare, 0.0, 150.0), full), Ranks(users, np.where(rare, 150.0, 0.0), full)
    return slices(a, b, cinema_split, "hr@10")


def test_history_popularity_and_ties_part_the_viewers(found, cinema_split):
    for group in ("history", "next film watched by", "time"):
        assert sum(one.users for one in found if one.group == group) <= len(cinema_split.evaluated)
    assert sum(one.users for one in found if one.group == "history") == len(cinema_split.evaluated)


def test_the_difference_is_that_of_the_slice(found):
    by_popularity = [one for one in found if one.group == "next film watched by"]
    assert by_popularity[0].difference > 0
    assert by_popularity[-1].difference == pytest.approx(-1)


def test_different_users_are_refused(cinema_split):
    a = Ranks(np.arange(3), np.zeros(3), np.full(3, 9))
    b = Ranks(np.arange(1, 4), np.zeros(3), np.full(3, 9))
    with pytest.raises(ValueError, match="different users"):
        slices(a, b, cinema_split, "mrr")


def test_the_title_names_only_slices_that_are_sure():
    some = [
        Slice("genre", "Drama", 40, 0.1, 0.05, 0.15),
        Slice("genre", "War", 40, 0.3, -0.1, 0.7),
        Slice("history", "3–9 films", 40, -0.1, -0.2, -0.05),
    ]
    figure = figures.chart(some, "hr@50", CASER, MF)
    expected = "Caser is ahead in 1 of 3 slices: genre Drama; MF is ahead in 1 of 3 slices: history 3–9 films"
    assert figure.layout.title.text == expected
    assert [trace.name for trace in figure.data] == ["Caser ahead", "MF ahead", figures.CHANCE]
    assert figure.data[0].x[0] == pytest.approx(10)
    assert "Drama (40)" in figure.layout.yaxis.ticktext
    assert "In none of 1 slices" in figures.chart(some[1:2], "mrr", CASER, MF).layout.title.text
    assert figures.chart([], "mrr", CASER, MF).layout.annotations[0].text == "Nothing to show"
