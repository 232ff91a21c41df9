"""Every MovieLens format, every broken line, and the facts of the real ML-100K. All small films are invented."""

import dataclasses
import io
import os
import re
import zipfile

import numpy as np
import pytest

from caser.data import movielens, parsed
from caser.data.dataset import CATALOGUE_COLUMNS, LINK_COLUMNS, split
from caser.data.histories import Histories
from caser.data.movielens import ARCHIVES, CSV, DAT, DataError, U, find, load
from caser.data.titles import TitleIndex, UnknownTitle, parts

GENRES = ["unknown", *(f"Genre{n}" for n in range(1, 19))]
# user, film, rating, time: user 2 before user 1, two ratings of user 1 tied in time
ROWS = [(2, 30, 4, 500), (1, 10, 5, 300), (1, 30, 3, 300), (1, 20, 1, 100), (2, 10, 2, 400)]


def flags(*on):
    return "|".join("1" if n in on else "0" for n in range(19))


FILMS = {
    U: (
        f"10|Lighthouse, The (1971)|01-Jan-1972||http://x|{flags(1, 3)}\n"
        f"20|unknown||||{flags(0)}\n"
        f"30|Émile sans année|09-Feb-1996||http://x|{flags(18)}\n"
        f"40|Never Rated (1980)|01-Jan-1980||http://x|{flags(2)}\n"
    ),
    DAT: (
        "10::Lighthouse, The (1971)::Genre1|Genre3\n20::unknown::unknown\n"
        "30::Émile sans année::Genre18\n40::Never Rated (1980)::Genre2\n"
    ),
    CSV: (
        'movieId,title,genres\n10,"Lighthouse, The (1971)",Genre1|Genre3\n20,unknown,(no genres listed)\n'
        '30,"Émile ""sans"" année",Genre18\n40,Never Rated (1980),Genre2\n'
    ),
}
NAMES = {U: "ml-100k", DAT: "ml-1m", CSV: "ml-latest-small"}
LINKS = "movieId,imdbId,tmdbId\n30,0114709,862\n10,0113497,\n99,1,1\n"
MARK = b"\xef\xbb\xbf"  # a byte order mark


@pytest.fixture(autouse=True)
def elsewhere(request, monkeypatch, tmp_path_factory):
    """No test looks at this machine's own data, except through `real`."""
    if "real" not in request.fixturenames:
        place = tmp_path_factory.mktemp("place")
        monkeypatch.setenv("HOME", str(place / "home"))
        monkeypatch.setenv("CASER_DATA_DIR", str(place / "data"))


@pytest.fixture(autouse=True)
def of_any_size(request, monkeypatch):
    """Small sets are taken for whole ones, except in a test that asks for the `published` counts."""
    if not {"real", "published"} & set(request.fixturenames):
        unknown = {name: dataclasses.replace(archive, ratings=0) for name, archive in ARCHIVES.items()}
        monkeypatch.setattr(movielens, "ARCHIVES", unknown)


@pytest.fixture
def published():
    """How many ratings each set was published with."""
    return {name: archive.ratings for name, archive in ARCHIVES.items()}


@pytest.fixture
def real():
    """The real ML-100K, where `CASER_DATA_DIR` holds it."""
    if "CASER_DATA_DIR" not in os.environ or find("ml-100k") is None:
        pytest.skip("CASER_DATA_DIR holds no ml-100k; run `python -m caser data ml-100k` to fetch it")
    return load("ml-100k")


def lines_of(fmt, rows=ROWS):
    lines = [fmt.separator.join(map(str, row)) for row in rows]
    return ([fmt.header] if fmt.header else []) + lines


def write(folder, fmt, ratings=None, films=None):
    """A small set in a format; `ratings` are lines or bytes, `films` text or bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    encoding = "utf-8" if fmt is CSV else "iso-8859-1"
    ratings = lines_of(fmt) if ratings is None else ratings
    ratings = ratings if isinstance(ratings, bytes) else ("\n".join(ratings) + "\n").encode("iso-8859-1")
    films = FILMS[fmt] if films is None else films
    (folder / fmt.ratings).write_bytes(ratings)
    (folder / fmt.films).write_bytes(films if isinstance(films, bytes) else films.encode(encoding))
    if fmt.genres:
        (folder / fmt.genres).write_text("".join(f"{name}|{n}\n" for n, name in enumerate(GENRES)) + "\n")
    return folder


FORMATS = pytest.mark.parametrize("fmt", [U, DAT, CSV], ids=NAMES.values())


@FORMATS
def test_each_format(tmp_path, fmt):
    data = load(NAMES[fmt], write(tmp_path, fmt))
    assert (data.n_users, data.n_items, len(data)) == (2, 3, 5)
    assert data.user_ids.tolist() == [1, 2]
    assert data.item_ids.tolist() == [10, 20, 30]
    assert data.item.tolist() == [1, 0, 2, 0, 2]
    assert data.timestamp.tolist() == [100, 300, 300, 400, 500]
    assert data.rating.tolist() == [1, 5, 3, 2, 4]
    year = 1996 if fmt is U else 0  # only ml-100k has release dates to fall back on
    title = 'Émile "sans" année' if fmt is CSV else "Émile sans année"
    assert data.catalogue["title"].tolist() == ["The Lighthouse", "unknown", title]
    assert data.catalogue["year"].tolist() == [1971, 0, year]
    assert data.catalogue["genres"].tolist() == [("Genre1", "Genre3"), (), ("Genre18",)]
    assert data.name == NAMES[fmt]
    assert not data.simulated


@FORMATS
def test_crlf_blank_lines_and_no_last_newline(tmp_path, fmt):
    plain = load(NAMES[fmt], write(tmp_path / "plain", fmt))
    lines = lines_of(fmt)
    films = FILMS[fmt].replace("\n", "\r\n")
    for form in ("\r\n".join(lines) + "\r\n\r\n", "\n".join(lines), "\n".join(lines) + "\n\n", "\n\n".join(lines)):
        data = load(NAMES[fmt], write(tmp_path / "other", fmt, form.encode(), films))
        assert data.checksum == plain.checksum
        assert data.catalogue.equals(plain.catalogue)


@FORMATS
def test_a_file_cut_short_is_said(monkeypatch, tmp_path, published, fmt):
    """Wherever it is cut: behind a line its ratings are too few, within the last one its end is open."""
    name, whole = NAMES[fmt], "\n".join(lines_of(fmt)) + "\n"
    known = dataclasses.replace(ARCHIVES[name], ratings=len(ROWS))
    monkeypatch.setattr(movielens, "ARCHIVES", {name: known})
    assert load(name, write(tmp_path, fmt, whole.encode())).notes == ()
    for cut in range(len(whole) - 1, len(whole) - 8, -1):
        if _readable(name, write(tmp_path, fmt, whole[:cut].encode())):
            (note,) = load(name, tmp_path).notes
            assert "cut short" in note
            assert "fetch it anew" in note
    (note,) = load(name, write(tmp_path, fmt, lines_of(fmt)[:-1])).notes
    assert f"has 4 ratings where {len(ROWS)} were published" in note


def _readable(name, folder):
    try:
        return load(name, folder)
    except DataError:
        return None


def test_the_published_counts_are_known(published, real):
    assert published["ml-100k"] == len(real)
    assert real.notes == ()
    assert [name for name, count in published.items() if not count] == ["ml-latest-small"]


def test_half_stars_and_byte_order_marks(tmp_path):
    rows = [(1, 10, 0.5, 1), (1, 20, "5.0", 2), (1, 30, 4.5, 3)]
    marked = b"\xef\xbb\xbf" + "\n".join(lines_of(CSV, rows)).encode()
    data = load("ml-25m", write(tmp_path, CSV, marked, "\ufeff" + FILMS[CSV]))
    assert data.rating.tolist() == [0.5, 5, 4.5]


def broken_lines(fmt):
    """(a line, what is said about it)"""
    s = fmt.separator
    yield from [
        (s.join(["1", "10", "3"]), "it has 3 fields instead of 4"),
        (s.join(["1", "10", "3", "5", "6"]), "it has 5 fields instead of 4"),
        (s.join(["1", "10", "3", "5", ""]), "it has 5 fields instead of 4"),
        ("1", "it has 1 fields instead of 4"),
        ("   ", "it has 1 fields instead of 4"),
        (s.join(["x", "10", "3", "5"]), "its user id is 'x', not a whole number"),
        (s.join(["", "10", "3", "5"]), "its user id is '', not a whole number"),
        (s.join(["1.0", "10", "3", "5"]), "its user id is '1.0', not a whole number"),
        (s.join(["1e3", "10", "3", "5"]), "its user id is '1e3', not a whole number"),
        (s.join(["-1", "10", "3", "5"]), "its user id is '-1', not a whole number"),
        (s.join(["9" * 30, "10", "3", "5"]), "its user id is '9999.*', not below"),
        (s.join(["1" * 5000, "10", "3", "5"]), "its user id is '1111.*', not below"),
        (s.join(["4294967297", "10", "3", "5"]), "its user id is '4294967297', not below"),
        (s.join(["1", "1O", "3", "5"]), "its film id is '1O', not a whole number"),
        (s.join(["1", "10.0", "3", "5"]), "its film id is '10.0', not a whole number"),
        (s.join(["1", "True", "3", "5"]), "its film id is 'True', not a whole number"),
        (s.join(["1", "10", "good", "5"]), "its rating is 'good', not a number"),
        (s.join(["1", "10", "", "5"]), "its rating is '', not a number"),
        (s.join(["1", "10", "nan", "5"]), "its rating is 'nan', not a number"),
        (s.join(["1", "10", "inf", "5"]), "its rating is 'inf', not a number"),
        (s.join(["1", "10", "1_0", "5"]), "its rating is '1_0', not a number"),
        (s.join(["1", "10", "881250949", "5"]), "its rating is '881250949', above 5"),
        (s.join(["1", "10", "9" * 400, "5"]), "its rating is '9999.*', above 5"),
        (s.join(["1", "10", "3", "noon"]), "its timestamp is 'noon', not a whole number"),
        (s.join(["1", "10", "3", ""]), "its timestamp is '', not a whole number"),
        (s.join(["1", "10", "3", "5.0"]), r"its timestamp is '5\.0', not a whole number"),
        (s.join(["1", "10", "3", "5\0"]), "its timestamp is .*, not a whole number"),
        (s.join(["1", "10", "3", "5\r6"]), "its timestamp is .*, not a whole number"),
        (s.join(["\xff", "10", "3", "5"]), "its user id is .*, not a whole number"),
        (s.join(['"1"', "10", "3", "5"]), "its user id is .*, not a whole number"),
        ("1;10;3;5", "it has 1 fields instead of 4"),
        (s.join(["1", "77", "3", "5"]), "rates film 77, which .* lacks"),
    ]


@pytest.mark.parametrize("place", [0, 2, 5], ids=["first", "middle", "last"])
@FORMATS
def test_broken_ratings_name_the_line(tmp_path, fmt, place):
    good, head = lines_of(fmt), bool(fmt.header)
    for broken, said in broken_lines(fmt):
        lines = [*good[: place + head], broken, *good[place + head :]]
        write(tmp_path, fmt, lines)
        with pytest.raises(DataError, match=rf"{fmt.ratings}, line {place + head + 1}:? {said}") as error:
            load(NAMES[fmt], tmp_path)
        assert f"move {tmp_path} away and run `python -m caser data {NAMES[fmt]}`" in str(error.value)


def test_a_lone_colon_is_no_separator(tmp_path):
    write(tmp_path, DAT, ["1::10::3::5", "1:2:::3::5"])
    with pytest.raises(DataError, match=r"line 2: it has 3 fields"):
        load("ml-1m", tmp_path)


@FORMATS
def test_duplicates_name_both_lines(tmp_path, fmt):
    lines = lines_of(fmt, [*ROWS, (1, 30, 2, 900)])
    first, second = len(lines) - 3, len(lines)
    write(tmp_path, fmt, lines)
    with pytest.raises(DataError, match=rf"{fmt.ratings}, lines {first} and {second} both rate film 30 for user 1; "):
        load(NAMES[fmt], tmp_path)


@FORMATS
def test_empty_and_missing_files(tmp_path, fmt):
    write(tmp_path, fmt, b"")
    with pytest.raises(DataError, match=rf"{fmt.ratings} (is empty|has no ratings); repair it, or move"):
        load(NAMES[fmt], tmp_path)
    write(tmp_path, fmt, lines_of(fmt, []))
    with pytest.raises(DataError, match=rf"{fmt.ratings} has no ratings; repair it"):
        load(NAMES[fmt], tmp_path)
    write(tmp_path, fmt, films="")
    with pytest.raises(DataError, match=rf"{fmt.films} (is empty|has no films); repair it"):
        load(NAMES[fmt], tmp_path)
    for file in ARCHIVES[NAMES[fmt]].files:
        write(tmp_path, fmt)
        (tmp_path / file).unlink()
        with pytest.raises(DataError, match=rf"{file} is missing; repair it, or move .* fetch it anew"):
            load(NAMES[fmt], tmp_path)


def test_wrong_headers(tmp_path):
    write(tmp_path, CSV, lines_of(CSV)[1:])
    with pytest.raises(DataError, match=r"ratings.csv, line 1 is '2,30,4,500', expected 'userId,movieId,rating,times"):
        load("ml-32m", tmp_path)
    write(tmp_path, CSV, films=FILMS[CSV].replace("title", "name"))
    with pytest.raises(DataError, match=r"movies.csv, line 1 is 'movieId,name,genres', expected 'movieId,title,genres"):
        load("ml-32m", tmp_path)


@pytest.mark.parametrize(
    ("fmt", "line", "said"),
    [
        (U, "50|A Film (1990)|||x|1|0", "it has 7 fields instead of 24"),
        (U, f"50|A Film (1990)|||x|{flags()[:-1]}2", "a genre flag is '2', not 0 or 1"),
        (U, f"x|A Film (1990)|||x|{flags()}", "its film id is 'x', not a whole number"),
        (U, f"10|A Film (1990)|||x|{flags()}", "lines 1 and 5 both describe film 10"),
        (DAT, "50::A Film (1990)", "it has 2 fields instead of 3"),
        (DAT, "::A Film (1990)::Genre1", "its film id is '', not a whole number"),
        (DAT, "10::A Film (1990)::Genre1", "lines 1 and 5 both describe film 10"),
        (CSV, "50,A Film, An (1990),Genre1", "it has 4 fields instead of 3"),
        (CSV, '50,"A Film (1990),Genre1', "unexpected end of data"),
        (CSV, '50,"A" Film (1990),Genre1', "expected after"),
        (CSV, "10,A Film (1990),Genre1", "lines 2 and 6 both describe film 10"),
    ],
)
def test_broken_films_name_the_line(tmp_path, fmt, line, said):
    write(tmp_path, fmt, films=FILMS[fmt] + line + "\n")
    number = 6 if fmt is CSV else 5
    where = rf"{fmt.films}, {'' if said.startswith('lines') else f'line {number}: '}"
    with pytest.raises(DataError, match=rf"{where}.*{said}.*; repair it, or move"):
        load(NAMES[fmt], tmp_path)


@FORMATS
def test_an_endless_title_is_refused_at_once(tmp_path, fmt):
    films = FILMS[fmt].replace("unknown", "; The (" * 300, 1)
    with pytest.raises(DataError, match=r"line [23]: its title .* has 2,100 letters, more than 1,000"):
        load(NAMES[fmt], write(tmp_path, fmt, films=films))


def test_film_file_in_another_encoding(tmp_path):
    write(tmp_path, CSV, films=FILMS[CSV].encode("iso-8859-1"))
    with pytest.raises(DataError, match=r"movies.csv, line 4 is not encoded as utf-8"):
        load("ml-25m", tmp_path)


RESAVED = {
    "as published": lambda data, encoding: data,
    "as UTF-8": lambda data, encoding: data.decode(encoding).encode(),
    "as UTF-8 with a mark": lambda data, encoding: MARK + data.decode(encoding).encode(),
    "with a mark alone": lambda data, encoding: MARK + data,
    "as UTF-16": lambda data, encoding: data.decode(encoding).encode("utf-16"),
}


@pytest.mark.parametrize("saved", RESAVED)
@FORMATS
def test_files_that_were_saved_in_another_encoding_read_the_same(tmp_path, fmt, saved):
    plain = load(NAMES[fmt], write(tmp_path / "plain", fmt))
    folder = write(tmp_path / "saved", fmt)
    for name in ARCHIVES[NAMES[fmt]].files:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(RESAVED[saved](data, fmt.encoding))
    data = load(NAMES[fmt], folder)
    assert data.checksum == plain.checksum
    assert data.catalogue.equals(plain.catalogue)
    assert "Émile" in data.catalogue["title"][2]
    assert data.notes == ()


@FORMATS
def test_a_mark_moves_no_line_number(tmp_path, fmt):
    broken = [*lines_of(fmt), "x"]
    with pytest.raises(DataError, match=rf"{fmt.ratings}, line {len(broken)}: "):
        load(NAMES[fmt], write(tmp_path, fmt, MARK + "\n".join(broken).encode()))


@FORMATS
def test_letters_that_are_lost_are_counted_and_said(tmp_path, fmt):
    lost = FILMS[fmt].replace("É", "\ufffd").replace("é", "\ufffd").encode()
    data = load(NAMES[fmt], write(tmp_path, fmt, films=lost))
    (note,) = data.notes
    assert note.startswith(f"{fmt.films} has lost letters: 2 were written as \ufffd")
    assert "move the data set's folder away and fetch it anew" in note
    assert str(tmp_path) not in note
    assert data.checksum == load(NAMES[fmt], write(tmp_path, fmt)).checksum
    assert load(NAMES[fmt], tmp_path).notes == ()


def test_lost_letters_of_genres_are_said_too(tmp_path):
    write(tmp_path, U)
    genres = (tmp_path / "u.genre").read_text().replace("Genre3", "Genr\ufffd3")
    (tmp_path / "u.genre").write_text(genres, encoding="utf-8")
    assert load("ml-100k", tmp_path).notes[0].startswith("u.genre has lost letters: 1 ")


def test_links_are_read_where_they_are_there(tmp_path):
    plain = load("ml-25m", write(tmp_path, CSV))
    assert list(plain.catalogue) == list(CATALOGUE_COLUMNS)
    (tmp_path / "links.csv").write_text(LINKS)
    data = load("ml-25m", tmp_path)
    assert data.catalogue["imdb_id"].tolist() == [113497, 0, 114709]
    assert data.catalogue["tmdb_id"].tolist() == [0, 0, 862]
    assert data.catalogue[list(LINK_COLUMNS)].dtypes.tolist() == [np.int64, np.int64]
    assert data.catalogue[list(CATALOGUE_COLUMNS)].equals(plain.catalogue)
    assert (data.checksum, data.notes) == (plain.checksum, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "links.csv is empty"),
        ("movieId,imdbId\n10,1\n", "links.csv, line 1 is 'movieId,imdbId', expected 'movieId,imdbId,tmdbId'"),
        (LINKS + "40,7\n", "links.csv, line 5: it has 2 fields instead of 3"),
        (LINKS + "40,7,862.0\n", "links.csv, line 5: '862.0' is not a whole number"),
        (LINKS + "40,tt7,8\n", "links.csv, line 5: 'tt7' is not a whole number"),
        (LINKS + "10,7,8\n", "links.csv, line 5 describes film 10 again"),
        (b"\xff\xff", "links.csv, line 1 is not encoded as utf-8"),
    ],
)
def test_broken_links_do_not_keep_the_set_from_opening(tmp_path, text, said):
    write(tmp_path, CSV)
    (tmp_path / "links.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    data = load("ml-25m", tmp_path)
    assert list(data.catalogue) == list(CATALOGUE_COLUMNS)
    assert data.notes == (f"{said}; the numbers of films at IMDb and TMDB are left out until it is repaired",)


def test_links_that_come_later_are_noticed(monkeypatch, tmp_path):
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path))
    write(tmp_path / "ml-20m", CSV)
    source = next(one for one in movielens.sources() if one.name == "ml-20m")
    stamp = source.stamp()
    assert [path.name for path in source.files()] == ["ratings.csv", "movies.csv"]
    (tmp_path / "ml-20m" / "links.csv").write_text(LINKS)
    assert [path.name for path in source.files()] == ["ratings.csv", "movies.csv", "links.csv"]
    assert source.stamp() != stamp
    assert "imdb_id" in source.load().catalogue


def test_unreadable_file(tmp_path, monkeypatch):
    def refuse(path, *args):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(movielens.Path, "read_bytes", refuse)
    with pytest.raises(DataError, match=r"cannot read .*Permission denied.*movies.csv.*; check its permissions"):
        load("ml-25m", write(tmp_path, CSV))


def test_broken_genre_file(tmp_path):
    write(tmp_path, U)
    (tmp_path / "u.genre").write_text("unknown|0\nDrama|2\n")
    with pytest.raises(DataError, match=r"u.genre, line 2 is 'Drama\|2', expected .* 1; repair"):
        load("ml-100k", tmp_path)


def test_find_looks_in_the_chosen_folder_and_then_at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path / "chosen"))
    home = tmp_path / ".cache" / "caser" / "ml-1m"
    assert find("ml-1m") is None
    with pytest.raises(DataError, match=r"ml-1m is not in .*chosen/ml-1m nor in .*caser/ml-1m; run `python -m caser"):
        load("ml-1m")
    assert find("ml-1m") is None
    write(home, DAT)
    assert find("ml-1m") == home
    (tmp_path / "chosen" / "ml-1m").mkdir(parents=True)
    assert find("ml-1m") == home, "an empty folder holds no set"
    write(tmp_path / "chosen" / "ml-1m", DAT)
    assert find("ml-1m") == tmp_path / "chosen" / "ml-1m"
    assert len(load("ml-1m")) == len(ROWS)


@pytest.mark.parametrize(
    "where", ["ml-10m", "ml-10m/ml-10M100K", "ml-10M100K", "ml-10m/ml-10m", "ml-10M100K/ml-10M100K"]
)
def test_an_archive_unpacked_by_hand_is_found(monkeypatch, tmp_path, where):
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path))
    write(tmp_path / where, DAT)
    source = next(one for one in movielens.sources() if one.name == "ml-10m")
    assert find("ml-10m") == movielens.fetch("ml-10m") == tmp_path / where
    assert source.available
    assert source.place == f"in {tmp_path / where}"
    assert len(source.load()) == len(ROWS)


@FORMATS
def test_a_folder_without_all_files_is_in_the_way(monkeypatch, tmp_path, fmt):
    """`find`, the source and `fetch` agree, and nothing is asked of the network."""
    name, data_dir = NAMES[fmt], tmp_path / "data"
    monkeypatch.setattr("urllib.request.urlopen", lambda *args, **options: pytest.fail("the network was asked"))
    monkeypatch.setenv("CASER_DATA_DIR", str(data_dir))
    source = next(one for one in movielens.sources() if one.name == name)
    for missing in ARCHIVES[name].files:
        write(data_dir / name, fmt)
        (data_dir / name / missing).unlink()
        assert find(name) is None
        assert source.files() == ()
        assert not source.available
        with pytest.raises(DataError, match=rf"nothing was fetched: .*{name} holds .*, but not {missing}; put what"):
            source.fetch()
        with pytest.raises(
            DataError, match=rf"{name} holds .*, but not {missing}; .* away and run `python -m caser data"
        ):
            source.load()
    write(tmp_path / "home" / ".cache" / "caser" / name, fmt)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert source.available, "a whole one elsewhere serves"
    assert len(source.load()) == len(ROWS)


def test_a_readme_alone_is_in_the_way(monkeypatch, tmp_path):
    monkeypatch.setattr("urllib.request.urlopen", lambda *args, **options: pytest.fail("the network was asked"))
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path))
    (tmp_path / "ml-100k").mkdir()
    (tmp_path / "ml-100k" / "README").write_text("mine")
    with pytest.raises(
        DataError, match=r"ml-100k holds README, but not u\.data, u\.item, u\.genre; put what is missing"
    ):
        movielens.fetch("ml-100k")


@pytest.mark.parametrize("function", [find, movielens.fetch, load])
def test_unknown_names_list_what_there_is(function):
    with pytest.raises(ValueError, match=r"unknown data set 'ml-3m'; choose one of ml-100k, ml-1m, ml-10m, ml-20m"):
        function("ml-3m")


def test_fetch_then_load(monkeypatch, tmp_path):
    """fetch() unpacks an archive whose files load(); a second call does not download."""
    data = io.BytesIO()
    source = write(tmp_path / "ml-latest-small", CSV)
    with zipfile.ZipFile(data, "w") as archive:
        for file in source.iterdir():
            archive.write(file, f"ml-latest-small/{file.name}")
    zipped = tmp_path / "archive.zip"
    zipped.write_bytes(data.getvalue())
    local = dataclasses.replace(ARCHIVES["ml-latest-small"], url=zipped.as_uri())
    monkeypatch.setattr(movielens, "ARCHIVES", {"ml-latest-small": local})
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path / "data"))
    folder = movielens.fetch("ml-latest-small")
    assert folder == tmp_path / "data" / "ml-latest-small"
    assert len(load("ml-latest-small")) == len(ROWS)
    zipped.unlink()
    assert movielens.fetch("ml-latest-small") == folder


@pytest.mark.parametrize(
    ("name", "fmt", "inside"), [("ml-10m", DAT, "ml-10M100K"), ("ml-20m", CSV, "ml-20m")], ids=["10m", "20m"]
)
def test_the_larger_sets_unpack_from_their_archives(monkeypatch, tmp_path, name, fmt, inside):
    """Half stars, titles in UTF-8, a folder of another name, and links where the archive has them."""
    rows = [(1, 10, 0.5, 1), (1, 30, "4.5", 2), (2, 20, 5, 3)]
    source = write(tmp_path / "source", fmt, lines_of(fmt, rows), FILMS[fmt].encode())
    (source / "README.html").write_text("terms")
    if fmt is CSV:
        (source / "links.csv").write_text(LINKS)
    zipped = tmp_path / "archive.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for file in source.iterdir():
            archive.write(file, f"{inside}/{file.name}")
    local = dataclasses.replace(ARCHIVES[name], url=zipped.as_uri(), md5=None)
    monkeypatch.setattr(movielens, "ARCHIVES", {name: local})
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path / "data"))
    assert movielens.fetch(name) == tmp_path / "data" / name
    assert (tmp_path / "data" / name / "README.html").is_file()
    data = load(name)
    assert data.rating.tolist() == [0.5, 4.5, 5]
    assert "Émile" in data.catalogue["title"][2]
    assert ("imdb_id" in data.catalogue) == (fmt is CSV)


def test_sources_are_frozen_and_complete():
    with pytest.raises(TypeError):
        ARCHIVES["ml-1m"] = None
    for name, source in ARCHIVES.items():
        assert source.url == f"https://files.grouplens.org/datasets/movielens/{name}.zip"
        assert source.md5 is None or len(bytes.fromhex(source.md5)) == 16
        assert "no commercial use without permission; cite Harper & Konstan (2015)" in source.licence


@pytest.fixture
def keeping(monkeypatch):
    """Small sets are kept too; the list grows with every parse."""
    parses, parse = [], movielens._parse
    monkeypatch.setattr(movielens, "KEEP_PARSED_ABOVE", 0)
    monkeypatch.setattr(movielens, "_parse", lambda *args: parses.append(args) or parse(*args))
    return parses


def test_a_large_set_is_parsed_once(tmp_path, keeping):
    write(tmp_path, CSV)
    first, second = load("ml-32m", tmp_path), load("ml-32m", tmp_path)
    assert len(keeping) == 1
    assert first.checksum == second.checksum
    assert first.catalogue.equals(second.catalogue)
    np.testing.assert_array_equal(first.rating, second.rating)
    assert first.licence == second.licence != ""


def test_links_and_notes_are_kept_too(tmp_path, keeping):
    write(tmp_path, CSV, films=FILMS[CSV].replace("É", "\ufffd"))
    without = load("ml-32m", tmp_path)
    (tmp_path / "links.csv").write_text(LINKS)
    first, second = load("ml-32m", tmp_path), load("ml-32m", tmp_path)
    assert len(keeping) == 2
    assert list(without.catalogue) == list(CATALOGUE_COLUMNS)
    assert list(second.catalogue) == [*CATALOGUE_COLUMNS, *LINK_COLUMNS]
    assert first.catalogue.equals(second.catalogue)
    assert first.notes == second.notes == without.notes != ()


def test_changed_files_are_parsed_again(tmp_path, keeping):
    load("ml-32m", write(tmp_path, CSV))
    changed = load("ml-32m", write(tmp_path, CSV, lines_of(CSV, ROWS[:-1])))
    assert len(changed) == len(ROWS) - 1
    retitled = load("ml-32m", write(tmp_path, CSV, films=FILMS[CSV].replace("Lighthouse", "Beacon")))
    assert retitled.catalogue["title"][0] == "The Beacon"
    assert len(keeping) == 3


def test_damaged_binary_is_parsed_again_and_replaced(tmp_path, keeping, caplog):
    load("ml-32m", write(tmp_path, CSV))
    (kept,) = (movielens.data_dir() / "parsed").iterdir()
    kept.write_bytes(kept.read_bytes()[:-9])
    assert len(load("ml-32m", tmp_path)) == len(ROWS)
    assert "is damaged" in caplog.text
    assert len(load("ml-32m", tmp_path)) == len(ROWS)
    assert len(keeping) == 2


def test_broken_sets_are_not_kept_and_small_ones_neither(tmp_path, monkeypatch):
    load("ml-32m", write(tmp_path, CSV))
    monkeypatch.setattr(movielens, "KEEP_PARSED_ABOVE", 0)
    with pytest.raises(DataError):
        load("ml-32m", write(tmp_path, CSV, ["x"]))
    assert parsed.recall(parsed.key_of("ml-32m", []), "ml-32m", "") is None
    assert not (movielens.data_dir() / "parsed").exists()


def test_facts_of_ml_100k(real):
    assert (real.n_users, real.n_items, len(real)) == (943, 1682, 100_000)
    histories = Histories(split(real), "test")
    positions = histories.positions(5)
    assert len(positions) == 94_342
    # The source chapter numbers a user's windows from the newest: its example 0 is user 0's last position.
    example = positions[histories.user[positions] == 0][-1:]
    assert histories.windows(example, 5).tolist() == [[241, 170, 110, 255, 4]]
    assert histories.targets(example, 1).tolist() == [[101]]


def test_catalogue_of_ml_100k(real):
    films = real.catalogue.set_index("item_id")
    assert films.loc[267].tolist() == ["unknown", 0, ()]
    assert (films["year"] == 0).sum() == 1
    assert films["year"].drop(267).between(1922, 1998).all()
    assert films["title"].str.endswith(", The").sum() == 0
    assert films["title"].str.strip().equals(films["title"])
    assert len({genre for genres in films["genres"] for genre in genres}) == 18


def test_every_title_of_ml_100k_is_found_by_its_file_and_as_it_is_shown(real):
    index = TitleIndex(real)
    lines = (find("ml-100k") / "u.item").read_text(encoding="iso-8859-1").splitlines()
    written = {int(line.split("|")[0]): line.split("|")[1] for line in lines}
    shared = {name for name, label in zip(real.names, index.labels, strict=True) if name != label}
    assert len(shared) == 18
    for item, (name, label) in enumerate(zip(real.names, index.labels, strict=True)):
        item_id = int(real.item_ids[item])
        assert index.find(label) == item
        for text in (name, written[item_id]):
            if name not in shared:
                assert index.find(text) == item
                continue
            with pytest.raises(UnknownTitle, match=re.escape(f"{name} = id:{item_id}")):
                index.find(text)
    assert index.find("Boot, Das (1981)") == index.find("das boot") == real.item_index(515)
    with pytest.raises(UnknownTitle, match=r"187 is the id of The Godfather: Part II .* title of 187 \(1997\)"):
        index.find("187")


def test_every_name_within_a_title_of_ml_100k_leads_to_it(real):
    index = TitleIndex(real)
    assert index.find("Yao a yao yao dao waipo qiao") == index.find("shanghai triad") == real.item_index(6)
    years = real.catalogue["year"].tolist()
    for item, title in enumerate(real.catalogue["title"]):
        for name in (title, *parts(title)):
            assert index.fits(name, years[item]), name
