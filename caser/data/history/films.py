"""The rows of one file become entries: films that were watched, in the order of time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from caser.data.history.codes import code_in
from caser.data.history.days import days
from caser.data.history.entry import Entry, HistoryError, Undecided, oldest_first
from caser.data.history.left_out import Row
from caser.data.history.rows import LIST, SHOWN, Table
from caser.data.text import listing
from caser.data.titles import title_and_year

LONGEST_TITLE = 300
FIRST_YEAR, LAST_YEAR = 1870, 2100  # of a film
MOST_PEOPLE = 50  # offered where a file holds several
_YEAR = re.compile(r"(\d{4})(?:\.0+)?")
_IMDB = re.compile(r"(?:https?://\S*imdb\.com/\S*title/)?(?:tt)?(\d{1,12})(?:[/?#]\S*)?", re.IGNORECASE)
_WHOLE = re.compile(r"(\d{1,18})(?:\.0+)?")
_ID = re.compile(r"id:\s*(\S+)", re.IGNORECASE)
_TITLE = re.compile(r"title:\s*(.*\S)", re.IGNORECASE)
_NAMED_DAY = re.compile("date|day|time|when|watch|seen|view|read|play|listen|finish|datum|fecha")
_OTHER_DAY = re.compile("release|publish|air|premier|added|created|modified|updated|birth|runtime|count")
LOOKED_AT = 100  # rows, to see what a column holds
_LINK = re.compile(  # to a film, or its number at IMDb alone
    r"(?:https?://)?(?:\w{1,9}\.)?(?:imdb\.com/(?:[\w-]+/)*title/tt(?P<imdb>\d{1,12})"
    r"|themoviedb\.org/movie/(?P<tmdb>\d{1,12})(?:-(?P<name>[\w-]+))?"
    r"|(?:letterboxd\.com/(?:\w+/)?film|trakt\.tv/movies)/(?P<named>[\w-]+))[^\s)>\]]*|\btt(?P<number>\d{7,12})\b",
    re.IGNORECASE,
)
Rows = Sequence[tuple[int, Row]]  # with the line each begins at


def films(name: str, table: Table, notes: list[str], day_first: bool | None, who: str | None) -> list[Entry]:
    """A file's films, oldest first; what is left out or cannot be read is added to `notes`.

    Raises:
        Undecided: several people's rows and no `who`, or days that can be read in two ways and no `day_first`.
        HistoryError: nobody called `who`.
    """
    table = _with_day(name, table, notes)
    rows = _of_person(name, table, who)
    written = {line: table.cell(row, "day") for line, row in rows}
    read = dict(zip(written, days(name, list(written.values()), day_first), strict=True))  # episodes help to decide
    kept = _watched(name, table, rows, notes)
    wrong = [(line, written[line]) for line, _ in kept if written[line] and read[line] is None]
    _note_wrong(notes, table, name, "day", wrong, "it is left empty")
    _note_years(name, table, kept, notes)
    _note_days(name, table, kept, notes)
    entries = [_entry(table, line, row, read[line]) for line, row in kept]
    if table.format is LIST:
        entries = _list_entries(entries, notes)
    return _in_order(entries)


def _with_day(name: str, table: Table, notes: list[str]) -> Table:
    """A table of no service's, with the column that its name and its values show to be the day of watching."""
    if table.format.service or table.format is LIST or table.of("day"):
        return table
    named = (column for column in table.columns if _NAMED_DAY.search(column) and not _OTHER_DAY.search(column))
    column = next((column for column in named if _holds_days(table, column)), "")
    if not column:
        return table
    notes.append(f"{name}: the column {table.columns[column]!r} is taken for the day.")
    return replace(table, format=replace(table.format, day=(column,)))


def _holds_days(table: Table, column: str) -> bool:
    """Whether most values of the first rows are days, whichever of day and month comes first."""
    values = [row[column] for _, row in table.rows[:LOOKED_AT] if row.get(column, "").strip()]
    read = (days("", values, day_first) for day_first in (True, False))
    return any(2 * sum(day is not None for day in tried) > len(values) for tried in read)


def _of_person(name: str, table: Table, who: str | None) -> Rows:
    """The rows of one profile or user."""
    if not table.of("who"):
        return table.rows
    people = Counter(table.cell(row, "who") for _, row in table.rows)
    if who is None and len(people) > 1:
        said = {person: f"{person} ({count:,} rows)" for person, count in people.most_common(MOST_PEOPLE)}
        raise Undecided(f"{name} holds the histories of {len(people):,} people; say whose to read", "who", said)
    if who is not None and who not in people:
        known = listing((repr(person) for person, _ in people.most_common()), SHOWN)
        raise HistoryError(f"{name} has no rows of {who[:40]!r}; choose one of {known}")
    return [(line, row) for line, row in table.rows if who is None or table.cell(row, "who") == who]


def _watched(name: str, table: Table, rows: Rows, notes: list[str]) -> Rows:
    """The rows of films that were watched, with a title or an id that can be used."""
    kept, left_out, wrong = [], Counter(), []
    for line, row in rows:
        title = table.cell(row, "title")
        if reason := table.format.left_out(row):
            left_out[reason] += 1
        elif len(title) > LONGEST_TITLE or not (title or _codes(table, row) or _ids(table, row) != (0, 0, None)):
            wrong.append((line, title or next(filter(None, (table.cell(row, role) for role in _ROLES)), "")))
        else:
            kept.append((line, row))
    notes += [f"{name}: {_rows(count)} of {reason} left out." for reason, count in left_out.items()]
    what = "title" if table.of("title") else "number"
    _note_wrong(notes, table, name, what, wrong, "the row is left out")
    return kept


def _note_years(name: str, table: Table, rows: Rows, notes: list[str]) -> None:
    written = [(line, table.cell(row, "year")) for line, row in rows]
    wrong = [(line, text) for line, text in written if text and not _year(text)]
    _note_wrong(notes, table, name, "year", wrong, "only the title is used")


def _note_days(name: str, table: Table, rows: Rows, notes: list[str]) -> None:
    """Say where another day than the first named counts, or none does."""
    columns = table.of("day")
    if not columns and len(rows) > 1 and table.format is not LIST:
        notes.append(f"{name} has no column of days that is known; the first row counts as the oldest.")
    for place, column in enumerate(columns[1:], 1):
        filled = [bool(row.get(column, "").strip()) for _, row in rows if not any(map(row.get, columns[:place]))]
        if count := sum(filled):
            first, other = table.columns[columns[0]], table.columns[column]
            notes.append(f"{name}: {_rows(count)} without {first!r}; {other!r} counts there.")


def _note_wrong(notes: list[str], table: Table, name: str, what: str, wrong: Rows, then: str) -> None:
    """Name the first few values that cannot be read, and what that means."""
    if not wrong:
        return
    shown = listing((f"{table.counted} {line} {text[:40]!r}" for line, text in wrong), SHOWN)
    notes.append(f"{name}: in {_rows(len(wrong))} the {what} cannot be read ({shown}); {then}.")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


_ROLES = ("imdb", "tmdb", "item")  # columns of numbers


def _ids(table: Table, row: Row) -> tuple[int, int, int | str | None]:
    """A row's numbers at IMDb and at TMDB, 0 where there is none, and its id in a data set, which may be 0."""
    imdb, tmdb, item = (table.cell(row, role) for role in _ROLES)
    return _number(_IMDB, imdb), _number(_WHOLE, tmdb), _own_id(item) if item else None


def _codes(table: Table, row: Row) -> tuple[str, ...]:
    """The codes in a row, each once."""
    found = (code_in(row.get(column, "")) for column in table.of("codes"))
    return tuple(dict.fromkeys(filter(None, found)))


def _entry(table: Table, line: int, row: Row, day) -> Entry:
    title, artist = table.cell(row, "title"), table.cell(row, "artist")
    others = (title if artist else "", table.cell(row, "other_title"))
    imdb, tmdb, item = _ids(table, row)
    by_item = item is not None and not title  # a title says more: data sets number differently
    return Entry(
        f"{artist} - {title}" if artist and title else title,
        _year(table.cell(row, "year")),
        day,
        tuple(dict.fromkeys(other for other in others if other and (artist or other != title))),
        imdb,
        tmdb,
        item if by_item else None,
        table.of("item")[0] if by_item else "",
        _codes(table, row),
        artist,
        line,
    )


def _year(text: str) -> int:
    year = _number(_YEAR, text)
    return year if FIRST_YEAR <= year <= LAST_YEAR else 0


def _number(pattern: re.Pattern, text: str) -> int:
    match = pattern.fullmatch(text)
    return int(match[1]) if match else 0


def _own_id(text: str) -> int | str:
    """A data set's own id: a number that is written in one way only, else the text as it is."""
    match = _WHOLE.fullmatch(text)
    return int(match[1]) if match and re.fullmatch("0|[1-9][0-9]*", match[1]) else text


def _list_entries(entries: list[Entry], notes: list[str]) -> list[Entry]:
    """Lines of a list: "id:7" and, where every line is a number, 7 are ids; others are titles, with a year or not."""
    all_ids = all(_WHOLE.fullmatch(entry.title) or _ID.fullmatch(entry.title) for entry in entries)
    if all_ids:
        notes.append("Numbers are read as item ids of the data set shown; other data sets number differently.")
    return [_list_entry(entry, all_ids) for entry in entries]


def _list_entry(entry: Entry, all_ids: bool) -> Entry:
    text = entry.title
    if match := _ID.fullmatch(text) or (_WHOLE.fullmatch(text) if all_ids else None):
        return Entry("" if match.re is _ID else text, item_id=_own_id(match[1]), line=entry.line)
    if match := _TITLE.fullmatch(text):
        return Entry(match[1], line=entry.line)
    if match := _LINK.search(text):
        return _linked_entry(match, text[: match.start()] + text[match.end() :], entry.line)
    return Entry(*title_and_year(text), line=entry.line)


def _linked_entry(match: re.Match, beside: str, line: int) -> Entry:
    """A line with a link: the number in it, and the title beside it, else that in the link."""
    link = {group: text or "" for group, text in match.groupdict().items()}
    beside = beside.replace("()", "").strip(" \t-–—:|,;<>[]")
    title, year = title_and_year(beside) if beside else ((link["name"] or link["named"]).replace("-", " "), 0)
    numbers = {"imdb_id": int(link["imdb"] or link["number"] or 0), "tmdb_id": int(link["tmdb"] or 0)}
    return Entry(title, year, line=line, **numbers)


def _in_order(entries: list[Entry]) -> list[Entry]:
    """Those without a day first; of one day, in the file's order or, where it lists the newest first, against it."""
    dated = [entry.day for entry in entries if entry.day is not None]
    steps = [(later > earlier) - (later < earlier) for earlier, later in pairwise(dated)]
    if sum(steps) < 0:
        entries = entries[::-1]
    return oldest_first(entries)
