"""What somebody hands in becomes bytes in memory: bounded and unpacked; nothing is written or run."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from caser.data.archive import leads_outside
from caser.data.containers import packing, sheets

JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
MOST_BYTES = "CASER_UPLOAD_MB"  # the environment variable
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DEFAULT_MB = 200


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
        """A file, or those of a zip or tar archive that are wanted, by name, packed or not; a workbook's sheets.

        `most` bounds what is packed and what is unpacked, in bytes.

        Raises:
            ValueError: nothing in it, too large, a damaged or encrypted archive, or one with a path that leads out.
        """
        if not content:
            raise self.error(f"{name} is empty; choose the file again, or export it anew")
        self.check_size(name, len(content), most)
        files = self._by_itself(name, content, most)
        if len(files) > 1:
            return files
        ((name, content),) = files
        with self._unpacking(name):
            members = packing.members(content)
        return files if members is None else self._of_archive(name, members, most)

    def _by_itself(self, name: str, content: bytes, most: int) -> list[tuple[str, bytes]]:
        """What one file holds that is no archive: itself, unpacked, or its sheets."""
        if packing.is_packed(content):
            with self._unpacking(name):
                content = packing.unpacked(content, most + 1)
            self.check_size(f"what {name} unpacks to", len(content), most)
            name = packing.bare(name)
        if content.startswith(sheets.OLD):
            raise self.error(f"{name} is an old Excel file or has a password; save it as xlsx without one, or as CSV")
        with self._unpacking(name, "save it anew as xlsx, or each sheet as CSV"):
            if not sheets.is_workbook(content):
                return [(name, content)]
            found = sheets.sheets(content, most)
        if not found:
            raise self.error(f"{name} has no sheet with anything in it; {self.instead}")
        return [(name if len(found) == 1 else f"{name}/{title}", text) for title, text in found]

    def _of_archive(self, name: str, members: packing.Members, most: int) -> list[tuple[str, bytes]]:
        """The members that are wanted; ValueError where any leads out of the archive."""
        self._check_paths(name, [member for member, _ in members])
        files, left = [], most
        for member, read in members:
            path = PurePosixPath(packing.bare(member.replace("\\", "/")))
            if path.name.startswith(".") or not self.wanted(path):
                continue
            with self._unpacking(name):
                data = read(left + 1)
            self.check_size(f"what {name} unpacks to", most - left + len(data), most)
            for file in self._by_itself(member, data, left) if data else ():
                left -= len(file[1])
                files.append(file)
        if not files:
            raise self.error(f"{name} holds no {self.holds}; {self.instead}")
        return files

    def _check_paths(self, name: str, members: list[str]) -> None:
        if len(members) > packing.MOST_MEMBERS:
            raise self.error(f"{name} holds {len(members):,} files; {self.instead}")
        outside = next(filter(leads_outside, members), None)
        if outside is not None:
            raise self.error(f"{name} holds {outside[:80]!r}, which leads out of the archive; {self.instead}")

    @contextmanager
    def _unpacking(self, name: str, remedy: str = "") -> Iterator[None]:
        try:
            yield
        except Exception as error:  # a damaged archive can raise nearly anything
            said = f"{name} cannot be unpacked ({error})"
            raise self.error(f"{said}; {remedy or f'export it anew, or {self.instead}'}") from None

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
