"""Fetching one archive: streamed, verified, unpacked aside, and then put in place in one step; and finding it again.

Whatever goes wrong, the target folder either is complete or does not exist.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import struct
import threading
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from caser import files as whole
from caser.data.text import listing
from caser.files import places

CHUNK = 1 << 20  # bytes
LARGEST = 1 << 30  # bytes of an archive whose size nobody knows
SLOWEST = 1000  # bytes a second; what comes more slowly for as long as the timeout is given up
DENSEST = 20  # times its size that an archive may unpack to; rating files pack to a quarter

Progress = Callable[[int, int | None], None]


class DataError(ValueError):
    """A data set that cannot be fetched or read; the message says what to do about it."""


def home_dir() -> Path:
    """Where data lives unless `CASER_DATA_DIR` says otherwise."""
    return places.home()


def data_dir() -> Path:
    """The folder of data sets: `CASER_DATA_DIR` if set, else ~/.cache/caser. It need not exist."""
    return places.chosen("CASER_DATA_DIR", home_dir())


def holder(folder: Path, files: Sequence[str]) -> Path | None:
    """`folder` if it has all of `files`, else a folder in it that has: an archive unpacked one level deeper.

    None if neither has.
    """
    return next((place for place in _with_folders_in(folder) if _has_all(place, files)), None)


def _with_folders_in(folder: Path) -> Iterator[Path]:
    yield folder
    with suppress(OSError):  # not there, not a folder, or not ours to read
        yield from sorted(place for place in folder.iterdir() if place.is_dir())


def _has_all(folder: Path, files: Sequence[str]) -> bool:
    return all(os.path.isfile(folder / file) for file in files)


def obstacle(folder: Path, files: Sequence[str]) -> str:
    """What keeps an archive of `files` from being put in place as `folder`, and the remedy; "" if nothing does."""
    if not os.path.lexists(folder):
        return ""
    if not folder.is_dir():
        return f"{folder} is not a folder; move it away"
    there = sorted(path.name for path in folder.iterdir())
    if not there or _has_all(folder, files):
        return ""
    missing = ", ".join(file for file in files if not os.path.isfile(folder / file))
    return f"{folder} holds {listing(there, 5)}, but not {missing}; put what is missing there, or move the folder away"


def fetch_archive(
    url: str,
    md5: str | None,
    files: Sequence[str],
    target: Path,
    progress: Progress | None = None,
    timeout: float = 30.0,
    *,
    optional: Sequence[str] = (),
    inside: str = "",
    largest: int = LARGEST,
) -> Path:
    """Download a zip archive and unpack `files` of it, and its README, as the folder `target`.

    Args:
        url: a zip archive. inside: the folder in it where its members lie; `target.name` unless named.
        md5: hex digest the archive must have; None where the publisher changes it over time.
        optional: files that are unpacked where the archive has them.
        progress: called with (bytes so far, bytes in all or None) after every chunk; an exception
            it raises ends the download.
        timeout: seconds in which an answer must have come, and then at least `SLOWEST` bytes for each.
        largest: bytes the archive may have; it may unpack to `DENSEST` times as many.

    Returns:
        `target`; if another process put it there meanwhile, theirs.

    Raises:
        ValueError: a timeout that is not above 0.
        DataError: something is in the way, which is said before anything is fetched; no network, one too slow, a
            redirection to another host, a cut, altered or oversized archive, an unsafe member path, a missing
            member, or a folder that cannot be written to. Nothing is left behind.
    """
    _check_before(target, files, timeout)
    remedy = f"try again, or put the unpacked archive in {target}"
    with _writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole.scratch(target.parent) as scratch:
            archive, unpacked = scratch / "archive.zip", scratch / target.name
            found = _download(archive, _chunks(url, target, timeout, largest), progress)
            if md5 is not None and found != md5:
                raise DataError(f"{url} has md5 {found}, expected {md5}; the download was discarded: {remedy}")
            with _reading_zip(url, remedy):
                _unpack(archive, unpacked, inside or target.name, files, optional, largest * DENSEST)
            return _publish(unpacked, target, files)


def _check_before(target: Path, files: Sequence[str], timeout: float) -> None:
    if not timeout > 0:
        raise ValueError(f"timeout is {timeout}; give seconds above 0")
    with _writing(target.parent):
        in_the_way = obstacle(target, files)
    if in_the_way:
        raise DataError(f"nothing was fetched: {in_the_way} and try again")


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise DataError(
            f"cannot write to {folder} ({reason}); set CASER_DATA_DIR to a folder you can write to"
        ) from error


def _download(archive: Path, chunks: Iterator[tuple[bytes, int | None]], progress: Progress | None) -> str:
    """Write what comes into `archive`; the md5 of it."""
    digest, done = hashlib.md5(usedforsecurity=False), 0
    with archive.open("wb") as file, closing(chunks):
        for chunk, total in chunks:
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            if progress is not None:
                progress(done, total)
    return digest.hexdigest()


def _chunks(url: str, target: Path, timeout: float, largest: int) -> Iterator[tuple[bytes, int | None]]:
    """Chunks of `url` with its total size, if known; only errors of the network are caught here."""
    try:
        with _answer(url, timeout) as response:
            length = response.headers.get("Content-Length", "")
            total = int(length) if length.isdecimal() and len(length) < 20 else None
            done = 0
            for chunk in _in_time(response, timeout):
                done += len(chunk)
                if max(done, total or 0) > largest:
                    raise http.client.HTTPException(f"it has more than the {largest:,} bytes that are expected")
                yield chunk, total
        if total is not None and done < total:
            raise http.client.HTTPException(f"the connection ended {total - done:,} bytes early")
    except (OSError, ValueError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise DataError(
            f"could not download {url} ({error}); connect to the network or put the unpacked archive in {target}"
        ) from error


def _answer(url: str, timeout: float) -> http.client.HTTPResponse:
    """The response to a request. It is awaited in a thread: a header that drips would hold us for good."""
    answer: Future[http.client.HTTPResponse] = Future()

    def ask() -> None:
        try:
            response = urllib.request.build_opener(_SameHost).open(url, timeout=timeout)
        except Exception as error:
            answer.set_exception(error)
        else:
            answer.set_result(response)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answer.result(timeout)
    except TimeoutError:
        answer.add_done_callback(lambda late: late.exception() or late.result().close())
        raise TimeoutError(f"no answer within {timeout:g} s") from None


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirection only to where the request went."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            fp.close()
            raise http.client.HTTPException(f"it redirects to another host, {newurl[:200]}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _in_time(response: http.client.HTTPResponse, timeout: float) -> Iterator[bytes]:
    """What comes, for as long as every `timeout` seconds bring enough."""
    since, came = time.monotonic(), 0
    while chunk := response.read1(CHUNK):
        came += len(chunk)
        if time.monotonic() - since > timeout:
            if came < SLOWEST * timeout:
                raise TimeoutError(f"{came:,} bytes came within {timeout:g} s")
            since, came = time.monotonic(), 0
        yield chunk


@contextmanager
def _reading_zip(url: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise DataError(f"{url} is incomplete: {error.args[0]}; {remedy}") from error
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError) as error:
        raise DataError(f"{url} is not an intact zip archive ({error}); {remedy}") from error


def _unpack(archive: Path, folder: Path, inside: str, files: Sequence[str], optional: Sequence[str], most: int) -> None:
    """Unpack what is needed, in chunks; the README carries the terms of use."""
    with zipfile.ZipFile(archive) as source:
        members = source.namelist()
        for member in members:
            if leads_outside(member):
                raise zipfile.BadZipFile(f"the member {member!r} points outside of it")
        wanted = [f"{inside}/{file}" for file in files]
        wanted += [f"{inside}/{file}" for file in optional if f"{inside}/{file}" in members]
        wanted += [m for m in members if m.startswith(f"{inside}/README") and m.count("/") == 1]
        _check_sizes([source.getinfo(member) for member in wanted], most)
        folder.mkdir()
        for member in wanted:
            with source.open(member) as packed, (folder / PurePosixPath(member).name).open("wb") as file:
                shutil.copyfileobj(packed, file, CHUNK)


def _check_sizes(members: list[zipfile.ZipInfo], most: int) -> None:
    """Bound what unpacking takes: no more is read of a member than it declares."""
    for member in members:
        check_packing(member)
    size = sum(member.file_size for member in members)
    if size > most:
        raise zipfile.BadZipFile(f"it would unpack to {size:,} bytes, more than the {most:,} that are expected")


def check_packing(member: zipfile.ZipInfo) -> None:
    """BadZipFile for a member packed by anything but deflate: the others unpack a block at once, however large."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(f"{member.filename[:80]} is packed by method {member.compress_type}, not by deflate")


def leads_outside(member: str) -> bool:
    """Whether the path of an archive's member points anywhere but into the archive."""
    path = PurePosixPath(member.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1])


def _publish(unpacked: Path, target: Path, files: Sequence[str]) -> Path:
    """Rename into place; a complete folder that came first wins."""
    try:
        unpacked.rename(target)
    except OSError:
        if not _has_all(target, files):
            raise
    return target
