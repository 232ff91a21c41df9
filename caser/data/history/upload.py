"""What somebody hands in becomes text: bounded, unpacked in memory, decoded; nothing is written or run."""

from __future__ import annotations

import io
import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from caser.data.archive import check_packing, leads_outside
from caser.data.history.entry import HistoryError
from caser.data.text import decoded

MOST_BYTES = "CASER_UPLOAD_MB"  # the environment variable
_DEFAULT_MB = 200
_MOST_MEMBERS = 10_000
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_NOT_WATCHED = frozenset({"deleted", "orphaned", "likes", "lists", "__macosx"})  # folders of a Letterboxd archive
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HARDLY_ANY = 0.001  # share of control characters that a damaged text may have; no NUL


@dataclass(frozen=True)
class Text:
    """One file's name, its text, and the encoding it was found to have."""

    name: str
    text: str
    encoding: str


def most_bytes() -> int:
    """How large what is handed in may be, packed and unpacked: CASER_UPLOAD_MB, else 200 MB.

    Raises:
        HistoryError: the variable is no whole number above 0.
    """
    given = os.environ.get(MOST_BYTES, str(_DEFAULT_MB))
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", given):
        raise HistoryError(f"{MOST_BYTES} is {given!r}; set it to a whole number of megabytes above 0")
    return int(given) * 1_000_000


def texts(name: str, content: bytes, most: int) -> list[Text]:
    """The text of a file, or of every CSV and text file of a zip archive; `most` bounds both, in bytes.

    Raises:
        HistoryError: nothing in it, too large, not text, a damaged or encrypted archive, or one with a path that
            leads out of it.
    """
    if not content:
        raise HistoryError(f"{name} is empty; choose the file again, or export it anew")
    if len(content) > most:
        raise _too_large(name, most)
    if content.startswith(_ZIP):
        return _unzipped(name, content, most)
    return [_text(name, content)]


def _too_large(name: str, most: int) -> HistoryError:
    return HistoryError(
        f"{name} is larger than {most / 1e6:,.0f} MB; cut it, or set {MOST_BYTES} to the megabytes that are allowed"
    )


def _unzipped(name: str, content: bytes, most: int) -> list[Text]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _members(name, archive)
            found, left = [], most
            for member in members:
                check_packing(archive.getinfo(member))
                with archive.open(member) as packed:
                    data = packed.read(left + 1)  # what the archive says of sizes is not relied on
                left -= len(data)
                if left < 0:
                    raise _too_large(f"what {name} unpacks to", most)
                if data:
                    found.append(_text(member, data))
    except HistoryError:
        raise
    except Exception as error:  # a damaged archive can raise nearly anything
        remedy = "export it anew, or unpack it and drop one file"
        raise HistoryError(f"{name} cannot be unpacked ({error}); {remedy}") from None
    if not found:
        raise HistoryError(f"{name} holds no CSV or text file with anything in it; drop the file itself")
    return found


def _members(name: str, archive: zipfile.ZipFile) -> list[str]:
    """The members that can be a history; HistoryError where any member leads out of the archive."""
    members = archive.namelist()
    if len(members) > _MOST_MEMBERS:
        raise HistoryError(f"{name} holds {len(members):,} files; drop the one with your history in it")
    outside = next(filter(leads_outside, members), None)
    if outside is not None:
        raise HistoryError(f"{name} holds {outside[:80]!r}, which leads out of the archive; drop the file itself")
    return [member for member in members if _may_be_history(PurePosixPath(member.replace("\\", "/")))]


def _may_be_history(path: PurePosixPath) -> bool:
    if path.suffix.lower() not in (".csv", ".tsv", ".txt") or path.name.startswith("."):
        return False
    return not _NOT_WATCHED & {part.lower() for part in path.parts[:-1]}


def _text(name: str, data: bytes) -> Text:
    if b"\0" in data and not data.startswith(_UTF_16):
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise HistoryError(f"{name}, line {line} holds a NUL, so it is not text; drop a CSV, a text file or a zip")
    text, encoding = decoded(data, "windows-1252", "iso-8859-1")
    if len(_CONTROLS.findall(text[:100_000])) > _HARDLY_ANY * min(len(text), 100_000):
        raise HistoryError(f"{name} is not text; drop a CSV, a text file or a zip")
    return Text(name, _CONTROLS.sub("", text), encoding)  # a few would only upset who prints them
