"""Text of files that others wrote or saved again: its encoding is found out, not assumed."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

LOST = "\ufffd"  # stands where a letter could not be saved
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, fallback: str) -> str:
    """The text of a file: UTF-8 where it decodes, else `fallback`; a byte order mark is dropped.

    A UTF-16 mark, which some Windows programs write, is heeded; what does not decode there becomes `LOST`.

    >>> [decode("\ufeffÉté".encode("utf-8"), "iso-8859-1"), decode("Été".encode("iso-8859-1"), "iso-8859-1")]
    ['Été', 'Été']

    Raises:
        UnicodeDecodeError: neither encoding fits.
    """
    return decoded(data, fallback)[0]


def decoded(data: bytes, *fallbacks: str) -> tuple[str, str]:
    """The text of a file as `decode` finds it, and the encoding that was found; the fallbacks are tried in turn.

    Raises:
        UnicodeDecodeError: no encoding fits.
    """
    if data.startswith(_UTF_16):
        return data.decode("utf-16", "replace"), "utf-16"
    data = data.removeprefix(codecs.BOM_UTF8)
    for encoding in ("utf-8", *fallbacks[:-1]):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding), encoding
    return data.decode(fallbacks[-1]), fallbacks[-1]


def open_utf8(file: Path) -> BinaryIO:
    """A file's bytes as UTF-8, from behind its byte order mark, if it has one."""
    stream = file.open("rb")
    start = stream.read(len(codecs.BOM_UTF8))
    if start.startswith(_UTF_16):
        with closing(stream):
            return io.BytesIO(decode(start + stream.read(), "utf-8").encode())
    stream.seek(len(start) if start == codecs.BOM_UTF8 else 0)
    return stream


def is_film(noun: str) -> bool:
    """Whether one item is watched rather than picked."""
    return noun.lower() in ("film", "movie")


class _WithProgress(io.RawIOBase):
    """Bytes that tell how much of them has been read."""

    def __init__(self, stream: BinaryIO, total: int, on_share: Callable[[float], None]):
        self._stream, self._total, self._on_share = stream, max(1, total), on_share

    def readinto(self, buffer) -> int:
        self._on_share(min(1.0, self._stream.tell() / self._total))
        return self._stream.readinto(buffer)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, *where: int) -> int:
        return self._stream.seek(*where)

    def tell(self) -> int:
        return self._stream.tell()


def with_progress(stream: BinaryIO, on_share: Callable[[float], None], block: int = 1 << 20) -> BinaryIO:
    """A stream that calls `on_share` with the share read, 0 to 1, before each block.

    What that raises ends the reading. The stream given stays open, and its owner closes it.
    """
    here = stream.tell()
    total = stream.seek(0, io.SEEK_END)
    stream.seek(here)
    return io.BufferedReader(_WithProgress(stream, total, on_share), block)


def listing(names: Iterable[object], most: int = 8) -> str:
    """Names as a sentence has them: the first of many, and how many more there are.

    >>> listing("abc"), listing("abc", 2)
    ('a, b, c', 'a, b and 1 more')
    """
    names = list(map(str, names))
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def plural(noun: str) -> str:
    """Several of it, by English rules.

    >>> [plural(noun) for noun in ("book", "box", "story", "toy")]
    ['books', 'boxes', 'stories', 'toys']
    """
    if re.search("(s|x|z|ch|sh)$", noun):
        return f"{noun}es"
    return re.sub("([^aeiou])y$", r"\1ie", noun) + "s"
