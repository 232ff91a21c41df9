"""What is typed into the search box, or picked from its list, is a film, or is asked about."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from caser.dashboard import visitor
from caser.data.dataset import from_interactions
from caser.data.titles import UnknownTitle

FILMS = [(1, "Alien", 1979), (2, "187", 1997), (7, "300", 0), (187, "The Godfather", 1972), (300, "Up", 2009)]
SHARED = [(8, "Heat", 1995), (9, "Heat", 1995)]


@pytest.fixture(scope="module")
def view():
    ids, titles, years = zip(*FILMS, *SHARED, strict=True)
    catalogue = pd.DataFrame({"item_id": ids, "title": titles, "year": years, "genres": [("Drama",)] * len(ids)})
    n = np.arange(len(ids))
    return SimpleNamespace(dataset=from_interactions("films", n * 0, np.array(ids), n, n * 1.0, catalogue))


def test_every_film_of_the_list_can_be_picked(view):
    for item, label in enumerate(view.dataset.labels):
        assert visitor._film(view, label) == item


@pytest.mark.parametrize(
    ("text", "item_id"),
    [
        ("alien", 1),
        ("187", 2),
        ("300", 7),
        ("heat (1995) · id 9", 9),
        ("187 (1997)", 2),
        ("title:187", 2),
        ("id:187", 187),
        ("Godfather, The", 187),
        ("id:300", 300),
    ],
)
def test_a_film_can_be_typed(view, text, item_id):
    assert view.dataset.item_ids[visitor._film(view, text)] == item_id


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1", r"did you mean 187 \(1997\) = id:2; Alien \(1979\) = id:1"),
        ("3", r"did you mean 300 = id:7\?"),
        ("Heat", "fits 2 films"),
        ("Heat (1995)", "fits 2 films"),
        ("alie", "did you mean Alien"),
    ],
)
def test_what_may_mean_two_films_is_asked_about(view, text, message):
    with pytest.raises(UnknownTitle, match=message):
        visitor._film(view, text)
