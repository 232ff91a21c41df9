"""Excel's workbooks: sheets are tables and histories as any other, and bounded."""

from __future__ import annotations

import datetime as dt
import io
import sys
import zipfile

import pytest
from openpyxl import Workbook

from caser.data import history, table
from caser.data.containers import sheets
from caser.data.history import HistoryError
from caser.data.table import TableError
from tests.caser.data.table.headers import rows
from tests.caser.data.table.test_table import brought

HEADER = ("Customer", "Product", "Stars", "Ordered")


def workbook(**of_sheets: list) -> bytes:
    book, packed = Workbook(), io.BytesIO()
    book.remove(book.active)
    for title, lines in of_sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    book.save(packed)
    return packed.getvalue()


def orders(count: int = 10_000) -> list[tuple]:
    made = [(f"c{row['u']}", f"p{row['i']}", row["r"], row["d"].replace(tzinfo=None)) for row in rows("time")]
    return made[:count]


WORKBOOK = workbook(Orders=[HEADER, *orders()])
ITEMS = [("Product", "Title", "Year"), *((f"p{number}", f"Thing {number}", 1990) for number in range(1, 61))]


def test_the_sheet_with_the_rows_is_chosen_and_the_others_are_said():
    lines = [("Our shop",), (), HEADER, *orders()]
    content = workbook(Prices=[("Product", "Price"), ("p1", 2.5)], Orders=lines, Items=ITEMS, Notes=[])
    found = brought(content, "shop.xlsx")
    assert len(found.dataset) == len(orders())
    assert found.dataset.labels[0] == "Thing 1 (1990)"
    assert any("shop.xlsx/Prices" in note and note.startswith("Left out") for note in found.notes)
    assert table.pair(table.opened("shop.xlsx", content))[0].name == "shop.xlsx/Orders"


def test_dates_keep_their_hours():
    found = brought(WORKBOOK, "shop.xlsx").dataset
    assert sorted(found.timestamp) == sorted(int(row["d"].timestamp()) for row in rows("time"))


def test_sheets_of_one_header_are_one_table():
    made = orders()
    found = brought(workbook(y2020=[HEADER, *made[:200]], y2021=[HEADER, *made[200:]]), "shop.xlsx")
    assert len(found.dataset) == len(made)


def test_a_bad_row_is_named_by_its_own_number():
    made = orders(99)
    made[49] = (None, *made[49][1:])
    found = brought(workbook(Orders=[HEADER, *made]), "shop.xlsx", bad_share=0.5)
    assert any("line 51: its user is ''" in note for note in found.notes)


def test_a_history_in_a_workbook_is_read():
    day = dt.date(2024, 3, 1)
    lines = [("Title", "Year", "Date"), ("Alien", 1979, day), ("Heat, the film\nagain", 1995, dt.date(2024, 1, 1))]
    found = history.read("seen.xlsx", workbook(Seen=lines, Empty=[]))
    assert [(entry.title, entry.day) for entry in found.entries][1] == ("Alien", day)
    assert found.entries[0].title == "Heat, the film again"
    titles = history.read("list.xlsx", workbook(Seen=[("Alien (1979)",), ("Heat (1995)",)]))
    assert [(entry.title, entry.year) for entry in titles.entries] == [("Alien", 1979), ("Heat", 1995)]


BAD = {
    "not whole": (workbook(a=[HEADER])[:-40], "cannot be unpacked"),
    "nothing in it": (workbook(a=[], b=[]), "no sheet with anything in it"),
    "old": (sheets.OLD + bytes(500), "an old Excel file or has a password; save it as xlsx"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_says_the_remedy(content, said):
    for read, error in ((table.opened, TableError), (history.read, HistoryError)):
        with pytest.raises(error, match=said):
            read("x.xlsx", content)


def test_a_workbook_is_bounded(monkeypatch):
    content = workbook(a=[("x" * 30_000,)] * 40)
    with pytest.raises(TableError, match=r"unpacks to more than 1 MB\); save it anew as xlsx, or each sheet as CSV"):
        table.opened("x.xlsx", content, 1_000_000)
    monkeypatch.setattr(sheets, "MOST_CELLS", 20)
    with pytest.raises(TableError, match="more than 20 cells"):
        table.opened("x.xlsx", workbook(a=[(1, 2, 3)] * 9))


def test_a_cell_far_away_costs_no_time():
    book, packed = Workbook(), io.BytesIO()
    book.active["XFD1048576"] = "far"
    book.save(packed)
    with pytest.raises(TableError, match="line 1 is 'far', which has no two fields"):
        table.layout(table.opened("x.xlsx", packed.getvalue())[0])


def test_a_member_named_as_a_workbooks_makes_none():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("log.csv", "user,item\nsee xl/workbook.xml,2\n")
    assert [file.name for file in table.opened("x.zip", packed.getvalue())] == ["log.csv"]


def test_without_openpyxl_the_remedy_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(TableError, match=r"need openpyxl: `pip install openpyxl` installs it"):
        table.opened("x.xlsx", WORKBOOK)
