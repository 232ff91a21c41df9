"""Files of the services whose exports have changed or come in several kinds."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date

import pytest

from caser.data.history import HistoryError, read, read_pasted

ALIEN = {"title": "Alien", "year": 1979, "ids": {"trakt": 1, "slug": "alien-1979", "imdb": "tt0078748", "tmdb": 348}}
HEAT = {"title": "Heat", "year": 1995, "ids": {"imdb": "tt0113277", "tmdb": 949}}
SHOW = {"title": "A Series", "year": 2004, "ids": {"imdb": "tt0000001"}}
OLD_IMDB = (
    '"position","const","created","modified","description","Title","Title type","Directors","You rated","IMDb Rating",'
    '"Runtime (mins)","Year","Genres","Num. Votes","Release Date (month/day/year)","URL"'
)


def lines(*given: str) -> bytes:
    return ("\n".join(given) + "\n").encode()


def packed(**members: object) -> bytes:
    """A zip of JSON; a member's name has "__" for "-"."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, value in members.items():
            archive.writestr(f"me/{name.replace('__', '-')}.json", json.dumps(value))
    return content.getvalue()


def found(name: str, content: bytes | list | dict) -> list[tuple]:
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return [(one.title, one.year, one.day and one.day.isoformat()) for one in read(name, content).entries]


def watched(at: str, **what: object) -> dict:
    return {"id": 1, "watched_at": f"{at}T20:15:00.000Z", "action": "watch", "type": next(iter(what)), **what}


# ---- Letterboxd: the file for imports, lists


def test_names_of_columns_count_however_they_are_written():
    plain = lines("Title,Year,Watched Date,IMDb ID", "Alien,1979,2024-03-01,tt0078748", "Heat,1995,2024-02-01,")
    for header in ("Title,Year,WatchedDate,imdbID", "TITLE,YEAR,watched_date,imdb_id", "title,year,watchedDate,ImdbId"):
        other = lines(header, *plain.decode().splitlines()[1:])
        assert read("a.csv", other).entries == read("a.csv", plain).entries
    assert [one.imdb_id for one in read("a.csv", plain).entries] == [0, 78748]


def test_the_letterboxd_file_for_imports_has_days_and_numbers_and_may_have_no_titles():
    first = "tmdbID,imdbID,Title,Year,Rating10,WatchedDate,Rewatch,Review"
    rows = ("348,tt0078748,Alien,1979,8,2024-03-01,false,", "949,tt0113277,Heat,1995,9,2024-02-01,false,")
    assert found("a.csv", lines(first, *rows)) == [("Heat", 1995, "2024-02-01"), ("Alien", 1979, "2024-03-01")]
    bare = read("a.csv", lines("imdbID,WatchedDate", "tt0078748,2024-03-01", "tt0113277,2024-02-01", "none,2024-01-01"))
    assert [(one.called, one.imdb_id, one.tmdb_id) for one in bare.entries] == [
        ("tt0113277", 113277, 0),
        ("tt0078748", 78748, 0),
    ]
    assert "the number cannot be read (line 4 'none')" in bare.notes[0]
    by_tmdb = read("a.csv", lines("tmdbID,WatchedDate", "348,2024-03-01", "949,2024-03-01"))
    assert [one.called for one in by_tmdb.entries] == ["TMDB 348", "TMDB 949"]


def test_a_day_in_a_column_of_another_name_is_taken_and_said_to_be():
    history = read(
        "a.csv", lines("Film,Released on,Finished on", "Alien,1979-05-25,2024-03-01", "Heat,1995-12-15,2024-01-01")
    )
    assert [(one.title, one.day.month) for one in history.entries] == [("Heat", 1), ("Alien", 3)]
    assert history.notes == ("a.csv: the column 'Finished on' is taken for the day.",)


def test_a_table_without_days_says_that_its_order_counts():
    for table in (("Film,Rating", "Alien,5", "Heat,4"), ("Film,Date added", "Alien,2024-03-01", "Heat,2024-01-01")):
        assert "no column of days" in read("a.csv", lines(*table)).notes[0]


ABOUT = ("Date,Name,Tags,URL,Description", '2024-02-01,My list,,u,"of Title, Year\nand two lines"', "")
LISTED = ("Position,Name,Year,URL,Description", "1,Alien,1979,u,", '2,Heat,1995,u,"a\nb"')


@pytest.mark.parametrize("first", ["Letterboxd list export v7", "Letterboxd list export v9", ""])
def test_a_letterboxd_list_is_its_films_with_their_years(first):
    history = read("list.csv", lines(first, *ABOUT, *LISTED))
    assert [(one.title, one.year) for one in history.entries] == [("Alien", 1979), ("Heat", 1995)]
    assert (history.source, len(history.notes)) == ("Letterboxd list", 2)
    assert "films on it that you have not seen" in history.notes[0]


def test_lines_above_a_table_are_no_films():
    assert found("a.csv", lines("sep=;", "Title;Year", "Alien;1979")) == [("Alien", 1979, None)]
    assert found("a.csv", lines("My films, 2024", "", "Title,Year", "Alien,1979")) == [("Alien", 1979, None)]


def test_a_title_that_begins_like_a_header_is_one_where_the_next_lines_are_no_rows_of_it():
    titles = ["Book, the 3", "Book, the 5 (1995)", "Heat", "Alien"]
    assert [row[0] for row in found("your list", lines(*titles))] == ["Book, the 3", "Book, the 5", "Heat", "Alien"]


def test_a_title_with_its_article_behind_it_is_no_header():
    assert found("a.txt", lines("Game, The (1997)", "Film, A", "Heat")) == [
        ("The Game", 1997, None),
        ("A Film", 0, None),
        ("Heat", 0, None),
    ]


# ---- Trakt


def test_trakts_json_is_its_films_with_their_numbers_and_days():
    content = [watched("2024-03-01", movie=ALIEN), watched("2024-02-01", episode={"title": "One"}, show=SHOW)]
    history = read("watched-history-1.json", json.dumps(content).encode())
    (one,) = history.entries
    assert (history.source, one.imdb_id, one.tmdb_id, one.year) == ("Trakt history", 78748, 348, 1979)
    assert one.day == date(2024, 3, 1)
    assert history.notes == ("watched-history-1.json: 1 row of series and episodes left out.",)


def test_trakts_archive_takes_the_last_day_of_all_parts_and_what_is_rated_or_watched_besides():
    content = packed(
        watched__history__1=[watched("2020-01-01", movie=ALIEN)],
        watched__history__2=[watched("2023-01-01", movie=ALIEN)],
        watched__shows=[{"plays": 2, "last_watched_at": "2022-01-01T00:00:00.000Z", "show": SHOW, "seasons": [{}]}],
        ratings__movies=[{"rated_at": "2021-01-01T00:00:00.000Z", "rating": 8, "type": "movie", "movie": HEAT}],
        lists__watchlist=[{"listed_at": "2021-01-01T00:00:00.000Z", "type": "movie", "movie": {"title": "Unseen"}}],
        user__profile={"username": "someone", "ids": {"slug": "someone"}},
        comments__all=[],
    )
    assert found("trakt.zip", content) == [("Heat", 1995, "2021-01-01"), ("Alien", 1979, "2023-01-01")]


def test_trakts_list_of_watched_films_is_read_alone_and_one_of_series_says_what_it_is():
    films = [{"plays": 2, "last_watched_at": "2022-01-01T00:00:00.000Z", "movie": HEAT}]
    assert found("watched-movies.json", films) == [("Heat", 1995, "2022-01-01")]
    series = [{"plays": 2, "last_watched_at": "2022-01-01T00:00:00.000Z", "show": SHOW}]
    with pytest.raises(HistoryError, match=r"holds no watched films.*1 row of series and episodes left out"):
        found("watched-shows.json", series)


# ---- shelves


GOODREADS = (
    "Book Id,Title,Author,ISBN,My Rating,Year Published,Original Publication Year,Date Read,Date Added,"
    "Bookshelves,Exclusive Shelf,Read Count"
)


def test_goodreads_has_what_was_read_in_the_order_of_reading():
    history = read(
        "goodreads_library_export.csv",
        lines(
            GOODREADS,
            '1,"Tale 1 (Saga, #1)",A,"=""1""",4,2001,1999,2024/03/01,2023/01/01,,read,1',
            "2,Tale 2,A,,0,2002,2000,,2023/01/02,to-read,to-read,0",
            "3,Tale 3,A,,0,2002,2000,,2023/01/02,,currently-reading,1",
            "4,Tale 4,A,,0,2002,,,2023/06/02,,read,1",
            "5,Tale 5,A,,0,2002,2000,,2023/06/02,,given-up,0",
            "6,Tale 6,A,,0,2002,2000,2022/06/02,2023/06/02,,favourites,1",
        ),
    )
    assert [(one.title, one.year, one.day.year) for one in history.entries] == [
        ("Tale 6", 2000, 2022),
        ("Tale 4", 2002, 2023),
        ("Tale 1 (Saga, #1)", 1999, 2024),
    ]
    said = " ".join(history.notes)
    for shelf in ("to-read", "currently-reading", "given-up"):
        assert f"1 row of the shelf '{shelf}' left out" in said
    assert "1 row without 'Date Read'; 'Date Added' counts there" in said


@pytest.mark.parametrize(
    ("column", "planned"),
    [("Read Status", "to-read"), ("Status", "Plan to Watch"), ("My_Status", "Plan to Read"), ("Shelf", "Wishlist")],
)
def test_other_services_shelves_of_what_is_planned_are_left_out(column, planned):
    history = read("a.csv", lines(f"Title,{column},Date", "Heat,Completed,2024-01-01", f"Alien,{planned},2024-01-02"))
    assert [one.title for one in history.entries] == ["Heat"]
    assert history.notes == (f"a.csv: 1 row of the shelf '{planned}' left out.",)


# ---- IMDb


@pytest.mark.parametrize("kind", ["Feature Film", "TV Movie", "Documentary", "Video", "Short Film", "TV Special", ""])
def test_imdbs_older_ratings_are_films_with_their_days(kind):
    row = f'"1","tt0078748","Sat Jan  7 00:00:00 2012","","","Alien","{kind}","A","8","8","117","1979","x","1","","u"'
    history = read("ratings.csv", lines(OLD_IMDB, row))
    assert (history.source, history.notes) == ("IMDb ratings", ())
    assert [(one.imdb_id, one.year, one.day) for one in history.entries] == [(78748, 1979, date(2012, 1, 7))]


@pytest.mark.parametrize("kind", ["TV Series", "TV Mini-Series", "tvMiniSeries", "TV Episode", "Video Game"])
def test_imdbs_series_are_left_out_whatever_they_were_called(kind):
    row = f'"2","tt2","Sun Feb 12 00:00:00 2012","","","Other","{kind}","A","8","8","117","1979","x","1","","u"'
    with pytest.raises(HistoryError, match="1 row of series, episodes and games left out"):
        read("ratings.csv", lines(OLD_IMDB, row))


def test_imdbs_older_lists_count_as_far_as_they_are_rated():
    row = (
        '"{0}","tt{0}","Sun Feb 12 00:00:00 2012","","","Film {0}","Feature Film","A","{1}","8","9","1979","","","","u"'
    )
    history = read("list.csv", lines(OLD_IMDB, row.format(1, 8), row.format(2, "")))
    assert [one.title for one in history.entries] == ["Film 1"]
    assert history.notes == ("list.csv: 1 row of titles without a rating of yours left out.",)


@pytest.mark.parametrize(
    ("line", "title", "year", "imdb_id", "tmdb_id"),
    [
        ("https://www.imdb.com/title/tt0078748/?ref_=x", "", 0, 78748, 0),
        ("https://m.imdb.com/de/title/tt0078748", "", 0, 78748, 0),
        ("tt0078748", "", 0, 78748, 0),
        ("Alien (1979) - https://www.imdb.com/title/tt0078748/", "Alien", 1979, 78748, 0),
        ("[Alien (1979)](https://www.imdb.com/title/tt0078748/)", "Alien", 1979, 78748, 0),
        ("https://www.themoviedb.org/movie/348-alien", "alien", 0, 0, 348),
        ("https://letterboxd.com/film/blade-runner-2049/", "blade runner 2049", 0, 0, 0),
        ("https://trakt.tv/movies/alien-1979", "alien 1979", 0, 0, 0),
    ],
)
def test_a_link_is_a_number_or_a_title(line, title, year, imdb_id, tmdb_id):
    (one,) = read_pasted(line).entries
    assert (one.title, one.year, one.imdb_id, one.tmdb_id) == (title, year, imdb_id, tmdb_id)


def test_a_column_may_hold_links():
    assert (
        read("a.csv", lines("Title,IMDb URL", "Alien,https://www.imdb.com/title/tt0078748/")).entries[0].imdb_id
        == 78748
    )


def test_netflix_in_polish():
    assert found("n.csv", lines("Tytuł,Data", "Heat,31.12.2020")) == [("Heat", 0, "2020-12-31")]


# ---- music and games


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.json", [{"endTime": "2024-01-05 10:00", "artistName": "A", "trackName": "Song", "msPlayed": 200_000}]),
        (
            "s.json",
            [{"ts": "2024-01-05T10:00:00Z", "ms_played": 200_000, "master_metadata_track_name": "Song"}
             | {"master_metadata_album_artist_name": "A", "episode_name": None}],
        ),
        ("l.csv", lines("uts,utc_time,artist,album,track", '1704448800,"05 Jan 2024, 10:00",A,B,Song')),
        ("l.csv", lines("Artist,Album,Title,Date", "A,B,Song,05 Jan 2024 10:00")),
        ("l.csv", lines("Artist;Album;Track;Date#someone", "A;B;Song;1704448800000")),
        ("l.json", [[{"artist": {"#text": "A"}, "name": "Song", "date": {"uts": "1704448800", "#text": "05 Jan"}}]]),
    ],
)  # fmt: skip
def test_songs_have_their_artist_and_their_day(name, content):
    assert found(name, content) == [("A - Song", 0, "2024-01-05")]
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    assert read(name, data).entries[0].others == ("Song",)


def test_spotify_leaves_out_what_was_skipped_or_is_no_song():
    row = {"endTime": "2024-01-05 10:00", "artistName": "A", "trackName": "Song", "msPlayed": 200_000}
    content = [row, row | {"trackName": "Other", "msPlayed": 900}, row | {"trackName": None}]
    history = read("s.json", json.dumps(content).encode())
    assert [one.title for one in history.entries] == ["A - Song"]
    assert "1 row of plays of less than 30 seconds left out" in history.notes[0]
    assert "1 row of podcasts, books and videos left out" in history.notes[1]


def test_steam_has_the_games_that_were_played():
    games = [
        {"appid": 440, "name": "Game 1", "playtime_forever": 10, "rtime_last_played": 1_704_448_800},
        {"appid": 10, "name": "Game 2", "playtime_forever": 0, "rtime_last_played": 0},
    ]
    assert found("games.json", {"response": {"game_count": 2, "games": games}}) == [("Game 1", 0, "2024-01-05")]
