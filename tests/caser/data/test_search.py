"""What is suggested while somebody types, and in which order."""

import numpy as np
import pandas as pd
import pytest

from caser.data.dataset import from_interactions
from caser.data.search import FEW, TitleSearch
from caser.data.titles import LONGEST_TITLE, TitleIndex, title_and_year

AMELIE = "Amélie (Fabuleux destin d'Amélie Poulain, Le)"
FILMS = [  # title, year, and how often it was watched
    ("Alien", 1979, 50), ("Aliens", 1986, 90), ("Alien 3", 1992, 20), ("Alien: Resurrection", 1997, 30),
    ("My Alien Friend", 2001, 99), ("Friend of an Alien", 1979, 5),
    ("Lord of the Rings: The Two Towers, The", 2002, 70), ("Lord of the Rings: The Return of the King, The", 2003, 80),
    ("Lord of the Rings: The Fellowship of the Ring, The", 2001, 60), ("The Lord of the Rings", 1978, 4),
    ("Lords of Dogtown", 2005, 75), ("Spider-Man", 2002, 40), (AMELIE, 2001, 45),
    ("The Postman (a.k.a. Postino, Il)", 1994, 15), ("Das Boot", 1981, 25), ("Jurassic Park", 1993, 95),
    ("The Star of the Wars", 1950, 3), ("Star Wars", 1977, 100), ("Heat", 1995, 41), ("Heart of Stone", 2000, 42),
    ("$", 1971, 2), ("Unfinished", 0, 1), ("E.T. the Extra-Terrestrial", 1982, 65), ("The Matrix", 1999, 85),
]  # fmt: skip
RINGS = [
    "The Lord of the Rings: The Fellowship of the Ring", "The Lord of the Rings: The Two Towers",
    "The Lord of the Rings: The Return of the King",
]  # fmt: skip


@pytest.fixture(scope="module")
def search():
    titles, years, views = zip(*FILMS, strict=True)
    n = len(titles)
    catalogue = pd.DataFrame({"item_id": range(n), "title": titles, "year": years, "genres": [("Drama",)] * n})
    item = np.repeat(np.arange(n), views)
    places = np.arange(len(item))
    return TitleSearch(TitleIndex(from_interactions("films", item * 0, item, places, places * 1.0, catalogue)))


def suggested(search, text, k=8):
    return [title_and_year(FILMS[item][0])[0] for item in search.suggest(text, k)]


def test_called_so_begins_so_a_word_begins_so_and_all_words_each_by_how_often_watched(search):
    assert suggested(search, "alien") == [
        "Alien", "Aliens", "Alien 3", "Alien: Resurrection", "My Alien Friend", "Friend of an Alien",
    ]  # fmt: skip
    assert suggested(search, "ali") == [
        "Aliens", "Alien", "Alien: Resurrection", "Alien 3", "My Alien Friend", "Friend of an Alien",
    ]  # fmt: skip
    assert suggested(search, "friend al") == ["My Alien Friend", "Friend of an Alien"]
    assert suggested(search, "star wars") == ["Star Wars", "The Star of the Wars"]
    assert suggested(search, "of the", 4) == [RINGS[2], RINGS[1], RINGS[0], "The Lord of the Rings"]


def test_no_film_twice_and_no_more_than_asked_for(search):
    for k in (1, 2, 5, 20):
        found = search.suggest("a", k)
        assert len(found) == len(set(found)) <= k
        assert found == search.suggest("a", 20)[:k]


def test_a_series_stands_together_in_the_order_of_years(search):
    assert suggested(search, "Lord of the Rings") == ["The Lord of the Rings", *RINGS]
    assert suggested(search, "lord of the rings t") == [*RINGS, "The Lord of the Rings"]
    assert suggested(search, "lord")[:3] == [RINGS[2], "Lords of Dogtown", RINGS[1]]  # that is no series's name yet


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("jurasic prak", "Jurassic Park"), ("matrxi", "The Matrix"), ("strar wars", "Star Wars"),
        ("spiderm", "Spider-Man"), ("spider man", "Spider-Man"), ("starwa", "Star Wars"), ("parkjurassik", None),
        ("amelei", AMELIE), ("jrassik prak", "Jurassic Park"),
    ],
)  # fmt: skip
def test_a_typing_error_is_forgiven_where_little_else_fits(search, text, title):
    assert suggested(search, text)[:1] == ([title] if title else [])


def test_typing_errors_do_not_crowd_out_what_was_typed(search):
    assert suggested(search, "heat") == ["Heat"]
    assert suggested(search, "lord of teh rings") == [RINGS[2], RINGS[1], RINGS[0], "The Lord of the Rings"]
    assert len(search.suggest("hea")) == 2 < FEW  # nothing else is close enough


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("the postman", "The Postman (a.k.a. Postino, Il)"), ("il postino", "The Postman (a.k.a. Postino, Il)"),
        ("postino", "The Postman (a.k.a. Postino, Il)"), ("boot das", "Das Boot"), ("matrix, the", "The Matrix"),
        ("THE MATRIX", "The Matrix"), ("le fabuleux destin", AMELIE),
        ("amelie", AMELIE), ("Ame\u0301l", AMELIE),
        ("et", "E.T. the Extra-Terrestrial"), ("$", "$"), ("fellowship", RINGS[0]),
    ],
)  # fmt: skip
def test_other_forms_and_names_of_a_title_are_known(search, text, title):
    assert suggested(search, text)[0] == title


def test_years(search):
    assert suggested(search, "1979") == ["Alien", "Friend of an Alien"]
    assert suggested(search, "alien 1979")[0] == suggested(search, "Alien (1979)")[0] == "Alien"
    assert suggested(search, "rings 2002") == [RINGS[1]]
    assert suggested(search, "1979 friend") == ["Friend of an Alien"]
    assert "Unfinished" not in suggested(search, "0")  # an unknown year is none


@pytest.mark.parametrize("text", ["", "  ", "\n", "!", "\0", "zzyzx", "the" * 300, "(((", "\ud800", "1" * 40])
def test_what_fits_nothing_suggests_nothing(search, text):
    assert suggested(search, text) == []


def test_ten_thousand_letters_are_refused(search):
    with pytest.raises(ValueError, match="10,000 letters and a title at most 1,000; type a few of its words"):
        search.suggest("a" * 10_000)
    assert search.suggest("a" * LONGEST_TITLE) == []
