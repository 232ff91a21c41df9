"""Rows spread over a whole file, of which its columns are profiled: all of a small one, pieces of a large one."""

from __future__ import annotations

import io
import re

import pyarrow as pa
import pyarrow.parquet

ROWS = 10_000  # looked at, at the most
PIECES = 40
_WHOLE = 4 << 20  # bytes of a file that may be small enough to be looked at whole
_PIECE = 1 << 16  # bytes
_READ_THROUGH = 200_000  # rows of a Parquet file that is read through, since it can be entered at its groups alone
_LINE = re.compile(r"\r\n|\n|\r")


def lines(data: bytes) -> list[list[str]]:
    """Lines of a text that are not blank, in pieces that follow each other; the first piece begins with line 1."""
    if len(data) <= _WHOLE and data.count(b"\n") <= ROWS:
        return [_filled(data)]
    starts = [place * (len(data) - _PIECE) // (PIECES - 1) for place in range(PIECES)]
    return [_piece(data, max(0, start))[: ROWS // PIECES] for start in starts]


def _piece(data: bytes, start: int) -> list[str]:
    """The whole lines in a piece of a text."""
    piece = data[start : start + _PIECE]
    begin = piece.find(b"\n") + 1 if start else 0
    end = piece.rfind(b"\n") + 1 if start + _PIECE < len(data) else len(piece)
    return _filled(piece[begin:end])


def _filled(data: bytes) -> list[str]:
    return [line for line in _LINE.split(data.decode("utf-8", "replace")) if line.strip()]


def parquet_rows(data: bytes) -> list[tuple[str, ...]]:
    """Rows of a Parquet file as texts, spread over its groups of rows; [] where they are damaged."""
    try:
        file = pa.parquet.ParquetFile(io.BytesIO(data))
        groups = file.num_row_groups
        chosen = sorted({place * groups // PIECES for place in range(PIECES)} if groups > PIECES else range(groups))
        most = max(1, ROWS // max(1, len(chosen)))
        return [row for group in chosen for row in _of_group(file, group, most)]
    except (pa.ArrowException, ValueError, OSError):
        return []  # whoever reads the whole says what is wrong


def _of_group(file: pa.parquet.ParquetFile, group: int, most: int) -> list[tuple[str, ...]]:
    """At most so many rows of one group: its first where the file is large, else short stretches spread over it."""
    rows = file.metadata.row_group(group).num_rows
    in_one = rows <= most or file.metadata.num_rows > _READ_THROUGH
    stretch = most if in_one else max(1, most // PIECES)
    step = most if in_one else rows // PIECES
    taken: list[tuple[str, ...]] = []
    for batch in file.iter_batches(batch_size=max(1, step), row_groups=[group]):
        part = batch.slice(0, stretch)
        part.validate(full=True)  # texts of a damaged file need not be texts
        taken += part.replace_schema_metadata(None).to_pandas().astype(str).itertuples(index=False, name=None)
        if len(taken) >= most:
            break
    return taken
