"""Histories held against a catalogue: what is matched, what is left to the person, and what is never matched."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from caser.data.dataset import Dataset, from_interactions
from caser.data.history import ABSENT, MATCHED, UNSURE, Entry, History, Matcher
from caser.data.titles import TitleIndex, title_and_year

HERE = Path(__file__).parent
CASES = [
    tuple(part.strip() for part in line.split("|"))
    for line in (HERE / "hard_cases.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def films(*titles: str, name: str = "films", **columns: list[int]) -> Dataset:
    """A data set of films, as MovieLens writes them, each watched less often than the one before it."""
    named = [title_and_year(title) for title in titles]
    catalogue = pd.DataFrame(named, columns=["title", "year"]).assign(genres=[()] * len(named), **columns)
    catalogue["item_id"] = np.arange(1, len(named) + 1) * 10
    watched = np.repeat(catalogue["item_id"].to_numpy(), np.arange(len(named), 0, -1))
    ones = np.ones(len(watched), np.int64)
    return from_interactions(name, np.arange(len(watched)), watched, ones, ones, catalogue)


def matcher(*titles: str, noun: str = "film", **columns: list[int] | str) -> Matcher:
    return Matcher(TitleIndex(films(*titles, **columns), noun))


@pytest.fixture(scope="module")
def known() -> Matcher:
    return matcher(*(HERE / "catalogue.txt").read_text(encoding="utf-8").splitlines())


def test_there_are_two_hundred_hard_cases_and_no_two_alike():
    assert len(CASES) >= 200
    assert len({case[:2] for case in CASES}) == len(CASES)
    assert {case[2] for case in CASES} == {"=", "~", "!"}


@pytest.mark.parametrize(("title", "year", "sure", "film"), CASES, ids=[" ".join(case[:2]) for case in CASES])
def test_a_hard_case(known, title, year, sure, film):
    found = known.match(Entry(title, int(year or 0)))
    if sure == "!":
        assert found.verdict != MATCHED, found
    else:
        assert found.verdict == (MATCHED if sure == "=" else UNSURE), found
        assert known.titles.labels[found.items[0]].startswith(film.rpartition(" (")[0]), found
        assert known.titles.years[found.items[0]] == title_and_year(film)[1]


def test_a_number_at_imdb_or_tmdb_counts_before_any_title():
    known = matcher("Heat (1995)", "Alien (1979)", "Jaws (1975)", imdb_id=[113277, 78748, 0], tmdb_id=[949, 348, 578])
    assert known.match(Entry("Hitze", 1995, imdb_id=113277)).items == (0,)
    assert known.match(Entry("Der weiße Hai", 1975, imdb_id=73195, tmdb_id=578)).items == (2,)
    assert known.match(Entry("Jaws", 1975, imdb_id=73195)).verdict == MATCHED  # the data set lacks its number
    assert known.match(Entry("Heat", 1995, imdb_id=99)).verdict == UNSURE  # it knows that film by another
    both = known.match(Entry("Heat", 1995, imdb_id=113277, tmdb_id=348))
    assert (both.verdict, set(both.items)) == (UNSURE, {0, 1})


def test_a_film_that_a_data_set_has_twice_is_the_one_watched_more():
    assert matcher("Heat (1995)", "Heat (1995)").match(Entry("Heat", 1995)).items == (0,)
    two = matcher("Pinocchio (2022)", "Pinocchio (2022)", imdb_id=[1, 2])  # two films of that name and year
    assert two.match(Entry("Pinocchio", 2022)).verdict == UNSURE


def test_an_id_is_a_film_of_the_data_set_unless_it_is_also_a_title():
    known = matcher("Heat (1995)", "20 (1999)", "Alien (1979)")
    assert known.match(Entry("30", item_id=30)).items == (2,)
    assert known.match(Entry("20", item_id=20)).items == (1,)
    assert known.match(Entry("", item_id=7)).verdict == ABSENT
    unsure = matcher("Heat (1995)", "10 (1979)").match(Entry("10", item_id=10))
    assert (unsure.verdict, set(unsure.items)) == (UNSURE, {0, 1})


def numbered(column: str, *ids: int, **more: int) -> History:
    return History("MovieLens film ids", tuple(Entry("", item_id=item, numbered=column, **more) for item in ids))


def test_ids_of_another_movielens_edition_are_the_persons_to_confirm():
    for name, foreign, own in (
        ("ml-100k", "movieid", "itemid"),
        ("ml-25m", "itemid", "movieid"),
        ("films", "movieid", "itemid"),
    ):
        known = matcher("Heat (1995)", "Alien (1979)", name=name)
        review = known.review(numbered(foreign, 10, 20))
        assert [match.verdict for match in review.matches] == [UNSURE, UNSURE]
        assert list(review.sequence(review.likeliest())) == [0, 1]
        (said,) = review.notes
        assert "number films differently" in said
        assert "number 10 is Heat (1995)" in said
        assert "give a file with titles" in said
        review = known.review(numbered(own, 10, 20))
        assert (review.count(MATCHED), review.notes) == (2, ())


def test_an_id_beyond_the_data_set_puts_all_ids_in_doubt_but_those_meant():
    known = matcher("Heat (1995)", "Alien (1979)", "Jaws (1975)", name="ml-100k")
    listed = (Entry("10", item_id=10), Entry("99", item_id=99), Entry("", item_id=20), Entry("Jaws", 1975))
    review = known.review(History("list", listed))
    assert [match.verdict for match in review.matches] == [UNSURE, ABSENT, MATCHED, MATCHED]
    assert "unsure" in review.notes[0]
    (said,) = known.review(numbered("movieid", 98, 99)).notes
    assert "Your numbers are not those of ml-100k: give a file with titles" in said
    assert known.review(History("list", (*listed[:1], *listed[2:]))).count(MATCHED) == 3
    later = matcher("Heat (1995)", "Alien (1979)", name="ml-1m").review(numbered("movieid", 10, 99))  # numbered alike
    assert [match.verdict for match in later.matches] == [MATCHED, ABSENT]


def test_years_that_contradict_ids_put_all_in_doubt():
    known = matcher("Heat (1995)", "Alien (1979)", name="ml-100k")
    agree = numbered("movieid", 10, year=1995)
    assert known.review(agree).count(MATCHED) == 1
    review = known.review(History("", (*agree.entries, *numbered("movieid", 20, year=1954).entries)))
    assert [match.verdict for match in review.matches] == [UNSURE, ABSENT]
    assert "1 of your numbers belong" in review.notes[1]


def test_numbers_that_a_data_set_does_not_know_are_said():
    history = History("ids", (Entry("", imdb_id=78748), Entry("", tmdb_id=949), Entry("Heat", 1995, imdb_id=113277)))
    review = matcher("Heat (1995)").review(history)
    assert (review.count(ABSENT), review.count(MATCHED)) == (2, 1)
    assert "For 2 films your file has only IMDb or TMDB numbers, which films lacks" in review.notes[0]
    assert matcher("Heat (1995)", imdb_id=[113277]).review(history).notes == ()


def test_a_data_set_without_years_goes_by_titles():
    known = matcher("Tale 1 (A Saga, #1)", "Tale 2 (A Saga, #2)", "Tale 2", noun="book")
    history = History("", (Entry("Tale 1 (A Saga, #1)", 1999, date(2024, 1, 1)), Entry("Tale 3", 2001)))
    review = known.review(history)
    assert [match.verdict for match in review.matches] == [MATCHED, ABSENT]
    assert review.too_new == []


def test_editions_of_a_book_may_lie_decades_apart_films_of_one_name_may_not():
    later = Entry("The Lighthouse", 1927)
    assert matcher("The Lighthouse (2003)", noun="book").match(later).verdict == UNSURE
    assert matcher("The Lighthouse (2003)").match(later).verdict == ABSENT


def test_a_song_is_found_with_its_artist_or_without():
    song = Entry("A Band - A Song", others=("A Song",))
    assert matcher("A Song", "A Band - A Song", noun="song").match(song).items == (1,)
    assert matcher("A Song", "B Song", noun="song").match(song).verdict == MATCHED


def test_without_a_year_a_film_seen_long_after_the_data_ends_may_be_a_later_one():
    known = matcher("Aladdin (1992)", "Heat (1995)")
    assert known.match(Entry("Aladdin")).verdict == MATCHED
    assert known.match(Entry("Aladdin", day=date(1994, 1, 1))).verdict == MATCHED
    assert known.match(Entry("Aladdin", day=date(2019, 8, 1))).verdict == UNSURE
    assert known.match(Entry("Heat", day=date(1990, 1, 1))).verdict == ABSENT  # nobody saw it before it was made


def test_a_year_in_a_line_of_a_list_is_found_without_parentheses_too():
    known = matcher("Heat (1995)", "Heat (1986)", "Blade Runner 2049 (2017)", "Blade Runner (1982)")
    assert known.match(Entry("Heat 1995")).items == (0,)
    assert known.match(Entry("Blade Runner 2049")).items == (2,)
    assert known.match(Entry("blade runer")).items == (3,)


def test_an_original_title_finds_the_film():
    known = matcher("City of God (Cidade de Deus) (2002)", "Heat (1995)")
    assert known.match(Entry("Stadt Gottes", 2002, others=("Cidade de Deus",))).verdict == MATCHED


def test_a_review_counts_says_what_is_too_new_and_gives_the_sequence():
    known = matcher("Heat (1995)", "Alien (1979)", "Psycho (1960)")
    days = [date(2020, 1, day) for day in range(1, 7)]
    rows = [("Alien", 1979), ("Psyco", 1960), ("Parasite", 2019), ("Nothing", 1970), ("Heat", 1995), ("Alien", 1980)]
    entries = tuple(Entry(title, year, day) for (title, year), day in zip(rows, days, strict=True))
    review = known.review(History("list", entries))
    assert [review.count(verdict) for verdict in (MATCHED, UNSURE, ABSENT)] == [3, 1, 2]
    assert (review.until, [one.title for one in review.too_new]) == (1995, ["Parasite"])
    assert review.sequence({}) == {0: days[4], 1: days[5]}
    assert list(review.sequence({1: 2})) == [2, 0, 1]  # Psycho, confirmed, is the oldest
    with pytest.raises(ValueError, match="film 0 was not offered for 'Psyco'"):
        review.sequence({1: 0})


@pytest.mark.parametrize("title", ["", "...", "🎬", "a" * 300, "<b>x</b>", "(((", "|", "The", "2"])
def test_any_title_gets_a_verdict(known, title):
    for year in (0, 1999):
        assert known.match(Entry(title, year)).verdict in (MATCHED, UNSURE, ABSENT)


def test_words_where_numbers_are_expected_are_no_films_and_no_fault():
    known = matcher("Heat (1995)", "Alien (1979)", name="ml-25m")
    words = tuple(Entry("", item_id=word, numbered="movieid") for word in ("tt0114709", "heat"))
    assert known.review(History("ids", words)).count(ABSENT) == 2
    assert known.review(History("ids", (*words, *numbered("movieid", 10).entries))).count(MATCHED) == 1
