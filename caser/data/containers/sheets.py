"""The sheets of an Excel workbook as CSV, so that they are read as any other table is."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from caser.data.archive import check_packing
from caser.data.containers.packing import ZIP

ENDINGS = (".xlsx", ".xlsm")
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how .xls begins, and a workbook with a password
_PART = "xl/workbook.xml"
MOST_CELLS = 20_000_000  # of all sheets; Excel has up to 17 thousand million in one


def is_workbook(content: bytes) -> bool:
    """Whether a zip archive is a workbook."""
    if not content.startswith(ZIP) or _PART.encode() not in content:
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _PART in archive.namelist()


def sheets(content: bytes, most: int) -> list[tuple[str, bytes]]:
    """The sheets of a workbook that are not empty, by name, as CSV in UTF-8, line for row.

    Dates are written as ISO, formulas as the values that were saved with them.

    Args:
        most: bytes that the workbook may unpack to.

    Raises:
        ValueError: it is too large, or openpyxl is not there; a damaged workbook can raise nearly anything else.
    """
    _check(content, most)
    try:
        from openpyxl import load_workbook  # half a second that other files need not wait
    except ModuleNotFoundError:
        raise ValueError("Excel's files need openpyxl: `pip install openpyxl` installs it") from None
    left, texts = MOST_CELLS, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it speaks of styles and pictures, which are not read
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # a file may say anything of its size
            lines = []
            for row in sheet.iter_rows(values_only=True):
                left -= 1 + len(row)
                if left < 0:
                    raise ValueError(f"it has more than {MOST_CELLS:,} cells")
                lines.append(_texts(row))
            if any(lines):
                texts.append((sheet.title, _csv(lines)))
    return texts


def _check(content: bytes, most: int) -> None:
    """ValueError where a workbook would unpack to more than `most` bytes; no more is read than it declares."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            check_packing(member)
        size = sum(member.file_size for member in archive.infolist())
    if size > most:
        raise ValueError(f"it unpacks to more than {most / 1e6:,.0f} MB")


def _texts(row: Iterable[object]) -> list[str]:
    """A row's cells as texts, without the empty ones at its end."""
    texts = [_text(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(cell: object) -> str:
    """A cell on one line.

    >>> _text(datetime(2020, 1, 31)), _text(datetime(2020, 1, 31, 10)), _text(12.0), _text(None), _text("a\\nb")
    ('2020-01-31', '2020-01-31 10:00:00', '12', '', 'a b')
    """
    if cell is None:
        return ""
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def _csv(rows: list[list[str]]) -> bytes:
    """Rows as CSV of one width; lines of one cell above the table, such as a title, stay as they are."""
    width, text = max(map(len, rows)), io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_filled(rows, width))
    return text.getvalue().encode("utf-8", "replace")


def _filled(rows: list[list[str]], width: int) -> Iterator[list[str]]:
    begun = False
    for row in rows:
        begun = begun or sum(map(bool, row)) > 1
        yield row + [""] * (width - len(row)) if begun and row else list(filter(None, row))
