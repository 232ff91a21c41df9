"""How a table is laid out, found out from its first lines."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from caser.data.table import spread
from caser.data.table.names import is_known
from caser.data.table.opening import Opened, TableError
from caser.data.table.spread import Sample

SEPARATORS = ("::", "\t", ",", ";", "|", " ")
SEQUENCES = ""  # the separator of lines that hold a user and then that user's items
LOOKED_AT = 50  # lines
_COMMENTS = ("#", "%")
ABOVE = 5  # lines above a table at the most
NONE = "-"  # stands for a column that is there and not to be used
_LONGEST_LINE = 1 << 20  # bytes
_VALUE = re.compile(r"[-+]?\d+([.,]\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")  # a number, or a date


@dataclass(frozen=True)
class Layout:
    """How a file's lines are to be read.

    Attributes:
        separator: between the fields; `SEQUENCES` for lines of a user and items. columns: their names; without a
            header "column 1" and so on. has_header: whether the first line names them.
        escapes: whether a quotation mark within quotes has a backslash before it, instead of another one.
        above: lines that are not blank above the table, such as a title or `sep=;`.
        sample: gives rows spread over the file, which say what a column may be.
    """

    separator: str
    columns: tuple[str, ...]
    has_header: bool
    escapes: bool = False
    above: int = 0
    sample: Callable[[], Sample] = field(default=Sample, repr=False, compare=False)

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


def layout_of(file: Opened) -> Layout:
    """How a text file is laid out.

    Raises:
        TableError: no line with two fields.
    """
    lines = first_lines(file)
    escaped = {True for line in lines if '\\"' in line}  # then both ways of reading it are tried
    tried = [_read_from(lines, sign, way) for sign in SEPARATORS for way in (False, *escaped)]
    fit, best = max(tried, key=lambda pair: pair[0])
    if best is not None and best.separator == " ":  # a title's words and a day's hours are blanks that separate nothing
        more = [pair for pair in tried if pair[0][0] >= fit[0] and pair[0][2] > fit[2]]
        fit, best = max(more, key=lambda pair: pair[0], default=(fit, best))
    if not fit[0]:
        if _are_sequences(lines):
            return Layout(SEQUENCES, ("user", "item"), False)
        raise TableError(
            f"{file.name}, line 1 is {lines[0][:80]!r}, which has no two fields; give columns that are separated by "
            "a comma, semicolon, tab, bar or ::"
        )
    if best is None:
        return Layout(SEQUENCES, ("user", "item"), False)
    return replace(best, sample=partial(_sample, file, best))


def _sample(file: Opened, layout: Layout) -> Sample:
    """Rows spread over a file that have as many fields as there are columns."""
    first, *further = spread.lines(file.data)
    pieces = [_rows(first[layout.lines_before :], layout), *(_rows(piece, layout) for piece in further)]
    return Sample([row for piece in pieces for row in piece], not further)


def _rows(lines: list[str], layout: Layout) -> list[tuple[str, ...]]:
    """The rows in lines; where these begin within quotes, as they may in a long text, those after its end."""
    best: list[tuple[str, ...]] = []
    for begin in ([], ['"']) if layout.quoted else ([],):
        rows = split([*begin, *lines], layout.separator, layout.escapes, None)
        best = max(best, [tuple(row) for row in rows if len(row) == len(layout.columns)], key=len)
        if 2 * len(best) >= len(lines):
            break
    return best


def _read_from(lines: list[str], separator: str, escapes: bool) -> tuple[tuple[float, int, int], Layout | None]:
    """How well lines fit a separator, and their layout then; None for lines of sequences."""
    if separator == " " and all("\t" in line for line in lines):
        return (0, 0, 0), None  # blanks within fields
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
    return fit, Layout(separator, columns, header, escapes, above)


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


def split(lines: Sequence[str], separator: str, escapes: bool = False, most: int | None = LOOKED_AT) -> list[list[str]]:
    """The fields of lines, where quotes have a meaning of at most so many rows; `escapes` as of a `Layout`."""
    if separator in (",", ";"):
        try:
            return list(islice(csv.reader(lines, delimiter=separator, **quoting(escapes)), most))
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
    """Whether the first row names the columns: by names that are known, or by numbers that begin below it."""
    first, below = [field.strip() for field in rows[0]], rows[1:]
    if any(":token" in field for field in first):
        return True
    if any(_VALUE.fullmatch(field) for field in first):
        return False
    columns = list(zip(*(row for row in below if len(row) == len(first)), strict=True)) or [()] * len(first)
    if any(is_known(field) and field not in column for field, column in zip(first, columns, strict=True)):
        return True
    if any(field and _are_unlike(field, column) for field, column in zip(first, columns, strict=True)):
        return True
    digits = [any(letter.isdigit() for letter in "".join(row)) for row in rows[:2]]
    return digits == [False, True]


def _are_unlike(field: str, column: Sequence[str]) -> bool:
    """Whether a column holds numbers or dates, texts of one length, or a few that come again, and a field is none."""
    texts = [text.strip() for text in column]
    if sum(bool(_VALUE.fullmatch(text)) for text in texts) >= 0.9 * max(1, len(texts)):
        return True
    lengths, counts = {len(text) for text in texts}, Counter(texts)
    if len(texts) >= 20 and len(lengths) == 1 and min(lengths) >= 6 and len(counts) > 1:
        return len(field) not in lengths
    return len(texts) >= 20 and 1 < len(counts) <= 8 and min(counts.values()) > 1 and field not in counts


def _named(fields: Sequence[str]) -> tuple[str, ...]:
    """The columns' names, each once: a second "x" is "x (2)", one without name "column 3"."""
    names: list[str] = []
    for place, text in enumerate(fields, 1):
        name = text.strip().strip('"')[:60] or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return tuple(names)
