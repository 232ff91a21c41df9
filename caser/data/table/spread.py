"""Rows spread over a whole file, of which its columns are profiled: all of a small one, pieces of a large one."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet

ROWS = 10_000  # looked at, at the most
PIECES = 40
_WHOLE = 4 << 20  # bytes of a file that may be small enough to be looked at whole
_PIECE = 1 << 16  # bytes
_READ_THROUGH = 200_000  # rows of a Parquet file that is read through, since it can be entered at its groups alone
_LINE = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Sample:
    """Rows spread over a file; whether they are all of them."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    is_whole: bool = True


def lines(data: bytes) -> list[list[str]]:
    """Lines of a text that are not blank, in pieces that follow each other; the first piece begins with line 1."""
    if len(data) <= _WHOLE and data.count(b"\n") <= ROWS:
        return [_filled(data)]
    size = min(_PIECE, len(data) // PIECES)  # so that no line is in two pieces
    starts = [place * (len(data) - size) // (PIECES - 1) for place in range(PIECES)]
    return [_piece(data, start, size)[: ROWS // PIECES] for start in starts]


def _piece(data: bytes, start: int, size: int) -> list[str]:
    """The whole lines in a piece of a text."""
    piece = data[start : start + size]
    begin = piece.find(b"\n") + 1 if start else 0
    end = piece.rfind(b"\n") + 1 if start + size < len(data) else len(piece)
    return _filled(piece[begin:end])


def _filled(data: bytes) -> list[str]:
    return [line for line in _LINE.split(data.decode("utf-8", "replace")) if line.strip()]


def of_parquet(data: bytes) -> Sample:
    """Rows of a Parquet file as texts, spread over its groups of rows; none where they are damaged."""
    try:
        file = pa.parquet.ParquetFile(io.BytesIO(data))
        groups = range(file.num_row_groups)
        chosen = groups if len(groups) <= PIECES else [place * len(groups) // PIECES for place in range(PIECES)]
        most = max(1, ROWS // max(1, len(chosen)))
        parts = [part for group in chosen for part in _of_group(file, group, most)]
        table = pa.concat_tables(parts) if parts else file.schema_arrow.empty_table()
        table.validate(full=True)  # texts of a damaged file need not be texts
        frame = table.replace_schema_metadata(None).to_pandas().astype(str)
        return Sample(list(frame.itertuples(index=False, name=None)), len(frame) == file.metadata.num_rows)
    except (pa.ArrowException, ValueError, OSError):
        return Sample()  # whoever reads the whole says what is wrong


def _of_group(file: pa.parquet.ParquetFile, group: int, most: int) -> list[pa.Table]:
    """At most so many rows of one group: its first where the file is large, else stretches spread over it."""
    if file.metadata.num_rows > _READ_THROUGH:
        batch = next(file.iter_batches(batch_size=most, row_groups=[group]), None)
        return [] if batch is None else [pa.Table.from_batches([batch])]
    rows = file.read_row_group(group)
    if len(rows) <= most:
        return [rows]
    stretch = -(-most // PIECES)
    return [rows.slice(place * len(rows) // PIECES, stretch) for place in range(most // stretch)]
