"""The leaderboard and what stands beside it: titles that say no less and no more than the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from caser.dashboard import theme
from caser.dashboard.figures import beyond, field, protocols
from caser.dashboard.figures.beyond import Lists
from caser.dashboard.figures.field import Standing
from caser.dashboard.figures.protocols import Reading


def standing(kind: str, mean: float, behind: float = 0.0, p_value: float = 1.0, **more) -> Standing:
    return Standing(kind, theme.look(kind), mean, mean - 0.02, mean + 0.02, behind=behind, p_value=p_value, **more)


CASER = standing("caser", 0.53, seeds=(0.53, 0.52, 0.54))
COVISIT = standing("covisit", 0.507, 0.023, 0.01, counted=True)
MF, POPULARITY = standing("mf", 0.36, 0.17, 0.001), standing("popularity", 0.21, 0.32, 0.001)


def test_the_title_names_who_leads_who_is_second_and_who_is_last_but_popularity():
    title = field.leaderboard([MF, POPULARITY, CASER, COVISIT], "hr@50").layout.title.text
    assert title == "caser leads on HR@50; covisit is second, 2.3 points behind; mf is last but popularity"


def test_what_cannot_be_told_apart_is_not_set_in_order():
    level = standing("sasrec", 0.52, 0.01, 0.4)
    title = field.leaderboard([CASER, level, MF], "hr@50").layout.title.text
    assert title == "caser is first on HR@50, but sasrec cannot be told from it; mf is next, 17.0 points behind"
    assert field.leaderboard([CASER], "mrr").layout.title.text == "caser: MRR .530"


def test_neighbours_that_cannot_be_told_apart_get_no_places():
    near = standing("covisit", 0.37, 0.16, 0.001, p_next=0.5)
    title = field.leaderboard([CASER, near, MF, POPULARITY], "hr@50").layout.title.text
    assert title == (
        "caser leads on HR@50; covisit follows, 16.0 points behind, not to be told from mf; popularity is last"
    )
    level = standing("mf", 0.36, 0.17, 0.001, p_next=0.5)
    assert "last" not in field.leaderboard([CASER, level, POPULARITY], "hr@50").layout.title.text


def test_rows_are_sorted_with_the_means_intervals_and_seeds():
    figure = field.leaderboard([MF, CASER], "hr@50")
    assert list(figure.layout.yaxis.ticktext) == ["caser", "mf"]
    assert figure.data[0].x[0] == pytest.approx(0.53)
    assert figure.data[0].error_x.array[0] == pytest.approx(0.02)
    assert figure.data[0].text[0] == "<b>53.0%</b> · 3 seeds 53.0% ± 1.0"
    assert figure.data[1].text[0] == "<b>36.0%</b> · one seed"
    assert list(figure.data[2].x) == [0.53, 0.52, 0.54]
    assert field.seeds_said(COVISIT, "hr@50") == "· counted"


def test_every_kind_of_model_has_a_look_of_its_own():
    kinds = ("popularity", "covisit", "ease", "mf", "neumf", "gru4rec", "caser", "sasrec", "bert4rec")
    looks = [theme.look(kind) for kind in kinds]
    for part in ("hue", "symbol", "dash", "sign"):
        assert len({getattr(look, part) for look in looks}) == len(kinds)


def test_protocols_name_the_ends():
    found = [Reading("all unseen films", 0.24, 0.2, 0.3), Reading("100 drawn", 0.75, 0.7, 0.8)]
    figure = protocols.chart(found, "Caser", "hr@10")
    expected = "The same Caser, two numbers: HR@10 from 24.0% (all unseen films) to 75.0% (100 drawn)"
    assert figure.layout.title.text == expected
    assert np.allclose(figure.data[0].x, [0.24, 0.75])
    assert protocols.chart(found[:1], "Caser", "hr@10").layout.title.text.endswith("under every protocol measured")


def test_coverage_names_who_shows_most_and_who_lists_what_is_known():
    lists = [Lists("MF", theme.look("mf"), 0.3, 90, 2.0), Lists("Popularity", theme.look("popularity"), 0.05, 400, 1.0)]
    title = beyond.coverage(lists, 10).layout.title.text
    assert title == "MF shows 30% of the films to somebody, Popularity 5%; Popularity lists the best-known films"


@pytest.mark.parametrize(
    "figure", [field.leaderboard([], "mrr"), protocols.chart([], "Caser", "mrr"), beyond.coverage([], 10)]
)
def test_nothing_gives_an_empty_figure(figure):
    assert figure.layout.annotations[0].text == "Nothing to show"
