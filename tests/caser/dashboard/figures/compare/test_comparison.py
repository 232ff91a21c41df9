"""Figures, by what they hold: titles that the data bear out, values, scales, and the empty case."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from caser.dashboard import theme
from caser.dashboard.figures import data as data_figures
from caser.dashboard.figures.compare import comparison as figures
from caser.dashboard.figures.filters import sequence as sequence_figures
from caser.evaluation import Ranks
from caser.explain.filters import trace
from caser.models import Caser
from caser.models.caser import CaserConfig


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


@pytest.fixture(scope="module")
def model() -> Caser:
    return Caser(CaserConfig(d=6, L=3, n_h=4, n_v=2), n_users=2, n_items=9).eval()


def test_activations_are_those_of_the_model_with_the_pooled_window_framed(model):
    traced = trace(model, [1, 2, 3])
    heat, frames = sequence_figures.horizontal_activations(traced, ["A", "B", "C"]).data
    assert heat.z.shape == (4, 3 + 1 + 2 + 1 + 1)  # windows of heights 1, 2, 3 and two gaps
    assert np.array_equal(heat.z[:, :3], np.maximum(traced.responses[0].T, 0))
    assert np.isnan(heat.z[:, 3]).all()
    assert len(frames.x) == traced.alive.sum()
    for x, y in zip(frames.x, frames.y, strict=True):
        assert heat.z[int(y), int(x)] > 0
    assert heat.customdata[0, 4] == "A → B"


def test_activations_name_the_strongest(model):
    traced = trace(model, [1, 2, 3])
    title = sequence_figures.horizontal_activations(traced, ["A", "B", "C"]).layout.title.text
    assert title.startswith(f"{traced.alive.sum()} of 12 horizontal filters fire; the strongest responds to")


def test_weights_are_printed_on_a_scale_centred_on_zero():
    weights = np.array([[0.1, -0.2, 0.4], [0.1, 0.1, -0.8]])
    heat, numbers = sequence_figures.vertical_weights(weights, ["A", "B", "C"]).data
    assert heat.zmid == 0
    assert heat.zmin == -heat.zmax
    assert list(numbers.text) == ["+0.10", "-0.20", "+0.40", "+0.10", "+0.10", "-0.80"]
    title = sequence_figures.vertical_weights(weights, ["A", "B", "C"]).layout.title.text
    assert title == "Vertical filters weigh the most recent film most, 6.0 times the oldest"


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([[1.0, 0.98, 1.0]], "all films about alike"),
        ([[1.0, 0.2, 0.9]], "film 1 of 3 most"),
        ([[0.0, 0.2]], "recent film most"),
    ],
)
def test_no_ratio_is_claimed_where_there_is_none(weights, said):
    title = sequence_figures.vertical_weights(np.array(weights), ["A", "B", "C"][: len(weights[0])]).layout.title.text
    assert title == f"Vertical filters weigh {said}" or title.endswith(said)
    assert "times" not in title


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
        sequence_figures.vertical_weights(np.zeros((0, 5)), []),
        data_figures.history_lengths(np.array([], int)),
        data_figures.popularity_curve(np.zeros(3, int)),
        data_figures.genres(pd.Series(dtype=float), pd.Series(dtype=float)),
        data_figures.ties({}),
    ],
)
def test_no_data_gives_a_titled_empty_figure(figure):
    assert figure.layout.title.text
    assert not figure.data


def test_a_caser_without_horizontal_filters_has_none_to_show():
    bare = Caser(CaserConfig(d=4, L=3, n_h=0, n_v=1), n_users=1, n_items=5).eval()
    assert not sequence_figures.horizontal_activations(trace(bare, [1]), ["A", "B", "C"]).data
