"""The files that services export: the columns by which each is known, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from caser.data.history import left_out
from caser.data.history.codes import COLUMNS
from caser.data.history.left_out import Row, plain
from caser.data.table.names import LIKELY, hints


@dataclass(frozen=True)
class Format:
    """One kind of file. Columns are `plain`; of nested JSON they are joined, "movietitle".

    Attributes:
        label: on screen. service: files of one service complete each other; the first kind in `FORMATS` counts.
        needs: columns that its header has. alone: whether it has no others.
        title, year, day, other_title, artist, imdb, tmdb, item, codes, who: the columns that hold them; the first that
            has something in a row counts there.
        left_out: (row) why it is nothing that was watched, in the plural, "episodes of series"; "" if it is.
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
    artist: tuple[str, ...] = ()
    imdb: tuple[str, ...] = ()
    tmdb: tuple[str, ...] = ()
    item: tuple[str, ...] = ()
    codes: tuple[str, ...] = COLUMNS
    who: tuple[str, ...] = ()
    left_out: Callable[[Row], str] = lambda row: ""
    warning: str = ""

    def fits(self, columns: frozenset[str]) -> bool:
        """Whether a header with these columns is one of this kind."""
        return columns == self.needs if self.alone else self.needs <= columns


_LETTERBOXD = frozenset({"date", "name", "year", "letterboxduri"})
_IMDB = {"other_title": ("originaltitle",), "imdb": ("const",)}
_TRAKT = {
    "title": ("title", "movietitle"),
    "year": ("year", "movieyear"),
    "imdb": ("imdbid", "movieidsimdb"),
    "tmdb": ("tmdbid", "movieidstmdb"),
    "left_out": left_out.trakt,
}
_NETFLIX_WORDS = (  # the header in the language of the account
    *(("title", "date"), ("titel", "datum"), ("titre", "date"), ("titulo", "fecha"), ("titulo", "data")),
    *(("titolo", "data"), ("tytul", "data"), ("tittel", "dato"), ("titel", "dato")),
)
_NAMES = (
    *("title", "movietitle", "filmtitle", "booktitle", "tracktitle", "songtitle", "trackname", "songname"),
    *("film", "movie", "book", "track", "song", "game", "name"),
)
_ARTISTS = ("artist", "artistname")
_NUMBERS = {
    "imdb": ("imdbid", "imdb", "const", "tconst", "imdburl", "imdblink", "movieidsimdb"),
    "tmdb": ("tmdbid", "tmdb", "movieidstmdb"),
}
_DAYS = (
    *("watcheddate", "watchedat", "datewatched", "lastwatchedat", "lastwatched", "lastdateread", "dateread"),
    *("finishedat", "playedat", "date", "timestamp"),
)
_ONLY_A_LIST = "This is a list of {}'s, not your {}: films on it that you have not seen are taken as seen."

_A_USER = LIKELY + 0.5  # more than what an author's name has

FORMATS = (
    Format(
        "Letterboxd diary", "Letterboxd", _LETTERBOXD | {"watcheddate"}, title=("name",), day=("watcheddate", "date")
    ),
    Format("Letterboxd ratings", "Letterboxd", _LETTERBOXD | {"rating"}, title=("name",)),
    Format("Letterboxd list of watched films", "Letterboxd", _LETTERBOXD, title=("name",)),
    Format(
        "Letterboxd list",
        "a list of Letterboxd's",
        frozenset({"position", "name", "year", "url"}),
        title=("name",),
        day=(),
        warning=_ONLY_A_LIST.format("Letterboxd", "diary"),
    ),
    Format(
        "IMDb ratings",
        "IMDb",
        frozenset({"const", "title", "titletype", "yourated"}),  # until 2017
        day=("created",),
        left_out=left_out.imdb_rated,
        **_IMDB,
    ),
    Format(
        "IMDb list",
        "IMDb",
        frozenset({"position", "const", "title", "titletype"}),
        day=("daterated", "created"),
        left_out=left_out.imdb,
        warning=_ONLY_A_LIST.format("IMDb", "ratings"),
        **_IMDB,
    ),
    Format(
        "IMDb ratings",
        "IMDb",
        frozenset({"const", "title", "titletype"}),
        day=("daterated",),
        left_out=left_out.imdb,
        **_IMDB,
    ),
    Format(
        "Netflix viewing activity",
        "Netflix",
        frozenset({"profilename", "starttime", "title", "supplementalvideotype"}),
        day=("starttime",),
        who=("profilename",),
        left_out=left_out.netflix_activity,
    ),
    *(
        Format(
            "Netflix viewing history",
            "Netflix",
            frozenset({title, day}),
            alone=True,
            title=(title,),
            day=(day,),
            left_out=lambda row, title=title: left_out.netflix({"title": row.get(title, "")}),
        )
        for title, day in dict.fromkeys(_NETFLIX_WORDS)
    ),
    Format("Trakt history", "Trakt", frozenset({"watchedat", "type"}), day=("watchedat",), **_TRAKT),
    Format("Trakt watched films", "Trakt", frozenset({"plays", "lastwatchedat"}), day=("lastwatchedat",), **_TRAKT),
    Format("Trakt ratings", "Trakt", frozenset({"ratedat", "type"}), day=("ratedat",), **_TRAKT),
    Format(
        "Goodreads library",
        "Goodreads",
        frozenset({"bookid", "title", "exclusiveshelf"}),
        year=("originalpublicationyear", "yearpublished"),
        day=("dateread", "dateadded"),
        left_out=left_out.goodreads,
    ),
    *(
        Format(
            "Spotify streaming history",
            "Spotify",
            frozenset({track, day}),
            title=(track,),
            day=(day,),
            artist=("artistname", "mastermetadataalbumartistname"),
            left_out=left_out.spotify,
        )
        for track, day in (("trackname", "endtime"), ("mastermetadatatrackname", "ts"))
    ),
    *(
        Format(
            "Last.fm scrobbles",
            "Last.fm",
            frozenset({artist, track, day}),
            title=(track,),
            day=(day,),
            artist=(artist,),
        )
        for artist, track, day in (("artist", "track", "uts"), ("artisttext", "name", "dateuts"))
    ),
    Format(
        "Steam games",
        "Steam",
        frozenset({"appid", "playtimeforever"}),
        title=("name",),
        day=("rtimelastplayed",),
        item=("appid",),
        left_out=left_out.steam,
    ),
    *(
        Format(
            "MovieLens film ids",
            "MovieLens",
            frozenset({column}),
            day=("timestamp", "date"),
            imdb=("imdbid",),
            tmdb=("tmdbid",),
            item=(column,),
            who=("userid",),
        )
        for column in ("movieid", "itemid")
    ),
    *(
        Format(
            "table of titles",
            "",
            frozenset({column}),
            title=(column,),
            year=("year", "releaseyear", "movieyear"),
            day=_DAYS,
            other_title=("originaltitle",),
            artist=_ARTISTS,
            left_out=left_out.unfinished,
            **_NUMBERS,
        )
        for column in _NAMES
    ),
    *(Format("table of artists", "", frozenset({column}), title=(column,), day=_DAYS) for column in _ARTISTS),
    *(
        Format(
            "table of film numbers",
            "",
            frozenset({column}),
            title=(),
            day=_DAYS,
            left_out=left_out.unfinished,
            **_NUMBERS,
        )
        for columns in _NUMBERS.values()
        for column in columns
    ),
    *(Format("table of codes", "", frozenset({column}), title=(), day=_DAYS, item=(column,)) for column in COLUMNS),
)
KNOWN = (
    "Letterboxd, IMDb, Netflix, Trakt, MovieLens, Goodreads, Spotify, Last.fm or Steam, or any table with a column "
    "'Title'"
)


def personal(columns: Iterable[str]) -> str:
    """What service's export of one person's history has these columns, "Letterboxd diary"; "" for other tables.

    >>> personal(["Date", "Name", "Year", "Letterboxd URI"]), personal(["user", "movieId", "Title"])
    ('Letterboxd list of watched films', '')
    """
    columns = list(columns)
    format = recognise(frozenset(map(plain, columns)))
    if (
        format is None
        or not format.service
        or format.item
        or any(hints(column)["user"] > _A_USER for column in columns)
    ):
        return ""
    return format.label


def recognise(columns: frozenset[str]) -> Format | None:
    """The kind of file whose header has these columns; None if there is none."""
    return next((one for one in FORMATS if one.fits(columns)), None)
