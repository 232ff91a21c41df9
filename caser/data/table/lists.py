"""A table with several items in one field becomes one with a row for each of them."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from caser.data.table import times
from caser.data.table.layout import LOOKED_AT, SEQUENCES, first_lines
from caser.data.table.names import LIKELY, hints
from caser.data.table.objects import LONGEST
from caser.data.table.opening import Opened, TableError
from caser.data.table.reading import frame, layout, preview

_HEADING = re.compile(r"[^,;:\s]{1,60}:")  # a line that stands above the rows of one item or user
_SIGNS = (" ", ",", "|", ";")  # between the ids of a list without brackets
_BRACKETS = re.compile(r"[\[({]([^\[\](){}]*)[\])}]")
_ID = re.compile(r"(?=\D*\d)(?!-?\d+[.,]\d+$)[\w.:-]+")  # a digit somewhere, and no fraction
_SHOWN = re.compile(r"\S+-[01]")  # an item that was shown, and whether it was clicked, as MIND writes it
_MIND = ("impression", "user", "time", "history", "shown")  # the columns of its behaviors.tsv
_LONG = 3  # ids that half the lists have
_FIXED = 6  # ids at the most that are no list where all have as many, such as a number's groups


def unlisted(file: Opened) -> Opened:
    """A table of interactions with one item a row; the file itself unless one of its columns holds lists of ids.

    A file with a heading "17:" above the rows of each item becomes one with that in each row.

    Raises:
        TableError: as `layout`, or more than a few rows of a table with lists cannot be read.
    """
    if file.is_parquet:
        return file
    if _HEADING.fullmatch(first_lines(file, 1)[0]):
        return _with_headings(file)
    lines = layout(file)
    if lines.separator == SEQUENCES:
        return file
    cells = {name: column.tolist() for name, column in preview(file, LOOKED_AT).items()}
    if len(cells) == len(_MIND) and _are_shown(cells[lines.columns[-1]]):
        return _from_mind(file)
    column = _column_of_lists(cells, lines.has_header)
    return _exploded(file, column) if column else file


def _column_of_lists(cells: dict[str, list[str]], named: bool) -> str:
    """The column that holds lists of ids, "" for none; not in a table that may have a column of single items."""
    columns = [name for name, texts in cells.items() if _are_lists(texts)]
    others = [name for name in cells if name not in columns]
    if len(columns) != 1 or not others:
        return ""
    single = any(hints(name)["item"] >= LIKELY for name in others) if named else len(others) > 1
    return "" if single else columns[0]


def _are_shown(texts: Sequence[str]) -> bool:
    filled = [text.split() for text in texts if text.strip()]
    return bool(filled) and all(_SHOWN.fullmatch(part) for parts in filled for part in parts)


def _are_lists(texts: Sequence[str]) -> bool:
    """Whether nearly all texts are lists of ids, half of them of three and more, and not all of the same few."""
    filled = [text for text in texts if text.strip()]
    ids = [ids_in(text) for text in filled]
    counts = sorted(map(len, ids))
    if not counts or sum(map(bool, ids)) < 0.9 * len(filled) or counts[len(counts) // 2] < _LONG:
        return False
    return counts[0] != counts[-1] or counts[-1] > _FIXED or len(counts) == 1


def ids_in(text: str) -> list[str]:
    """The ids of a list; none where the text is no list.

    >>> ids_in("[3, 1, 2]"), ids_in("b3 b1"), ids_in("3|1"), ids_in("['b3']"), ids_in("40.7, 74.0"), ids_in("a b")
    (['3', '1', '2'], ['b3', 'b1'], ['3', '1'], ['b3'], [], [])
    """
    text = text.strip()
    inner = _BRACKETS.fullmatch(text)
    sign = max(_SIGNS[1:] if "," in text else _SIGNS, key=text.count)
    parts = [part.strip().strip("'\"").strip() for part in (inner[1] if inner else text).split(sign)]
    parts = [part for part in parts if part]
    return parts if all(map(_ID.fullmatch, parts)) else []


def _exploded(file: Opened, column: str) -> Opened:
    rows, notes = frame(file, 0.01)
    lists = rows[column].map(ids_in)
    short = [name for name in rows if name == column or rows[name].str.len().max() <= LONGEST]
    long = rows[short].assign(**{column: lists}).explode(column)
    long = long[long[column].notna()]
    said = f"{file.name}: {column!r} holds lists; each of their {len(long):,} ids is a row, in their order."
    return _written(file, long, said, *notes)


def _with_headings(file: Opened) -> Opened:
    """The rows below each heading with it before them, as the Netflix Prize has an item's ratings."""
    lines = pd.Series(file.data.decode("utf-8", "replace").splitlines(), dtype="str").str.strip()
    heads = lines.where(lines.str.fullmatch(_HEADING.pattern)).str.removesuffix(":")
    rows = (heads.ffill() + "," + lines)[heads.isna() & (lines != "")]
    said = (
        f"{file.name} has {heads.notna().sum():,} headings such as '{heads[0]}:'; each is the first column of its rows."
    )
    data = "\n".join(rows).encode("utf-8", "replace")
    return replace(file, data=data, parts=(), notes=(*file.notes, said))


def _from_mind(file: Opened) -> Opened:
    """What each user had clicked before, and then each click in time, of the news that were shown."""
    rows, notes = frame(file, 0.01)
    rows = rows.set_axis(_MIND, axis="columns").apply(lambda column: column.str.strip())
    stamps, clear, _ = times.instants(rows["time"], f"the time of {file.name}", day_first=False)
    rows = rows.iloc[np.argsort(stamps, kind="stable")]
    before = rows["history"].where(~rows["user"].duplicated(), "").str.split()
    clicked = rows["shown"].str.findall(r"(\S+)-1(?!\S)")
    long = rows[["user", "time"]].assign(item=before + clicked).explode("item").dropna(subset="item")
    if not clear.any() or long.empty:
        raise TableError(f"{file.name} looks like MIND's behaviors.tsv and has no click with a time; export it anew")
    said = (
        f"{file.name} is laid out as MIND's behaviors.tsv: a user's earlier news, at the time of the first list shown, "
        "and then the news that were clicked are read; those shown and not clicked are left out."
    )
    return _written(file, long, said, *notes)


def _written(file: Opened, rows: pd.DataFrame, *notes: str) -> Opened:
    text = io.StringIO()
    rows.to_csv(text, index=False)
    return replace(file, data=text.getvalue().encode("utf-8", "replace"), parts=(), notes=(*file.notes, *notes))
