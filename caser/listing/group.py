"""One list for several people, from where each item stands on the list of each of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from caser.data.checks import at_least, within
from caser.fields import named

LEAST_MISERY, AVERAGE = "least misery", "average"
RULES = {LEAST_MISERY: "max", AVERAGE: "mean"}  # of an item's ranks (Masthoff, 2011; the average is Borda's count)


def for_all(ranks: np.ndarray, k: int, rule: str = LEAST_MISERY, exclude: Sequence[int] = ()) -> np.ndarray:
    """int64 (up to k,): the best items for all, by each one's worst rank or by the mean of its ranks.

    Equals go by the other rule, then by id.

    Args:
        ranks: float (people, n_items), as `recommend.rank_all` gives them; inf for what one of them has watched, which
            is not listed. exclude: dense items that are not listed either.

    Raises:
        ValueError: nobody, a negative k, an item outside 0..n_items-1, or an unknown rule.

    >>> ranks = np.array([[1.0, 2, 3, np.inf], [9.0, 3, 3, 1]])
    >>> for_all(ranks, 3).tolist(), for_all(ranks, 3, AVERAGE).tolist()
    ([1, 2, 0], [1, 2, 0])
    """
    at_least(0, k=k)
    at_least(1, people=len(ranks))
    named("rule", rule, RULES)
    ranks = ranks.copy()
    ranks[:, within(ranks.shape[1], exclude)] = np.inf
    worst, mean = ranks.max(0), ranks.mean(0)  # (n_items,)
    first, second = (worst, mean) if RULES[rule] == "max" else (mean, worst)
    order = np.lexsort((second, first))
    return order[np.isfinite(worst[order])][:k]
