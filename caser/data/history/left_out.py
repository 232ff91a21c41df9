"""Why a row is nothing that was watched, read or played: what each service says of it, in the plural."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from caser.data.titles import normalise

Row = Mapping[str, str]  # by the column's plain name


@lru_cache(maxsize=1000)
def plain(column: str) -> str:
    """A column's name without case, accents, spaces and signs, as a `Format` has it.

    >>> plain("Watched Date"), plain("WatchedDate"), plain("tmdbID"), plain("user_id")
    ('watcheddate', 'watcheddate', 'tmdbid', 'userid')
    """
    return normalise(column).replace(" ", "")


SERIES = "episodes of series"
_SEASON = "season|series|staffel|saison|temporada|stagione|seizoen|säsong|sæson|sesong|sezon|kausi|évad|série"
_EPISODE_OF = re.compile(
    rf".+: ?(?:(?:{_SEASON}|part|parte|partie|teil|volume|vol\.?|chapter|book|collection)\s+[\w.]+|limited series|"
    rf"miniseries|mini-series|\d+\. (?:{_SEASON})|(?:{_SEASON}) ?\d+)(?: \([^)]*\))?: .+"
    rf"|.+: (?:(?:{_SEASON}) \d+|(?:episode|episodio|folge|épisode|chapter) \d+(?:[:.] .+)?)",
    re.IGNORECASE,
)


def netflix(row: Row) -> str:
    return SERIES if _EPISODE_OF.fullmatch(row.get("title", "")) else ""


def netflix_activity(row: Row) -> str:
    return "trailers and clips" if row.get("supplementalvideotype", "").strip() else netflix(row)


_NO_FILM = re.compile("series|episode|game|podcast|musicvideo")  # in IMDb's kinds, of which it has renamed many


def imdb(row: Row) -> str:
    return "series, episodes and games" if _NO_FILM.search(plain(row.get("titletype", ""))) else ""


def imdb_rated(row: Row) -> str:
    return imdb(row) or ("" if row.get("yourated", "").strip() else "titles without a rating of yours")


def trakt(row: Row) -> str:
    kind = plain(row.get("type", ""))
    shows = kind not in ("", "movie") or ("showtitle" in row and "movietitle" not in row)
    return "series and episodes" if shows else ""


_PLANNED = frozenset(
    {"toread", "plantoread", "plantowatch", "wanttoread", "wanttowatch", "planned", "watchlist", "wishlist"}
)
_BEGUN = frozenset({"currentlyreading", "reading", "currentlywatching", "watching"})
_SHELVES = ("exclusiveshelf", "readstatus", "mystatus", "status", "shelf")


def unfinished(row: Row) -> str:
    """What a row's shelf or status says of it, where that is not that it was read or watched."""
    shelf = next((row[column].strip() for column in _SHELVES if row.get(column, "").strip()), "")
    return f"the shelf {shelf!r}" if plain(shelf) in _PLANNED | _BEGUN else ""


def goodreads(row: Row) -> str:
    """Shelves of one's own hold books that were given up, too; one with a day of reading was read."""
    shelf = row.get("exclusiveshelf", "").strip()
    read = plain(shelf) in ("", "read") or row.get("dateread", "").strip()
    return unfinished(row) or ("" if read else f"the shelf {shelf[:40]!r}")


SHORTEST_PLAY = 30_000  # milliseconds; Spotify counts a stream from there


def spotify(row: Row) -> str:
    played = row.get("msplayed", "").strip()
    if not (row.get("trackname") or row.get("mastermetadatatrackname")):
        return "podcasts, books and videos"
    return "plays of less than 30 seconds" if played.isdecimal() and int(played[:18]) < SHORTEST_PLAY else ""


def steam(row: Row) -> str:
    return "games never played" if row.get("playtimeforever", "").strip() == "0" else ""
