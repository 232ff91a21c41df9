"""What is packed becomes bytes again, no more than asked for: gzip, bzip2, xz and Zstandard; zip and tar."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import BinaryIO

import pyarrow as pa

from caser.data.archive import check_packing

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
MOST_MEMBERS = 10_000
_ENDINGS = (".gz", ".bz2", ".xz", ".zst")  # of one packed file
ENDINGS = (*_ENDINGS, ".zip", ".tar", ".tgz", ".tbz2", ".txz")
_TAR, _TAR_MARK = 257, b"ustar"  # where tar says so, and how

Members = list[tuple[str, Callable[[int], bytes]]]  # a path, and what reads at most so many bytes of it


def _zstandard(stream: BinaryIO) -> BinaryIO:
    return pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd")


_OPENERS: dict[bytes, Callable[[BinaryIO], BinaryIO]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
    b"\x28\xb5\x2f\xfd": _zstandard,
}


def bare(name: str) -> str:
    """A file's name without what says that it alone is packed.

    >>> bare("log.csv.gz"), bare("log.zip")
    ('log.csv', 'log.zip')
    """
    ending = next((ending for ending in _ENDINGS if name.lower().endswith(ending)), "")
    return name[: len(name) - len(ending)]


def is_packed(content: bytes) -> bool:
    """Whether it is one packed file."""
    return any(map(content.startswith, _OPENERS))


def unpacked(content: bytes, most: int) -> bytes:
    """At most so many bytes of one packed file; a damaged one can raise nearly anything."""
    opener = next(opener for mark, opener in _OPENERS.items() if content.startswith(mark))
    with opener(io.BytesIO(content)) as packed:
        return packed.read(most)


def members(content: bytes) -> Members | None:
    """The files of a zip or a tar archive, of one with too many a few more than `MOST_MEMBERS`; None for others.

    Raises:
        Nearly anything where the archive is damaged, also what reads a member.
    """
    if content.startswith(ZIP):
        archive = zipfile.ZipFile(io.BytesIO(content))
        return [(member.filename, partial(_of_zip, archive, member)) for member in archive.infolist()]
    if content[_TAR : _TAR + len(_TAR_MARK)] == _TAR_MARK:
        archive = tarfile.TarFile(fileobj=io.BytesIO(content))
        first = islice(archive, MOST_MEMBERS + 1)
        return [(member.name, partial(_of_tar, archive, member)) for member in first if member.isfile()]
    return None


def _of_zip(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    check_packing(member)
    with archive.open(member) as packed:
        return packed.read(most)  # what the archive says of sizes is not relied on


def _of_tar(archive: tarfile.TarFile, member: tarfile.TarInfo, most: int) -> bytes:
    with archive.extractfile(member) as packed:
        return packed.read(most)
