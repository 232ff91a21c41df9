"""What somebody hands in becomes bytes in memory: bounded and unpacked; nothing is written or run."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from caser.data.archive import check_packing, leads_outside

MOST_BYTES = "CASER_UPLOAD_MB"  # the environment variable
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DEFAULT_MB = 200
_MOST_MEMBERS = 10_000
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class Upload:
    """What may be handed in for one purpose; every fault raises `error` with what to do about it.

    Attributes:
        error: the class of what is raised. wanted: whether a file of an archive is read, by its path.
        holds: such files, in words. instead: what to do where an archive cannot be used. formats: what may be given.
    """

    error: type[ValueError]
    wanted: Callable[[PurePosixPath], bool]
    holds: str
    instead: str
    formats: str

    def most_bytes(self) -> int:
        """How large what is handed in may be, packed and unpacked: CASER_UPLOAD_MB, else 200 MB.

        Raises:
            ValueError: the variable is no whole number above 0.
        """
        given = os.environ.get(MOST_BYTES, str(_DEFAULT_MB))
        if not re.fullmatch(r"0*[1-9][0-9]{0,8}", given):
            raise self.error(f"{MOST_BYTES} is {given!r}; set it to a whole number of megabytes above 0")
        return int(given) * 1_000_000

    def files(self, name: str, content: bytes, most: int) -> list[tuple[str, bytes]]:
        """A file, or those of a zip archive that are wanted, by name; `most` bounds both, in bytes.

        Raises:
            ValueError: nothing in it, too large, a damaged or encrypted archive, or one with a path that leads out.
        """
        if not content:
            raise self.error(f"{name} is empty; choose the file again, or export it anew")
        self.check_size(name, len(content), most)
        return self._unzipped(name, content, most) if content.startswith(_ZIP) else [(name, content)]

    def check_size(self, name: str, size: int, most: int) -> None:
        """ValueError where a file of so many bytes is larger than `most`."""
        if size > most:
            remedy = f"cut it, or set {MOST_BYTES} to the megabytes that are allowed"
            raise self.error(f"{name} is larger than {most / 1e6:,.0f} MB; {remedy}")

    def check_text(self, name: str, content: bytes) -> None:
        """ValueError where a file holds a NUL, which no text does but in UTF-16."""
        nul = -1 if content.startswith(UTF_16) else content.find(b"\0")
        if nul >= 0:
            line = content.count(b"\n", 0, nul) + 1
            raise self.error(f"{name}, line {line} holds a NUL, so it is not text; {self.formats}")

    def _unzipped(self, name: str, content: bytes, most: int) -> list[tuple[str, bytes]]:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                files, left = [], most
                for member in self._members(name, archive):
                    check_packing(archive.getinfo(member))
                    with archive.open(member) as packed:
                        data = packed.read(left + 1)  # what the archive says of sizes is not relied on
                    left -= len(data)
                    self.check_size(f"what {name} unpacks to", most - left, most)
                    if data:
                        files.append((member, data))
        except self.error:
            raise
        except Exception as error:  # a damaged archive can raise nearly anything
            raise self.error(f"{name} cannot be unpacked ({error}); export it anew, or {self.instead}") from None
        if not files:
            raise self.error(f"{name} holds no {self.holds}; {self.instead}")
        return files

    def _members(self, name: str, archive: zipfile.ZipFile) -> list[str]:
        """The members that are wanted; ValueError where any member leads out of the archive."""
        members = archive.namelist()
        if len(members) > _MOST_MEMBERS:
            raise self.error(f"{name} holds {len(members):,} files; {self.instead}")
        outside = next(filter(leads_outside, members), None)
        if outside is not None:
            raise self.error(f"{name} holds {outside[:80]!r}, which leads out of the archive; {self.instead}")
        paths = [(member, PurePosixPath(member.replace("\\", "/"))) for member in members]
        return [member for member, path in paths if not path.name.startswith(".") and self.wanted(path)]
