"""From a history to a ranked table, and from what somebody types to a film."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from caser.data.dataset import CATALOGUE_COLUMNS, Dataset
from caser.models import Recommender

COLUMNS = ("rank", "item_id", "title", "year", "genres", "score")


class UnknownTitle(ValueError):
    """A title that fits no film, or more than one; the message says which come close."""


def label(dataset: Dataset, item: int) -> str:
    """A film as people write it: "Star Wars (1977)"."""
    title, year = dataset.catalogue["title"].iat[item], int(dataset.catalogue["year"].iat[item])
    return f"{title} ({year})" if year else str(title)


def to_numpy(tensor: Tensor) -> np.ndarray:
    """The tensor's values on the host, without its gradient."""
    return tensor.detach().cpu().numpy()


def window(model: Recommender, history: Sequence[int]) -> Tensor:
    """What the model reads of a history (dense ids, oldest first): int64 (1, L), padded on the left.

    Raises:
        ValueError: an id outside 0..n_items (n_items is the padding).
    """
    recent = [int(item) for item in history][-model.L :] if model.L else []
    wrong = next((item for item in recent if not 0 <= item <= model.n_items), None)
    if wrong is not None:
        raise ValueError(f"no item {wrong} in a catalogue of {model.n_items}; give dense ids from 0")
    padded = [model.n_items] * (model.L - len(recent)) + recent
    return torch.tensor([padded], dtype=torch.int64, device=model.device).view(1, model.L)  # (1, L)


@torch.inference_mode()
def score_catalogue(model: Recommender, user: int, history: Sequence[int]) -> np.ndarray:
    """float32 (n_items,): every item's score for a user (or ANONYMOUS) with this history, oldest first."""
    return to_numpy(model.scores(torch.tensor([user], device=model.device), window(model, history))[0])


# ---- the rule of ranks: how many score above, and half of those that tie


def ranks_of(scores: Tensor, target_scores: Tensor) -> Tensor:
    """float64 (B,): ranks from 0 of items among others; those that tie count a half.

    Args:
        scores: float (B, n), the item's own among them, -inf for items that are not ranked.
        target_scores: float (B, 1), the items'.
    """
    tied = (scores == target_scores).sum(1) - 1  # an item ties with itself
    return (scores > target_scores).sum(1) + tied.double() / 2


def rank_of(scores: np.ndarray, item: int, exclude: Sequence[int] = ()) -> float:
    """1-based rank of an item among those not excluded, by `ranks_of`; the item itself is never excluded."""
    own = torch.as_tensor(scores.astype(np.float64))[None]  # (1, n_items)
    target = own[:, item, None].clone()  # (1, 1)
    own[:, np.asarray(exclude, dtype=np.int64)] = -torch.inf
    own[:, item] = target[:, 0]
    return 1 + float(ranks_of(own, target))


def rank_all(scores: np.ndarray, exclude: Sequence[int] = ()) -> np.ndarray:
    """float64 (n_items,): every item's 1-based rank, by the rule of `ranks_of`; inf for those excluded.

    >>> rank_all(np.array([0.1, 0.9, 0.5, 0.5, 2.0]), exclude=[4]).tolist()
    [4.0, 1.0, 2.5, 2.5, inf]
    """
    kept = np.ones(len(scores), bool)
    kept[np.asarray(exclude, dtype=np.int64)] = False
    ranks = np.full(len(scores), np.inf)
    ranks[kept] = pd.Series(scores[kept]).rank(ascending=False).to_numpy()
    return ranks


def rank_items(scores: np.ndarray, k: int, exclude: Sequence[int] = ()) -> np.ndarray:
    """int64 (min(k, items left),): the items of the highest scores, best first, ties by id."""
    scores = scores.astype(np.float64)
    excluded = np.unique(np.asarray(exclude, dtype=np.int64))
    scores[excluded] = -np.inf
    k = min(k, len(scores) - len(excluded))
    best = np.argpartition(-scores, min(k, len(scores) - 1))[: k + 1]
    kept = np.flatnonzero(scores >= scores[best].min()) if k else best[:0]
    return kept[np.lexsort((kept, -scores[kept]))][:k]


def recommend(
    model: Recommender, dataset: Dataset, user: int, history: Sequence[int], k: int = 10, rewatch: bool = False
) -> pd.DataFrame:
    """The k best next films, as a table with the columns `COLUMNS`.

    Args:
        user: dense id, or ANONYMOUS for a visitor without a trained row.
        history: dense item ids watched so far, oldest first; the model reads its last L.
        rewatch: also rank what the history holds; otherwise it is left out.

    Raises:
        ValueError: k below 1.
    """
    if k < 1:
        raise ValueError(f"k is {k}; ask for at least 1 film")
    scores = score_catalogue(model, user, history)
    items = rank_items(scores, k, () if rewatch else history)
    return table(dataset, items, scores)


def table(dataset: Dataset, items: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """Items in rank order as a table; `scores` is (n_items,). The frame's index is the dense id."""
    films = {name: dataset.catalogue[name].to_numpy()[items] for name in CATALOGUE_COLUMNS}
    return pd.DataFrame({"rank": np.arange(1, len(items) + 1), **films, "score": scores[items]}, index=items)


def normalise(text: str) -> str:
    """Lower case, without accents or punctuation, single spaces.

    >>> normalise("  Amélie: the  Movie!")
    'amelie the movie'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))


class TitleIndex:
    """Finds films of one data set by what people type; make one for each data set."""

    def __init__(self, dataset: Dataset):
        self.dataset = dataset
        self.labels = [label(dataset, item) for item in range(dataset.n_items)]
        self._names: dict[str, list[int]] = {}
        for item, title in enumerate(dataset.catalogue["title"]):
            for name in {normalise(title), normalise(self.labels[item]), normalise(_article_last(self.labels[item]))}:
                self._names.setdefault(name, []).append(item)

    def find(self, text: str) -> int:
        """The dense id of a film given by the data set's item id, by title (case does not matter, the
        year may be added), or by a prefix of it that fits no other film.

        Raises:
            UnknownTitle: nothing fits ("did you mean ..."), or several films do (all are listed).
        """
        by_id = self._by_item_id(text.strip())
        if by_id is not None:
            return by_id
        wanted = normalise(text)
        found = self._names.get(wanted) or self._by_prefix(wanted)
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownTitle(f"{text!r} fits {len(found)} films; give the id of one: {self._listing(found)}")
        raise UnknownTitle(f"no film {text!r} in {self.dataset.name}{self._did_you_mean(wanted)}")

    def _by_item_id(self, text: str) -> int | None:
        if not re.fullmatch(r"\d{1,18}", text):
            return None
        at = int(np.searchsorted(self.dataset.item_ids, int(text)))
        return at if at < self.dataset.n_items and self.dataset.item_ids[at] == int(text) else None

    def _by_prefix(self, wanted: str) -> list[int]:
        if not wanted:
            return []
        return sorted({item for name, items in self._names.items() if name.startswith(wanted) for item in items})

    def _listing(self, items: list[int], most: int = 6) -> str:
        shown = [f"{self.labels[i]} = {self.dataset.item_ids[i]}" for i in items[:most]]
        return "; ".join(shown) + ("; ..." if len(items) > most else "")

    def _did_you_mean(self, wanted: str) -> str:
        close = difflib.get_close_matches(wanted, self._names, n=3, cutoff=0.6)
        inside = [name for name in self._names if wanted and wanted in name][:3]
        items = list(dict.fromkeys(i for name in close + inside for i in self._names[name]))
        return f"; did you mean {self._listing(items, 4)}?" if items else "; give a title or an item id"


def _article_last(text: str) -> str:
    """The form of MovieLens files: "The Matrix (1999)" is "Matrix, The (1999)" there."""
    return re.sub(r"^(The|A|An) (.*?)( \(\d{4}\))?$", r"\2, \1\3", text)
