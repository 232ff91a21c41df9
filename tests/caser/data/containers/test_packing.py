"""Whatever a file is packed in, what is in it is read, bounded; nothing leads out of an archive."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile

import pyarrow as pa
import pytest

from caser.data import history, table
from caser.data.table import TableError
from tests.caser.data.table.test_parts import pairs, shared
from tests.caser.data.table.test_table import CSV, ROWS, brought, zipped


def zstandard(content: bytes) -> bytes:
    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "zstd") as stream:
        stream.write(content)
    return packed.getvalue().to_pybytes()


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard}


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


PARTS = shared("part-00000", "part-00001")
CONTAINERS = {
    **{f"log.csv.{ending}": pack(CSV) for ending, pack in PACKERS.items()},
    **{f"parts.tar.{ending}": tarred(PARTS, f"w:{ending}") for ending in ("gz", "bz2", "xz")},
    "parts.tar": tarred(PARTS),
    "parts.tar.zst": zstandard(tarred(PARTS)),
    "parts.tgz": tarred({f"{name}.gz": gzip.compress(part) for name, part in PARTS.items()}, "w:gz"),
    "parts.zip": zipped(**{f"{name}_xz": lzma.compress(part) for name, part in PARTS.items()}),
    "two streams.bz2": bz2.compress(CSV[:40]) + bz2.compress(CSV[40:]),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_rows_in_it(name):
    found = brought(CONTAINERS[name], name)
    assert pairs(found.dataset) == sorted((user, item) for user, item, _, _ in ROWS)


@pytest.mark.parametrize("ending", PACKERS)
def test_what_unpacks_to_more_than_is_allowed_is_refused(ending):
    packed = PACKERS[ending](b"user,item\n" + b"1,2\n" * 1_000_000)
    for content in (packed, tarred({f"log.csv.{ending}": packed})):
        with pytest.raises(TableError, match=r"unpacks to is larger than 1 MB; cut it, or set CASER_UPLOAD_MB"):
            table.opened(f"log.{ending}", content, 1_000_000)


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_that_is_cut_short_says_so(name):
    content = CONTAINERS[name][: min(len(CONTAINERS[name]) * 2 // 3, 560)]  # tar ends with zeros
    with pytest.raises(TableError, match=r"cannot be (unpacked|read)"):
        table.read(table.opened(name, content)[0], table.Roles("userId", "movieId"))


def test_a_tar_archive_is_read_no_further_than_its_files():
    for outside in ("../log.csv", "/etc/log.csv"):
        with pytest.raises(TableError, match="leads out of the archive"):
            table.opened("x.tar", tarred({outside: CSV}))
    packed = io.BytesIO(tarred({"log.csv": CSV}))
    with tarfile.open(fileobj=packed, mode="a") as archive:
        link = tarfile.TarInfo("other.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert [file.name for file in table.opened("x.tar", packed.getvalue())] == ["log.csv"]


def test_a_history_may_be_packed_too():
    diary = b"Title,Year,Date\nAlien,1979,2024-03-01\nHeat,1995,2024-01-01\n"
    for name, content in {"d.csv.gz": gzip.compress(diary), "d.tar": tarred({"export/d.csv": diary})}.items():
        assert [entry.title for entry in history.read(name, content).entries] == ["Heat", "Alien"]
