"""The picture of a model that a browser does not compute: films, what they add, and the list, from the server."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from caser.checkpoint import Checkpoint
from caser.data.dataset import Dataset
from caser.explain.counterfactual import masking
from caser.explain.explanation import can_be_taken_apart, contributions
from caser.models import Recommender
from caser.picture.data import EMPTY, words
from caser.recommend import probabilities, rank_all, rank_items
from caser.words import spoken

SHOWN = 8  # of the films read, the latest
LISTED = 10
Viewer = tuple[int, Sequence[int]]  # dense id or ANONYMOUS, and the history, oldest first


def content(trained: Checkpoint, dataset: Dataset, viewer: Viewer, item: int, scores: np.ndarray, begun: dict) -> dict:
    """What stands in the place of weights: a model without numbers, and the one scene there is.

    Args:
        item: dense, the film looked at. scores: float (n_items,). begun: `caser.picture.data.data`'s.
    """
    model, temperature = trained.model, trained.metadata.temperature
    shown = slice(max(model.L - SHOWN, 0), None)
    base = begun["base"] | {"films": begun["base"]["films"][shown]}
    left_out = base["leftOut"]
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
            "name": trained.name,
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
            "ids": {film: dataset.item_id(film) for film in spoken_of},
            "words": words(),
        },
        "scene": {
            "item": item,
            "score": float(scores[item]),
            "rank": float(ranks[item]),
            "list": [row(film) for film in listed],
            "looked": None if item in listed else row(item),
            "parts": _parts(model, viewer, item, float(scores[item]), shown),
        },
    }


def _parts(model: Recommender, viewer: Viewer, item: int, score: float, shown: slice) -> dict:
    """What each film adds; exactly where a score is a sum of parts, else what the score loses without the film."""
    if can_be_taken_apart(model):
        parts = contributions(model, *viewer, item)
        films, user, rest = list(parts.positions), parts.user, parts.network + parts.constant
        rest += sum(films[: shown.start])
    else:
        places = range(shown.start, model.L)
        without = masking(model, *viewer, item, [(place,) for place in places])
        films = [0.0] * shown.start + [score - one.score for one in without]
        user, rest = 0.0, score - sum(films)
    none = {name: [] for name in ("byBlend", "byFilter", "blends", "filters", "units")}
    return none | {
        "films": films[shown],
        "user": user,
        "network": 0.0,
        "constant": rest,
        "horizontal": 0.0,
        "vertical": 0.0,
    }
