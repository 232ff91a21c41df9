"""MovieLens: where each set comes from, and how its files become a `Dataset`.

The data is GroupLens's and is fetched from there; none of it is part of this repository.
Source: Harper & Konstan (2015), https://doi.org/10.1145/2827872
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import numpy as np
import pandas as pd

from caser.data import parsed
from caser.data.archive import DataError, Progress, data_dir, fetch_archive, holder, home_dir, obstacle
from caser.data.dataset import CATALOGUE_COLUMNS, LINK_COLUMNS, Dataset, from_interactions
from caser.data.source import Source
from caser.data.text import LOST, decode, open_utf8, with_progress
from caser.data.titles import LONGEST_TITLE, title_and_year
from caser.fields import named

KEEP_PARSED_ABOVE = 20_000_000  # bytes of ratings: about a million; smaller sets parse in a moment


@dataclass(frozen=True)
class Format:
    """How one generation of MovieLens lays out its files.

    Attributes:
        ratings, films: file names. separator: of the rating file. film_separator: of the film
            file; "," means quoted CSV. encoding: of files that are not UTF-8, which later copies may be.
        header, film_header: the first line, empty where there is none.
        genres: a file of genre names where a film carries a flag for each; else empty.
        links: a file of each film's number at IMDb and TMDB, read where it is there; else empty.
    """

    ratings: str
    films: str
    separator: str
    film_separator: str
    encoding: str
    header: str = ""
    film_header: str = ""
    genres: str = ""
    links: str = ""


@dataclass(frozen=True)
class Archive:
    """One MovieLens set: its name on screen, its archive's address and md5 (None: it changes), format and terms, the
    year of its latest films, how many ratings it has (0: that changes), the most megabytes its archive may have, and
    the folder in the archive."""

    label: str
    url: str
    md5: str | None
    format: Format
    licence: str
    until: int
    ratings: int
    megabytes: int
    folder: str

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the archive that it cannot be read without."""
        return tuple(filter(None, (self.format.ratings, self.format.films, self.format.genres)))

    @property
    def optional(self) -> tuple[str, ...]:
        """The files that are read where they are there."""
        return tuple(filter(None, (self.format.links,)))


U = Format("u.data", "u.item", "\t", "|", "iso-8859-1", genres="u.genre")
DAT = Format("ratings.dat", "movies.dat", "::", "::", "iso-8859-1")
CSV = Format(
    "ratings.csv",
    "movies.csv",
    ",",
    ",",
    "utf-8",
    "userId,movieId,rating,timestamp",
    "movieId,title,genres",
    links="links.csv",
)
LINKS_HEADER = "movieId,imdbId,tmdbId"


def _archive(
    name: str,
    label: str,
    md5: str | None,
    format: Format,
    share: str,
    until: int,
    ratings: int,
    megabytes: int,
    folder: str = "",
) -> Archive:
    licence = (
        f"MovieLens {label} by GroupLens, University of Minnesota: for research; {share}; no commercial use "
        "without permission; cite Harper & Konstan (2015), https://doi.org/10.1145/2827872"
    )
    url = f"https://files.grouplens.org/datasets/movielens/{name}.zip"
    return Archive(f"MovieLens {label}", url, md5, format, licence, until, ratings, megabytes, folder or name)


# What each archive's README says of passing it on; the stricter of the two where that is in doubt.
PRIVATE = "no redistribution without permission"
ALIKE = "redistribution under the same terms only"

ARCHIVES: Mapping[str, Archive] = MappingProxyType(
    {
        "ml-100k": _archive("ml-100k", "100K", "0e33842e24a9c977be4e0107933c0723", U, PRIVATE, 1998, 100_000, 5),
        "ml-1m": _archive("ml-1m", "1M", "c4d9eecfca2ab87c1945afe126590906", DAT, PRIVATE, 2000, 1_000_209, 6),
        "ml-10m": _archive(
            "ml-10m",
            "10M",
            "ce571fd55effeba0271552578f2648bd",
            DAT,
            PRIVATE,
            2008,
            10_000_054,
            70,
            folder="ml-10M100K",
        ),
        "ml-20m": _archive("ml-20m", "20M", "cd245b17a1ae2cc31bb14903e1204af3", CSV, PRIVATE, 2015, 20_000_263, 200),
        "ml-latest-small": _archive(
            "ml-latest-small", "Latest Small", None, CSV, ALIKE, 2018, 0, 20
        ),  # updated now and then
        "ml-25m": _archive("ml-25m", "25M", "6b51fb2759a8657d3bfcbfc42b592ada", CSV, PRIVATE, 2019, 25_000_095, 265),
        "ml-32m": _archive("ml-32m", "32M", "d472be332d4daa821edc399621853b57", CSV, ALIKE, 2023, 32_000_204, 265),
    }
)


def sources() -> list[Source]:
    """Every set as the program finds it."""
    return [
        Source(
            name,
            archive.label,
            "film",
            archive.licence,
            load=partial(load, name),
            files=partial(_files, name),
            fetch=partial(fetch, name),
            until=archive.until,
        )
        for name, archive in ARCHIVES.items()
    ]


def film_ids(name: str) -> str:
    """The column with which a MovieLens set's own film ids are known, "movieid" or "itemid"; "" for another data set.

    All but 100K number films alike.
    """
    if name not in ARCHIVES:
        return ""
    return "itemid" if ARCHIVES[name].format is U else "movieid"


def _files(name: str) -> tuple[Path, ...]:
    folder = find(name)
    return tuple(_paths(folder, ARCHIVES[name])) if folder else ()


def find(name: str) -> Path | None:
    """The folder that holds all of the set's files, in `data_dir()` or else in ~/.cache/caser; None if neither does.

    An archive that was unpacked one folder deeper is found, too.

    Raises:
        ValueError: an unknown name; the message lists all.
    """
    archive = ARCHIVES[named("data set", name, ARCHIVES)]
    found = (holder(folder, archive.files) for folder in _folders(name))
    return next((folder for folder in found if folder), None)


def fetch(name: str, progress: Progress | None = None, timeout: float = 30.0) -> Path:
    """The folder that holds the set, downloaded into `data_dir()` unless it is there already.

    Args:
        progress: called with (bytes so far, bytes in all or None); an exception it raises cancels.
        timeout: seconds to wait for data.

    Raises:
        ValueError: an unknown name.
        DataError: see `caser.data.archive.fetch_archive`. Nothing half written is left behind.
    """
    found = find(name)
    if found is not None:
        return found
    archive = ARCHIVES[name]
    return fetch_archive(
        archive.url,
        archive.md5,
        archive.files,
        data_dir() / name,
        progress,
        timeout,
        optional=archive.optional,
        inside=archive.folder,
        largest=archive.megabytes * 10**6,
    )


def load(name: str, folder: Path | None = None, on_share: Callable[[float], None] | None = None) -> Dataset:
    """Parse a set that is on this machine; never downloads.

    Sets of a million ratings and more are kept in binary form, by the checksum of their files, and
    open from it the next time. Blank lines are skipped; every other irregular line is an error.

    Args:
        folder: where the set's files are; by default what `find` finds. on_share: as for `Source.load`.

    Raises:
        ValueError: an unknown name.
        DataError: not found, a missing file, or a broken line: the message names the file and line.
    """
    archive = ARCHIVES[named("data set", name, ARCHIVES)]
    fetching = f"run `python -m caser data {name}` to fetch it"
    folder = find(name) if folder is None else Path(folder)
    try:
        if folder is None:
            raise DataError(f"{_why_it_is_not_here(name, archive)} {fetching}")
        return _load(name, archive, folder, on_share or (lambda share: None))
    except _Broken as broken:
        raise DataError(f"{broken}; repair it, or move {folder} away and {fetching} anew") from broken
    except OSError as error:
        raise DataError(f"cannot read {folder or data_dir()} ({error}); check its permissions") from error


def _why_it_is_not_here(name: str, archive: Archive) -> str:
    """What is in the way, and how to clear it; or else where was looked. The remedy follows."""
    for folder in _folders(name):
        if in_the_way := obstacle(folder, archive.files):
            return f"{in_the_way} and"
    return f"{name} is not in {' nor in '.join(str(place) for place in _folders(name))};"


class _Broken(Exception):
    """What is wrong and where; `load` adds the remedy."""


def _folders(name: str) -> list[Path]:
    """Where a set may lie: under its own name, or the one that its archive unpacks to."""
    names = (name, ARCHIVES[name].folder)
    return list(dict.fromkeys(place / folder for place in (data_dir(), home_dir()) for folder in names))


def _paths(folder: Path, archive: Archive) -> list[Path]:
    """The files that are read, in a folder that has all it must have."""
    there = (file for file in archive.optional if (folder / file).is_file())
    return [folder / file for file in (*archive.files, *there)]


def _load(name: str, archive: Archive, folder: Path, tell: Callable[[float], None]) -> Dataset:
    files = _paths(folder, archive)
    for file in files:
        if not file.is_file():
            raise _Broken(f"{file} is missing")
    if files[0].stat().st_size < KEEP_PARSED_ABOVE:
        return _parse(name, archive, folder, tell)
    key = parsed.key_of(name, files)
    dataset = parsed.recall(key, name, archive.licence)
    if dataset is None:
        dataset = _parse(name, archive, folder, tell)
        parsed.keep(key, dataset)
    return dataset


def _parse(name: str, archive: Archive, folder: Path, tell: Callable[[float], None]) -> Dataset:
    catalogue = _read_films(folder, archive.format)
    notes = _lost_letters(folder, archive.format)
    if archive.format.links and (folder / archive.format.links).is_file():
        notes += _add_links(catalogue, folder / archive.format.links)
    user, item, rating, timestamp = _read_ratings(folder / archive.format.ratings, archive.format, tell)
    notes += _cut_short(folder / archive.format.ratings, len(user), archive.ratings)
    unknown = np.setdiff1d(pd.unique(item), catalogue["item_id"])
    if len(unknown):
        ratings = folder / archive.format.ratings
        line, _ = _lines_of(ratings, archive.format, item=int(unknown[0]))
        raise _Broken(f"{ratings}, line {line} rates film {unknown[0]}, which {archive.format.films} lacks")
    return from_interactions(name, user, item, timestamp, rating, catalogue, licence=archive.licence, notes=notes)


# Ratings. The fast path accepts only what it is sure of; anything else is read line by line.

RATING_FIELDS = ("user id", "film id", "rating", "timestamp")
TOP_RATING = 5.0
ID_LIMIT = 1 << 31  # so that (user, film) fits one int64
TIME_LIMIT = 1 << 62
BLOCK = 1 << 24  # bytes
_LOOKED, _READ = 0.12, 0.45  # of the time that loading takes, as measured with nine million ratings


def _read_ratings(
    file: Path, fmt: Format, tell: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """user and item int32 (n,), rating float32 (n,), timestamp int64 (n,), in file order."""
    columns = None
    with closing(_open_ratings(file, fmt)) as stream:
        _check_header(file, stream.readline() if fmt.header else b"", fmt.header)
        start = stream.tell()
        if _is_regular(with_progress(stream, lambda share: tell(_LOOKED * share)), _separator(fmt)):
            stream.seek(start)
            parsing = with_progress(stream, lambda share: tell(_LOOKED + (_READ - _LOOKED) * share))
            columns = _parse_regular(parsing, _separator(fmt))
    if columns is None:
        raise _Broken(_first_broken_line(file, fmt))
    _check_duplicates(file, fmt, *columns[:2])
    return columns


def _open_ratings(file: Path, fmt: Format) -> BinaryIO:
    """The file's bytes from behind its byte order mark, with a separator of one byte, as the fast parser needs it."""
    stream = open_utf8(file)
    if len(fmt.separator) == 1:
        return stream
    with closing(stream):
        return io.BytesIO(stream.read().replace(fmt.separator.encode(), _separator(fmt)))


def _separator(fmt: Format) -> bytes:
    return fmt.separator.encode() if len(fmt.separator) == 1 else b"\x1f"


def _check_header(file: Path, line: bytes, expected: str) -> None:
    found = line.decode("utf-8", "replace").strip()
    if found != expected:
        raise _Broken(f"{file}, line 1 is {found[:80]!r}, expected {expected!r}" if found else f"{file} is empty")


def _cut_short(file: Path, n_ratings: int, expected: int) -> list[str]:
    """A note if the file shows that an end is missing: it can be read, but is not what was published."""
    with closing(open_utf8(file)) as stream:
        stream.seek(-1, os.SEEK_END)
        open_ended = stream.read() not in b"\r\n"
    found = [f"has {n_ratings:,} ratings where {expected:,} were published"] if n_ratings != expected > 0 else []
    found += ["ends within a line, which may be cut short"] if open_ended else []
    remedy = "move the data set's folder away and fetch it anew"
    return [f"{file.name} {' and '.join(found)}; to have it whole, {remedy}"] if found else []


def _is_regular(stream: BinaryIO, separator: bytes) -> bool:
    """Whether what is left is only lines of whole, whole, decimal, whole, and blank lines.

    pandas would take "1.0" and "1e3" for integers. With the digits deleted every good line looks
    alike, so two replacements tell, at a fraction of the parsing time.
    """
    with_point, without = (separator * 2 + point + separator + b"\n" for point in (b".", b""))
    while block := stream.read(BLOCK):
        block += stream.readline()
        if not block.endswith(b"\n"):
            block += b"\n"
        shape = block.translate(None, b"0123456789").replace(b"\r\n", b"\n")
        shape = shape.replace(with_point, b"0").replace(without, b"0")  # no other digit is left
        if shape.translate(None, b"0\n"):
            return False
    return True


def _parse_regular(stream: BinaryIO, separator: bytes) -> tuple[np.ndarray, ...] | None:
    """The four columns, or None if a field is empty, out of range, or missing."""
    kinds = dict(enumerate((np.int64, np.int64, np.float32, np.int64)))
    try:
        frame = pd.read_csv(
            stream,
            sep=separator.decode(),
            header=None,
            dtype=kinds,
            engine="c",
            quoting=csv.QUOTE_NONE,
            na_filter=False,
        )
    except (ValueError, OverflowError):  # an empty file included
        return None
    if frame.shape[1] != len(kinds):
        return None
    user, item, rating, timestamp = (frame.pop(column).to_numpy() for column in kinds)
    limits = ((user, ID_LIMIT), (item, ID_LIMIT), (timestamp, TIME_LIMIT))
    if rating.max() > TOP_RATING or any(column.max() >= limit for column, limit in limits):
        return None
    return user.astype(np.int32), item.astype(np.int32), rating, timestamp


def _first_broken_line(file: Path, fmt: Format) -> str:
    lines = 0
    for number, fields in _rating_lines(file, fmt):
        lines += 1
        problem = _rating_problem(fields)
        if problem:
            return f"{file}, line {number}: {problem}"
    return f"{file} cannot be read, though no single line is wrong" if lines else f"{file} has no ratings"


def _rating_lines(file: Path, fmt: Format) -> Iterator[tuple[int, list[str]]]:
    """(line number, fields) of every line that is not blank, after the header."""
    with closing(_open_ratings(file, fmt)) as stream:
        for number, line in enumerate(stream, start=1):
            line = line.removesuffix(b"\n").removesuffix(b"\r")
            if line and not (fmt.header and number == 1):
                yield number, line.decode("utf-8", "replace").split(_separator(fmt).decode())


_SOUND = re.compile(r"[0-9]{1,9} [0-9]{1,9} (?:[0-4](?:\.[0-9]*)?|5(?:\.0*)?) [0-9]{1,18}")


def _rating_problem(fields: list[str]) -> str:
    """What is wrong with a line; empty if nothing is."""
    if len(fields) != len(RATING_FIELDS):
        return f"it has {len(fields)} fields instead of {len(RATING_FIELDS)}"
    if _SOUND.fullmatch(" ".join(fields)):
        return ""  # one match instead of four: this may run on millions of lines
    for name, text in zip(RATING_FIELDS, fields, strict=True):
        if name == "rating":
            problem = _decimal_problem(text)
        else:
            problem = _whole_problem(text, TIME_LIMIT if name == "timestamp" else ID_LIMIT)
        if problem:
            return f"its {name} is {text[:40]!r}, {problem}"
    return ""


def _whole_problem(text: str, limit: int) -> str:
    if not re.fullmatch(r"[0-9]+", text):
        return "not a whole number"
    # The length comes first: Python refuses to convert thousands of digits.
    return "" if len(text.lstrip("0")) < 20 and int(text) < limit else f"not below {limit}"


def _decimal_problem(text: str) -> str:
    if not re.fullmatch(r"[0-9]+\.?[0-9]*|\.[0-9]+", text):
        return "not a number"
    return "" if float(text) <= TOP_RATING else f"above {TOP_RATING:g}"


def _check_duplicates(file: Path, fmt: Format, user: np.ndarray, item: np.ndarray) -> None:
    pairs = user.astype(np.int64) << 31
    pairs |= item
    pairs.sort()
    again = np.flatnonzero(pairs[1:] == pairs[:-1])
    if not len(again):
        return
    pair = int(pairs[again[0]])
    who, what = pair >> 31, pair & (ID_LIMIT - 1)
    first, second = _lines_of(file, fmt, what, who)
    raise _Broken(f"{file}, lines {first} and {second} both rate film {what} for user {who}")


def _lines_of(file: Path, fmt: Format, item: int, user: int | None = None) -> tuple[int, int | None]:
    """The first two lines that rate a film (for a user); called on regular files only."""
    lines = (
        number
        for number, fields in _rating_lines(file, fmt)
        if int(fields[1]) == item and (user is None or int(fields[0]) == user)
    )
    return next(lines), next(lines, None)


# Films. These files are small, so one careful pass does.

NO_GENRES = ("unknown", "(no genres listed)", "")


def _read_films(folder: Path, fmt: Format) -> pd.DataFrame:
    """The catalogue: item_id int64, title str, year int64, genres tuple of str; in file order."""
    file = folder / fmt.films
    names = _read_genres(folder / fmt.genres, fmt.encoding) if fmt.genres else None
    films, lines = {}, {}
    for number, fields in _film_lines(file, fmt):
        try:
            film = _flagged_film(fields, names) if names else _listed_film(fields)
        except _Broken as broken:
            raise _Broken(f"{file}, line {number}: {broken}") from None
        if film[0] in films:
            raise _Broken(f"{file}, lines {lines[film[0]]} and {number} both describe film {film[0]}")
        films[film[0]], lines[film[0]] = film, number
    if not films:
        raise _Broken(f"{file} has no films")
    return pd.DataFrame(list(films.values()), columns=list(CATALOGUE_COLUMNS))


def _read_genres(file: Path, encoding: str) -> list[str]:
    """Genre names in the order of the flags, from lines of name|index."""
    names = []
    for number, line in enumerate(_text(file, encoding).split("\n"), start=1):
        if line.strip():
            name, _, index = line.strip().rpartition("|")
            if not name or index != str(len(names)):
                raise _Broken(f"{file}, line {number} is {line[:40]!r}, expected a genre's name, | and {len(names)}")
            names.append(name)
    if not names:
        raise _Broken(f"{file} is empty")
    return names


def _text(file: Path, encoding: str) -> str:
    """The file's text: UTF-8 where it decodes, else in its format's encoding."""
    data = file.read_bytes()
    try:
        return decode(data, encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Broken(f"{file}, line {line} is not encoded as {encoding}") from error


def _lost_letters(folder: Path, fmt: Format) -> list[str]:
    """A note on each file whose letters an earlier copy could not save."""
    lost = {file: _text(folder / file, fmt.encoding).count(LOST) for file in (fmt.films, fmt.genres) if file}
    return [
        f"{file} has lost letters: {count:,} were written as {LOST} when it was saved; to have them back, "
        "move the data set's folder away and fetch it anew"
        for file, count in lost.items()
        if count
    ]


def _film_lines(file: Path, fmt: Format) -> Iterator[tuple[int, list[str]]]:
    """(line number, fields) of every line that is not blank, after the header."""
    text = _text(file, fmt.encoding)
    if fmt.film_separator == ",":
        yield from _csv_lines(file, text, fmt.film_header)
        return
    # Not splitlines(): it also breaks at characters that ISO-8859-1 titles may hold.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r").split(fmt.film_separator)


def _csv_lines(file: Path, text: str, header: str) -> Iterator[tuple[int, list[str]]]:
    _check_header(file, text.partition("\n")[0].encode(), header)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        next(reader)
        for fields in reader:
            if fields:
                yield reader.line_num, fields
    except csv.Error as error:
        raise _Broken(f"{file}, line {reader.line_num}: {error}") from error


def _listed_film(fields: list[str]) -> tuple[int, str, int, tuple[str, ...]]:
    """id, title, and genres separated by |."""
    if len(fields) != 3:
        raise _Broken(f"it has {len(fields)} fields instead of 3")
    genres = tuple(genre for genre in fields[2].strip().split("|") if genre not in NO_GENRES)
    return _film_id(fields[0]), *_title_and_year(fields[1]), genres


def _flagged_film(fields: list[str], names: list[str]) -> tuple[int, str, int, tuple[str, ...]]:
    """id, title, release date, video date, address, and a flag for every genre."""
    if len(fields) != 5 + len(names):
        raise _Broken(f"it has {len(fields)} fields instead of {5 + len(names)}")
    flags = [flag.strip() for flag in fields[5:]]
    wrong = next((flag for flag in flags if flag not in ("0", "1")), None)
    if wrong is not None:
        raise _Broken(f"a genre flag is {wrong[:40]!r}, not 0 or 1")
    genres = tuple(name for name, flag in zip(names, flags, strict=True) if flag == "1" and name not in NO_GENRES)
    title, year = _title_and_year(fields[1])
    released = re.search(r"(\d{4})$", fields[2].strip())
    return _film_id(fields[0]), title, year or (int(released[1]) if released else 0), genres


def _title_and_year(text: str) -> tuple[str, int]:
    if len(text) > LONGEST_TITLE:
        raise _Broken(f"its title {text[:40]!r}... has {len(text):,} letters, more than {LONGEST_TITLE:,}")
    return title_and_year(text)


def _film_id(text: str) -> int:
    problem = _whole_problem(text, ID_LIMIT)
    if problem:
        raise _Broken(f"its film id is {text[:40]!r}, {problem}")
    return int(text)


# Links. The set can be used without them, so what is wrong with them is a note.


def _add_links(catalogue: pd.DataFrame, file: Path) -> list[str]:
    """Give the catalogue its films' numbers at IMDb and TMDB, 0 where unknown; or say why it stays as it is."""
    try:
        links = _read_links(file)
    except _Broken as broken:
        said = str(broken).replace(str(file), file.name)
        return [f"{said}; the numbers of films at IMDb and TMDB are left out until it is repaired"]
    for place, column in enumerate(LINK_COLUMNS):
        catalogue[column] = np.array([links.get(film, (0, 0))[place] for film in catalogue["item_id"]], np.int64)
    return []


def _read_links(file: Path) -> dict[int, tuple[int, int]]:
    """Each film's numbers at IMDb and at TMDB."""
    links = {}
    for line, fields in _csv_lines(file, _text(file, "utf-8"), LINKS_HEADER):
        if len(fields) != 3:
            raise _Broken(f"{file}, line {line}: it has {len(fields)} fields instead of 3")
        film, imdb, tmdb = (_link(file, line, text) for text in fields)
        if film in links:
            raise _Broken(f"{file}, line {line} describes film {film} again")
        links[film] = imdb, tmdb
    return links


def _link(file: Path, line: int, text: str) -> int:
    problem = text and _whole_problem(text, ID_LIMIT)
    if problem:
        raise _Broken(f"{file}, line {line}: {text[:40]!r} is {problem}")
    return int(text or 0)
