"""Tables for a page or a download, as plain frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from caser.dashboard import theme

EMPTY = "·"


def listed(table: pd.DataFrame, label: Callable[[int], str], target: int | None, rival: str, ranks: Mapping) -> pd.DataFrame:
    """A ranked list for reading: the held-out film is starred, and each film has its rank by the rival.

    Args:
        table: of `caser.recommend.recommend`. label: a film's name by dense id.
        ranks: the rival's rank of each dense id of the table.
    """
    films = [f"{theme.TRUTH_MARK} {label(i)} (watched next)" if i == target else label(i) for i in table.index]
    return pd.DataFrame(
        {
            "#": table["rank"].to_numpy(),
            "Film": films,
            "Genres": [", ".join(genres) for genres in table["genres"]],
            "Score": table["score"].to_numpy(float),
            f"{rival} rank": [ranks[i] for i in table.index],
        },
        index=table.index,
    )


def download(lists: Mapping[str, pd.DataFrame], target: int | None) -> str:
    """Every model's list as one CSV, a row a model and rank; genres joined by |, held_out 1 or 0."""
    parts = []
    for name, table in lists.items():
        part = table.assign(genres=table["genres"].map("|".join), held_out=(table.index == target).astype(int))
        part.insert(0, "model", name)
        parts.append(part)
    return pd.concat(parts).to_csv(index=False)


def window_matrix(history: Sequence[int], target: int | None, L: int, label: Callable[[int], str], most: int = 8) -> pd.DataFrame:
    """A viewer's last windows: L films, the oldest first, and the film to predict from them; `EMPTY` is padding.

    Args:
        history: dense items. target: the held-out film that follows; None leaves its row out.
    """
    items = list(history) + ([] if target is None else [target])
    padded = [EMPTY] * L + [label(item) for item in items]
    rows = [padded[at : at + L + 1] for at in range(max(len(items) - most, 0), len(items))]
    columns = [f"{L - i} before" if i < L - 1 else "last" for i in range(L)] + ["next: the target"]
    return pd.DataFrame(rows, columns=columns)


def scores(summaries: Mapping, names: Mapping[str, str]) -> pd.DataFrame:
    """A row a model, a column a metric: the mean and its 95 % interval in words.

    Args:
        summaries: means and intervals by model. names: a column's heading by metric.
    """
    rows = {
        model: {names[m]: f"{means[m]:.3f} ({intervals[m][0]:.3f}–{intervals[m][1]:.3f})" for m in names}
        for model, (means, intervals) in summaries.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Model").reset_index()


def genre_shares(genres: Sequence[tuple[str, ...]], counts: np.ndarray) -> tuple[pd.Series, pd.Series]:
    """Each genre's share of the films and of all views; a film counts for every genre that it has."""
    pairs = pd.DataFrame({"genre": list(genres), "views": counts}).explode("genre").dropna()
    grouped = pairs.groupby("genre")["views"]
    return grouped.size() / max(len(counts), 1), grouped.sum() / max(counts.sum(), 1)


def tie_shares(split) -> dict[str, float]:
    """How often interactions share a time, in words and as shares in [0, 1].

    Args:
        split: a `Split`; the test target's rule on ties is what the first share is about.
    """
    dataset = split.dataset
    time, user = dataset.timestamp, dataset.user_of_interaction()
    neighbours = user[1:] == user[:-1]
    tied = neighbours & (time[1:] == time[:-1])
    last = dataset.offset[split.evaluated + 1] - 1
    return {
        "Viewers whose last film is tied with another": float(tied[last - 1].mean()),
        "Neighbouring films watched at the same time": float(tied.sum() / max(neighbours.sum(), 1)),
    }
