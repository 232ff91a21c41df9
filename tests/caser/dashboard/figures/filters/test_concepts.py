"""Titles of the concept figures state what their numbers say."""

import dataclasses

import numpy as np

from caser.dashboard.figures.filters import concepts as figures
from caser.explain.concepts import Concept, ConceptTest, HeldOut, RowName
from caser.explain.random_filters import Baseline

HORROR = Concept("genre", "Horror", "no Horror")
NEWER = Concept("release", "newer releases", "older releases", graded=True)
TEST = ConceptTest(
    (HORROR, NEWER),
    ((1, 0), (2, 0)),
    np.array([[0.1, 0.1], [0.7, -0.1], [0.0, -0.6]], np.float32),
    np.array([[0.01, 0.01], [0.4, 0.01], [0.0, 0.3]], np.float32),
    np.array([[0.9, 0.9], [0.001, 0.6], [0.9, 0.01]]),
    np.zeros(3, np.float32),
    np.zeros((2, 2), np.int64),
    30,
    HeldOut(np.array([-1, 0, 1]), np.array([0, 0.3, 0.2]), Baseline(np.array([0.1, 0.15]), np.zeros(50, int))),
)


def title(figure) -> str:
    return figure.layout.title.text


def test_the_title_names_the_row_explained_best():
    assert title(figures.row_concepts(TEST, 2, 0)) == (
        "Row 1 seeks Horror: 30% of held-out responses, random up to 15%"
    )
    assert "better than random filters" in title(figures.row_concepts(TEST, 1, 0))
    older = dataclasses.replace(TEST, held_out=None)
    assert "random filters were not compared" in title(figures.row_concepts(older, 2, 0))


def test_no_row_is_named_below_what_random_filters_reach():
    high = dataclasses.replace(TEST.held_out, random=Baseline(np.array([0.1, 0.25]), np.zeros(50, int)))
    names = dataclasses.replace(TEST, held_out=high).row_names(2, 0)
    assert [name and name.text for name in names] == ["Horror", None]


def test_only_what_is_significant_has_a_star_and_what_is_shunned_a_minus():
    figure = figures.row_concepts(TEST, 2, 0)
    text = dict(zip(figure.layout.yaxis.ticktext, np.reshape(figure.data[1].text, (2, 2)).tolist(), strict=True))
    assert text == {"Horror": ["+40 %★", "0"], "newer releases": ["-1 %", "-30 %★"]}


def test_the_evidence_shows_every_film_and_says_what_the_means_are():
    values = np.repeat([0.0, 1.0], 15)
    answers = np.concatenate([np.zeros(15), np.full(15, 2.0)])
    films = [f"Film {i}" for i in range(30)]
    figure = figures.evidence(RowName(0, "Horror", HORROR, 0.4, 0.001), values, answers, films)
    assert title(figure) == "Row 1 responds more to Horror than to other films: +2.00 and +0.00 on average"
    assert list(figure.data[0].hovertext) == films
    graded = figures.evidence(RowName(1, "older releases", NEWER, 0.3, 0.01), np.linspace(0, 1, 30), -answers, films)
    assert title(graded).startswith("Row 2 responds more to older releases than to newer releases")
