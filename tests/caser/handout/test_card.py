"""The card of an item: facts that can be counted again, and links of http alone."""

from dataclasses import replace

import numpy as np
import pytest

from caser.handout.card import card


@pytest.fixture
def films(cinema_split):
    return cinema_split.dataset


def test_its_facts_are_those_of_the_data_and_of_the_list(films):
    scores, left_out = np.random.default_rng(0).random(films.n_items), [1, 2, 3]
    vectors = np.random.default_rng(1).random((films.n_items, 4))
    shown = card(films, 5, scores, left_out, vectors, np.arange(films.n_items))
    genres = films.catalogue["genres"]
    counts = {genre: sum(genre in own for own in genres) for genre in genres[5]}
    assert counts[shown.genre] == min(counts.values())
    same = [item for item in range(films.n_items) if shown.genre in genres[item] and item not in left_out]
    assert (shown.rank, shown.rivals) == (1 + sum(scores[item] > scores[5] for item in same), len(same))
    assert (shown.times, shown.place) == (films.views[5], 1 + (films.views > films.views[5]).sum())
    length = np.linalg.norm(vectors, axis=1)
    cosine = vectors @ vectors[5] / (length * length[5])
    assert shown.alike == films.labels[int(np.argsort(-cosine)[1])]
    assert shown.links == ()


def test_an_item_without_genres_and_a_model_without_vectors_leave_facts_out(films):
    catalogue = films.catalogue.assign(genres=[()] * films.n_items)
    shown = card(replace(films, catalogue=catalogue), 5, np.zeros(films.n_items), [], None, np.arange(9))
    assert (shown.genre, shown.rank, shown.alike) == ("", 0, "")


@pytest.mark.parametrize(
    ("columns", "links"),
    [
        (
            {"imdb_id": 114709, "tmdb_id": 862},
            (("IMDb", "https://www.imdb.com/title/tt0114709/"), ("TMDB", "https://www.themoviedb.org/movie/862")),
        ),
        ({"imdb_id": 0, "tmdb_id": 0}, ()),
        ({"url": "https://example.org/a"}, (("example.org", "https://example.org/a"),)),
        ({"url": "javascript:alert(1)"}, ()),
        ({"url": None}, ()),
    ],
)
def test_links_are_of_the_catalogue_and_lead_to_the_web_alone(films, columns, links):
    linked = replace(films, catalogue=films.catalogue.assign(**columns))
    assert card(linked, 5, np.zeros(films.n_items), [], None, np.arange(9)).links == links
