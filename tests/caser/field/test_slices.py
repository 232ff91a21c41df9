"""Slices of a difference: each viewer where they belong, and titles that name only what is sure."""

from __future__ import annotations

import numpy as np
import pytest

from caser.dashboard import theme
from caser.dashboard.figures.compare import slices as figures
from caser.evaluation import Ranks
from caser.field.slices import Slice, slices

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


def slice_of(label: str, difference: float, p_value: float = 0.001, p_rest: float = 1.0, rest: float = 0.0) -> Slice:
    return Slice("genre", label, 40, difference, difference - 0.05, difference + 0.05, p_value, rest, p_rest)


def test_of_many_slices_without_a_difference_none_is_named(cinema_split):
    """Two models that rank at random alike: of 40 intervals about two leave zero out."""
    users, rng = cinema_split.evaluated, np.random.default_rng(0)
    full = np.full(len(users), 200)
    a, b = (Ranks(users, np.floor(rng.random(len(users)) * 200), full) for _ in range(2))
    found = slices(a, b, cinema_split, "hr@50")
    assert any(one.low > 0 or one.high < 0 for one in found)
    assert not any(one.sure for one in found)
    assert figures.title(found, "A", "B") == "No slice shows a significant difference between A and B"


def test_a_slice_is_beyond_the_rest_only_where_it_differs_from_it(found):
    by_popularity = [one for one in found if one.group == "next film watched by"]
    assert by_popularity[0].beyond
    assert by_popularity[-1].beyond
    assert not any(one.beyond for one in found if one.p_rest >= 0.05)


def test_the_title_names_only_slices_that_remain_after_correction():
    some = [slice_of("Drama", 0.1), slice_of("War", 0.3, p_value=0.2), slice_of("Crime", -0.1)]
    figure = figures.chart(some, "hr@50", CASER, MF)
    expected = "Caser is ahead in 1 of 3 slices: genre Drama; MF is ahead in 1 of 3 slices: genre Crime"
    assert figure.layout.title.text == expected
    assert [trace.name for trace in figure.data] == ["Caser ahead", "MF ahead", figures.CHANCE]
    assert figure.data[0].x[0] == pytest.approx(10)
    assert "Drama (40)" in figure.layout.yaxis.ticktext


def test_most_names_only_slices_that_differ_from_the_rest():
    plain = [slice_of(str(number), 0.1) for number in range(5)]
    assert figures.title(plain, "Caser", "MF") == "Caser is ahead of MF in all 5 slices"
    some = [*plain, slice_of("War", 0.3, p_rest=0.01, rest=0.1), slice_of("Crime", 0.05, p_rest=0.01, rest=0.1)]
    assert figures.title(some, "Caser", "MF") == "Caser is ahead of MF in all 7 slices, most in genre War"


def test_without_slices_there_is_nothing_to_show():
    assert figures.chart([], "mrr", CASER, MF).layout.annotations[0].text == "Nothing to show"
