"""A text as rows: with a header that is known, as a table; else as a list, one title a line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from caser.data.containers import sheets
from caser.data.history import objects
from caser.data.history.entry import HistoryError
from caser.data.history.formats import FORMATS, KNOWN, Format, recognise
from caser.data.history.left_out import Row, plain
from caser.data.history.upload import Text
from caser.data.titles import title_and_year

SEPARATORS = (",", ";", "\t")
LIST = Format("list of titles", "", frozenset())
MOST_ROWS, MOST_LINES = 200_000, 2_000_000  # not all lines are rows: reviews have several
LONGEST_LINE = 100_000
SHOWN = 5  # of the rows that cannot be read
ABOVE = 50  # lines in which a header is looked for
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BULLET = re.compile(r"^[-*•–]\s+(?:\[[ xX✓✔]?\]\s*)?")
_DATED = re.compile(r"^\d{4}-\d{2}-\d{2}[\s,:;–-]+")
_RATED = re.compile(  # each begins where a gap or the stars do, so that a long line is read once
    r"(?:(?<![\s★☆])\s*(?:[-–—:]\s+)?[★☆]+½?|(?<!\s)\s+½|(?<!\s)\s+(?:[-–—:]\s+)?[\d.,]+\s*/\s*(?:5|10|100))$"
)
_BRACKETS = re.compile(r"\s\[(\d{4})\]$")
_NUMBERED = re.compile(r"^\d+[.)]\s+")


@dataclass(frozen=True)
class Table:
    """The rows of one file.

    Attributes:
        columns: as the file writes them, by their plain names. rows: (line, row by plain column). counted: what the
            first of these counts. problems: "line 3 has 2 fields instead of 8", the first few. bad: how many rows
            cannot be read.
    """

    format: Format
    columns: Mapping[str, str]
    rows: list[tuple[int, Row]]
    problems: tuple[str, ...] = ()
    bad: int = 0
    counted: str = "line"

    def of(self, role: str) -> list[str]:
        """The columns for a role: title, year, day, other_title, artist, imdb, tmdb, item, codes or who."""
        return [column for column in getattr(self.format, role) if column in self.columns]

    def cell(self, row: Row, role: str) -> str:
        """What a row has for a role, in the first of its columns that is filled; "" where none is."""
        for column in getattr(self.format, role):
            if text := row.get(column, "").strip():
                return text
        return ""


@dataclass(frozen=True)
class _Header:
    """A line that names the columns of a known kind of file: as it writes them, and plain."""

    line: int
    separator: str
    format: Format
    fields: list[str]
    columns: list[str]


def table(text: Text) -> Table | None:
    """The rows of a file; None if its header is unknown and it is no list of titles.

    Raises:
        HistoryError: a quote that is never closed, too many rows, or more than half that cannot be read.
    """
    if (entries := objects.rows(text.name, text.text)) is not None:
        return _of_objects(text.name, entries)
    header, is_table = _header(text), _is_table(text.name)
    if header is not None and len(header.columns) == 1:
        return _list(text, header.format, *header.columns)
    if header is not None and (is_table or header.format.service or _rows_fit(text, header)):
        return _table(text, header)
    first, _ = _first_line(text)
    if is_table and any(separator in first for separator in SEPARATORS):
        return None
    return _list(text, LIST, "title")


def _is_table(name: str) -> bool:
    """Whether a file is a table by its name; a sheet's begins with its workbook's."""
    parts = PurePosixPath(name).parts[-2:]
    return parts[-1].lower().endswith((".csv", ".tsv")) or any(part.lower().endswith(sheets.ENDINGS) for part in parts)


def unknown_header(text: Text) -> HistoryError:
    """What to say of a file for which `table` gives None."""
    entries = objects.rows(text.name, text.text)
    if entries is None:
        first, line = _first_line(text)
        said = f"{text.name}, line {line}: the header {first[:80]!r} is unknown"
    elif entries:
        said = f"{text.name}: the fields {', '.join(entries[0])[:80]!r} of its entries are unknown"
    else:
        said = f"{text.name} is JSON without an entry"
    return HistoryError(f"{said}; export it from {KNOWN}, or give a list with one title a line as a .txt file")


def _lines(text: Text) -> Iterator[str]:
    """The lines of a text with their ends, one at a time: a stream would hold four bytes for every letter.

    HistoryError at one that is too long, or where there are too many.
    """
    for number, match in enumerate(_LINE.finditer(text.text), 1):
        if match.end() - match.start() > LONGEST_LINE:
            raise HistoryError(
                f"{text.name}, line {number} has more than {LONGEST_LINE:,} letters; export it anew, or cut the line"
            )
        if number > MOST_LINES:
            raise _too_many(text.name)
        yield match[0]


def _first_line(text: Text) -> tuple[str, int]:
    """The first line that is not blank, and its number."""
    numbered = enumerate(_lines(text), 1)
    return next(((line.strip("\r\n"), number) for number, line in numbered if line.strip()), ("", 0))


def _header(text: Text) -> _Header | None:
    """The header among the first lines; below the first one it is a service's, or names a year or a day, too.

    Letterboxd's lists have a table about themselves above that of their films, other programs a line such as "sep=;".
    """
    best, best_rank = None, len(FORMATS)
    numbered = ((number, line) for number, line in enumerate(islice(_lines(text), ABOVE), 1) if line.strip())
    for place, (number, line) in enumerate(numbered):
        if title_and_year(line) != (line.strip(), 0):
            continue  # "Game, The (1997)" names no columns
        for header in _headers(number, line.strip("\r\n")):
            rank = FORMATS.index(header.format)
            if rank < best_rank and (not place or _says_enough(header)):
                best, best_rank = header, rank
        if best is not None and best.format.service:
            break
    return best


def _headers(number: int, line: str) -> Iterator[_Header]:
    """What a line is as a header, by each separator."""
    for separator in SEPARATORS:
        fields = next(csv.reader([line], delimiter=separator), [])
        columns = [plain(field) for field in fields]
        if (format := recognise(frozenset(columns))) is not None:
            yield _Header(number, separator, format, fields, columns)


def _says_enough(header: _Header) -> bool:
    more = {*header.format.year, *header.format.day} & set(header.columns)
    return len(header.columns) > 1 and bool(header.format.service or more)


def _rows_fit(text: Text, header: _Header) -> bool:
    """Whether half of the next lines have the header's fields; "Book, The" may be the first of a list of titles."""
    below = [fields for _, fields in islice(_records(text, header.separator, header.line), ABOVE)]
    return 2 * sum(len(fields) >= len(header.columns) for fields in below) >= len(below)


def _of_objects(name: str, entries: list[Row]) -> Table | None:
    """The objects of a JSON text as a table; None where their fields are unknown."""
    if len(entries) > MOST_ROWS:
        raise _too_many(name)
    columns = {column: column for row in entries for column in row}
    format = recognise(frozenset(columns))
    if format is None:
        return None
    if columns.keys() == {"title"}:
        format = LIST
    return Table(format, columns, list(enumerate(entries, 1)), counted="entry")


def _table(text: Text, header: _Header) -> Table:
    columns = header.columns
    rows, problems, bad = [], [], 0
    for line, fields in _records(text, header.separator, header.line):
        extra = len(fields) - len(columns)
        if extra < 0 or any(field.strip() for field in fields[len(columns) :]):
            bad += 1
            if bad <= SHOWN:
                problems.append(f"line {line} has {len(fields)} fields instead of {len(columns)}")
            continue
        rows.append((line, dict(zip(columns, fields, strict=False))))
    if bad > len(rows):
        raise HistoryError(
            f"{text.name}: {bad:,} of {bad + len(rows):,} rows cannot be read ({'; '.join(problems)}); "
            "export it anew, or save it with one separator throughout"
        )
    return Table(header.format, dict(zip(columns, header.fields, strict=True)), rows, tuple(problems), bad)


def _records(text: Text, separator: str, header: int) -> Iterator[tuple[int, list[str]]]:
    """(line at which it begins, fields) of every row below the header that is not blank."""
    reader = csv.reader(islice(_lines(text), header, None), delimiter=separator, strict=True)
    count = 0
    while True:
        line = header + reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise _unreadable(text.name, line, error) from None
        if fields is None:
            return
        if any(map(str.strip, fields)):
            count += 1
            if count > MOST_ROWS:
                raise _too_many(text.name)
            yield line, fields


def _unreadable(name: str, line: int, error: csv.Error) -> HistoryError:
    unclosed = "end of data" in str(error) or "field limit" in str(error)
    problem = "a quote is opened there and never closed" if unclosed else f"its quotes are not in order ({error})"
    return HistoryError(f"{name}, line {line}: {problem}; close it or take it away, or export the file anew")


def _too_many(name: str) -> HistoryError:
    return HistoryError(f"{name} has more than {MOST_ROWS:,} rows, so it is no one person's history; cut it")


def _list(text: Text, format: Format, column: str) -> Table:
    """One title a line, without what makes it look like a list."""
    numbered = ((number, line.strip()) for number, line in enumerate(_lines(text), 1))
    filled = (pair for pair in numbered if pair[1])
    lines = list(islice(filled, format is not LIST, MOST_ROWS + 2))
    if len(lines) > MOST_ROWS:
        raise _too_many(text.name)
    sign = _NUMBERED if len(lines) > 1 and all(_NUMBERED.match(line) for _, line in lines) else _BULLET
    titles = [(number, {column: _title(_bare(sign.sub("", line)))}) for number, line in lines]
    return Table(format, {column: column}, titles)


def _title(line: str) -> str:
    """A line without the day before it and the rating behind it; a year in brackets is one in parentheses.

    >>> _title("2024-01-05 Alien [1979] ★★★★½"), _title("8½"), _title("Fahrenheit 9/11")
    ('Alien (1979)', '8½', 'Fahrenheit 9/11')
    """
    return _BRACKETS.sub(r" (\1)", _RATED.sub("", _DATED.sub("", line)))


def _bare(line: str) -> str:
    """A line without the quotes around all of it."""
    return line[1:-1].replace('""', '"') if len(line) > 2 and line[0] == line[-1] == '"' else line
