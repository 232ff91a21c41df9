"""Figures of the filters, by what they hold: a small random Caser, and titles that its numbers bear out."""

from __future__ import annotations

import numpy as np
import pytest

from caser.dashboard.figures.filters import filters as filter_figures
from caser.explain.concepts import Concept
from caser.explain.film_map import film_map
from caser.explain.filters import filter_weights
from tests.caser.explained import caser

HISTORY = [1, 2, 3, 4]
FILMS = ["Alien", "Aliens", "Jaws", "Big"]
ITEM = 7


@pytest.fixture(scope="module")
def model():
    return caser()


def title(figure) -> str:
    return figure.layout.title.text


def heatmaps(figure) -> list:
    return [trace for trace in figure.data if trace.type == "heatmap"]


def test_a_filters_weights_are_printed_around_zero_where_they_fit(model):
    weights = filter_weights(model, 2, 1)
    figure = filter_figures.filter_weights(weights, "2b")
    (drawn,) = heatmaps(figure)
    assert np.array_equal(drawn.z, weights)
    assert (drawn.zmid, drawn.zmin) == (0, -drawn.zmax)
    heavy = 1 + int(np.linalg.norm(weights, axis=1).argmax())
    assert title(figure) == f"2b is a block of 2 x 6 weights; row {heavy} weighs most"
    assert len(figure.data[1].text) == weights.size  # d = 6: every number is printed
    wide = filter_figures.filter_weights(np.ones((1, 96)), "1a")
    assert [part.type for part in wide.data] == ["heatmap"]
    assert title(wide) == "1a is a block of 1 x 96 weights"


def test_a_vertical_filter_has_a_bar_a_place():
    figure = filter_figures.place_weights(np.array([0.0, -3, 0, 1]), "V2", FILMS)
    assert title(figure) == "V2 blends 4 films; 75% of its weight is on film 2"
    assert list(figure.data[0].x) == [0, -3, 0, 1]
    assert list(figure.data[0].y)[1] == "2 · Aliens"
    assert "0% of its weight" in title(filter_figures.place_weights(np.zeros(4), "V1", FILMS))


KNOWN = (Concept("genre", "Drama", "no Drama"),), np.array([[1.0] * 10 + [0.0] * 10])


def test_the_map_states_its_share_and_draws_the_path(model):
    found = film_map(model, np.arange(20), KNOWN)
    labels = [f"Film {i}" for i in range(20)]
    figure = filter_figures.film_map(found, labels, HISTORY, [8, 9], 11)
    assert f"{sum(found.share):.0%} of the films' spread" in title(figure)
    by_name = {trace.name: trace for trace in figure.data}
    assert list(by_name["watched, in order"].x) == found.place[HISTORY, 0].tolist()
    assert list(by_name["watched, in order"].texttemplate) == ["<b>1</b>", "<b>2</b>", "<b>3</b>", "<b>4</b>"]
    assert list(by_name["predicted, by rank"].texttemplate) == ["1", "2"]
    assert by_name["watched next"].marker.symbol == "star"
    assert "% of the variance" in figure.layout.xaxis.title.text
    assert title(filter_figures.film_map(found, labels, [], [8], None)).startswith("A flat view")


def test_the_map_rings_what_is_looked_for_and_takes_colours(model):
    found, labels = film_map(model, np.arange(20), KNOWN), [f"Film {i}" for i in range(20)]
    year = filter_figures.Colours("year", np.arange(20.0), True)
    figure = filter_figures.film_map(found, labels, [], [], None, [3, 4, 5], year)
    by_name = {trace.name: trace for trace in figure.data}
    assert by_name["searched"].text == ("Film 3",)
    assert by_name["nearest to it"].text == ("Film 4", "Film 5")
    assert list(by_name["other films"].marker.color) == list(range(20))
    drama = filter_figures.Colours("Drama", KNOWN[1][0], False)
    by_name = {t.name: t for t in filter_figures.film_map(found, labels, [], [], None, (), drama).data}
    assert len(by_name["Drama"].x) == len(by_name["other films"].x) == 10


def test_an_axis_is_named_only_by_what_explains_it_by_more_than_chance(model):
    found = film_map(model, np.arange(20), KNOWN)
    assert found.names == (None, None)  # a random model's
    assert (
        "no tested concept explains it"
        in filter_figures.film_map(found, ["x"] * 20, [], [], None).layout.xaxis.title.text
    )
    by_place = (found.place[:20, 0] > np.median(found.place[:20, 0])).astype(float)
    named = film_map(model, np.arange(20), (KNOWN[0], by_place[None]))
    assert named.names[0].text == "Drama"
    assert "→ Drama" in filter_figures.film_map(named, ["x"] * 20, [], [], None).layout.xaxis.title.text


def test_the_maps_axes_are_principal_components(model):
    found = film_map(model, np.arange(20), KNOWN)
    items = model.items.weight[:20].numpy()
    spread = items.var(0, ddof=0).sum()
    assert found.place.var(0).sum() / spread == pytest.approx(sum(found.share), rel=1e-4)
    assert found.share[0] >= found.share[1] > 0
    assert abs(np.corrcoef(found.place.T)[0, 1]) < 1e-4


@pytest.mark.parametrize(
    ("likeness", "said"),
    [
        ([0.1, 0.95, 0.97, 1], " and settles by epoch 2 (cosine with the end above 0.9)"),
        ([0.1, 0.95, 0.4, 1], " and still turns after epoch 3 (cosine with the end 0.40)"),  # at the end it is 1 anyhow
        ([0.1, 1], " (cosine with the end 0.10)"),
    ],
)
def test_forming_says_of_the_end_only_what_could_be_otherwise(likeness, said):
    epochs = (0, 2, 3, 5) if len(likeness) == 4 else (0, 5)
    figure = filter_figures.forming({e: {"2b": v} for e, v in zip(epochs, likeness, strict=True)}, ["2b"])
    assert title(figure) == f"Filter 2b turns away from its random start{said}"


def test_forming_draws_both_filters_beside_the_median():
    turned = {
        0: {"2b": 0.1, "V1": 0.0, "V2": 0.3},
        2: {"2b": 0.95, "V1": 0.4, "V2": 0.4},
        4: dict.fromkeys(("2b", "V1", "V2"), 1),
    }
    figure = filter_figures.forming(turned, ["2b", "V1"])
    assert [line.name for line in figure.data] == ["2b", "V1", "median filter"]
    assert list(figure.data[0].x) == [0, 2, 4]
    assert list(figure.data[0].y) == [0.1, 0.95, 1]
    assert list(figure.data[2].y) == [0.1, 0.4, 1]
    kept = {0: {"2b": 0.8}, 4: {"2b": 1.0}}
    assert "keeps much of its random start" in title(filter_figures.forming(kept, ["2b"]))
