"""Figures, by what they hold: titles that the data bear out, values, scales, and the empty case."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from caser.dashboard import theme
from caser.dashboard.figures import data as data_figures
from caser.dashboard.figures.compare import comparison as figures
from caser.evaluation import Ranks


def ranks(*values: float) -> Ranks:
    n = len(values)
    return Ranks(np.arange(n), np.array(values, float), np.full(n, 100))


def summary(found: Ranks):
    return found.means(), found.intervals()


LOOKS = {"Caser": theme.look("caser"), "MF": theme.look("mf")}
GOOD, BAD = ranks(*[0, 1, 2, 3] * 10), ranks(*[60, 70, 80, 90] * 10)


def test_metrics_claim_a_lead_only_where_intervals_are_apart():
    apart = figures.metrics({"Caser": summary(GOOD), "MF": summary(BAD)}, LOOKS)
    assert apart.layout.title.text == "Caser beats MF on every measure, with intervals that do not touch"
    same = figures.metrics({"Caser": summary(GOOD), "MF": summary(GOOD)}, LOOKS)
    assert same.layout.title.text == "No measure sets Caser clearly above MF"


def test_metrics_name_whom_a_model_is_above_and_whom_not():
    among = {"Caser": summary(GOOD), "GRU4Rec": summary(GOOD), "MF": summary(BAD), "EASE": summary(GOOD)}
    looks = {name: theme.look(name.lower()) for name in among}
    title = figures.metrics(among, looks).layout.title.text
    assert title == "Caser is clearly above MF on every measure, not above GRU4Rec and EASE on any"
    level = {name: among[name] for name in ("Caser", "GRU4Rec", "EASE")}
    assert figures.metrics(level, looks).layout.title.text == (
        "No measure sets Caser clearly above any of GRU4Rec and EASE"
    )


def test_hit_curves_that_meet_are_equally_good():
    curve = np.linspace(0.1, 1, 20)
    title = figures.hit_curves({"Caser": curve, "MF": curve}, LOOKS).layout.title.text
    assert title == "For a top 10 Caser and MF are equally good"


def test_metrics_draw_means_and_intervals_in_the_models_look():
    mark = figures.metrics({"Caser": summary(GOOD), "MF": summary(BAD)}, LOOKS, ("auc",)).data[0]
    mean, (low, high) = GOOD.means()["auc"], GOOD.intervals()["auc"]
    assert mark.x[0] == pytest.approx(mean)
    assert mark.error_x.array[0] == pytest.approx(high - mean)
    assert mark.error_x.arrayminus[0] == pytest.approx(mean - low)
    assert (mark.marker.color, mark.marker.symbol) == (theme.look("caser").hue, "circle")


def test_hit_curves_say_how_many_films_the_rival_needs():
    curves = {"Caser": np.linspace(0.1, 1, 20), "MF": np.linspace(0.05, 0.6, 20)}
    figure = figures.hit_curves(curves, LOOKS)
    needed = int(np.flatnonzero(curves["MF"] >= curves["Caser"][9])[0]) + 1
    assert figure.layout.title.text == f"To match a top 10 of Caser, MF needs a top {needed}"
    assert [line.line.dash for line in figure.data] == ["solid", "dash"]
    assert {a.text for a in figure.layout.annotations} == {"<b>Caser</b>", "<b>MF</b>"}


def test_rank_scatter_parts_winners_from_losers_and_carries_user_ids():
    a, b = ranks(0, 9, 5), ranks(9, 0, 5)
    figure = figures.rank_scatter(a, b, "Caser", "MF", LOOKS, user_ids=np.array([11, 12, 13]))
    assert figure.data[0].customdata.tolist() == [11]
    assert figure.data[1].customdata.tolist() == [12]
    assert (figure.data[0].x[0], figure.data[0].y[0]) == (10, 1)
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the best rank is on top
    assert figure.data[0].hovertemplate.startswith("viewer %{customdata}:")


def test_rank_scatter_calls_users_by_ids_that_are_words():
    a, b = ranks(0, 9, 5), ranks(9, 0, 5)
    figure = figures.rank_scatter(a, b, "Caser", "MF", LOOKS, np.array([11, 12, 13]), ("ann", "<b>bo</b>", "cy"))
    assert [trace.hovertext[0] for trace in figure.data[:3]] == ["ann", "<\u200bb>bo<\u200b/b>", "cy"]
    assert figure.data[1].customdata.tolist() == [12]  # a click still opens the user of that number


def test_history_lengths_count_every_viewer_once():
    lengths = np.array([20, 30, 65, 700, 21, 22])
    figure = data_figures.history_lengths(lengths)
    assert sum(figure.data[0].y) == len(lengths)
    assert figure.layout.xaxis.type == "log"
    assert "the longest history has 700" in figure.layout.title.text
    assert sum(data_figures.history_lengths(np.array([30, 31, 60])).data[0].y) == 3
    assert sum(data_figures.history_lengths(np.array([7, 7])).data[0].y) == 2


def test_popularity_of_equals_is_a_straight_line():
    figure = data_figures.popularity_curve(np.full(50, 3))
    assert figure.layout.title.text == "The most watched tenth of the films takes 10.0% of all views"
    assert np.allclose(figure.data[0].x, figure.data[0].y)


def test_genres_name_the_largest_gaps():
    films, views = pd.Series({"Drama": 0.6, "Action": 0.2}), pd.Series({"Drama": 0.4, "Action": 0.3})
    title = data_figures.genres(films, views).layout.title.text
    assert title == "Action gets more views than its share of films suggests, Drama gets fewer"


def test_ties_speak_of_the_first_share():
    assert data_figures.ties({"Tied viewers": 0.44}).layout.title.text == "Tied viewers: 44.0%"
    assert "every order is known" in data_figures.ties({"Tied viewers": 0.0}).layout.title.text


@pytest.mark.parametrize(
    "figure",
    [
        figures.metrics({}, {}),
        figures.hit_curves({}, {}),
        figures.rank_scatter(ranks(), ranks(), "Caser", "MF", LOOKS, np.array([], int)),
        data_figures.history_lengths(np.array([], int)),
        data_figures.popularity_curve(np.zeros(3, int)),
        data_figures.genres(pd.Series(dtype=float), pd.Series(dtype=float)),
        data_figures.ties({}),
    ],
)
def test_no_data_gives_a_titled_empty_figure(figure):
    assert figure.layout.title.text
    assert not figure.data
