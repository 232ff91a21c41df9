"""Whose films the picture begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from caser.explain.edits import read
from caser.models import ANONYMOUS, Recommender
from caser.words import W

EMPTY = -1  # a place without a film


def words() -> dict[str, str]:
    """What the data set calls its things."""
    return {"film": W.film, "films": W.films, "watched": W.watched, "watching": W.watching, "viewer": W.viewer}


def data(
    model: Recommender,
    user: int,
    history: Sequence[int],
    who: str,
    *,
    left_out: Sequence[int] = (),
    target: int | None = None,
    names: Mapping[str, str] | None = None,
    state: Mapping[str, str] | None = None,
) -> dict:
    """A viewer and their history, as the picture takes them.

    Args:
        user: dense id or ANONYMOUS. history: dense ids, oldest first; the last L are read.
        who: the viewer in words. left_out: dense ids that a list must not hold. target: dense, what was really watched
            next. names: of filters, as "2b", those that have one. state: what the address says of edits and knobs.
    """
    films = [EMPTY if film == model.n_items else film for film in read(model, history)]
    return {
        "base": {"films": films, "user": user - ANONYMOUS, "leftOut": sorted(map(int, left_out))},
        "who": who,
        "target": target,
        "names": dict(names or {}),
        "state": dict(state or {}),
    }
