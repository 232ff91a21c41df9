"""The picture of a model that a browser does not compute: films, what they add, and the list, from the server."""

from __future__ import annotations

import numpy as np

from caser.data.dataset import Dataset
from caser.explain.explanation import Explanation
from caser.models import Recommender
from caser.picture.data import EMPTY, words
from caser.recommend import probabilities, rank_all, rank_items
from caser.words import spoken

SHOWN = 8  # of the films read, the latest
LISTED = 10


def content(
    model: Recommender,
    dataset: Dataset,
    explained: Explanation,
    scores: np.ndarray,
    begun: dict,
    temperature: float | None,
) -> dict:
    """What stands in the place of weights: a model without numbers, and the one scene there is.

    Args:
        explained: why the film looked at gets its score. scores: float (n_items,). begun: `caser.picture.data.data`'s.
        temperature: what scores are divided by before they are chances; None gives scores.
    """
    shown = slice(max(model.L - SHOWN, 0), None)
    base = begun["base"] | {"films": begun["base"]["films"][shown]}
    left_out, item = base["leftOut"], explained.item.item
    listed = rank_items(scores, LISTED, left_out).tolist()
    ranks = rank_all(scores, [film for film in left_out if film != item])
    likely = None if temperature is None else probabilities(scores, temperature, left_out)

    def row(film: int) -> dict:
        chance = None if likely is None else float(likely[film])
        return {"item": film, "rank": float(ranks[film]), "score": float(scores[film]), "chance": chance, "was": None}

    spoken_of = {*listed, item, *(film for film in base["films"] if film != EMPTY)}
    return {
        "base": base,
        "model": {
            "name": begun["who"],
            "label": type(model).label,
            "summary": spoken(type(model).summary),
            "L": len(base["films"]),
            "d": 0,
            "n_h": 0,
            "n_v": 0,
            "features": 0,
            "width": 0,
            "weights": {"users": bool(model.knows_user)},
            "titles": {film: dataset.labels[film] for film in spoken_of},
            "ids": {film: int(dataset.item_ids[film]) for film in spoken_of},
            "words": words(),
        },
        "scene": {
            "item": item,
            "score": float(scores[item]),
            "rank": float(ranks[item]),
            "list": [row(film) for film in listed],
            "looked": None if item in listed else row(item),
            "parts": _parts(explained, shown),
        },
    }


def _parts(explained: Explanation, shown: slice) -> dict:
    """What each film adds; exactly where a score is a sum of parts, else its Shapley value."""
    parts = explained.contributions
    films = list(parts.positions if parts else explained.shapley.values)
    user, rest = (parts.user, parts.network + parts.constant) if parts else (0.0, explained.shapley.empty)
    earlier = sum(films[: shown.start])
    none = {name: [] for name in ("byBlend", "byFilter", "blends", "filters", "units")}
    return none | {
        "films": films[shown],
        "user": user,
        "network": 0.0,
        "constant": rest + earlier,
        "horizontal": 0.0,
        "vertical": 0.0,
    }
