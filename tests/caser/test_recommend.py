import numpy as np
import pandas as pd
import pytest
import torch

from caser.data.dataset import from_interactions
from caser.models import ANONYMOUS, Caser
from caser.models.caser import CaserConfig
from caser.recommend import COLUMNS, TitleIndex, UnknownTitle, label, rank_items, rank_of, recommend, score_catalogue

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


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("the matrix", 0), ("THE MATRIX (1999)", 0), ("Matrix, The (1999)", 0), ("matrix the", 0), ("the matrix r", 1),
        ("amelie", 2), ("star", 3), ("Sabrina (1954)", 4), ("60", 5), ("80", 7), ("187", 7), ("187 (1997)", 7),
    ],
)  # fmt: skip
def test_a_film_is_found_as_people_type_it(dataset, text, item):
    assert TitleIndex(dataset).find(text) == item


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sabrina", r"fits 2 films.*Sabrina \(1954\) = 50; Sabrina \(1995\) = 60"),
        ("star warz", r"did you mean Star Wars \(1977\) = 40"),
        ("reloaded", r"did you mean The Matrix Reloaded"),
        ("zzzzzz", "give a title or an item id"),
        ("", "no film ''"),
        ("999999", "no film '999999'"),
    ],
)
def test_a_film_that_is_not_there_or_not_alone_says_what_is_near(dataset, text, message):
    with pytest.raises(UnknownTitle, match=message):
        TitleIndex(dataset).find(text)


def test_label_leaves_an_unknown_year_out(dataset):
    assert label(dataset, 3) == "Star Wars (1977)"
    assert label(dataset, 6) == "unknown"


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
