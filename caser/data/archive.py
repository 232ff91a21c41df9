"""Fetching one archive: streamed, verified, unpacked aside, and then put in place in one step; and finding it again.

Whatever goes wrong, the target folder either is complete or does not exist.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath

CHUNK = 1 << 20  # bytes

Progress = Callable[[int, int | None], None]


class DataError(ValueError):
    """A data set that cannot be fetched or read; the message says what to do about it."""


def home_dir() -> Path:
    """Where data lives unless `CASER_DATA_DIR` says otherwise."""
    return Path.home() / ".cache" / "caser"


def data_dir() -> Path:
    """The folder of data sets: `CASER_DATA_DIR` if set, else ~/.cache/caser. It need not exist."""
    chosen = os.environ.get("CASER_DATA_DIR")
    return Path(chosen).expanduser() if chosen else home_dir()


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
    held = ", ".join(there[:5]) + (", ..." if len(there) > 5 else "")
    return f"{folder} holds {held}, but not {missing}; put what is missing there, or move the folder away"


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
) -> Path:
    """Download a zip archive and unpack `files` of it, and its README, as the folder `target`.

    Args:
        url: a zip archive. inside: the folder in it where its members lie; `target.name` unless named.
        md5: hex digest the archive must have; None where the publisher changes it over time.
        optional: files that are unpacked where the archive has them.
        progress: called with (bytes so far, bytes in all or None) after every chunk; an exception
            it raises ends the download.
        timeout: seconds the connection may stay silent.

    Returns:
        `target`; if another process put it there meanwhile, theirs.

    Raises:
        ValueError: a timeout that is not above 0.
        DataError: something is in the way, which is said before anything is fetched; no network, a cut or altered
            archive, an unsafe member path, a missing member, or a folder that cannot be written to. Nothing is
            left behind.
    """
    _check_before(target, files, timeout)
    remedy = f"try again, or put the unpacked archive in {target}"
    with _writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
            archive, unpacked = Path(scratch, "archive.zip"), Path(scratch, target.name)
            found = _download(url, archive, target, progress, timeout)
            if md5 is not None and found != md5:
                raise DataError(f"{url} has md5 {found}, expected {md5}; the download was discarded: {remedy}")
            with _reading_zip(url, remedy):
                _unpack(archive, unpacked, inside or target.name, files, optional)
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


def _download(url: str, archive: Path, target: Path, progress: Progress | None, timeout: float) -> str:
    """Stream `url` into `archive`; the md5 of what came."""
    digest, done = hashlib.md5(usedforsecurity=False), 0
    with archive.open("wb") as file, closing(_chunks(url, target, timeout)) as chunks:
        for chunk, total in chunks:
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            if progress is not None:
                progress(done, total)
    return digest.hexdigest()


def _chunks(url: str, target: Path, timeout: float) -> Iterator[tuple[bytes, int | None]]:
    """Chunks of `url` with its total size, if known; only errors of the network are caught here."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            length = response.headers.get("Content-Length", "")
            total = left = int(length) if length.isdecimal() else None
            while chunk := response.read(CHUNK):
                left = None if left is None else left - len(chunk)
                yield chunk, total
        if left:
            raise http.client.HTTPException(f"the connection ended {left:,} bytes early")
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise DataError(
            f"could not download {url} ({error}); connect to the network or put the unpacked archive in {target}"
        ) from error


@contextmanager
def _reading_zip(url: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise DataError(f"{url} is incomplete: {error.args[0]}; {remedy}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise DataError(f"{url} is not an intact zip archive ({error}); {remedy}") from error


def _unpack(archive: Path, folder: Path, inside: str, files: Sequence[str], optional: Sequence[str]) -> None:
    """Unpack what is needed, in chunks; the README carries the terms of use."""
    with zipfile.ZipFile(archive) as source:
        members = source.namelist()
        for member in members:
            if leads_outside(member):
                raise zipfile.BadZipFile(f"the member {member!r} points outside of it")
        wanted = [f"{inside}/{file}" for file in files]
        wanted += [f"{inside}/{file}" for file in optional if f"{inside}/{file}" in members]
        wanted += [m for m in members if m.startswith(f"{inside}/README") and m.count("/") == 1]
        folder.mkdir()
        for member in wanted:
            with source.open(member) as packed, (folder / PurePosixPath(member).name).open("wb") as file:
                shutil.copyfileobj(packed, file, CHUNK)


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
