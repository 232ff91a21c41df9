from collections import Counter
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from caser.data.dataset import from_interactions, split
from caser.explain.filters import filter_bias, horizontal_filters, trace
from caser.explain.preferences import (
    FEWEST,
    _best_combinations,
    alive_share,
    catalogue_ngrams,
    history_ngrams,
    history_responses,
    often_watched,
    row_responses,
)
from tests.caser.explained import N_ITEMS, caser

GENRES = ("Horror", "Comedy", "Drama")


@pytest.fixture(scope="module")
def halves():
    rng = np.random.default_rng(0)
    lengths = [1, 2, 3, *rng.integers(4, 15, 27)]  # of three users the train part is shorter than a window
    watched = [rng.permutation(N_ITEMS)[:n] for n in lengths]
    watched[5:8] = [np.arange(N_ITEMS)] * 3  # n-grams that occur more than once
    user = np.repeat(np.arange(len(watched)), [len(w) for w in watched])
    item = np.concatenate(watched) + 1
    titles = [f"Film {i}" for i in range(N_ITEMS)]
    genres = [(GENRES[i % 3],) for i in range(N_ITEMS)]
    films = pd.DataFrame({"item_id": np.arange(1, N_ITEMS + 1), "title": titles, "year": 1990, "genres": genres})
    return split(from_interactions("genres", user, item, np.arange(len(user)), np.ones(len(user)), films))


def real_ngrams(halves, height):
    for user in range(halves.dataset.n_users):
        history = halves.history(user, "validation").tolist()
        yield from (tuple(history[at : at + height]) for at in range(len(history) - height + 1))


def response(model, height, index, ngram):
    rows = row_responses(model, height, index)
    return sum(rows[r, i] for r, i in enumerate(ngram)) + filter_bias(model, height, index)


def test_a_rows_response_is_the_first_step_of_the_model():
    model = caser()
    for h, j in horizontal_filters(model):
        window = trace(model, [3, 1, 4, 15]).responses[h - 1][0, j]
        assert response(model, h, j, [3, 1, 4, 15][:h]) == pytest.approx(window, abs=1e-5)


@pytest.mark.parametrize("height", [1, 2, 3])
def test_catalogue_ngrams_equal_brute_force(halves, height):
    model = caser()
    found = catalogue_ngrams(model, halves.dataset, height, 2, k=7)
    every = sorted((response(model, height, 2, n) for n in permutations(range(N_ITEMS), height)), reverse=True)
    assert [n.response for n in found.best] == pytest.approx(every[:7], abs=1e-5)
    assert found.exact
    assert found.windows == len(every)
    for ngram in found.best:
        assert response(model, height, 2, [f.item for f in ngram.films]) == pytest.approx(ngram.response, abs=1e-5)


def test_too_few_films_give_fewer_ngrams(halves):
    found = catalogue_ngrams(caser(), halves.dataset, 2, 0, k=10, among=np.array([1, 2]))
    assert sorted([f.item for f in n.films] for n in found.best) == [[1, 2], [2, 1]]
    assert catalogue_ngrams(caser(), halves.dataset, 3, 0, among=np.array([1, 2])).best == ()


def test_a_narrow_search_says_when_it_may_have_missed_something():
    alike = np.arange(6)[None].repeat(4, 0), -np.arange(6.0)[None].repeat(4, 0)  # every row wants the same films
    full, narrow = _best_combinations(*alike, k=3, beam=1000), _best_combinations(*alike, k=3, beam=2)
    assert full[2]
    assert full[1].tolist() == [-6, -6, -6]
    assert not narrow[2]
    assert not _best_combinations(*alike, k=1000, beam=2)[2]


@pytest.mark.parametrize("height", [1, 3])
def test_history_ngrams_equal_a_loop(halves, height):
    model = caser()
    counts = Counter(real_ngrams(halves, height))
    found = history_ngrams(model, halves, height, 1, k=6)
    best = sorted(counts, key=lambda n: -response(model, height, 1, n))[:6]
    assert [tuple(f.item for f in n.films) for n in found.best] == best
    assert [n.count for n in found.best] == [counts[n] for n in best]
    assert found.windows == sum(counts.values())
    alive = [response(model, height, 1, n) > 0 for n in counts.elements()]
    assert found.alive == pytest.approx(np.mean(alive))


def test_more_ngrams_than_there_are_gives_all(halves):
    different = set(real_ngrams(halves, 4))
    assert len(history_ngrams(caser(), halves, 4, 0, k=10_000).best) == len(different)
    none = history_ngrams(caser(L=19), halves, 19, 0)
    assert (none.best, none.windows, none.alive) == ((), 0, 0)


def test_held_out_films_and_padding_are_never_read(halves):
    starts, responses = history_responses(caser(), halves, 2, 0)
    assert len(starts) == len(responses) == len(list(real_ngrams(halves, 2)))
    users = halves.dataset.user_of_interaction()
    assert (users[starts] == users[starts + 1]).all()
    assert (starts + 1 < halves.end("validation")[users[starts]]).all()


def test_alive_share_equals_a_loop(halves):
    model = caser()
    fired = [trace(model, n).alive for n in real_ngrams(halves, model.L)]
    assert alive_share(model, halves) == pytest.approx(np.mean(fired, 0))
    assert alive_share(model, halves, most=5).shape == (model.L, 3)
    assert alive_share(caser(n_h=0), halves).shape == (model.L, 0)


def test_often_watched(halves):
    counts = Counter(n for (n,) in real_ngrams(halves, 1))
    assert often_watched(halves, 9).tolist() == sorted(i for i, n in counts.items() if n >= 9)


def test_where_too_few_films_are_watched_often_all_of_them_are_looked_at(halves):
    assert len(often_watched(halves, 1000)) == halves.dataset.n_items
    found = [len(often_watched(halves, least)) for least in range(1, 30)]
    assert min(found) >= FEWEST
