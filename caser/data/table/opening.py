"""A file that somebody hands in becomes bytes in memory: bounded, unpacked, its encoding found; nothing is run."""

from __future__ import annotations

import gzip
import io
import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from caser.data.archive import DataError, check_packing, leads_outside
from caser.data.text import decoded

MOST_BYTES = "CASER_UPLOAD_MB"  # the environment variable
_DEFAULT_MB = 200
_MOST_MEMBERS = 10_000
_ZIP, _GZIP, _PARQUET = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b", b"PAR1"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_KINDS = frozenset({".csv", ".tsv", ".txt", ".dat", ".data", ".inter", ".item", ".parquet", ".pq"})
_INTERACTIONS = re.compile(r"\.inter$|^(ratings?|interactions|events|transactions|clicks|plays|u)\.|^u\.data$")
_ITEMS = re.compile(r"\.item$|^(movies|items|books|products|films|catalogue|catalog|metadata)\.|^u\.item$")


class TableError(DataError):
    """A file that cannot become a data set; the message names it, the line and the remedy."""


class Undecided(TableError):
    """A file that can be read in two ways; the caller says which."""


@dataclass(frozen=True)
class Opened:
    """One file: its name, its bytes (UTF-8 unless Parquet), and what is worth saying of how it was opened."""

    name: str
    data: bytes
    notes: tuple[str, ...] = ()

    @property
    def is_parquet(self) -> bool:
        return self.data.startswith(_PARQUET)


def most_bytes() -> int:
    """How large a file may be, packed and unpacked: CASER_UPLOAD_MB, else 200 MB.

    Raises:
        TableError: the variable is no whole number above 0.
    """
    given = os.environ.get(MOST_BYTES, str(_DEFAULT_MB))
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", given):
        raise TableError(f"{MOST_BYTES} is {given!r}; set it to a whole number of megabytes above 0")
    return int(given) * 1_000_000


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
    """The tables in a file, a gzip file or a zip archive; `most` bounds what is packed and what is unpacked.

    Raises:
        TableError: empty, too large, binary, damaged, encrypted, or an archive with a path that leads out of it.
    """
    most = most_bytes() if most is None else most
    if not content:
        raise TableError(f"{name} is empty; choose the file again, or export it anew")
    if len(content) > most:
        raise _too_large(name, most)
    if content.startswith(_ZIP):
        return _unzipped(name, content, most)
    if content.startswith(_GZIP):
        name, content = name.removesuffix(".gz"), _gunzipped(name, content, most)
    return [_checked(name, content)]


def pair(files: list[Opened]) -> tuple[Opened, Opened | None]:
    """The file of interactions among several, and that of the items if there is one, by their names, else by size."""
    by_name = {PurePosixPath(file.name).name.lower(): file for file in files}
    events = [file for name, file in by_name.items() if _INTERACTIONS.search(name)]
    items = [file for name, file in by_name.items() if _ITEMS.search(name) and file not in events]
    rest = [file for file in files if file not in items] or files
    return max(events or rest, key=lambda file: len(file.data)), next(iter(items), None)


def _too_large(name: str, most: int) -> TableError:
    return TableError(
        f"{name} is larger than {most / 1e6:,.0f} MB; cut it, or set {MOST_BYTES} to the megabytes that are allowed"
    )


def _gunzipped(name: str, content: bytes, most: int) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            data = packed.read(most + 1)
    except Exception as error:  # a damaged file can raise nearly anything
        raise TableError(f"{name} cannot be unpacked ({error}); export it anew") from None
    if len(data) > most:
        raise _too_large(f"what {name} unpacks to", most)
    return data


def _unzipped(name: str, content: bytes, most: int) -> list[Opened]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found, left = [], most
            for member in _members(name, archive):
                check_packing(archive.getinfo(member))
                with archive.open(member) as packed:
                    data = packed.read(left + 1)  # what the archive says of sizes is not relied on
                left -= len(data)
                if left < 0:
                    raise _too_large(f"what {name} unpacks to", most)
                if data:
                    found.append(_checked(member, data))
    except TableError:
        raise
    except Exception as error:  # as above
        raise TableError(f"{name} cannot be unpacked ({error}); export it anew, or give one file of it") from None
    if not found:
        raise TableError(f"{name} holds no table ({', '.join(sorted(_KINDS))}); give the file itself")
    return found


def _members(name: str, archive: zipfile.ZipFile) -> list[str]:
    members = archive.namelist()
    if len(members) > _MOST_MEMBERS:
        raise TableError(f"{name} holds {len(members):,} files; give the one with the interactions in it")
    outside = next(filter(leads_outside, members), None)
    if outside is not None:
        raise TableError(f"{name} holds {outside[:80]!r}, which leads out of the archive; give the file itself")
    paths = [(member, PurePosixPath(member.replace("\\", "/"))) for member in members]
    return [member for member, path in paths if path.suffix.lower() in _KINDS and not path.name.startswith(".")]


def _checked(name: str, data: bytes) -> Opened:
    """A Parquet file as it is; text as UTF-8."""
    if not data:
        raise TableError(f"{name} is empty; choose the file again, or export it anew")
    if data.startswith(_PARQUET):
        return Opened(name, data)
    nul = -1 if data.startswith(_UTF_16) else data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise TableError(f"{name}, line {line} holds a NUL, so it is not text; give CSV, TSV, Parquet or lines of ids")
    if not data.startswith(_UTF_16) and _is_utf8(data):
        return Opened(name, data.removeprefix(b"\xef\xbb\xbf"))
    text, encoding = decoded(data, "windows-1252", "iso-8859-1")
    said = {"windows-1252": "Latin-1 (Windows-1252)", "iso-8859-1": "Latin-1"}.get(encoding, encoding.upper())
    notes = () if encoding == "utf-8" else (f"{name} is not UTF-8; it was read as {said}.",)
    return Opened(name, text.encode(), notes)


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
