"""Tables of items: which of their columns is what, with a header and without one."""

from __future__ import annotations

import pytest

from caser.data import table
from caser.data.table import Settings
from tests.caser.data.table.test_table import zipped

RATINGS = {
    "::": "".join(f"{u}::{i}::{u % 5 + 1}::{900_000 + 60 * i + u}\n" for u in range(1, 5) for i in range(1, 7)),
    "\t": "".join(f"{u}\t{i}\t{u % 5 + 1}\t{900_000 + 60 * i + u}\n" for u in range(1, 5) for i in range(1, 7)),
}
NAMES = ("Harbour", "The Long Ferry", "Élan", "Snow", "Night Bus", "Orchard")
GENRES = ("Drama", "Comedy|Romance", "Sci-Fi", "Drama|War", "Comedy", "Drama")
YEARS = [1961, 1962, 1963, 1964, 1965, 1966]


def rows(ratings: str, items: str, separator: str = "::", encoding: str = "latin-1"):
    (events,) = table.opened("ratings.dat", ratings.encode())
    described = table.described(table.opened("items.dat", items.encode(encoding)))
    return prepared(events, described).dataset.catalogue


def prepared(events, items):
    roles = table.proposal(table.layout(events), events.name).decided(events.name)
    return table.prepare("own", table.read(events, roles), Settings(noun="film"), items)


def lines(form: str) -> str:
    made = zip(range(1, 7), NAMES, YEARS, GENRES, strict=True)
    return "".join(form.format(i=i, name=name, year=year, genres=genres) + "\n" for i, name, year, genres in made)


@pytest.mark.parametrize(
    ("separator", "form"),
    [
        ("::", "{i}::{name} ({year})::{genres}"),
        ("\t", "{i}~{name}~01-Jan-{year}~~http://films/{i}~{genres}".replace("~", ";")),
        ("\t", "http://films/{i}\ttt00{i}\t{i}\t{genres}\t{name}\t{year}"),
        ("\t", "{i};{genres};{name};{year};en"),
    ],
    ids=["movies.dat", "dates", "another order", "a language"],
)
def test_a_table_without_a_header_gives_titles_years_and_genres(separator, form):
    found = rows(RATINGS[separator], lines(form))
    assert found["title"].tolist() == list(NAMES)
    assert found["year"].tolist() == YEARS
    assert found["genres"].tolist() == [tuple(genres.split("|")) for genres in GENRES]


def test_ids_with_leading_zeros_find_their_films():  # as MovieTweetings writes them
    ratings = "".join(f"{u}::00{i}::{u % 9}::{900_000 + u * i}\n" for u in range(1, 5) for i in range(1, 7))
    assert rows(ratings, lines("00{i}::{name} ({year})::{genres}"))["title"].tolist() == list(NAMES)


def test_the_flags_of_u_item_are_genres_also_in_the_archive():
    flags = ["0|" * k + "1" + "|0" * (18 - k) for k in (1, 5, 8, 8, 5, 18)]
    items = "".join(
        f"{i}|{name} ({year})|01-Jan-{year}||http://films/{i}|{flag}\n"
        for i, name, year, flag in zip(range(1, 7), NAMES, YEARS, flags, strict=True)
    )
    files = table.opened("set.zip", zipped(u_data=RATINGS["\t"].encode(), u_item=items.encode("latin-1")))
    found = prepared(*table.pair(files)).dataset.catalogue
    assert found["title"].tolist() == list(NAMES)
    genres = [(genre,) for genre in ("Action", "Comedy", "Drama", "Drama", "Comedy", "Western")]
    assert found["genres"].tolist() == genres
    assert list(found) == ["item_id", "title", "year", "genres", "url"]
    assert found["url"].tolist() == [f"http://films/{i}" for i in range(1, 7)]


def test_a_title_is_known_by_its_values_where_its_column_is_named_in_another_language():
    words = lines("{i},Le {name} perdu,{genres}").replace("|", "/")
    assert rows(RATINGS["::"], "id,nom,style\n" + words)["title"].tolist()[0] == "Le Harbour perdu"


@pytest.mark.parametrize("column", ["tt00{i}", "http://films/{i}", "2020-01-0{i}", "{i}.5"])
def test_addresses_ids_and_days_are_no_titles(column):
    assert rows(RATINGS["::"], lines("{i}," + column))["title"].tolist()[0] == "film 1"


def test_the_columns_of_an_items_table_are_known_with_letters_of_the_language():
    items = "Książka;Tytuł;Rok\n" + lines("{i};{name};{year}")
    found = rows("user,book,time\n" + RATINGS["::"].replace("::", ",").replace(",1,9", ",9"), items, encoding="utf-8")
    assert found["title"].tolist() == list(NAMES)
