"""The table of the items: titles, years, genres, and further columns that concepts are made of."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from caser.data.dataset import CATALOGUE_COLUMNS, LINK_COLUMNS, URL
from caser.data.movielens import NO_GENRES
from caser.data.table.names import column_for, normal
from caser.data.table.opening import Opened, TableError
from caser.data.table.reading import frame, ids, layout
from caser.data.text import listing
from caser.data.titles import LONGEST_TITLE, title_and_year

MOST_LEVELS = 40  # different values that a column of words may have to be kept
_YEARS = ("year", "releaseyear", "originalpublicationyear", "publicationyear", "movieyear", "date", "releasedate")
_GENRES = ("genres", "genre", "class", "categories", "category", "tags")
_SEPARATORS = ("|", ";", ",", " ")  # of genres
_LETTER, _ID_LIKE = r"[^\W\d_]", r"[!-~]*\d[!-~]*"  # tt0114709 has letters and is no title
_ADDRESS = r"https?://\S+$"
_DATE = r"(?:.*\D)?(?:18[89]|19\d|20[0-3])\d(?:\D.*)?"  # a year by itself or in a date
_LONGEST_NAME = 80  # letters that half the titles have at the most; descriptions have more
FLAGS = (  # the last columns of MovieLens' u.item, whose names are in another file, u.genre
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama"),
    *("Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
_WIDTH = 5 + len(FLAGS)  # of u.item


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
    aligned = _with_genres(table).set_index(key).reindex(items)
    known = pd.Index(items).isin(table[key])
    aligned = aligned.fillna("")
    named = layout(file).has_header
    title, year, genres = _columns(aligned, aligned[known], named)
    texts = aligned[title].tolist() if title else spare
    rows = [
        title_and_year(text.strip()[:LONGEST_TITLE]) if text.strip() else (other, 0)
        for text, other in zip(texts, spare, strict=True)
    ]
    facts = pd.DataFrame({"title": [row[0] for row in rows], "year": [row[1] for row in rows]})
    if year:
        given = pd.to_numeric(aligned[year].str.extract(r"(\d{4})")[0], errors="coerce").fillna(0).to_numpy(np.int64)
        first, second = (given, facts["year"]) if named else (facts["year"], given)
        facts["year"] = np.where(first > 0, first, second)
    facts["genres"] = _genres(aligned[genres].tolist()) if genres else [()] * len(items)
    further, left_out = _further(aligned, {key, title, year, genres}, known)
    return pd.concat([facts, further], axis=1), [*said, *_notes(file, known, left_out)]


def _with_genres(table: pd.DataFrame) -> pd.DataFrame:
    """MovieLens' u.item, which nobody else's table looks like, with its flags as genres; another table as it is."""
    flags = table.columns[-len(FLAGS) :]
    if len(table.columns) != _WIDTH or not table[flags].isin(["0", "1"]).all(axis=None):
        return table
    genres = ["|".join(names) for names in (table[flags] == "1").apply(lambda row: np.array(FLAGS)[row], axis=1)]
    return table.drop(columns=flags).assign(genres=genres)


def _columns(table: pd.DataFrame, rows: pd.DataFrame, named: bool) -> tuple[str, str, str]:
    """The columns of the title, the year and the genres, "" for none: by their names; without names by their values.

    A column of titles is known by its values in any table, since a name may be in any language.
    """
    title = column_for("title", list(table)) or _best({column: _distinct(rows[column], named) for column in table})
    year, genres = _named(table, _YEARS, {title}), _named(table, _GENRES, {title})
    rest = [column for column in table if column not in (title, year, genres)]
    if not named:
        genres = genres or _best({column: _several_words(rows[column]) for column in rest})
        year = year or next((column for column in rest if column != genres and _are_dates(rows[column])), "")
    return title, year, genres


def _best(shares: dict[str, float | None]) -> str:
    """The column of the largest share, the first of such; "" where none has one."""
    known = {column: share for column, share in shares.items() if share is not None}
    return max(known, key=known.__getitem__, default="")


def _distinct(texts: pd.Series, named: bool) -> float | None:
    """How many of a column's words are said once, if they may be titles; None if not.

    Those hardly come again and are no addresses; in a column that has another name there are also several of them.
    """
    texts = _filled(texts)
    distinct = texts.nunique() / max(1, len(texts))
    if distinct < 0.8 or texts.str.len().median() > _LONGEST_NAME or texts.str.contains("://", regex=False).any():
        return None
    if named and texts.str.contains(r"\w\s+\w").mean() < 0.3:
        return None
    words = texts.str.contains(_LETTER) & ~texts.str.fullmatch(_ID_LIKE)
    return distinct if words.mean() >= 0.8 else None


def _several_words(texts: pd.Series) -> float | None:
    """How many of the rows hold several of a few words that come again and again; None for other columns."""
    texts = _filled(texts)
    parts = texts.str.split(r"[|;,]", regex=True).explode().str.strip()
    words = parts.str.contains(_LETTER) & ~parts.str.contains(r"[:/@]") & (parts.str.len() <= 60)
    several = float(texts.str.contains(r"[|;,]").mean())
    few = parts.nunique() <= max(MOST_LEVELS, len(texts) ** 0.5) and (several or parts.duplicated().any())
    return several if len(parts) and words.mean() >= 0.9 and few else None


def _are_dates(texts: pd.Series) -> bool:
    texts = _filled(texts)
    return bool(len(texts)) and texts.str.fullmatch(_DATE).mean() >= 0.9 and texts.str.len().max() <= 30


def _filled(texts: pd.Series) -> pd.Series:
    texts = texts.str.strip()
    return texts[texts != ""]


def _key(table: pd.DataFrame, items: list[str], file: Opened) -> str:
    """The column that holds the items' ids: the one that knows most of them."""
    wanted = set(items)
    shares = {column: len(wanted & set(ids(table[column]))) for column in table}
    best = max(shares, key=lambda column: shares[column])
    if not shares[best]:
        raise TableError(
            f"{file.name} has no column with the items' ids, such as {items[0]!r}; its columns are "
            f"{listing(table.columns, 20)}"
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
    return [tuple(dict.fromkeys(part for part in parts if part.lower() not in NO_GENRES)) for parts in split]


def _further(rows: pd.DataFrame, used: set[str], known: np.ndarray) -> tuple[pd.DataFrame, list[str]]:
    """Columns of numbers, of words of which there are few, and the first of addresses; and the names of the others."""
    kept, addresses, left_out = {}, {}, []
    for column in rows:
        if column in used:
            continue
        name, texts = str(column).partition(":")[0], rows[column].str.strip()
        if not texts.any():
            continue
        numbers = pd.to_numeric(texts, errors="coerce")
        finite = np.isfinite(numbers.to_numpy(float))
        if finite[known].mean() >= 0.5 and normal(name)[-2:] != "id":
            kept[name] = np.where(finite, numbers, np.nan)
        elif texts.nunique() <= MOST_LEVELS and not texts.str.contains("://", regex=False).any():
            kept[name] = texts.where(texts != "", None).to_numpy(object)
        elif not len(addresses) and texts[texts != ""].str.match(_ADDRESS).all():
            addresses = {URL: texts.to_numpy(object)}
        else:
            left_out.append(name)
    taken = {"id", *CATALOGUE_COLUMNS, *LINK_COLUMNS, URL}
    named = {f"{name} (own)" if name in taken else name: values for name, values in kept.items()}
    return pd.DataFrame(named | addresses, index=range(len(rows))), left_out


def _notes(file: Opened, known: np.ndarray, left_out: list[str]) -> list[str]:
    notes = list(file.notes)
    if not known.all():
        notes.append(f"{file.name} lacks {(~known).sum():,} of {len(known):,} items; they keep their own names.")
    if left_out:
        notes.append(
            f"{file.name}: {listing(left_out)} left out; kept are numbers, one column of addresses, and words of at "
            f"most {MOST_LEVELS} different values."
        )
    return notes
