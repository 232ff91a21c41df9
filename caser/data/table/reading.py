"""Interactions as columns of codes: pyarrow parses, and what cannot be read is counted and shown by its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from caser.data.table import spread, times
from caser.data.table.layout import LOOKED_AT, NONE, SEQUENCES, Layout, Roles, first_lines, layout_of, quoting, split
from caser.data.table.opening import Opened, TableError
from caser.data.text import listing, with_progress

SHOWN = 5  # of the rows that cannot be read
MOST_DISTINCT = 5_000_000  # users, or items
_TEXT, _CODES = pa.string(), pa.dictionary(pa.int32(), pa.string())
_DAY = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}|(?:19|20)\d{6}")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?")
_US = b"\x1f"  # stands for "::", since pyarrow separates by one byte
_BLOCK = 1 << 24  # bytes
MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "\\n"})  # what programs write for no value
_FLOAT = r"-?\d+\.0+"  # a whole number that passed through a column with gaps
_PARSED, _CHECKED = 0.35, 0.8  # of the time that reading takes, as measured with ten million rows


@dataclass(frozen=True, eq=False)
class Interactions:
    """What a file holds, its good rows in file order.

    Attributes:
        name: of the file. user, item: int32 (n,), places in `users` and `items`, the ids as texts. time: int64 (n,)
            nanoseconds since 1970, None where the file has none. rating: float32 (n,) or None. titles: of each item,
            or None.
        rows: how many there are with those that cannot be read. problems: (reason, line, value) of the first of
            those. unit: the form of the times. notes: sentences on how the file was read.
    """

    name: str
    user: np.ndarray
    item: np.ndarray
    users: list[str]
    items: list[str]
    time: np.ndarray | None
    rating: np.ndarray | None
    titles: list[str] | None
    rows: int
    problems: tuple[str, ...] = ()
    unit: str = ""
    notes: tuple[str, ...] = ()

    @property
    def bad(self) -> int:
        """How many rows cannot be read."""
        return self.rows - len(self.user)


@dataclass
class _Table:
    """The chosen columns, as texts in codes, and how many rows have another number of fields."""

    columns: dict[str, pa.Array]
    misfits: int = 0
    notes: list[str] = field(default_factory=list)


def layout(file: Opened) -> Layout:
    """How a file is laid out, Parquet included; TableError where that cannot be told."""
    if not file.is_parquet:
        return layout_of(file)
    first = _first_of_parquet(file, LOOKED_AT)
    if first.columns.empty or first.columns.has_duplicates:
        raise TableError(f"{file.name} has no columns, or two of one name; save it anew with a name for each")
    return Layout(",", tuple(first), True, sample=partial(spread.of_parquet, file.data))


def _first_of_parquet(file: Opened, rows: int) -> pd.DataFrame:
    """The first rows of a Parquet file, as texts."""
    with _reading(file):
        table = pa.parquet.ParquetFile(io.BytesIO(file.data))
        first = next(table.iter_batches(batch_size=rows), None)
        if first is None:
            return pd.DataFrame(columns=table.schema_arrow.names)
        first.validate(full=True)
        plain = first.replace_schema_metadata(None).to_pandas()  # pandas' own notes may be damaged
        return plain.astype(str).astype(object).where(plain.notna(), "")


def preview(file: Opened, rows: int = 20) -> pd.DataFrame:
    """The first rows of a file, as texts."""
    if file.is_parquet:
        return _first_of_parquet(file, rows)
    file_layout = layout(file)
    lines = first_lines(file, rows + file_layout.lines_before)[file_layout.lines_before :]
    if file_layout.separator == SEQUENCES:
        return pd.DataFrame([line.split(maxsplit=1) for line in lines], columns=["user", "items, oldest first"])
    width = len(file_layout.columns)
    fields = [(row + [""] * width)[:width] for row in split(lines, file_layout.separator, file_layout.escapes)]
    return pd.DataFrame(fields, columns=list(file_layout.columns))


def frame(file: Opened, bad_share: float = 0.0) -> tuple[pd.DataFrame, list[str]]:
    """A whole table, every column as texts, and what was left out of it.

    Raises:
        TableError: it cannot be read, or more than `bad_share` of its rows have other numbers of fields.
    """
    found = layout(file)
    table = _columns(file, found, list(found.columns))
    read, notes = pd.DataFrame({name: column.to_pandas().astype(str) for name, column in table.columns.items()}), []
    if table.misfits:
        _, problems, _ = _Rows(file, found, {"user": found.columns[0]}, table).checked(None)
        said = f"{file.name}: {table.misfits:,} rows cannot be read ({'; '.join(problems)})"
        if table.misfits > bad_share * (table.misfits + len(read)):
            raise TableError(f"{said}; repair the file, or allow a larger share of them")
        notes.append(f"{said}. They are left out.")
    return read, notes


def read(
    file: Opened, roles: Roles, day_first: bool | None = None, on_share: Callable[[float], None] | None = None
) -> Interactions:
    """The interactions in a file.

    Args:
        on_share: called with about how much is done, 0 to 1; an exception it raises ends the reading.

    Raises:
        TableError: a column that is not there, a quotation mark that is never closed, damaged Parquet, no row that can
            be read, times that could be read either way, or too many different ids.
    """
    file_layout, tell = layout(file), on_share or (lambda share: None)
    wanted = {role: column for role, column in vars(roles).items() if column not in ("", NONE)}
    _check_columns(file, file_layout, wanted)
    if file_layout.separator == SEQUENCES:
        table = _sequences(file)
    else:
        table = _wanted_columns(file, file_layout, wanted, lambda share: tell(_PARSED * share))
    tell(_PARSED)
    good, problems, read_as = _Rows(file, file_layout, wanted, table).checked(day_first)
    tell(_CHECKED)
    columns = {role: table.columns[column] for role, column in wanted.items()}
    n = len(columns["user"])
    if not good.any():
        raise _none_read(file, problems)
    user, users = _compact(_codes(columns["user"])[good], columns["user"], "users", file)
    item, items = _compact(_codes(columns["item"])[good], columns["item"], "items", file)
    tell(1.0)
    return Interactions(
        name=file.name,
        user=user,
        item=item,
        users=users,
        items=items,
        time=read_as["time"][good] if "time" in read_as else None,
        rating=read_as["rating"][good] if "rating" in read_as else None,
        titles=_titles(columns["title"], item, len(items), good) if "title" in columns else None,
        rows=n + table.misfits,
        problems=problems,
        unit=read_as.get("unit", ""),
        notes=(*file.notes, *table.notes),
    )


def _wanted_columns(file: Opened, layout: Layout, wanted: dict[str, str], on_share: Callable[[float], None]) -> _Table:
    """The columns with a role; a day has the hour of its own column behind it."""
    day = wanted.get("time", "")
    clock = _clock(file, wanted) if day else ""
    names = sorted({*wanted.values(), *filter(None, [clock])})
    table = _columns(file, layout, names, "" if clock else day, on_share)
    if clock:
        both = [table.columns.pop(name).cast(_TEXT) for name in (day, clock)]
        table.columns[day] = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*both, " "))
        table.notes.append(f"{day!r} and {clock!r} are read together, as the day and its hour.")
    return table


def _clock(file: Opened, wanted: dict[str, str]) -> str:
    """The column with the hour of the day that the time's column gives; empty where there is none."""
    rows = preview(file, LOOKED_AT)
    if not _all_are(_DAY, rows[wanted["time"]]):
        return ""
    others = (name for name in rows if name not in wanted.values())
    return next((name for name in others if _all_are(_CLOCK, rows[name])), "")


def _all_are(form: re.Pattern, column: pd.Series) -> bool:
    """Whether a column has texts, and all of a form."""
    texts = [text for text in map(str.strip, column) if text]
    return bool(texts) and all(map(form.fullmatch, texts))


def _none_read(file: Opened, problems: tuple[str, ...]) -> TableError:
    said = "; ".join(problems) or "it has none"
    forms = f" Times are read as {times.FORMS}." if "its time is" in said else ""
    return TableError(f"{file.name}: no row can be read ({said}); choose other columns, or repair the file.{forms}")


def _check_columns(file: Opened, layout: Layout, wanted: dict[str, str]) -> None:
    for role in ("user", "item"):
        if role not in wanted:
            raise TableError(
                f"{file.name}: no column is chosen for the {role}; choose one of {listing(layout.columns, 20)}"
            )
    for role, column in wanted.items():
        if column not in layout.columns:
            known = listing(layout.columns, 20)
            raise TableError(f"{file.name} has no column {column!r} for the {role}; it has {known}")
    chosen: dict[str, str] = {}
    for role, column in wanted.items():
        if column in chosen:
            raise TableError(
                f"{column!r} is chosen for the {chosen[column]} and for the {role}; choose two columns, or "
                f"{NONE!r} for what the file lacks"
            )
        chosen[column] = role


# ---- parsing


class _reading:
    """Turn what pyarrow raises into a TableError."""

    def __init__(self, file: Opened):
        self.name = file.name

    def __enter__(self) -> None: ...

    def __exit__(self, kind, error, trace) -> None:
        if isinstance(error, (pa.ArrowException, ValueError, OSError)) and not isinstance(error, TableError):
            said = str(error).splitlines()[0][:200]
            raise TableError(f"{self.name} cannot be read ({said}); save it anew, or as CSV") from None


def _columns(
    file: Opened,
    layout: Layout,
    names: list[str],
    plain: str = "",
    on_share: Callable[[float], None] = lambda share: None,
) -> _Table:
    """The named columns as codes; the one named `plain`, which hardly repeats itself, as texts."""
    if file.is_parquet:
        with _reading(file):
            read = pa.parquet.read_table(io.BytesIO(file.data), columns=names)
            read.validate(full=True)  # texts of a damaged file need not be texts
            return _Table({name: _as_text(read.column(name), name == plain) for name in names})
    data, separator = _separated(file.data, layout.separator)
    quotes = data.count(b'"') - layout.escapes * data.count(b'\\"') if layout.quoted else 0
    if quotes % 2:
        raise TableError(_never_closed(file))
    table = _Table({})

    def skip(row) -> str:
        table.misfits += 1
        return "skip"

    with _reading(file):
        read = pa.csv.read_csv(
            pa.PythonFile(with_progress(io.BytesIO(data), on_share), "r"),
            pa.csv.ReadOptions(
                column_names=list(layout.columns), skip_rows=lines_before(data, layout.lines_before), block_size=_BLOCK
            ),
            pa.csv.ParseOptions(
                delimiter=separator,
                quote_char='"' if layout.quoted else False,
                escape_char="\\" if layout.quoted and layout.escapes else False,
                newlines_in_values=bool(quotes),
                invalid_row_handler=skip,
            ),
            pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, _CODES) | ({plain: _TEXT} if plain else {}),
                include_columns=names,
                strings_can_be_null=False,
            ),
        )
        table.columns = {name: _one(read.column(name)) for name in names}
    return table


def _separated(data: bytes, separator: str) -> tuple[bytes, str]:
    """The text of a table with one sign between its fields, and that sign."""
    if separator == "::":
        return data.replace(b"::", _US), _US.decode()
    if separator == " ":  # columns may be aligned by several, and R puts words in quotes
        data = re.sub(rb"(?m)^ +| +(?=\r?$)", b"", re.sub(rb"[ \"]+", b" ", data))
    return data, separator


def lines_before(data: bytes, filled: int) -> int:
    """How many lines end with the last of so many that are not blank."""
    if not filled:
        return 0
    for number, line in enumerate(io.BytesIO(data), 1):
        filled -= bool(line.strip())
        if not filled:
            return number
    return 0


def _as_text(column: pa.ChunkedArray, plain: bool = False) -> pa.Array:
    """A Parquet column of any type as codes of texts; `plain` times stay what they are."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if plain and (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        unit = "us" if pa.types.is_date(column.type) else column.type.unit
        return _one(column.cast(pa.timestamp(unit)))
    return _one(pc.fill_null(column.cast(_TEXT), "").dictionary_encode())


def _one(column: pa.ChunkedArray) -> pa.Array:
    """The chunks of a column as one, with one dictionary."""
    whole = column.unify_dictionaries().combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.array([], column.type)


def _never_closed(file: Opened) -> str:
    at = next(number for number, line in enumerate(io.BytesIO(file.data), 1) if line.count(b'"') % 2)
    return f"{file.name}, line {at} opens a quotation mark that is never closed; close it, or take it out"


def _sequences(file: Opened) -> _Table:
    """Lines of a user and then that user's items, the oldest first."""
    with _reading(file):
        lines = pa.array(file.data.decode("utf-8", "replace").splitlines(), _TEXT)
        parts = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(lines))
        fields, line = pc.list_flatten(parts), pc.list_parent_indices(parts).to_numpy()
        first = np.r_[True, line[1:] != line[:-1]]  # a line's first field is its user
        users, counts = fields.filter(pa.array(first)), np.diff(np.r_[np.flatnonzero(first), len(line)]) - 1
        if pc.all(pc.ends_with(users, ":")).as_py():  # "ann: i3 i1"
            users = pc.utf8_rtrim(users, ":")
        user = users.take(pa.array(np.repeat(np.arange(len(users)), counts)))
        item = fields.filter(pa.array(~first))
    table = _Table({"user": user.dictionary_encode(), "item": item.dictionary_encode()})
    table.notes.append(f"{file.name} holds {len(users):,} lines of a user and items; the order of the lines is used.")
    return table


# ---- which rows are good


@dataclass
class _Rows:
    file: Opened
    found: Layout
    wanted: dict[str, str]
    table: _Table

    def checked(self, day_first: bool | None) -> tuple[np.ndarray, tuple[str, ...], dict]:
        """bool (n,), the rows that can be read; what is wrong with the first others; and numbers read from texts."""
        columns = {role: self.table.columns[column] for role, column in self.wanted.items()}
        n = len(columns["user"])
        good, read_as = np.ones(n, bool), {}
        reasons: list[tuple[int, str]] = []
        for role, column in columns.items():
            if role == "title" or not n:
                continue
            values, fine = self._values(role, column, read_as, day_first)
            if values is not None:
                read_as[role] = values
            for row in np.flatnonzero(~fine)[:SHOWN].tolist():
                reasons.append((row, f"its {role} is {_shown(column[row])!r}"))
            good &= fine
        return good, self._said(sorted(reasons)[:SHOWN]), read_as

    def _values(
        self, role: str, column: pa.Array, read_as: dict, day_first: bool | None
    ) -> tuple[np.ndarray | None, np.ndarray]:
        """(n,) numbers read from the texts, None for ids; and bool (n,), which could be read."""
        if role == "time":
            numbers = _as_numbers(column)
            if numbers is not None:
                values, fine, read_as["unit"] = numbers
                return values, fine
            column = column.dictionary_encode() if not isinstance(column, pa.DictionaryArray) else column
        texts, codes = pd.Series(column.dictionary.to_pylist(), dtype="str").str.strip(), _codes(column)
        if role == "rating":
            values = times.numbers_in(texts).to_numpy(float)
            fine = np.isfinite(values)
            return np.where(fine, values, 0).astype(np.float32)[codes], fine[codes]
        if role == "time":
            what = f"the column {self.wanted['time']!r} of {self.file.name}"
            values, fine, read_as["unit"] = times.instants(texts, what, day_first)
            return values[codes], fine[codes]
        return None, (~texts.str.lower().isin(MISSING)).to_numpy()[codes]

    def _said(self, reasons: list[tuple[int, str]]) -> tuple[str, ...]:
        """The first problems with their lines."""
        if self.file.is_parquet or self.found.separator == SEQUENCES:
            return tuple(f"row {row + 1}: {reason}" for row, reason in reasons)
        if not reasons and not self.table.misfits:
            return ()
        of, last, said = dict(reasons), max((row for row, _ in reasons), default=-1), []
        for line, row, fields in self._records():
            if fields != len(self.found.columns):
                said.append(f"{self.file.place(line)} has {fields} fields instead of {len(self.found.columns)}")
            elif row in of:
                said.append(f"{self.file.place(line)}: {of[row]}")
            if len(said) == SHOWN or (row >= last and not self.table.misfits):
                break
        return tuple(said)

    def _records(self) -> Iterator[tuple[int, int, int]]:
        """(line, place among the rows that fit, number of fields) of every row."""
        row, headers, width = -1, self.found.lines_before, len(self.found.columns)
        for line, fields in _fields(self.file, self.found):
            if headers:
                headers -= 1
                continue
            row += fields == width
            yield line, row if fields == width else -1, fields


def _fields(file: Opened, layout: Layout) -> Iterator[tuple[int, int]]:
    """(line, number of fields) of every line that is not blank."""
    text = io.TextIOWrapper(io.BytesIO(file.data), "utf-8", errors="replace", newline="")
    if layout.quoted:
        reader = csv.reader(text, delimiter=layout.separator, **quoting(layout.escapes))
        with suppress(csv.Error):  # a field longer than it reads; lines from there on are not named
            yield from ((reader.line_num, len(fields)) for fields in reader if fields)
        return
    for line, content in enumerate(text, 1):
        if content.strip("\r\n"):
            fields = content.split() if layout.separator == " " else content.split(layout.separator)
            yield line, len(fields)


def _shown(value: pa.Scalar) -> str:
    """A value as a message names it."""
    try:
        found = value.as_py()
    except (OverflowError, ValueError):
        return "a time out of range"
    return "" if found is None else str(found).strip()[:40]


def _as_numbers(column: pa.Array) -> tuple[np.ndarray, np.ndarray, str] | None:
    """The times in a column of numbers, or of a Parquet file's own times; None for others."""
    if pa.types.is_timestamp(column.type):
        return times.from_stamps(column.to_numpy(zero_copy_only=False))
    for kind in (pa.int64(), pa.float64()):  # as texts they are several times slower
        with suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
            numbers = column.cast(kind).to_numpy(zero_copy_only=False)
            if np.isfinite(numbers).mean() >= 0.5:
                return times.from_numbers(numbers)
    return None


# ---- codes


def ids(texts: pd.Series) -> pd.Series:
    """Ids without spaces around them; 12.0 is 12 where all are whole numbers."""
    texts = texts.str.strip()
    floats = texts.str.fullmatch(_FLOAT)
    if floats.any() and (floats | texts.str.fullmatch(r"-?\d+") | texts.str.lower().isin(MISSING)).all():
        return texts.str.replace(r"\.0+$", "", regex=True)
    return texts


def _codes(column: pa.DictionaryArray) -> np.ndarray:
    """int32 (n,): the places in its dictionary."""
    return column.indices.to_numpy(zero_copy_only=False)


def _compact(codes: np.ndarray, column: pa.DictionaryArray, what: str, file: Opened) -> tuple[np.ndarray, list[str]]:
    """The codes of ids that occur, spaces around them taken off, and the ids; in the order of the dictionary."""
    place, texts = pd.factorize(ids(pd.Series(column.dictionary.to_pylist(), dtype="str")))
    codes = place[codes]
    used = np.zeros(len(texts), bool)
    used[codes] = True
    if used.sum() > MOST_DISTINCT:
        raise TableError(
            f"{file.name} has {used.sum():,} different {what}, more than {MOST_DISTINCT:,}; choose another column"
        )
    new = np.cumsum(used, dtype=np.int32) - 1
    return new[codes], np.asarray(texts, object)[used].tolist()


def _titles(column: pa.DictionaryArray, item: np.ndarray, n_items: int, good: np.ndarray) -> list[str]:
    """The first title that each item has in the file."""
    codes, texts = _codes(column)[good], column.dictionary.to_pylist()
    first = np.zeros(n_items, np.int64)
    named = np.array([bool(text.strip()) for text in texts])[codes]
    for rows in (np.arange(len(item)), np.flatnonzero(named)):  # a title, even a blank one; then the first real one
        first[item[rows][::-1]] = rows[::-1]
    return [texts[code].strip() for code in codes[first].tolist()]
