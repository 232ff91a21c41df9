"""Files of the services people use, and what goes wrong with them."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from caser.data.history import HistoryError, Undecided, read, read_pasted, reading, rows, upload

LETTERBOXD = "Date,Name,Year,Letterboxd URI"
DIARY = f"{LETTERBOXD},Rating,Rewatch,Tags,Watched Date"
IMDB = (
    "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,Genres,"
    "Num Votes,Release Date,Directors"
)
ACTIVITY = (
    "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,"
    "Latest Bookmark,Country"
)
TRAKT = "watched_at,action,type,title,year,trakt_rating,trakt_id,imdb_id,tmdb_id,tvdb_id,url"


def csv_of(*lines: str, end: str = "\n") -> bytes:
    return (end.join(lines) + end).encode()


def titles(found) -> list[str]:
    return [entry.title for entry in found.entries]


def archive(**members: bytes) -> bytes:
    """A zip archive; a member's name has "__" for "/" and "_csv" for its ending."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return packed.getvalue()


# ---- each service


def test_a_letterboxd_diary_is_in_the_order_of_watching():
    found = read(
        "diary.csv",
        csv_of(
            DIARY,
            "2020-01-09,Heat,1995,https://boxd.it/a,4,,,2020-01-08",
            '2020-01-10,Alien,1979,https://boxd.it/b,5,Yes,"space, old",2020-01-02',
        ),
    )
    assert found.source == "Letterboxd diary"
    assert [(one.title, one.year, one.day) for one in found.entries] == [
        ("Alien", 1979, date(2020, 1, 2)),
        ("Heat", 1995, date(2020, 1, 8)),
    ]
    assert not found.notes


def test_columns_may_stand_anywhere_behind_a_mark_with_windows_line_ends_and_other_separators():
    content = '\ufeff\r\nYear;Letterboxd URI;Name;Date\r\n1995;u;"Heat; a film";2020-01-01\r\n'.encode()
    found = read("watched.csv", content)
    assert found.source == "Letterboxd list of watched films"
    assert titles(found) == ["Heat; a film"]


def test_a_letterboxd_archive_takes_the_diary_first_then_what_else_was_watched():
    content = archive(
        export__watched_csv=csv_of(LETTERBOXD, "2021-01-01,Heat,1995,u", "2019-01-01,Jaws,1975,u"),
        export__diary_csv=csv_of(DIARY, "2020-01-09,Heat,1995,u,4,,,2020-01-08"),
        export__watchlist_csv=csv_of(LETTERBOXD, "2021-01-01,Unseen,1999,u"),
        export__deleted__diary_csv=csv_of(DIARY, "2020-01-09,Deleted,1995,u,4,,,2020-01-08"),
        export__likes__films_csv=csv_of(LETTERBOXD, "2021-01-01,Liked,1999,u"),
        export__profile_csv=csv_of("Date Joined,Username", "2019-01-01,me"),
    )
    found = read("letterboxd.zip", content)
    assert [(one.title, one.day.year) for one in found.entries] == [("Jaws", 2019), ("Heat", 2020)]
    assert found.source == "Letterboxd diary and Letterboxd list of watched films"


def test_a_watchlist_is_told_by_its_name_and_said_to_be_one():
    found = read("watchlist-me.csv", csv_of(LETTERBOXD, "2021-01-01,Unseen,1999,u"))
    assert "is a watchlist by its name" in found.notes[0]


def test_imdb_ratings_keep_films_with_their_numbers_and_original_titles():
    film = 'tt0317248,9,2021-05-02,City of God,Cidade de Deus,u,Movie,8.6,130,2002,"Crime, Drama",1,2002-02-05,X'
    series = "tt0903747,9,2021-05-03,Breaking Bad,Breaking Bad,u,TV Series,9.5,,2008,Crime,1,2008-01-20,"
    found = read("ratings.csv", csv_of(IMDB, series, film))
    (one,) = found.entries
    assert (one.imdb_id, one.others, one.year, one.day) == (317248, ("Cidade de Deus",), 2002, date(2021, 5, 2))
    assert found.notes == ("ratings.csv: 1 row of series, episodes and games left out.",)


def test_older_imdb_files_lack_the_original_title():
    header = IMDB.replace("Original Title,", "")
    found = read("ratings.csv", csv_of(header, "tt1,9,2021-05-02,Heat,u,movie,8,170,1995,Crime,1,1995-12-15,X"))
    assert found.entries[0].others == ()


def test_netflix_viewing_history_has_no_episodes_and_its_dates_are_found_out():
    found = read(
        "NetflixViewingHistory.csv",
        csv_of(
            "Title,Date",
            '"Heat","3/4/22"',
            '"Dark: Season 1: Lies","2/28/22"',
            '"The Crown: Limited Series: Episode One","2/27/22"',
            '"Mission: Impossible - Fallout","2/1/22"',
        ),
    )
    assert titles(found) == ["Mission: Impossible - Fallout", "Heat"]
    assert found.entries[1].day == date(2022, 3, 4)
    assert "2 rows of episodes of series left out" in found.notes[0]


@pytest.mark.parametrize(
    "title",
    ["Kill Bill: Vol. 2", "Star Wars: Episode V: The Empire Strikes Back", "Dune: Part Two", "X-Men: The Last Stand"],
)
def test_films_that_look_like_episodes_are_kept(title):
    assert titles(read("n.csv", csv_of("Title,Date", f'"{title}","2/28/22"'))) == [title]


@pytest.mark.parametrize(
    "title",
    ["Dark: Staffel 1: Geheimnisse", "Lupin: Partie 2: Chapitre 3", "Elite: Temporada 1: Bienvenidos", "A: Season 2"],
)
def test_episodes_are_left_out_in_other_languages_too(title):
    with pytest.raises(HistoryError, match=r"holds no watched films.*episodes of series"):
        read("n.csv", csv_of("Title,Date", f'"{title}","2/28/22"'))


def test_dates_that_can_be_read_in_two_ways_are_asked_for():
    content = csv_of("Title,Date", '"A","1/2/22"', '"B","5/6/22"', '"C","3/1/22"')
    with pytest.raises(Undecided, match="say which it is") as caught:
        read("NetflixViewingHistory.csv", content)
    assert caught.value.question == "day_first"
    assert set(caught.value.answers) == {True, False}
    assert read("n.csv", content, day_first=True).entries[0].day == date(2022, 1, 3)
    assert read("n.csv", content, day_first=False).entries[-1].day == date(2022, 5, 6)


def test_the_order_of_the_rows_tells_the_day_from_the_month():
    found = read("n.csv", csv_of("Title,Date", '"C","3/2/22"', '"B","1/2/22"', '"A","5/1/22"'))
    assert [one.day for one in found.entries] == [date(2022, 1, 5), date(2022, 2, 1), date(2022, 2, 3)]


def test_netflix_activity_drops_trailers_and_asks_whose_profile():
    def row(who: str, title: str, extra: str = "") -> str:
        return f"{who},2022-05-01 20:15:00,01:30:00,,{title},{extra},TV,x,x,DE"

    content = csv_of(ACTIVITY, row("Ann", "Heat"), row("Ben", "Alien"), row("Ann", "Jaws", "TRAILER"))
    with pytest.raises(Undecided, match="2 people") as caught:
        read("ViewingActivity.csv", content)
    assert caught.value.answers == {"Ann": "Ann (2 rows)", "Ben": "Ben (1 rows)"}
    assert titles(read("ViewingActivity.csv", content, who="Ann")) == ["Heat"]
    with pytest.raises(HistoryError, match=r"no rows of 'Cyd'; choose one of 'Ann', 'Ben'"):
        read("ViewingActivity.csv", content, who="Cyd")


def test_trakt_keeps_films_with_their_numbers():
    found = read(
        "history.csv",
        csv_of(
            TRAKT,
            "2022-05-01T20:15:00Z,scrobble,movie,Heat,1995,,1,tt0113277,949,,u",
            "2022-05-02T20:15:00Z,scrobble,episode,Pilot,2008,,2,tt0959621,62085,,u",
        ),
    )
    (one,) = found.entries
    assert (found.source, one.imdb_id, one.tmdb_id, one.day) == ("Trakt history", 113277, 949, date(2022, 5, 1))


def test_movielens_ratings_go_by_id_or_by_what_else_they_say():
    (bare,) = read("ratings.csv", csv_of("userId,movieId,rating,timestamp", "7,50,4.0,880000000")).entries
    assert (bare.item_id, bare.title, bare.day) == (50, "", date(1997, 11, 20))
    (told,) = read(
        "movielens.csv", csv_of("movie_id,imdb_id,tmdb_id,rating,title", "6,113277,949,4.0,Heat (1995)")
    ).entries
    assert (told.imdb_id, told.tmdb_id) == (113277, 949)


def test_a_list_has_the_oldest_first_and_may_be_numbered_or_have_bullets():
    assert titles(read_pasted("1. Alien (1979)\n2. Matrix, The (1999)\n\n3. 10 Things\n")) == [
        "Alien",
        "The Matrix",
        "10 Things",
    ]
    assert titles(read_pasted("- Heat\n* Jaws")) == ["Heat", "Jaws"]
    assert titles(read("films.txt", b'12 Angry Men\n"Good, the Bad and the Ugly, The"\n')) == [
        "12 Angry Men",
        "The Good, the Bad and the Ugly",
    ]


@pytest.mark.parametrize(
    "line",
    [
        *("{} [{}]", "{} ({}) ★★★★", "{} ({}) ★★★½", "{} ({}) 9/10", "{} ({}) - 4,5/5", "2024-01-05 {} ({})"),
        *("2024-01-05: {} ({}) ★★★", "- [x] {} ({})", "* [ ] {} ({})", "• {} ({}) 80/100", '"{} ({})"'),
    ],
)
def test_titles_are_found_as_people_note_them(line):
    found = read_pasted("\n".join(line.format(*film) for film in (("Alien", 1979), ("The Matrix", 1999))))
    assert [(one.title, one.year) for one in found.entries] == [("Alien", 1979), ("The Matrix", 1999)]


def test_a_list_of_numbers_is_taken_for_ids_and_said_to_be():
    found = read_pasted("50\n181\nid:7")
    assert [one.item_id for one in found.entries] == [50, 181, 7]
    assert "ids of the data set" in found.notes[0]
    assert [one.item_id for one in read_pasted("1917\nHeat\nid:7\ntitle:300").entries] == [None, None, 7, None]


def test_a_table_of_titles_is_enough():
    found = read("mine.csv", csv_of("Film;Year;Watched Date", "Heat;1995;31.12.2020", "Alien;1979;1.2.2019"))
    assert [(one.title, one.year, one.day) for one in found.entries] == [
        ("Alien", 1979, date(2019, 2, 1)),
        ("Heat", 1995, date(2020, 12, 31)),
    ]


def test_a_film_seen_again_counts_where_it_was_seen_last():
    found = read("d.csv", csv_of("Film,Date", "Heat,2020-01-01", "Alien,2020-01-02", "HEAT,2020-01-03"))
    assert titles(found) == ["Alien", "HEAT"]
    assert "1 repeated entry;" in found.notes[0]


def test_films_of_one_day_keep_the_files_order_or_turn_it_where_the_newest_comes_first():
    upward = csv_of("Film,Date", "A,2020-01-01", "B,2020-01-02", "C,2020-01-02")
    downward = csv_of("Film,Date", "C,2020-01-02", "B,2020-01-02", "A,2020-01-01")
    assert titles(read("d.csv", upward)) == titles(read("d.csv", downward)) == ["A", "B", "C"]


# ---- what goes wrong


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"x,y,z\n1,2,3\n", "line 1: the header 'x,y,z' is unknown"),
        ("a.csv", b"\n\nx,y\n1,2\n", "line 3: the header 'x,y'"),
        ("a.csv", csv_of(LETTERBOXD), "holds no watched films"),
        ("a.csv", csv_of(LETTERBOXD, '2020-01-01,"Heat,1995,u', "2020-01-01,Jaws,1975,u"), "line 2: a quote is opened"),
        ("a.csv", csv_of(LETTERBOXD, "2020-01-01;Heat;1995;u", "2020-01-01;Jaws;1975;u"), "2 of 2 rows cannot be read"),
        ("a.csv", b"Title,Year\nHe\x00at,1995\n", "line 2 holds a NUL"),
        ("a.csv", b"Title,Year\n" + b"x" * 200_000, "line 2 has more than 100,000 letters"),
        ("a.txt", b"x" * 200_000, "line 1 has more than 100,000 letters"),
        ("a.csv", b'Title,Year\n"' + b"x\n" * 100_000, "line 2: a quote is opened there and never closed"),
        ("a.txt", b"\n" * 2_000_001, "is no one person's history"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(1, 32)) * 50, "is not text"),
        ("a.zip", b"PK\x03\x04 and no more", "cannot be unpacked"),
        ("a.zip", archive(), "holds no CSV, Excel, JSON or text file"),
        ("a.zip", archive(readme_txt=b"hello"), "holds no CSV, Excel, JSON or text file"),
        ("a.zip", archive(**{"..__x_csv": b"Title\nHeat\n"}), "leads out of the archive"),
        ("a.zip", archive(**{"C:__x_csv": b"Title\nHeat\n"}), "leads out of the archive"),
        ("a.zip", archive(**{"__etc__x_csv": b"Title\nHeat\n"}), "leads out of the archive"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place_and_a_remedy(name, content, said):
    with pytest.raises(HistoryError) as caught:
        read(name, content)
    assert said in str(caught.value)
    assert any(remedy in str(caught.value) for remedy in ("; ", ": ")), "a remedy"


def test_an_encrypted_archive_is_refused():
    content = bytearray(archive(x_csv=b"Title\nHeat\n"))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + place] |= 1
    with pytest.raises(HistoryError, match="encrypted"):
        read("a.zip", bytes(content))


def test_a_zip_bomb_is_not_unpacked_past_the_bound():
    content = archive(x_csv=b"Title\n" + b"Heat\n" * 1_000_000)
    assert len(content) < 100_000
    with pytest.raises(
        HistoryError, match=r"what a\.zip unpacks to is larger than 1 MB; cut it, or set CASER_UPLOAD_MB"
    ):
        read("a.zip", content, most=1_000_000)


def test_the_bound_can_be_set(monkeypatch):
    content = csv_of("Title", "Heat" * 300_000)
    monkeypatch.setenv("CASER_UPLOAD_MB", "1")
    with pytest.raises(HistoryError, match="larger than 1 MB"):
        read("a.csv", content)
    monkeypatch.setenv("CASER_UPLOAD_MB", "many")
    with pytest.raises(HistoryError, match="CASER_UPLOAD_MB is 'many'; set it to a whole number"):
        read("a.csv", content)
    monkeypatch.delenv("CASER_UPLOAD_MB")
    assert upload.most_bytes() == 200_000_000


def test_more_rows_or_films_than_one_person_sees_are_refused(monkeypatch):
    monkeypatch.setattr(rows, "MOST_ROWS", 3)
    with pytest.raises(HistoryError, match="more than 3 rows"):
        read("a.csv", csv_of("Title,Year", *["Heat,1995"] * 4))
    with pytest.raises(HistoryError, match="more than 3 rows"):
        read_pasted("a\nb\nc\nd")
    monkeypatch.setattr(reading, "MOST_FILMS", 2)
    with pytest.raises(HistoryError, match="has 3 entries"):
        read_pasted("a\nb\nc")


def test_what_is_not_utf_8_is_read_as_latin_1_and_said_to_be():
    found = read("a.csv", "Title,Year\nLéon – “x”,1994\n".encode("windows-1252"))
    assert titles(found) == ["Léon – “x”"]
    assert found.notes == ("a.csv is not UTF-8; it was read as Latin-1 (Windows-1252).",)
    assert titles(read("a.csv", "Title,Year\nLéon,1994\n".encode("utf-16"))) == ["Léon"]


def test_single_rows_that_cannot_be_read_are_counted_and_shown():
    found = read(
        "a.csv",
        csv_of("Title,Year,Date", "Heat,1995,2020-01-01", "Jaws,1975", "Alien,1979,2020-01-02", ",1999,2020-01-01"),
    )
    assert titles(found) == ["Heat", "Alien"]
    assert any("line 3 has 2 fields instead of 3" in note for note in found.notes)
    assert any("the title cannot be read (line 5 '')" in note for note in found.notes)


@pytest.mark.parametrize("day", ["50000-01-01", "1850-01-01", "2020-13-45", "soon", "0"])
def test_days_that_no_film_was_watched_on_are_named_and_the_film_comes_first(day):
    found = read("a.csv", csv_of("Title,Year,Date", "Heat,1995,2020-01-01", f"Alien,1979,{day}"))
    assert titles(found) == ["Alien", "Heat"]
    assert any(f"the day cannot be read (line 3 '{day}')" in note for note in found.notes)
    assert any("1 of 2 entries have no day" in note for note in found.notes)


def test_years_in_words_are_named_and_the_title_kept():
    found = read("a.csv", csv_of("Title,Year", "Heat,nineteen ninety-five", "Jaws,50000"))
    assert [one.year for one in found.entries] == [0, 0]
    assert "in 2 rows the year cannot be read (line 2 'nineteen ninety-five', line 3 '50000')" in found.notes[0]


@pytest.mark.parametrize("title", ["=HYPERLINK('http://x')", "<script>alert(1)</script>", "**bold**", "+1", "@x"])
def test_titles_stay_what_they_are(title):
    assert titles(read("a.csv", csv_of("Title,Year", f'"{title}",1999'))) == [title]


def test_an_empty_list_is_said_to_be_empty():
    with pytest.raises(HistoryError, match="your list is empty; give one title a line"):
        read_pasted(" \n\t\n")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_whose_blocks_unpack_without_bound_is_refused(method):
    """113 bytes of bzip2 hold 100 MB of zeros, which its reader would unpack at once."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("watched.csv", "Date,Name,Year,Letterboxd URI\n2020-01-02,Alien,1979,x\n")
    with pytest.raises(HistoryError, match="not by deflate"):
        read("mine.zip", packed.getvalue())


def test_a_history_is_read_in_the_encoding_it_was_written_in():
    found = read("a.csv", "Title,Year\nИрония судьбы,1975\nМосква слезам не верит,1980\n".encode("cp1251"))
    assert titles(found) == ["Ирония судьбы", "Москва слезам не верит"]
    assert "read as Windows-1251 (Cyrillic)" in found.notes[0]


@pytest.mark.parametrize("line", ["★" * 90_000 + "x", " " * 90_000 + "x", "5 " * 45_000])
def test_a_long_line_is_read_once(line):
    assert titles(read_pasted(f"Heat\n{line}"))[0] == "Heat"
