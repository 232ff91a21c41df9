"""How a table is laid out, found out from its first lines; and which of its columns is what."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import pandas as pd

from caser.data.table import times
from caser.data.table.opening import Opened, TableError, Undecided

SEPARATORS = ("::", "\t", ",", ";", "|", " ")
SEQUENCES = ""  # the separator of lines that hold a user and then that user's items
LOOKED_AT = 50  # lines
_COMMENTS = ("#", "%")
ABOVE = 5  # lines above a table at the most
NONE = "-"  # stands for a column that is there and not to be used
_LONGEST_LINE = 1 << 20  # bytes

_NAMES = {
    "user": "user userid uid customer customerid visitor visitorid member memberid reviewerid reader session sessionid "
    "who",
    "item": "item itemid iid movie movieid film filmid book bookid product productid stockcode article articleid asin "
    "isbn track trackid song songid parentasin what",
    "time": "timestamp time when date datetime invoicedate unixreviewtime eventtime createdat ts watchedat day",
    "rating": "rating score stars overall preference bookrating userrating reviewscore ratingvalue ratings",
    "title": "title movietitle booktitle itemtitle itemname moviename producttitle description name",
}
_NAMES = {role: tuple(names.split()) for role, names in _NAMES.items()}


@dataclass(frozen=True)
class Layout:
    """How a file's lines are to be read.

    Attributes:
        separator: between the fields; `SEQUENCES` for lines of a user and items. columns: their names; without a
            header "column 1" and so on. has_header: whether the first line names them.
        escapes: whether a quotation mark within quotes has a backslash before it, instead of another one.
        above: lines that are not blank above the table, such as a title or `sep=;`.
        sample: the first rows, which say what a column of an unknown name may be.
    """

    separator: str
    columns: tuple[str, ...]
    has_header: bool
    escapes: bool = False
    above: int = 0
    sample: tuple[tuple[str, ...], ...] = field(default=(), repr=False)

    @property
    def lines_before(self) -> int:
        """Lines that are not blank before the first row."""
        return self.above + self.has_header

    @property
    def quoted(self) -> bool:
        """Whether a quotation mark has a meaning."""
        return self.separator in (",", ";")


@dataclass(frozen=True)
class Roles:
    """Which column is what; "" where there is none."""

    user: str
    item: str
    time: str = ""
    rating: str = ""
    title: str = ""


def normal(name: str) -> str:
    """A column's name as it is looked for: without RecBole's type, case and signs.

    >>> normal("User_ID:token"), normal(" movieId ")
    ('userid', 'movieid')
    """
    return re.sub(r"[^a-z0-9]", "", name.partition(":")[0].lower())


def layout_of(file: Opened) -> Layout:
    """How a text file is laid out.

    Raises:
        TableError: no line with two fields.
    """
    lines = first_lines(file)
    escaped = {True for line in lines if '\\"' in line}  # then both ways of reading it are tried
    tried = [_read_from(lines, sign, way) for sign in SEPARATORS for way in (False, *escaped)]
    fit, best = max(tried, key=lambda pair: pair[0])
    if not fit[0]:
        if _are_sequences(lines):
            return Layout(SEQUENCES, ("user", "item"), False)
        raise TableError(
            f"{file.name}, line 1 is {lines[0][:80]!r}, which has no two fields; give columns that are separated by "
            "a comma, semicolon, tab, bar or ::"
        )
    return Layout(SEQUENCES, ("user", "item"), False) if best is None else best


def _read_from(lines: list[str], separator: str, escapes: bool) -> tuple[tuple[float, int, int], Layout | None]:
    """How well lines fit a separator, and their layout then; None for lines of sequences."""
    rows = split(lines, separator, escapes)
    if len(rows) > 1 and all(len(row) == len(rows[0]) + 1 and not row[-1].strip() for row in rows[1:]):
        rows[0] = [*rows[0], ""]  # every row but the header ends with a separator
    usual = Counter(map(len, rows)).most_common(1)[0][0]
    above = next(place for place, row in enumerate(rows) if len(row) == usual)
    if separator == " " and above == 1 and len(rows[0]) == usual - 1 and not lines[0].startswith(_COMMENTS):
        rows[0], above = ["", *rows[0]], 0  # R names its rows and not their column
    above = above if above <= ABOVE else 0
    if separator == " " and not all(line.startswith(_COMMENTS) for line in lines[:above]):
        above = 0  # lines of sequences have other lengths
    rows = rows[above:]
    share, fields = _alike(rows)
    fit = share, -above, fields
    if separator == " " and _are_sequences(lines[above:]) and len({len(row) for row in rows}) > 1:
        return fit, None
    header = _is_header(rows)
    columns = _named(rows[0]) if header else tuple(f"column {place + 1}" for place in range(len(rows[0])))
    sample = tuple(tuple(row) for row in rows[header:] if len(row) == len(columns))
    return fit, Layout(separator, columns, header, escapes, above, sample)


def first_lines(file: Opened, count: int = LOOKED_AT) -> list[str]:
    """The first lines that are not blank; TableError where there is none, or one without an end."""
    start = file.data[: _LONGEST_LINE * 2]
    if b"\n" not in start and len(start) > _LONGEST_LINE:
        raise TableError(f"{file.name}, line 1 has no end within {_LONGEST_LINE:,} bytes; give one interaction a line")
    whole = start[: start.rfind(b"\n") + 1] if len(start) < len(file.data) else start
    lines = [line for line in re.split(r"\r\n|\n|\r", whole.decode("utf-8", "replace")) if line.strip()]
    if not lines:
        raise TableError(f"{file.name} has no line that is not blank; export it anew")
    return lines[:count]


def split(lines: Sequence[str], separator: str, escapes: bool = False) -> list[list[str]]:
    """The fields of lines; `escapes` as of a `Layout`."""
    if separator in (",", ";"):
        try:
            return list(islice(csv.reader(lines, delimiter=separator, **quoting(escapes)), LOOKED_AT))
        except csv.Error:
            return [[line] for line in lines]
    if separator == " ":
        return [line.replace('"', "").split() for line in lines]
    return [line.split(separator) for line in lines]


def quoting(escapes: bool) -> dict:
    """How `csv.reader` is to take quotation marks; `escapes` as of a `Layout`."""
    return {"escapechar": "\\", "doublequote": False} if escapes else {}


def _alike(rows: list[list[str]]) -> tuple[float, int]:
    """The share of lines that have as many fields as the first, 0 where that is one or it is below half; fields."""
    fields = len(rows[0])
    share = sum(len(row) == fields for row in rows) / len(rows)
    return (round(share, 1), fields) if fields > 1 and share >= 0.5 else (0, 0)


def _are_sequences(lines: Sequence[str]) -> bool:
    rows = [line.split() for line in lines if not line.startswith(_COMMENTS)]
    return all(len(row) > 1 for row in rows) and not any("," in line or "\t" in line for line in lines)


def _is_header(rows: list[list[str]]) -> bool:
    first = [normal(field) for field in rows[0]]
    known = {name for names in _NAMES.values() for name in names}
    if known & set(first) or any(":token" in field for field in rows[0]):
        return True
    digits = [any(letter.isdigit() for letter in "".join(row)) for row in rows[:2]]
    return digits == [False, True]


def _named(fields: Sequence[str]) -> tuple[str, ...]:
    """The columns' names, each once: a second "x" is "x (2)", one without name "column 3"."""
    names: list[str] = []
    for place, text in enumerate(fields, 1):
        name = text.strip().strip('"')[:60] or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return tuple(names)


def propose(layout: Layout, name: str = "the file") -> Roles:
    """Which column is what: by names, then by parts of names, then by place among those whose values may be ids.

    Raises:
        TableError: fewer than two columns.
    """
    if len(layout.columns) < 2:
        raise TableError(f"{name} has one column, {layout.columns[0]!r}; give a user's and an item's at least")
    if layout.separator == SEQUENCES:
        return Roles(*layout.columns)
    columns = {role: column_for(role, layout.columns) if layout.has_header else "" for role in _NAMES}
    if columns["title"] == columns["item"]:
        columns["title"] = ""
    seen = _Seen(layout)
    left = [column for column in layout.columns if column not in columns.values()]
    columns["time"] = columns["time"] or next(filter(seen.is_time, left), "")
    for role, part in _PARTS.items():
        if not columns[role] and layout.has_header:
            columns[role] = next((c for c in left if c != columns["time"] and re.search(part, normal(c))), "")
    left = seen.ids([column for column in left if column not in columns.values()])
    for role in ("user", "item"):
        columns[role] = columns[role] or (left.pop(0) if left else "")
    if not layout.has_header:
        rest = layout.columns[layout.columns.index(columns["item"]) + 1 :] if columns["item"] else ()
        columns["rating"] = next((c for c in rest if c not in columns.values() and seen.is_rating(c)), "")
        counted = (c for c in rest if c not in columns.values() and seen.is_number(c))
        columns["time"] = columns["time"] or next(counted, "")  # since a beginning that only its maker knows
    return Roles(**columns)


_PARTS = {  # of a name that is not known as a whole
    "user": "user|customer|member|reader|visitor|account|client|buyer|reviewer|viewer|listener|person",
    "item": "item|product|film|movie|book|song|track|artist|sku|shop|business|game|anime|article|news|venue|recipe",
}
_FEW = 25  # different values that a rating has at the most


class _Seen:
    """What the values of a column in the first rows allow it to be; nothing is ruled out where there is no row."""

    def __init__(self, layout: Layout):
        columns = zip(*layout.sample, strict=True) if layout.sample else [()] * len(layout.columns)
        self.values = {
            name: [value.strip() for value in column if value.strip()]
            for name, column in zip(layout.columns, columns, strict=True)
        }

    def is_time(self, column: str) -> bool:
        """Dates, or numbers that are written dates or large enough to be seconds since 1970."""
        values, numbers = self.values[column], self._numbers(column)
        if len(set(values)) < 2:
            return False
        try:
            _, clear, form = times.instants(pd.Series(values, dtype="str"), column)
        except Undecided:  # days or months first: dates they are
            return True
        if numbers:
            return (form == times.UNSIGNED and clear.all()) or (min(numbers) >= times.EARLIEST and max(numbers) < 1e19)
        return clear.mean() >= 0.9

    def is_number(self, column: str) -> bool:
        """Only numbers."""
        return bool(self._numbers(column))

    def is_rating(self, column: str) -> bool:
        """A few numbers that are small."""
        numbers = self._numbers(column)
        return bool(numbers) and max(numbers) <= 100 and 1 < len(set(numbers)) <= _FEW

    def ids(self, columns: list[str]) -> list[str]:
        """Those that may hold ids of users or items; years, times and what is new in every row only where need is."""
        fit = [column for column in columns if not self.is_time(column) and not self._is_year(column)]
        again = [column for column in fit if len(set(self.values[column])) < len(self.values[column])]
        return again if len(again) >= 2 else fit

    def _is_year(self, column: str) -> bool:
        numbers = self._numbers(column)
        return bool(numbers) and min(numbers) >= 1880 and max(numbers) <= 2035 and len(set(numbers)) > 1

    def _numbers(self, column: str) -> list[float]:
        """The values as numbers, [] unless all are some."""
        try:
            return [float(value) for value in self.values[column]]
        except ValueError:
            return []


def column_for(role: str, columns: Sequence[str]) -> str:
    """The column of a role by its name, "" where none is named so; names that come first in the list go first."""
    by_name = {normal(column): column for column in reversed(columns)}
    return next((by_name[name] for name in _NAMES[role] if name in by_name), "")
