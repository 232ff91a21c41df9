"""From a history to a ranked table, and the rule of ranks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from caser.data.checks import at_least, same_length, whole_numbers, within
from caser.data.dataset import CATALOGUE_COLUMNS, Dataset
from caser.listing.narrowing import Narrowing
from caser.listing.variety import CHOSEN_FROM, varied
from caser.models import ANONYMOUS, Recommender

COLUMNS = ("rank", "item_id", "title", "year", "genres", "score")
CHANCE = "chance"  # a further column, only for models that were trained to give chances
OF_ALL = "rank_of_all"  # a further column of a list that is narrowed down or varied


def to_numpy(tensor: Tensor) -> np.ndarray:
    """The tensor's values on the host, without its gradient."""
    return tensor.detach().cpu().numpy()


def window(model: Recommender, history: Sequence[int]) -> Tensor:
    """What the model reads of a history (dense ids, oldest first): int64 (1, L), padded on the left.

    Raises:
        ValueError: an id that is not a whole number from 0 to n_items (n_items is the padding).
    """
    history = whole_numbers("the history", list(history))
    within(model.n_items, history[history != model.n_items])
    recent = history[-model.L :].tolist() if model.L else []
    padded = [model.n_items] * (model.L - len(recent)) + recent
    return torch.tensor([padded], dtype=torch.int64, device=model.device).view(1, model.L)  # (1, L)


@torch.inference_mode()
def score_catalogue(model: Recommender, user: int, history: Sequence[int]) -> np.ndarray:
    """float32 (n_items,): every item's score for a user (or ANONYMOUS) with this history, oldest first.

    Raises:
        ValueError: a user the model does not know, or a history as for `window`.
    """
    at_least(ANONYMOUS, user=user)
    if user >= model.n_users:
        raise ValueError(f"no user {user} among {model.n_users}; give a dense id from 0, or ANONYMOUS ({ANONYMOUS})")
    return to_numpy(model.scores(torch.tensor([user], device=model.device), window(model, history))[0])


# ---- the rule of ranks: how many score above, and half of those that tie


def ranks_of(scores: Tensor, target_scores: Tensor) -> Tensor:
    """float64 (B,): ranks from 0 of items among others; those that tie count a half.

    Args:
        scores: float (B, n), the item's own among them, -inf for items that are not ranked.
        target_scores: float (B, 1), the items'.

    Raises:
        ValueError: a row of scores without its one target.
    """
    if scores.ndim != 2 or target_scores.shape != (len(scores), 1):
        shapes = f"{tuple(scores.shape)} and {tuple(target_scores.shape)}"
        raise ValueError(f"scores and target scores are of shape {shapes}; give (B, n) and (B, 1)")
    lead = (scores - target_scores).sign_().sum(1)  # the items above less those below; exact, as all are whole numbers
    return (lead.double() + scores.shape[1] - 1) / 2  # an item ties with itself


def rank_of(scores: np.ndarray, item: int, exclude: Sequence[int] = ()) -> float:
    """1-based rank of an item among those not excluded, by `ranks_of`; the item itself is never excluded.

    Raises:
        ValueError: an item or an excluded one outside 0..n_items-1, or a score that is nan.
    """
    _check_scores(scores)
    own = torch.as_tensor(scores.astype(np.float64))[None]  # (1, n_items)
    (item,) = within(len(scores), [item])
    target = own[:, item, None].clone()  # (1, 1)
    own[:, within(len(scores), exclude)] = -torch.inf
    own[:, item] = target[:, 0]
    return 1 + float(ranks_of(own, target))


def rank_all(scores: np.ndarray, exclude: Sequence[int] = ()) -> np.ndarray:
    """float64 (n_items,): every item's 1-based rank, by the rule of `ranks_of`; inf for those excluded.

    Raises:
        ValueError: as for `rank_of`.

    >>> rank_all(np.array([0.1, 0.9, 0.5, 0.5, 2.0]), exclude=[4]).tolist()
    [4.0, 1.0, 2.5, 2.5, inf]
    """
    _check_scores(scores)
    kept = np.ones(len(scores), bool)
    kept[within(len(scores), exclude)] = False
    ranks = np.full(len(scores), np.inf)
    ranks[kept] = pd.Series(scores[kept]).rank(ascending=False).to_numpy()
    return ranks


def rank_words(rank: float) -> str:
    """A rank as it is written; a tie can put it between two places, and inf is that of a film already watched."""
    if not np.isfinite(rank):
        return "not ranked"
    return f"{rank:,.0f}" if rank == int(rank) else f"{rank:,.1f}"


def rank_items(scores: np.ndarray, k: int, exclude: Sequence[int] = ()) -> np.ndarray:
    """int64 (min(k, items left),): the items of the highest scores, best first, ties by id.

    Raises:
        ValueError: a negative k, or as for `rank_of`.
    """
    at_least(0, k=k)
    _check_scores(scores)
    scores = scores.astype(np.float64)
    excluded = np.unique(within(len(scores), exclude))
    scores[excluded] = -np.inf
    k = min(k, len(scores) - len(excluded))
    best = np.argpartition(-scores, min(k, len(scores) - 1))[: k + 1]
    kept = np.flatnonzero(scores >= scores[best].min()) if k else best[:0]
    return kept[np.lexsort((kept, -scores[kept]))][:k]


def probabilities(scores: np.ndarray, temperature: float = 1.0, exclude: Sequence[int] = ()) -> np.ndarray:
    """float64 (n_items,): softmax(scores / temperature) over the items not excluded; 0 for those excluded.

    Raises:
        ValueError: a temperature that is not positive, or as for `rank_of`.

    >>> probabilities(np.array([1.0, 1.0, 9.0]), exclude=[2]).tolist()
    [0.5, 0.5, 0.0]
    """
    if not 0 < temperature < np.inf:
        raise ValueError(f"the temperature is {temperature}; give a positive number, 1 for the scores as they are")
    _check_scores(scores)
    logits = scores.astype(np.float64) / temperature
    logits[within(len(scores), exclude)] = -np.inf
    highest = logits.max(initial=-np.inf)
    if highest == -np.inf:
        return np.zeros(len(scores))
    p = np.exp(logits - highest)
    return p / p.sum()


def _check_scores(scores: np.ndarray) -> None:
    wrong = np.flatnonzero(np.isnan(scores))
    if scores.ndim != 1 or len(wrong):
        said = f"of shape {scores.shape}" if scores.ndim != 1 else f"nan for item {wrong[0]}"
        raise ValueError(f"the scores are {said}; give one number for each item, from a model whose training is sound")


def recommend(
    model: Recommender,
    dataset: Dataset,
    user: int,
    history: Sequence[int],
    k: int = 10,
    rewatch: bool = False,
    temperature: float | None = None,
    narrowing: Narrowing | None = None,
    variety: float = 0.0,
    vectors: np.ndarray | None = None,
) -> pd.DataFrame:
    """The k best next films, as a table with the columns `COLUMNS`, and `CHANCE` where a temperature is given.

    Args:
        user: dense id, or ANONYMOUS for a visitor without a trained row.
        history: dense item ids watched so far, oldest first; the model reads its last L.
        rewatch: also rank what the history holds; otherwise it is left out.
        temperature: a checkpoint's; chances are of all films that are ranked.
        narrowing: what may be listed. variety: how varied, as in `listing.variety`, by the films' `vectors`, float
            (n_items, d). With either, a column `OF_ALL` has the rank among all that are ranked.

    Raises:
        ValueError: k below 1, a data set of another size than the model's, a user or history that the model does not
            know, or nothing left to list, with the condition to drop.
    """
    at_least(1, k=k)
    if model.n_items != dataset.n_items:
        raise ValueError(
            f"the model knows {model.n_items} items and {dataset.name} has {dataset.n_items}; "
            "give the data set that it was trained on"
        )
    scores = score_catalogue(model, user, history)
    left_out = () if rewatch else history
    if narrowing and (problem := narrowing.nothing_left(dataset, left_out)):
        raise ValueError(problem)
    items = listed(scores, k, not_listed(dataset, left_out, narrowing), variety, vectors)
    films = table(dataset, items, scores)
    if narrowing or variety:
        films[OF_ALL] = rank_all(scores, left_out)[films.index]
    if temperature is not None:
        films[CHANCE] = probabilities(scores, temperature, left_out)[films.index]
    return films


def listed(
    scores: np.ndarray, k: int, exclude: Sequence[int], variety: float = 0.0, vectors: np.ndarray | None = None
) -> np.ndarray:
    """int64 (min(k, items left),): the k best items; varied, where that is asked for, as in `recommend`.

    Raises:
        ValueError: variety without vectors, or as for `varied` and `rank_items`.
    """
    if not variety:
        return rank_items(scores, k, exclude)
    if vectors is None:
        raise ValueError("this model has no vectors of items, by which a list could be varied; leave the variety out")
    return varied(rank_items(scores, max(k, CHOSEN_FROM), exclude)[None], vectors, k, variety)[0]


def not_listed(dataset: Dataset, left_out: Sequence[int], narrowing: Narrowing | None) -> np.ndarray:
    """int64: the dense items that a list does not hold, those that are not ranked and those it is narrowed by."""
    dropped = np.zeros(dataset.n_items, bool) if not narrowing else ~narrowing.allowed(dataset)
    dropped[within(dataset.n_items, left_out)] = True
    return np.flatnonzero(dropped)


def rows(films: pd.DataFrame) -> list[dict[str, Any]]:
    """A table of films as `table` makes it, ready for JSON: one dict for each film."""
    columns = films.to_dict("list") | {"genres": list(map(list, films["genres"]))}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def table(dataset: Dataset, items: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """Items in rank order as a table; `scores` is (n_items,). The frame's index is the dense id.

    Raises:
        ValueError: an item outside 0..n_items-1, or scores of another length.
    """
    same_length(films=dataset.catalogue, scores=scores)
    items = within(dataset.n_items, items)
    films = {name: dataset.catalogue[name].array.take(items) for name in CATALOGUE_COLUMNS}
    return pd.DataFrame({"rank": np.arange(1, len(items) + 1), **films, "score": scores[items]}, index=items)
