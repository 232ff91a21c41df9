"""Figures of the filters, by what they hold: a small random Caser, and titles that its numbers bear out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from caser.dashboard import theme
from caser.dashboard.figures.filters import filters as filter_figures
from caser.dashboard.names import no_film
from caser.explain.ablation import Ablation, AblationTable, Switch
from caser.explain.concepts import Concept
from caser.explain.film_map import film_map
from caser.explain.filters import filter_view, filter_weights, trace, vertical_weights
from tests.caser.explained import L, caser

HISTORY = [1, 2, 3, 4]
FILMS = ["Alien", "Aliens", "Jaws", "Big"]
ITEM = 7


@pytest.fixture(scope="module")
def model():
    return caser()


@pytest.fixture(scope="module")
def traced(model):
    return trace(model, HISTORY)


@pytest.fixture(scope="module")
def view(model):
    return filter_view(model, 1, HISTORY, ITEM)


def title(figure) -> str:
    return figure.layout.title.text


def heatmaps(figure) -> list:
    return [trace for trace in figure.data if trace.type == "heatmap"]


def test_the_matrix_has_a_row_a_film_around_zero(traced):
    figure = filter_figures.embedding(traced.embedding, FILMS)
    (drawn,) = heatmaps(figure)
    assert np.array_equal(drawn.z, traced.embedding)
    assert (drawn.zmid, drawn.zmin) == (0, -drawn.zmax)
    assert list(figure.layout.yaxis.ticktext) == ["1 · Alien", "2 · Aliens", "3 · Jaws", "4 · Big"]
    assert len(figure.data[1].text) == traced.embedding.size  # d = 6: every number is printed


def test_the_most_alike_films_are_named():
    matrix = np.array([[1.0, 0], [0, 1], [0.9, 0.1], [0, 0]])
    figure = filter_figures.embedding(matrix, ["Alien", "Big", "Aliens", no_film()])
    assert "Alien and Aliens are the most alike" in title(figure)
    assert "alike" not in title(filter_figures.embedding(matrix, ["Alien", no_film(), no_film(), no_film()]))


def test_wide_matrices_do_not_print_their_numbers():
    figure = filter_figures.embedding(np.ones((2, 96)), ["Alien", "Big"])
    assert [trace.type for trace in figure.data] == ["heatmap"]


def test_blends_are_what_the_vertical_filters_give(model, traced):
    figure = filter_figures.blends(traced, vertical_weights(model), FILMS)
    assert np.array_equal(heatmaps(figure)[0].z, traced.vertical)
    nothing = filter_figures.blends(trace(model, []), vertical_weights(model), [no_film()] * L)
    assert title(nothing) == "The vertical filters have no film to blend"
    bare = caser(n_v=0)
    assert "no vertical" in title(filter_figures.blends(trace(bare, HISTORY), vertical_weights(bare), FILMS))


def test_products_print_the_sums():
    vector, weight = np.array([1.0, 2.0]), np.array([3.0, -1.0])
    figure = filter_figures.products({"the films": (vector, weight), "the user": (weight, weight)})
    assert title(figure) == "Multiplied and summed: the films: +1.00, the user: +10.00"
    assert "<b>= sum +1.00</b>" in figure.layout.yaxis.ticktext
    assert np.allclose(heatmaps(figure)[0].customdata[2], vector * weight)


@pytest.mark.parametrize("first", [0, 2])
def test_the_stepper_spells_out_the_response(model, traced, first):
    weights = filter_weights(model, 2, 1)
    bias = float(model.horizontal_bias[1, 1])
    figure = filter_figures.sliding(traced.embedding, weights, bias, first, FILMS)
    answer = traced.responses[1][first, 1]
    assert f"Films {first + 1}–{first + 2}: the response is {answer:+.2f}" in title(figure)
    products = heatmaps(figure)[2].z
    assert products.sum() + bias == pytest.approx(answer, abs=1e-5)
    assert list(figure.layout.yaxis3.ticktext) == [f"<b>= {value:+.2f}</b>" for value in products.sum(1)]
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (first - 0.5, first + 1.5)


def test_responses_mark_the_window_that_is_kept():
    figure = filter_figures.responses([0.2, 0.9, -0.4], 2, FILMS)
    assert title(figure) == "Max pooling keeps +0.90, from films 2–3"
    assert [("kept" in text) for text in figure.data[0].text] == [False, True, False]
    assert list(figure.data[0].y) == ["films 1–2", "films 2–3", "films 3–4"]


def test_responses_so_far_leave_the_rest_open():
    figure = filter_figures.responses([0.2, 0.9, -0.4], 2, FILMS, upto=0)
    assert title(figure) == "After 1 of 3 windows the highest response is +0.20, at films 1–2"
    assert np.isnan(figure.data[0].x[1:]).all()


def test_a_silent_filter_is_called_silent():
    figure = filter_figures.responses([-0.2, -0.9], 3, FILMS)
    assert "inactive" in title(figure)
    assert figure.data[0].text[0] == "<b>-0.20, so 0</b>"


def test_the_grid_shows_every_filter_and_can_be_clicked(view):
    figure = filter_figures.grid(view, (2, 1), "Jaws")
    fires, adds = (np.array(drawn.z) for drawn in heatmaps(figure))
    for f in view.horizontal:
        assert fires[f.index, f.height - 1] == pytest.approx(f.activation)
        assert adds[f.index, f.height - 1] == pytest.approx(f.contribution)
    marks = [trace for trace in figure.data if trace.type == "scatter"]
    assert set(marks[0].customdata) == {f.name for f in view.horizontal}
    assert list(marks[0].customdata) == list(marks[1].customdata)
    assert sum(bool(text) for text in marks[0].text) == len(view.fired)
    best = max(view.fired, key=lambda f: f.contribution)
    assert f"{best.name} adds most to Jaws" in title(figure)
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].y0) == (0.5, 0.5)


def test_a_model_without_horizontal_filters_has_an_empty_grid():
    bare = filter_view(caser(n_h=0), 1, HISTORY, ITEM)
    assert "no horizontal filters" in title(filter_figures.grid(bare, (1, 0), "Jaws"))


def test_position_weights_are_shares():
    figure = filter_figures.position_weights(np.array([0.1, 0.1, 0.2, 0.6]), FILMS)
    assert "the most recent film most: 60% of all weight" in title(figure)
    assert list(figure.data[0].text) == ["<b>10%</b>", "<b>10%</b>", "<b>20%</b>", "<b>60%</b>"]


def test_vertical_weights_say_which_filter_leans_most():
    figure = filter_figures.vertical_weights(np.array([[1.0, 1, 1, 1], [0, 3, 0, 1]]), FILMS)
    assert title(figure) == "V2 leans most on one position: 75% of its weight is on film 2"
    assert np.array(heatmaps(figure)[0].z).shape == (2, L)


def test_what_vertical_filters_add_now(view):
    figure = filter_figures.vertical_now(view.vertical, "Jaws")
    total = sum(f.contribution for f in view.vertical)
    assert f"add {total:+.2f} to Jaws" in title(figure)
    assert figure.data[0].x.sum() == pytest.approx(total)


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


def row(name: str, change: float, margin: float) -> Ablation:
    return Ablation(Switch(name), {"hr@10": 0.2}, {"hr@10": change}, {"hr@10": margin})


def test_ablation_draws_margins_and_leaves_chance_hollow():
    table = AblationTable("test", 100, {"hr@10": 0.2}, (row("h", -0.05, 0.02), row("p", -0.01, 0.03)))
    words = {"h": "all horizontal filters", "p": "who is watching"}
    figure = filter_figures.ablation(table, ["h", "p"], "hr@10", words)
    assert title(figure) == "HR@10 loses most without all horizontal filters: 5.0 points (± 2.0)"
    assert list(figure.data[0].x) == pytest.approx([-5, -1])
    assert list(figure.data[0].error_x.array) == pytest.approx([2, 3])
    assert list(figure.data[0].marker.symbol) == ["circle", "circle-open"]
    assert figure.data[0].marker.color[0] == theme.NEGATIVE
    assert (
        title(filter_figures.ablation(table, ["p"], "hr@10", words)) == "What each switch costs in HR@10 may be chance"
    )


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
    figure = filter_figures.forming({e: np.array([v]) for e, v in zip(epochs, likeness, strict=True)}, 0, "2b")
    assert title(figure) == f"Filter 2b turns away from its random start{said}"


def test_forming_says_how_much_of_the_start_stays():
    turned = {0: np.array([0.1, 0.0]), 2: np.array([0.95, 0.4]), 4: np.ones(2)}
    figure = filter_figures.forming(turned, 0, "2b")
    assert list(figure.data[0].x) == [0, 2, 4]
    assert list(figure.data[0].y) == [0.1, 0.95, 1]
    kept = {0: np.array([0.8]), 4: np.ones(1)}
    assert "keeps much of its random start" in title(filter_figures.forming(kept, 0, "2b"))


def test_a_filter_blends_mostly_one_film_only_where_that_has_more_than_half(traced):
    weights = np.array([[0.35, 0.38, 0.35, 0.25], [0.1, 0.1, 0.1, 0.1]])
    even = dataclasses.replace(traced, embedding=np.ones_like(traced.embedding), vertical=traced.vertical[:2])
    assert "spreads over the films: none has more than 29%" in title(filter_figures.blends(even, weights, FILMS))
    weights[1] = [0.1, 0.1, 0.9, -0.2]
    assert title(filter_figures.blends(even, weights, FILMS)) == "Vertical filter V2 blends mostly Jaws, film 3"
