"""The table of the items: titles, years, genres, and further columns that concepts are made of."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from caser.data.dataset import CATALOGUE_COLUMNS, LINK_COLUMNS
from caser.data.table.layout import column_for, normal
from caser.data.table.opening import Opened, TableError
from caser.data.table.reading import frame, ids
from caser.data.titles import LONGEST_TITLE, title_and_year

MOST_LEVELS = 40  # different values that a column of words may have to be kept
_YEARS = ("year", "releaseyear", "originalpublicationyear", "publicationyear", "movieyear", "date", "releasedate")
_GENRES = ("genres", "genre", "class", "categories", "category", "tags")
_NO_GENRES = frozenset({"", "(no genres listed)", "unknown"})
_SEPARATORS = ("|", ";", ",", " ")  # of genres


def catalogue(
    items: list[str], titles: list[str] | None, file: Opened | None, noun: str, bad_share: float = 0.0
) -> tuple[pd.DataFrame, list[str]]:
    """The catalogue of items (their ids as texts): title, year, genres and further columns; and what is to be said.

    An item without a title is called by `noun` and its id.

    Raises:
        TableError: a table in which no item is found, or more than `bad_share` of its rows are bad or of an item twice.
    """
    spare = [f"{noun} {item}"[:LONGEST_TITLE] for item in items]
    named = [text.strip()[:LONGEST_TITLE] or other for text, other in zip(titles or spare, spare, strict=True)]
    if file is not None:
        return _from_table(items, named, file, bad_share)
    rows = [title_and_year(text) if titles else (text, 0) for text in named]
    columns = {"title": [row[0] for row in rows], "year": [row[1] for row in rows], "genres": [()] * len(rows)}
    return pd.DataFrame(columns), []


def _from_table(items: list[str], spare: list[str], file: Opened, bad_share: float) -> tuple[pd.DataFrame, list[str]]:
    table, said = frame(file, bad_share)
    key = _key(table, items, file)
    table[key] = ids(table[key])
    again = table[key].duplicated() & (table[key] != "")
    if again.any():
        twice = f"{file.name} has item {table[key][again].iat[0][:40]!r} twice"
        if again.mean() > bad_share:
            raise TableError(f"{twice}; leave one of the two rows out, or allow a larger share of bad rows")
        said.append(f"{twice}; of {again.sum():,} such rows the first is used.")
        table = table[~again]
    aligned = table.set_index(key).reindex(items)
    known = pd.Index(items).isin(table[key])
    aligned = aligned.fillna("")
    title = column_for("title", [column for column in table if column != key])
    texts = aligned[title].tolist() if title else spare
    rows = [
        title_and_year(text.strip()[:LONGEST_TITLE]) if text.strip() else (other, 0)
        for text, other in zip(texts, spare, strict=True)
    ]
    facts = pd.DataFrame({"title": [row[0] for row in rows], "year": [row[1] for row in rows]})
    used = {key, title}
    if year := _named(table, _YEARS, used):
        given = pd.to_numeric(aligned[year].str.extract(r"(\d{4})")[0], errors="coerce").fillna(0).to_numpy(np.int64)
        facts["year"] = np.where(given > 0, given, facts["year"])
    genres = _named(table, _GENRES, used)
    facts["genres"] = _genres(aligned[genres].tolist()) if genres else [()] * len(items)
    further, left_out = _further(aligned, used | {year, genres}, known)
    return pd.concat([facts, further], axis=1), [*said, *_notes(file, known, left_out)]


def _key(table: pd.DataFrame, items: list[str], file: Opened) -> str:
    """The column that holds the items' ids: the one that knows most of them."""
    wanted = set(items)
    shares = {column: len(wanted & set(ids(table[column]))) for column in table}
    best = max(shares, key=lambda column: shares[column])
    if not shares[best]:
        raise TableError(
            f"{file.name} has no column with the items' ids, such as {items[0]!r}; its columns are "
            f"{', '.join(map(str, table.columns[:12]))}"
        )
    return best


def _named(table: pd.DataFrame, names: tuple[str, ...], used: set[str]) -> str:
    """The column of one of these names that is not used yet; "" without one."""
    by_name = {normal(column): column for column in table if column not in used}
    return next((by_name[name] for name in names if name in by_name), "")


def _genres(texts: list[str]) -> list[tuple[str, ...]]:
    """Each item's genres, separated by what separates most."""
    counts = Counter({sign: sum(sign in text for text in texts) for sign in _SEPARATORS[:-1]})
    sign, most = counts.most_common(1)[0]
    if not most:  # RecBole separates by spaces; else one genre may be of several words
        sign = " " if len({text for text in texts if " " in text}) > MOST_LEVELS else "\0"
    split = ((part.strip()[:60] for part in text.split(sign)) for text in texts)
    return [tuple(dict.fromkeys(part for part in parts if part.lower() not in _NO_GENRES)) for parts in split]


def _further(rows: pd.DataFrame, used: set[str], known: np.ndarray) -> tuple[pd.DataFrame, list[str]]:
    """Columns of numbers, and of words of which there are few; and the names of the others."""
    kept, left_out = {}, []
    for column in rows:
        if column in used:
            continue
        name, texts = str(column).partition(":")[0], rows[column].str.strip()
        numbers = pd.to_numeric(texts, errors="coerce")
        finite = np.isfinite(numbers.to_numpy(float))
        if finite[known].mean() >= 0.5 and normal(name)[-2:] != "id":
            kept[name] = np.where(finite, numbers, np.nan)
        elif texts.nunique() <= MOST_LEVELS:
            kept[name] = texts.where(texts != "", None).to_numpy(object)
        else:
            left_out.append(name)
    taken = {"id", *CATALOGUE_COLUMNS, *LINK_COLUMNS}
    named = {f"{name} (own)" if name in taken else name: values for name, values in kept.items()}
    return pd.DataFrame(named, index=range(len(rows))), left_out


def _notes(file: Opened, known: np.ndarray, left_out: list[str]) -> list[str]:
    notes = list(file.notes)
    if not known.all():
        notes.append(f"{file.name} lacks {(~known).sum():,} of {len(known):,} items; they keep their own names.")
    if left_out:
        notes.append(
            f"{file.name}: {', '.join(left_out[:8])} left out; kept are numbers, and words of at most "
            f"{MOST_LEVELS} different values."
        )
    return notes
