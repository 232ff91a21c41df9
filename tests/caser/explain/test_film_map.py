"""Films alike: by cosine, without the film itself, among those asked for."""

import numpy as np
import pytest

from caser.explain.film_map import film_vectors, nearest, similar
from caser.models import build
from caser.models.ease import EaseConfig
from tests.caser.explained import N_ITEMS, caser, order_blind


def test_the_nearest_are_those_of_the_highest_cosine():
    vectors = film_vectors(caser())
    assert vectors.shape[0] == N_ITEMS
    found = nearest(vectors, 3, 4, np.arange(N_ITEMS))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = np.argsort(-(unit @ unit[3]), kind="stable")[1:5]
    assert [item for item, _ in found] == expected.tolist()
    assert all(item != 3 for item, _ in nearest(vectors, 3, 99, np.arange(N_ITEMS)))
    assert [item for item, _ in nearest(vectors, 3, 99, np.array([1, 3]))] == [1]


def test_models_without_vectors_say_so(cinema_split):
    mf, popularity = order_blind()
    ease = build(EaseConfig(), 3, cinema_split.dataset.n_items)
    with pytest.raises(ValueError, match="EASE has no vectors of items to compare; name a model that has"):
        similar(ease, cinema_split.dataset, 0, 3, np.arange(N_ITEMS))
    assert film_vectors(mf).shape[0] == N_ITEMS
    vectors = film_vectors(popularity)
    assert vectors is None or not vectors.any()


def test_a_vector_of_zeros_is_like_nothing():
    assert nearest(np.zeros((3, 2)), 0, 2, np.arange(3)) == [(1, 0.0), (2, 0.0)]
