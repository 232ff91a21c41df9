"""A history that somebody hands in becomes text, its encoding found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from caser.data.containers import packing, sheets
from caser.data.containers.upload import JSON_ENDINGS, Upload
from caser.data.encodings import read_text
from caser.data.history.entry import HistoryError

_KINDS = (".csv", ".tsv", ".txt", *JSON_ENDINGS, *sheets.ENDINGS)
ENDINGS = (*_KINDS, *packing.ENDINGS)  # of files that may be given
_NOT_WATCHED = frozenset({"deleted", "orphaned", "likes", "lists", "__macosx"})  # folders of a Letterboxd archive
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HARDLY_ANY = 0.001  # share of control characters that a damaged text may have; no NUL


@dataclass(frozen=True)
class Text:
    """One file's name, its text, and the encoding it was found to have."""

    name: str
    text: str
    encoding: str


def _may_be_history(path: PurePosixPath) -> bool:
    if path.suffix.lower() not in _KINDS:
        return False
    return not _NOT_WATCHED & {part.lower() for part in path.parts[:-1]}


_UPLOAD = Upload(
    HistoryError,
    _may_be_history,
    "CSV, Excel, JSON or text file with anything in it",
    "drop the one file with your history",
    "drop a CSV, Excel, JSON or text file, or a zip",
)
most_bytes = _UPLOAD.most_bytes


def texts(name: str, content: bytes, most: int) -> list[Text]:
    """The text of a file, of every such file in an archive, or of a workbook's sheets; `most` bounds all, in bytes.

    Raises:
        HistoryError: as `Upload.files`, or it is not text.
    """
    return [_text(*file) for file in _UPLOAD.files(name, content, most)]


def _text(name: str, data: bytes) -> Text:
    _UPLOAD.check_text(name, data)
    text, encoding = read_text(data)
    if len(_CONTROLS.findall(text[:100_000])) > _HARDLY_ANY * min(len(text), 100_000):
        raise HistoryError(f"{name} is not text; {_UPLOAD.formats}")
    return Text(name, _CONTROLS.sub("", text), encoding)  # a few would only upset who prints them
