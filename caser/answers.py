"""What is answered to a question, ready for JSON: the same rows on the command line and from the app's endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from caser import findings
from caser.checkpoint import Checkpoint
from caser.data.checks import at_least
from caser.data.dataset import Split
from caser.explain.explanation import Explanation
from caser.explain.film_map import film_vectors, nearest
from caser.explain.preferences import often_watched
from caser.findings import Findings
from caser.recommend import table

COSINE = "cosine"  # of two films' vectors, in [-1, 1]; stands where a list has its score
Row = dict[str, Any]


def rows(films: pd.DataFrame) -> list[Row]:
    """A table of films as `recommend` gives it, one dict for each film."""
    columns = {name: films[name].tolist() for name in films}
    columns["genres"] = list(map(list, columns["genres"]))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def explained(
    trained: Checkpoint, parts: Split, why: Explanation, find: Callable[[Checkpoint, Split], Findings]
) -> dict[str, Any]:
    """A film's score taken apart; of a model with filters also what those that fired look for, under "fired".

    Args:
        find: gives what is known of the checkpoint's filters, asked only where one fired.
    """
    if not why.filters or not why.filters.fired:
        return why.to_dict()
    known = find(trained, parts)
    return why.to_dict() | {
        "fired": [findings.about_filter(known, parts, one.height, one.index) for one in why.filters.fired]
    }


def similar(trained: Checkpoint, parts: Split, item: int, k: int = 10) -> pd.DataFrame:
    """The k films that a model takes for most like one, whatever was watched: `COLUMNS` with `COSINE` for the score.

    They are chosen among the films that `often_watched` gives; others have hardly been trained.

    Args:
        item: dense.

    Raises:
        ValueError: k below 1, or a model without vectors of films.
    """
    at_least(1, k=k)
    vectors = film_vectors(trained.model)
    if vectors is None:
        kind = type(trained.model).label
        raise ValueError(f"{trained.name!r} ({kind}) has no vectors to compare; name a model that has, such as a Caser")
    alike = nearest(vectors, item, k, often_watched(parts))
    cosine = np.zeros(parts.dataset.n_items)
    items = np.array([other for other, _ in alike], np.int64)
    cosine[items] = [value for _, value in alike]
    return table(parts.dataset, items, cosine).rename(columns={"score": COSINE})
