"""What is typed into the search box, or picked from its list, is a film, or is asked about."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from caser.dashboard import loaders, visitor
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
    for item, label in enumerate(loaders.film_labels(view.dataset)):
        if label != "300":
            assert visitor._film(view, label) == item


@pytest.mark.parametrize(
    ("text", "item_id"),
    [
        ("alien", 1),
        ("1", 1),
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
        (
            "187",
            r"187 is the id of The Godfather \(1972\) and the title of 187 \(1997\) = id:2; write id:187 or title:187",
        ),
        ("300", r"300 is the id of Up \(2009\) and the title of 300 = id:7; write id:300 or title:300"),
        ("Heat", "fits 2 films"),
        ("alie", "did you mean Alien"),
    ],
)
def test_what_may_mean_two_films_is_asked_about(view, text, message):
    with pytest.raises(UnknownTitle, match=message):
        visitor._film(view, text)
