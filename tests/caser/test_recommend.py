import numpy as np
import pandas as pd
import pytest
import torch

from caser.data.dataset import from_interactions
from caser.models import ANONYMOUS, Caser
from caser.models.caser import CaserConfig
from caser.recommend import (
    COLUMNS,
    probabilities,
    rank_all,
    rank_items,
    rank_of,
    ranks_of,
    recommend,
    score_catalogue,
    table,
    window,
)

FILMS = [
    (10, "The Matrix", 1999), (20, "The Matrix Reloaded", 2003), (30, "Amélie", 2001), (40, "Star Wars", 1977),
    (50, "Sabrina", 1954), (60, "Sabrina", 1995), (70, "unknown", 0), (80, "187", 1997),
]  # fmt: skip


@pytest.fixture(scope="module")
def dataset():
    ids, titles, years = zip(*FILMS, strict=True)
    catalogue = pd.DataFrame({"item_id": ids, "title": titles, "year": years, "genres": [("Drama",)] * len(ids)})
    user, item = np.repeat([1, 2, 3], 8), np.tile(ids, 3)
    return from_interactions("films", user, item, np.arange(24), np.ones(24), catalogue)


@pytest.fixture(scope="module")
def model(dataset):
    torch.manual_seed(0)
    return Caser(CaserConfig(d=4, L=3), dataset.n_users, dataset.n_items).eval()


def test_recommendations_are_the_best_unseen_in_order(model, dataset):
    history = [0, 4, 3]
    films = recommend(model, dataset, 1, history, k=3)
    scores = score_catalogue(model, 1, history)
    expected = [i for i in np.argsort(-scores) if i not in history][:3]
    assert list(films.index) == expected
    assert tuple(films.columns) == COLUMNS
    assert films["rank"].tolist() == [1, 2, 3]
    assert films["score"].tolist() == pytest.approx(scores[expected])
    assert films["item_id"].tolist() == dataset.item_ids[expected].tolist()


def test_rewatch_ranks_the_history_too(model, dataset):
    assert len(recommend(model, dataset, 1, [0, 1], k=99)) == 6
    assert len(recommend(model, dataset, 1, [0, 1], k=99, rewatch=True)) == 8


@pytest.mark.parametrize("history", [[], [2], [2, 2, 2], [0, 1, 2, 3, 4]])
def test_a_stranger_with_any_history_is_served(model, dataset, history):
    assert len(recommend(model, dataset, ANONYMOUS, history, k=3)) == 3


def test_no_films_at_all_is_a_mistake(model, dataset):
    with pytest.raises(ValueError, match="k is 0"):
        recommend(model, dataset, 0, [], k=0)


def test_rank_of_counts_ties_half_as_evaluation_does():
    scores = np.array([3.0, 1.0, 1.0, 1.0, 2.0])
    assert rank_of(scores, 0) == 1
    assert rank_of(scores, 1) == 4
    assert rank_of(scores, 1, exclude=[0, 2]) == 2.5
    assert rank_of(scores, 1, exclude=[1]) == 4  # excluding the film itself changes nothing


def test_ties_are_ranked_by_id_and_nothing_excluded_comes_back():
    scores = np.array([1.0, 2.0, 2.0, 2.0, 0.0])
    assert rank_items(scores, 2).tolist() == [1, 2]
    assert rank_items(scores, 9, exclude=[2, 2]).tolist() == [1, 3, 0, 4]
    assert rank_items(scores, 3, exclude=range(5)).tolist() == []


SOUND = np.arange(8.0)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda m, d: window(m, [0, 9]), "no item 9 in a catalogue of 8; give dense ids from 0 to 7"),
        (lambda m, d: window(m, [-1, 0, 0, 0]), "no item -1"),
        (lambda m, d: window(m, [0.5]), "the history is of type float64, such as 0.5; give whole numbers"),
        (lambda m, d: score_catalogue(m, 3, []), "no user 3 among 3; give a dense id from 0, or ANONYMOUS"),
        (lambda m, d: score_catalogue(m, -2, []), "user is -2; give a whole number, at least -1"),
        (lambda m, d: score_catalogue(m, 0.5, []), "user is 0.5; give a whole number"),
        (lambda m, d: ranks_of(torch.zeros(2, 3), torch.zeros(2)), r"of shape \(2, 3\) and \(2,\); give"),
        (lambda m, d: rank_of(SOUND, -1), "no item -1 in a catalogue of 8"),
        (lambda m, d: rank_of(SOUND, 0, [8]), "no item 8 in a catalogue of 8"),
        (lambda m, d: rank_of(np.array([0, np.nan]), 0), "nan for item 1; give one number for each item, from a model"),
        (lambda m, d: rank_all(SOUND, [-1]), "no item -1"),
        (lambda m, d: rank_all(np.full(3, np.nan)), "nan for item 0"),
        (lambda m, d: rank_all(np.zeros((2, 3))), r"of shape \(2, 3\)"),
        (lambda m, d: rank_items(SOUND, -1), "k is -1; give a whole number, at least 0"),
        (lambda m, d: rank_items(SOUND, 2, [99]), "no item 99"),
        (lambda m, d: rank_items(np.full(3, np.nan), 1), "nan for item 0"),
        (lambda m, d: recommend(m, d, 0, [], k=-3), "k is -3; give a whole number, at least 1"),
        (lambda m, d: recommend(m, d, 0, [], k=1.5), "k is 1.5"),
        (lambda m, d: table(d, np.array([8]), SOUND), "no item 8"),
        (lambda m, d: table(d, np.array([0]), np.zeros(7)), "the lengths differ: films 8, scores 7"),
    ],
)
def test_what_cannot_be_ranked_is_named(model, dataset, ask, message):
    with pytest.raises(ValueError, match=message):
        ask(model, dataset)


def test_a_model_of_other_films_is_refused(dataset):
    other = Caser(CaserConfig(d=4, L=3), dataset.n_users, dataset.n_items + 1).eval()
    with pytest.raises(ValueError, match="knows 9 items and films has 8; give the data set that it was trained on"):
        recommend(other, dataset, 0, [])


def test_padding_in_a_history_is_read_as_padding(model, dataset):
    padded = score_catalogue(model, 0, [dataset.padding, 4])
    assert padded.tolist() == score_catalogue(model, 0, [4]).tolist()


def test_probabilities_are_a_softmax_over_what_may_be_listed():
    scores = np.array([1.0, 2.0, 3.0, 50.0])
    p = probabilities(scores, 2.0, exclude=[3])
    expected = np.exp(scores[:3] / 2) / np.exp(scores[:3] / 2).sum()
    assert p == pytest.approx([*expected, 0.0])
    assert not probabilities(scores, exclude=range(4)).any()
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="temperature"):
            probabilities(scores, wrong)
