"""A file that somebody hands in becomes bytes in memory: bounded, unpacked, its encoding found; nothing is run."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet

from caser.data.archive import DataError
from caser.data.containers import packing, sheets
from caser.data.containers.upload import JSON_ENDINGS, Upload
from caser.data.encodings import LABELS, beyond_ascii, examples, is_utf_8, read_text, utf_16_without_mark
from caser.data.table import objects
from caser.data.text import LOST, listing

_PARQUET = b"PAR1"
_TEXTS = (".csv", ".tsv", ".txt", ".dat", ".data", ".inter", ".item", *JSON_ENDINGS)
_KINDS = (*_TEXTS, *sheets.ENDINGS, ".parquet", ".pq")
ENDINGS = (*_KINDS, *packing.ENDINGS)  # of files that may be given
_PART = re.compile(r"part-[0-9]+[^.]*")  # as Hadoop names them
_JSON = re.compile(rb"\s*(?:\{\s*\"|\[\s*[\[{])")
_SQL = re.compile(rb"(?i)(?:\s|--.*\n|/\*.*\n)*(?:INSERT INTO|CREATE TABLE|DROP TABLE|SET) ")
_MOST_LOST = 0.1  # of the letters beyond ASCII, for an encoding that was named


class TableError(DataError):
    """A file that cannot become a data set; the message names it, the line and the remedy."""


class Undecided(TableError):
    """A file that can be read in two ways; the caller says which."""


@dataclass(frozen=True)
class Opened:
    """One file, or the parts of a table one after the other.

    Attributes:
        data: its bytes, UTF-8 unless Parquet. notes: what is worth saying of how it was opened.
        parts: of a table from several files each one's first line, counted from 0, its name, and how many of its own
            lines stand before. encoding: the text had.
    """

    name: str
    data: bytes
    notes: tuple[str, ...] = ()
    parts: tuple[tuple[int, str, int], ...] = ()
    encoding: str = "utf-8"

    def place(self, line: int) -> str:
        """Where a line is, counted from 1.

        >>> Opened("a and b", b"", parts=((0, "a", 0), (7, "b", 1))).place(9)
        'line 3 of b'
        """
        part = next((part for part in reversed(self.parts) if part[0] < line), None)
        return f"line {line - part[0] + part[2]} of {part[1]}" if part else f"line {line}"

    @property
    def is_parquet(self) -> bool:
        return self.data.startswith(_PARQUET)


def _is_table(name: str) -> bool:
    """Whether a file of an archive may be a table, by its name."""
    return PurePosixPath(name).suffix in _KINDS or bool(_PART.fullmatch(name))


_UPLOAD = Upload(
    TableError,
    lambda path: _is_table(path.name.lower()),
    f"table ({', '.join(sorted(_KINDS))})",
    "give the one file with the interactions",
    "give CSV, TSV, Excel, Parquet, JSON or lines of ids",
)
most_bytes = _UPLOAD.most_bytes


def opened_file(path: Path, encoding: str = "") -> list[Opened]:
    """The files in a file on this machine: itself, or what an archive or a workbook holds; `encoding` as of `opened`.

    Raises:
        TableError: as `opened`, or it cannot be read.
    """
    most = most_bytes()
    try:
        with path.open("rb") as file:
            if not path.is_file():
                raise TableError(f"{path} is no regular file; name a table or an archive of tables")
            content = file.read(most + 1)
    except OSError as error:
        raise TableError(f"cannot read {path} ({error.strerror or error}); name a file that you can read") from None
    return opened(path.name, content, most, encoding)


def opened(name: str, content: bytes, most: int | None = None, encoding: str = "") -> list[Opened]:
    """The tables in a file, packed or not, in a zip or tar archive, or in a workbook.

    Args:
        most: bounds what is packed and what is unpacked, in bytes.
        encoding: of texts that are neither UTF-8 nor UTF-16; "" finds it out.

    Raises:
        TableError: empty, too large, binary, damaged, encrypted, or an archive with a path that leads out of it;
            a text that is not in the encoding named.
    """
    most = most_bytes() if most is None else most
    return [_checked(*file, encoding) for file in _UPLOAD.files(name, content, most)]


def _checked(name: str, data: bytes, encoding: str) -> Opened:
    """A Parquet file as it is, JSON as Parquet; other text as UTF-8."""
    if data.startswith(_PARQUET):
        return Opened(name, data)
    if not utf_16_without_mark(data):
        _UPLOAD.check_text(name, data)
    notes, written_in = (), "utf-8"
    if is_utf_8(data):
        data = data.removeprefix(codecs.BOM_UTF8)
    else:
        text, written_in = read_text(data, encoding)
        notes, data = _about_encoding(name, text, written_in, bool(encoding)), text.encode("utf-8", "replace")
    if _SQL.match(data):
        raise TableError(f"{name} holds SQL statements, not a table; export the table as CSV")
    if _JSON.match(data):
        data, left_out = _from_json(name, data)
        return Opened(name, data, (*notes, *left_out), encoding=written_in)
    return Opened(name, data, notes, encoding=written_in)


def _about_encoding(name: str, text: str, encoding: str, was_named: bool) -> tuple[str, ...]:
    """What to say of a text that is not all UTF-8; TableError where it is not in the encoding that was named."""
    called, lost, shown = LABELS.get(encoding, encoding.upper()), text.count(LOST), examples(text)
    if was_named and lost > _MOST_LOST * beyond_ascii(text):
        raise TableError(f"{name} is not {called}: it would read {shown[0]!r}; name another encoding, or none")
    notes = [f"{lost:,} letters of {name} are not {called} and stand as {LOST}."] if lost else []
    if encoding != "utf-8":
        read = f"{name} is not UTF-8; it was read as {called}" + (f": {', '.join(map(repr, shown))}" if shown else "")
        remedy = (
            "" if was_named or encoding.startswith("utf-16") else " If that is wrong, name its encoding (--encoding)."
        )
        notes.insert(0, f"{read}.{remedy}")
    return tuple(notes)


def _from_json(name: str, data: bytes) -> tuple[bytes, list[str]]:
    """JSON as Parquet; only fields that hold one value are kept, others named."""
    try:
        rows = objects.rows(data)
    except (
        pa.ArrowException,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise TableError(
            f"{name} is JSON that cannot be read ({str(error).splitlines()[0][:120]}); give one object a line, or CSV"
        ) from None
    plain = [field.name for field in rows.schema if not pa.types.is_nested(field.type)]
    if not plain:
        raise TableError(f"{name} is JSON without a field that holds one value; give one interaction an object, or CSV")
    left_out = [field for field in rows.schema.names if field not in plain]
    said = f"{name} is JSON; its fields {listing(left_out)} hold more than one value and are left out."
    packed = io.BytesIO()
    pa.parquet.write_table(rows.select(plain), packed)
    return packed.getvalue(), [said] if left_out else []
