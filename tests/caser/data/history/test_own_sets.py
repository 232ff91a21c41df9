"""Histories for data sets that people brought: by the codes that are their ids, and by artists."""

from __future__ import annotations

import pytest

from caser.data.history import MATCHED, UNSURE, Matcher, read
from caser.data.table import Roles
from caser.data.titles import TitleIndex
from tests.caser.data.table.test_table import brought

ISBNS = ("0441013597", "0345339681", "080442957X", "0261103571")


def matcher(ids, titles=None, noun: str = "item") -> Matcher:
    """Of a data set in which each of these items was taken by several users."""
    header = "user,item,title,time" if titles else "user,item,time"
    rows = [
        ",".join([f"u{user}", one, *([titles[place]] if titles else []), str(1_600_000_000 + 9 * user + place)])
        for user in range(6)
        for place, one in enumerate(ids)
    ]
    roles = Roles("user", "item", "time", title="title" if titles else "")
    found = brought("\n".join([header, *rows]).encode(), roles=roles, noun=noun)
    return Matcher(TitleIndex(found.dataset, noun))


def taken(matcher: Matcher, name: str, content: str) -> list[str]:
    """The labels of what is certain, oldest first."""
    review = matcher.review(read(name, content.encode()))
    return [matcher.titles.labels[match.items[0]] for match in review.matches if match.verdict == MATCHED]


GOODREADS = (
    "Book Id,Title,Author,ISBN,ISBN13,My Rating,Date Read,Date Added,Exclusive Shelf\n"
    '1,Der Wüstenplanet,Frank Herbert,"=""0441013597""","=""""",5,2024/02/01,2024/01/01,read\n'
    '2,Little Women,A,"=""""","=""9780804429573""",4,2024/01/01,2024/01/01,read\n'
    '3,Another book,B,"=""0000000000""","=""""",4,2023/01/01,2024/01/01,read\n'
)
BY_ISBN = {
    "Goodreads": ("library.csv", GOODREADS, ["item 080442957X", "item 0441013597"]),
    "one column": ("read.csv", "ISBN,Date Read\n978-0-441-01359-3,2024-02-01\n080442957x,2024-01-01\n", None),
    "without zeros": ("read.csv", "isbn,date\n441013597,2024-02-01\n080442957X,2024-01-01\n", None),
    "Amazon's orders": (
        "orders.csv",
        "Order Date,Title,ASIN/ISBN,Quantity\n2024-02-01,Dune (Chronicles),0441013597,1\n2024-01-01,LW,080442957X,1\n",
        None,
    ),
}


@pytest.mark.parametrize(("name", "content", "labels"), BY_ISBN.values(), ids=BY_ISBN)
def test_books_are_found_by_their_isbn(name, content, labels):
    assert taken(matcher(ISBNS), name, content) == (labels or ["item 080442957X", "item 0441013597"])


def test_the_isbn_is_found_where_the_log_lost_its_zeros():
    ids = ("441013597", "345339681", "261103571")
    found = taken(matcher(ids), "read.csv", "isbn13\n9780441013593\n9780345339683\n")
    assert found == ["item 441013597", "item 345339681"]


def test_a_code_goes_before_a_title_of_another_item():
    found = matcher(("B000FA64PK", "B0000DZ3D1", "B00004"), ("Lamp", "Chair", "Bed"), "product")
    assert taken(found, "orders.csv", "ASIN,Title\nB0000DZ3D1,Lamp\nB999999999,Lamp\n") == ["Chair", "Lamp"]


def test_skus_are_the_ids_of_the_file_and_bare_numbers_are_asked():
    assert taken(
        matcher(("LMP-1", "CHR-2", "BED-3")), "mine.csv", "sku,date\nCHR-2,2024-01-01\nLMP-1,2024-01-02\n"
    ) == [
        "item CHR-2",
        "item LMP-1",
    ]
    review = matcher(("7", "8", "9")).review(read("mine.csv", b"sku,date\n8,2024-01-01\n"))
    assert [match.verdict for match in review.matches] == [UNSURE]


ARTISTS = ("a1", "a2", "a3"), ("Portishead", "The Cure", "Björk")
PLAYS = {
    "Last.fm": (
        "scrobbles.csv",
        "uts,utc_time,artist,album,track\n1704448800,x,Portishead,Dummy,Roads\n1704448900,x,The Cure,Wish,High\n"
        "1704449000,x,Portishead,Dummy,Numb\n1704449100,x,Nobody,N,None of it\n",
    ),
    "Spotify": (
        "StreamingHistory0.json",
        "["
        + ",".join(
            f'{{"endTime": "2024-01-0{day} 10:00", "artistName": "{artist}", "trackName": "t", "msPlayed": 200000}}'
            for day, artist in enumerate(("Portishead", "The Cure", "Portishead"), 1)
        )
        + "]",
    ),
    "a column of artists": ("top.csv", "Artist,Plays,Date\nThe Cure,9,2024-01-01\nPortishead,8,2024-01-02\n"),
}


@pytest.mark.parametrize("noun", ["artist", "item"])
@pytest.mark.parametrize(("name", "content"), PLAYS.values(), ids=PLAYS)
def test_songs_are_held_against_a_set_of_artists_by_their_artists(name, content, noun):
    assert taken(matcher(*ARTISTS, noun), name, content) == ["The Cure", "Portishead"]


def test_a_set_of_songs_is_held_against_songs():
    songs = ("t1", "t2", "t3"), ("Roads", "High", "Army of Me")
    assert taken(matcher(*songs, "song"), *PLAYS["Last.fm"]) == ["Roads", "High"]
    review = matcher(*ARTISTS).review(read(*(PLAYS["Last.fm"][0], PLAYS["Last.fm"][1].encode())))
    assert any("holds artists" in note for note in review.notes)
