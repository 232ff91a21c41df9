"""Tables for a page or a download, as plain frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from caser.dashboard import theme
from caser.dashboard.loaders import kept
from caser.dashboard.names import no_formula
from caser.data.dataset import Dataset
from caser.evaluation import METRICS, Metric
from caser.field.lists import LIST, Cost, Lists
from caser.words import W

EMPTY = "·"
OTHER = "other rank"
OF_ALL = "Of all"
CHANCE = "Chance"


def listed(
    table: pd.DataFrame,
    titles: Sequence[str],
    target: int | None,
    ranks: Sequence[float] | None,
    p: np.ndarray | None,
    of_all: Sequence[float] | None = None,
) -> pd.DataFrame:
    """A ranked list for reading, with the held-out film starred; the index stays the dense id.

    Args:
        table: of `caser.recommend.table`. titles: one for each row. target: dense, the held-out film.
        ranks: where another model has each film, for a column `OTHER`; None leaves it out.
        p: float (n_items,), each film's chance, for a column `CHANCE`; None leaves it out.
        of_all: each film's rank among all, for a column `OF_ALL` of a list that is narrowed; None leaves it out.
    """
    starred = [
        f"{theme.TRUTH_MARK} {title} ({W.watched} next)" if item == target else title
        for item, title in zip(table.index, titles, strict=True)
    ]
    shown = pd.DataFrame(
        {
            "#": table["rank"].to_numpy(),
            W.Film: starred,
            "Score": table["score"].to_numpy(float),
        },
        index=table.index,
    )
    if p is not None:
        shown[CHANCE] = p[table.index]
    if ranks is not None:
        shown.insert(2, OTHER, list(ranks))
    if of_all is not None:
        shown.insert(2, OF_ALL, list(of_all))
    return shown


def download(lists: Mapping[str, pd.DataFrame], target: int | None) -> str:
    """Every model's list as one CSV, one row for each model and rank; genres joined by |, held_out 1 or 0.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    parts = []
    for name, table in lists.items():
        texts = {"title": table["title"].map(no_formula), "genres": table["genres"].map("|".join).map(no_formula)}
        part = table.assign(**texts, held_out=(table.index == target).astype(int))
        part.insert(0, "model", name)
        parts.append(part)
    return pd.concat(parts).to_csv(index=False)


def window_matrix(titles: Sequence[str], L: int, most: int = 8) -> pd.DataFrame:
    """The last windows of a history, one per row: L films, the oldest first, and the one that came next.

    Args:
        titles: everything watched, the oldest first; `EMPTY` fills the places before it.

    >>> window_matrix(["Alien", "Aliens"], L=1).to_numpy().tolist()
    [['·', 'Alien'], ['Alien', 'Aliens']]
    """
    padded = [EMPTY] * L + list(titles)
    rows = [padded[at : at + L + 1] for at in range(max(len(titles) - most, 0), len(titles))]
    columns = [f"{L - place} before" for place in range(L - 1)] + ["just before"]
    return pd.DataFrame(rows, columns=[*columns, "next"])


def scores(summaries: Mapping, metrics: Iterable[str]) -> pd.DataFrame:
    """One row for each model, one column for each metric: the mean and its 95 % interval, in words.

    Args:
        summaries: means and intervals by model. metrics: by name, in the order of columns.
    """
    shown = [METRICS[name] for name in metrics]
    rows = [
        [model, *(_with_interval(metric, means[metric.name], intervals[metric.name]) for metric in shown)]
        for model, (means, intervals) in summaries.items()
    ]
    return pd.DataFrame(rows, columns=["Model", *(metric.label for metric in shown)])


def _with_interval(metric: Metric, mean: float, bounds: tuple[float, float]) -> str:
    low, high = map(metric.said, bounds)
    return f"{metric.said(mean)} ({low}\u00a0to\u00a0{high})"


def lists_and_costs(rows: Mapping[str, tuple[Lists, Cost]]) -> pd.DataFrame:
    """What every model's lists hold and what it costs, in words; a dash where that was not recorded."""
    cells = [
        [
            name,
            f"{lists.coverage:.1%}",
            f"{lists.popularity:,.0f}",
            f"{lists.novelty:.2f}",
            f"{cost.parameters:,}",
            "–" if cost.seconds is None else f"{cost.seconds:,.1f} s on {cost.device}",
            f"{cost.rate:,.0f}" if cost.rate else "–",
            f"{cost.milliseconds:,.1f} ms",
        ]
        for name, (lists, cost) in rows.items()
    ]
    held = ["Catalogue listed", f"Mean {W.viewers} per {W.film}", "Novelty, bits"]
    return pd.DataFrame(cells, columns=["Model", *held, "Parameters", "Training", "Windows/s", f"List of {LIST}"])


def genre_shares(genres: Sequence[tuple[str, ...]], counts: np.ndarray) -> tuple[pd.Series, pd.Series]:
    """Each genre's share of the films and of all views; a film counts for every genre that it has."""
    pairs = pd.DataFrame({"genre": list(genres), "views": counts}).explode("genre").dropna()
    grouped = pairs.groupby("genre")["views"]
    return grouped.size() / max(len(counts), 1), grouped.sum() / max(counts.sum(), 1)


@kept(max_entries=3)
def genres_of(dataset: Dataset) -> tuple[pd.Series, pd.Series]:
    """`genre_shares` of a data set."""
    return genre_shares(dataset.catalogue["genres"], dataset.views)
