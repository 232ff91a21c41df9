"""Which files of an archive are one table: months, splits, the parts that programs write; and which the others are."""

from __future__ import annotations

import io
import re
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.parquet

from caser.data.table.layout import Layout
from caser.data.table.lists import unlisted
from caser.data.table.names import LIKELY, hints
from caser.data.table.opening import Opened, TableError
from caser.data.table.reading import layout, lines_before
from caser.data.text import listing

_INTERACTIONS = re.compile(
    r"\.inter$|^(ratings?|interactions|events|transactions|clicks|plays|behaviors)(\.|$)|^u\.data$"
)
_ITEMS = re.compile(r"\.item$|^(movies|items|books|products|films|news|catalogue|catalog|metadata)(\.|$)")
_NO_TABLE = re.compile(r"^(readme|licen[cs]e|copying|notice|about)\b")
_ANOTHER_CUT = re.compile(r"(?<![a-z])(small|samples?|sampled|subset|mini|tiny|toy|demo)(?![a-z])")
_WORD = re.compile(r"[0-9]{1,18}|[^\W\d_]+")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_LONG_MONTHS = "january february march april may june july august september october november december"
_SPLITS = "train training valid validation val dev test"
_PLACES = {word: place for words in (_MONTHS, _LONG_MONTHS, _SPLITS) for place, word in enumerate(words.split(), 1)}


def pair(files: list[Opened]) -> tuple[Opened, Opened | None]:
    """The table of interactions among several files, and that of the items if there is one.

    They are known by their names, the interactions otherwise by columns of a user and an item, and by their size.
    Files that are parts of one table are joined; which these are, and what is left out, becomes a note. Interactions
    of which a field holds several become one a row.

    Raises:
        TableError: parts that do not fit each other.
    """
    events, items = _pair(files)
    return unlisted(events), items


def _pair(files: list[Opened]) -> tuple[Opened, Opened | None]:
    tables = _tables(files)
    items = [table for table in tables if _ITEMS.search(_base(table[0]))]
    events = [table for table in tables if _INTERACTIONS.search(_base(table[0])) and table not in items]
    rest = [table for table in tables if table not in items] or tables
    event = max(events or rest, key=lambda table: (_names_both(table[0]), sum(len(file.data) for file in table)))
    item = next((table for table in items if table is not event), None)
    others = [file.name for table in tables if table not in (event, item) for file in table]
    joined = _joined(event)
    return replace(joined, notes=(*joined.notes, *_left_out(others))), _joined(item) if item else None


def described(files: list[Opened]) -> Opened:
    """The table of the items among files that were given for it."""
    events, items = _pair(files)
    return items or events


def _tables(files: list[Opened]) -> list[list[Opened]]:
    """The files, those that are parts of one table together and in their order."""
    tables: dict[Hashable, list[Opened]] = {}
    if len(files) > 1:
        files = [file for file in files if not _NO_TABLE.match(_base(file))] or files
    for file in sorted(files, key=lambda file: _words(file.name)):
        tables.setdefault(_known_by(file) if len(files) > 1 else "", []).append(file)
    return list(tables.values())


def _known_by(file: Opened) -> Hashable:
    """What parts of one table share: the header; without one their names but for numbers, months and splits."""
    try:
        found = layout(file)
    except TableError:
        return file.name
    if not found.has_header:
        return found.separator, len(found.columns), tuple(word or "#" for _, word in _words(file.name))
    return file.is_parquet, found.separator, found.columns, bool(_ANOTHER_CUT.search(_base(file)))


def _names_both(file: Opened) -> bool:
    """Whether a header names a user and an item."""
    with suppress(TableError):
        columns = layout(file).columns
        return all(max(hints(column)[role] for column in columns) > LIKELY for role in ("user", "item"))
    return False


def _words(name: str) -> list[tuple[int, str]]:
    """A name's words as (0, word), and what counts in it, such as numbers, months and splits, as (place, "")."""
    words = _WORD.findall(name.lower())
    counted = {word: int(word) if word.isdecimal() else _PLACES.get(word, 0) for word in words}
    return [(counted[word], "") if word.isdecimal() or counted[word] else (0, word) for word in words]


def _base(file: Opened) -> str:
    return PurePosixPath(file.name).name.lower()


def _left_out(names: list[str]) -> list[str]:
    if not names:
        return []
    return [f"Left out: {listing(names)}. To read one of them instead, give it by itself."]


def _joined(table: list[Opened]) -> Opened:
    """The parts of one table as one file."""
    first, *further = table
    if not further:
        return first
    name = f"{first.name} and {further[0].name}" if len(table) == 2 else f"{first.name} and {len(further)} more"
    said = f"Read as one table, one after the other: {listing(file.name for file in table)}."
    notes = tuple(dict.fromkeys((said, *(note for file in table for note in file.notes))))
    if first.is_parquet:
        return Opened(name, _joined_parquet(name, table), notes)
    found, pieces, parts, line = layout(first), [], [], 0
    for file in table:
        skipped = 0 if file is first else lines_before(file.data, _above(file, found))
        body = file.data.split(b"\n", skipped)[-1] if skipped else file.data
        pieces.append(body if body.endswith(b"\n") else body + b"\n")
        parts.append((line, file.name, skipped))
        line += pieces[-1].count(b"\n")
    return Opened(name, b"".join(pieces), notes, tuple(parts), first.encoding)


def _above(file: Opened, of_first: Layout) -> int:
    return layout(file).lines_before if of_first.has_header else 0


def _joined_parquet(name: str, table: list[Opened]) -> bytes:
    try:
        read = [pa.parquet.read_table(io.BytesIO(file.data)) for file in table]
        for part in read:
            part.validate(full=True)
        packed = io.BytesIO()
        pa.parquet.write_table(pa.concat_tables(read, promote_options="permissive"), packed)
    except (pa.ArrowException, ValueError, OSError) as error:
        said = str(error).splitlines()[0][:200]
        raise TableError(f"{name} cannot be read as one table ({said}); give one of them by itself") from None
    return packed.getvalue()
