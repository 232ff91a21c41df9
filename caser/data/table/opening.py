"""A file that somebody hands in becomes bytes in memory: bounded, unpacked, its encoding found; nothing is run."""

from __future__ import annotations

import gzip
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet

from caser.data.archive import DataError
from caser.data.text import decoded
from caser.data.upload import UTF_16, Upload

_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_KINDS = frozenset(
    (".csv", ".tsv", ".txt", ".dat", ".data", ".inter", ".item", ".parquet", ".pq", ".json", ".jsonl", ".ndjson")
)
_PART = re.compile(r"part-[0-9]+[^.]*")  # as Hadoop names them
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*\"|\[\s*\{)")


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
            lines stand before.
    """

    name: str
    data: bytes
    notes: tuple[str, ...] = ()
    parts: tuple[tuple[int, str, int], ...] = ()

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
    """Whether a file of an archive may be a table, by its name, packed or not."""
    name = name.removesuffix(".gz")
    return PurePosixPath(name).suffix in _KINDS or bool(_PART.fullmatch(name))


_UPLOAD = Upload(
    TableError,
    lambda path: _is_table(path.name.lower()),
    f"table ({', '.join(sorted(_KINDS))})",
    "give the one file with the interactions",
    "give CSV, TSV, Parquet, JSON or lines of ids",
)
most_bytes = _UPLOAD.most_bytes


def opened_file(path: Path) -> list[Opened]:
    """The files in a file on this machine: itself, or what a zip archive holds.

    Raises:
        TableError: as `opened`, or it cannot be read.
    """
    most = most_bytes()
    try:
        with path.open("rb") as file:
            if not path.is_file():
                raise TableError(f"{path} is no regular file; name a table or a zip archive of tables")
            content = file.read(most + 1)
    except OSError as error:
        raise TableError(f"cannot read {path} ({error.strerror or error}); name a file that you can read") from None
    return opened(path.name, content, most)


def opened(name: str, content: bytes, most: int | None = None) -> list[Opened]:
    """The tables in a file, a gzip file or a zip archive of either; `most` bounds what is packed and what is unpacked.

    Raises:
        TableError: empty, too large, binary, damaged, encrypted, or an archive with a path that leads out of it.
    """
    most = most_bytes() if most is None else most
    if content.startswith(_GZIP):
        _UPLOAD.check_size(name, len(content), most)
        name, content = name.removesuffix(".gz"), _gunzipped(name, content, most)
    files, left = _UPLOAD.files(name, content, most), most
    for place, (name, data) in enumerate(files):
        if data.startswith(_GZIP):
            files[place] = name.removesuffix(".gz"), _gunzipped(name, data, left)
        left -= len(files[place][1])
    return [_checked(*file) for file in files]


def _gunzipped(name: str, content: bytes, most: int) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            data = packed.read(most + 1)
    except Exception as error:  # a damaged file can raise nearly anything
        raise TableError(f"{name} cannot be unpacked ({error}); export it anew") from None
    _UPLOAD.check_size(f"what {name} unpacks to", len(data), most)
    return data


def _checked(name: str, data: bytes) -> Opened:
    """A Parquet file as it is; text as UTF-8."""
    if data.startswith(_PARQUET):
        return Opened(name, data)
    if data[257:262] == b"ustar":
        raise TableError(f"{name} is a tar archive; give a zip archive, or the table in it by itself")
    _UPLOAD.check_text(name, data)
    if _JSON.match(data):
        return _from_json(name, data)
    if not data.startswith(UTF_16) and _is_utf8(data):
        return Opened(name, data.removeprefix(b"\xef\xbb\xbf"))
    text, encoding = decoded(data, "windows-1252", "iso-8859-1")
    said = {"windows-1252": "Latin-1 (Windows-1252)", "iso-8859-1": "Latin-1"}.get(encoding, encoding.upper())
    notes = () if encoding == "utf-8" else (f"{name} is not UTF-8; it was read as {said}.",)
    return Opened(name, text.encode(), notes)


def _from_json(name: str, data: bytes) -> Opened:
    """One object a line, or a list of objects, as Parquet; only fields that hold one value are kept."""
    try:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            rows = pa.Table.from_pylist(json.loads(data))
        else:
            rows = pa.json.read_json(io.BytesIO(data), pa.json.ReadOptions(block_size=max(1 << 20, len(data))))
    except (pa.ArrowException, ValueError, TypeError, AttributeError) as error:
        raise TableError(
            f"{name} is JSON that cannot be read ({str(error).splitlines()[0][:120]}); give one object a line, or CSV"
        ) from None
    plain = [field.name for field in rows.schema if not pa.types.is_nested(field.type)]
    if not plain:
        raise TableError(f"{name} is JSON without a field that holds one value; give one interaction an object, or CSV")
    left_out = [field for field in rows.schema.names if field not in plain]
    said = f"{name} is JSON; its fields {', '.join(left_out[:8])} hold more than one value and are left out."
    packed = io.BytesIO()
    pa.parquet.write_table(rows.select(plain), packed)
    return Opened(name, packed.getvalue(), (said,) if left_out else ())


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
