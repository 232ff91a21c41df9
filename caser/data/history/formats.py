"""The files that services export: the columns by which each is known, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Row = Mapping[str, str]  # by the column's name in its normal form, "imdb id"


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes:
        label: on screen. service: files of one service complete each other; the first kind in `FORMATS` counts.
        needs: columns that its header has. alone: whether it has no others.
        title, year, day, other_title, imdb, tmdb, item, who: the columns that hold them, the first there counts.
        left_out: (row) why it is no film that was watched, in the plural, "episodes of series"; "" if it is one.
        warning: what to know where it is read.
    """

    label: str
    service: str
    needs: frozenset[str]
    alone: bool = False
    title: tuple[str, ...] = ("title",)
    year: tuple[str, ...] = ("year",)
    day: tuple[str, ...] = ("date",)
    other_title: tuple[str, ...] = ()
    imdb: tuple[str, ...] = ()
    tmdb: tuple[str, ...] = ()
    item: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    left_out: Callable[[Row], str] = lambda row: ""
    warning: str = ""

    def fits(self, columns: frozenset[str]) -> bool:
        """Whether a header with these columns is one of this kind."""
        return columns == self.needs if self.alone else self.needs <= columns


SERIES = "episodes of series"
_SEASON = "season|series|staffel|saison|temporada|stagione|seizoen|säsong|sæson|sesong|sezon|kausi|évad|série"
_EPISODE_OF = re.compile(
    rf".+: ?(?:(?:{_SEASON}|part|parte|partie|teil|volume|vol\.?|chapter|book|collection)\s+[\w.]+|limited series|"
    rf"miniseries|mini-series|\d+\. (?:{_SEASON})|(?:{_SEASON}) ?\d+)(?: \([^)]*\))?: .+"
    rf"|.+: (?:(?:{_SEASON}) \d+|(?:episode|episodio|folge|épisode|chapter) \d+(?:[:.] .+)?)",
    re.IGNORECASE,
)


def _netflix(row: Row) -> str:
    return SERIES if _EPISODE_OF.fullmatch(row.get("title", "")) else ""


def _netflix_activity(row: Row) -> str:
    return "trailers and clips" if row.get("supplemental video type", "").strip() else _netflix(row)


_IMDB_FILMS = frozenset({"", "movie", "film", "feature", "tvmovie", "video", "short", "tvshort", "tvspecial"})


def _imdb(row: Row) -> str:
    kind = re.sub(r"[\W_]", "", row.get("title type", "")).casefold()
    return "" if kind in _IMDB_FILMS else "series, episodes and games"


def _trakt(row: Row) -> str:
    return "" if row.get("type", "").strip().casefold() in ("movie", "") else "series and episodes"


_LETTERBOXD = frozenset({"date", "name", "year", "letterboxd uri"})
_TRAKT = {"title": ("title",), "imdb": ("imdb id",), "tmdb": ("tmdb id",), "left_out": _trakt}
_NETFLIX_WORDS = (  # the header in the language of the account
    *(("title", "date"), ("titel", "datum"), ("titre", "date"), ("titulo", "fecha"), ("titulo", "data")),
    *(("titolo", "data"), ("tytuł", "data"), ("tittel", "dato"), ("titel", "dato")),
)
_NAMES = ("title", "name", "film", "movie", "movie title", "film title")

FORMATS = (
    Format(
        "Letterboxd diary", "Letterboxd", _LETTERBOXD | {"watched date"}, title=("name",), day=("watched date", "date")
    ),
    Format("Letterboxd ratings", "Letterboxd", _LETTERBOXD | {"rating"}, title=("name",)),
    Format("Letterboxd list of watched films", "Letterboxd", _LETTERBOXD, title=("name",)),
    Format(
        "IMDb list",
        "IMDb",
        frozenset({"position", "const", "title", "title type"}),
        day=("date rated", "created"),
        other_title=("original title",),
        imdb=("const",),
        left_out=_imdb,
        warning="This is a list of IMDb's, not your ratings: films on it that you have not seen are taken as seen.",
    ),
    Format(
        "IMDb ratings",
        "IMDb",
        frozenset({"const", "title", "title type"}),
        day=("date rated",),
        other_title=("original title",),
        imdb=("const",),
        left_out=_imdb,
    ),
    Format(
        "Netflix viewing activity",
        "Netflix",
        frozenset({"profile name", "start time", "title", "supplemental video type"}),
        day=("start time",),
        who=("profile name",),
        left_out=_netflix_activity,
    ),
    *(
        Format(
            "Netflix viewing history",
            "Netflix",
            frozenset({title, day}),
            alone=True,
            title=(title,),
            day=(day,),
            left_out=lambda row, title=title: _netflix({"title": row.get(title, "")}),
        )
        for title, day in dict.fromkeys(_NETFLIX_WORDS)
    ),
    Format("Trakt history", "Trakt", frozenset({"watched at", "type", "title"}), day=("watched at",), **_TRAKT),
    Format("Trakt ratings", "Trakt", frozenset({"rated at", "type", "title"}), day=("rated at",), **_TRAKT),
    *(
        Format(
            "MovieLens film ids",
            "MovieLens",
            frozenset({column}),
            day=("timestamp", "date"),
            imdb=("imdb id", "imdbid"),
            tmdb=("tmdb id", "tmdbid"),
            item=(column,),
            who=("userid", "user id"),
        )
        for column in ("movieid", "movie id", "item id", "itemid")
    ),
    *(
        Format(
            "table of titles",
            "",
            frozenset({column}),
            title=(column,),
            year=("year", "release year"),
            day=("watched date", "watched at", "date watched", "date", "timestamp"),
            other_title=("original title",),
            imdb=("imdb id", "imdb", "const"),
            tmdb=("tmdb id", "tmdb"),
        )
        for column in _NAMES
    ),
)
KNOWN = "Letterboxd, IMDb, Netflix, Trakt and MovieLens, or any table with a column 'Title'"


def recognise(columns: frozenset[str]) -> Format | None:
    """The kind of file whose header has these columns; None if there is none."""
    return next((one for one in FORMATS if one.fits(columns)), None)
