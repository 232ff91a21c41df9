"""The rows of one file become entries: films that were watched, in the order of time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from caser.data.history.days import days
from caser.data.history.entry import Entry, HistoryError, Undecided
from caser.data.history.formats import Row
from caser.data.history.rows import LIST, SHOWN, Table
from caser.data.titles import title_and_year

LONGEST_TITLE = 300
FIRST_YEAR, LAST_YEAR = 1870, 2100  # of a film
MOST_PEOPLE = 50  # offered where a file holds several
_YEAR = re.compile(r"(\d{4})(?:\.0+)?")
_IMDB = re.compile(r"(?:tt)?(\d{1,12})", re.IGNORECASE)
_WHOLE = re.compile(r"(\d{1,18})(?:\.0+)?")
_ID = re.compile(r"id:\s*(\S+)", re.IGNORECASE)
_TITLE = re.compile(r"title:\s*(.*\S)", re.IGNORECASE)
Rows = Sequence[tuple[int, Row]]  # with the line each begins at


def films(name: str, table: Table, notes: list[str], day_first: bool | None, who: str | None) -> list[Entry]:
    """A file's films, oldest first; what is left out or cannot be read is added to `notes`.

    Raises:
        Undecided: several people's rows and no `who`, or days that can be read in two ways and no `day_first`.
        HistoryError: nobody called `who`.
    """
    rows = _of_person(name, table, who)
    written = {line: table.cell(row, "day") for line, row in rows}
    read = dict(zip(written, days(name, list(written.values()), day_first), strict=True))  # episodes help to decide
    kept = _watched(name, table, rows, notes)
    wrong = [(line, written[line]) for line, _ in kept if written[line] and read[line] is None]
    _note_wrong(notes, name, "day", wrong, "it is left empty")
    _note_years(name, table, kept, notes)
    entries = [_entry(table, line, row, read[line]) for line, row in kept]
    if table.format is LIST:
        entries = _list_entries(entries, notes)
    return _oldest_first(entries)


def _of_person(name: str, table: Table, who: str | None) -> Rows:
    """The rows of one profile or user."""
    if not table.has("who"):
        return table.rows
    people = Counter(table.cell(row, "who") for _, row in table.rows)
    if who is None and len(people) > 1:
        said = {person: f"{person} ({count:,} rows)" for person, count in people.most_common(MOST_PEOPLE)}
        raise Undecided(f"{name} holds the histories of {len(people):,} people; say whose to read", "who", said)
    if who is not None and who not in people:
        known = ", ".join(repr(person) for person, _ in people.most_common(SHOWN))
        raise HistoryError(f"{name} has no rows of {who[:40]!r}; choose one of {known}")
    return [(line, row) for line, row in table.rows if who is None or table.cell(row, "who") == who]


def _watched(name: str, table: Table, rows: Rows, notes: list[str]) -> Rows:
    """The rows of films that were watched, with a title or an id that can be used."""
    kept, left_out, wrong = [], Counter(), []
    for line, row in rows:
        title, item = table.cell(row, "title"), table.cell(row, "item")
        usable = 0 < len(title) <= LONGEST_TITLE or (not title and _WHOLE.fullmatch(item))
        if not usable:
            wrong.append((line, title or item))
        elif reason := table.format.left_out(row):
            left_out[reason] += 1
        else:
            kept.append((line, row))
    notes += [f"{name}: {_rows(count)} of {reason} left out." for reason, count in left_out.items()]
    _note_wrong(notes, name, "title" if table.has("title") else "id", wrong, "the row is left out")
    return kept


def _note_years(name: str, table: Table, rows: Rows, notes: list[str]) -> None:
    written = [(line, table.cell(row, "year")) for line, row in rows]
    wrong = [(line, text) for line, text in written if text and not _year(text)]
    _note_wrong(notes, name, "year", wrong, "only the title is used")


def _note_wrong(notes: list[str], name: str, what: str, wrong: Rows, then: str) -> None:
    """Name the first few values that cannot be read, and what that means."""
    if not wrong:
        return
    shown = ", ".join(f"line {line} {text[:40]!r}" for line, text in wrong[:SHOWN])
    more = ", ..." if len(wrong) > SHOWN else ""
    notes.append(f"{name}: in {_rows(len(wrong))} the {what} cannot be read ({shown}{more}); {then}.")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _entry(table: Table, line: int, row: Row, day) -> Entry:
    title, other = table.cell(row, "title"), table.cell(row, "other_title")
    item = table.cell(row, "item")
    return Entry(
        title,
        _year(table.cell(row, "year")),
        day,
        (other,) if other not in ("", title) else (),
        _number(_IMDB, table.cell(row, "imdb")),
        _number(_WHOLE, table.cell(row, "tmdb")),
        _own_id(item) if item and not title else None,
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
    return Entry(*title_and_year(text), line=entry.line)


def _oldest_first(entries: list[Entry]) -> list[Entry]:
    """Those without a day first; of one day, in the file's order or, where it lists the newest first, against it."""
    dated = [entry.day for entry in entries if entry.day is not None]
    steps = [(later > earlier) - (later < earlier) for earlier, later in pairwise(dated)]
    if sum(steps) < 0:
        entries = entries[::-1]
    return sorted(entries, key=lambda entry: (entry.day is not None, entry.day or 0))
