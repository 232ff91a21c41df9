"""The smallest change that puts a film first, against every option tried one by one."""

from itertools import combinations

import numpy as np
import pytest

from caser.explain.edits import read
from caser.explain.filters import horizontal_filters, horizontal_name, vertical_name, vertical_weights
from caser.explain.knobs import Knobs, turned
from caser.explain.smallest import NOTHING, TURN, changes_to_first, smallest_change
from caser.models import ANONYMOUS
from caser.recommend import rank_items, rank_of, score_catalogue
from tests.caser.explained import HISTORIES, N_ITEMS, caser, every_switch, order_blind

STEP = 0.5  # coarser than the library's, since each factor is tried on a copy of its own
PRESENT = Knobs.of({"v": 0.5, "2b": 2.5, "1a": 0, "V1@2": 0.4, "who": 0.4, "p": 1.33})


@pytest.fixture
def coarse(monkeypatch):
    monkeypatch.setattr("caser.explain.smallest.STEP", STEP)


def tried_one_by_one(model, user, history, item, left_out, knobs) -> list[tuple]:
    """(cost, kind, films, text of the knobs) of every change that is enough, in order."""
    window, base, found = list(read(model, history)), turned(model, knobs), []

    def enough(model, films) -> bool:
        hidden = {*left_out, *films} - {N_ITEMS} if left_out else []
        return rank_of(score_catalogue(model, user, films), item, list(hidden)) == 1

    scores, hidden = score_catalogue(base, user, window), {*left_out, *window} if left_out else set()
    above = {film for film in range(N_ITEMS) if left_out and film not in hidden and scores[film] > scores[item]}
    offered = [film for film in range(N_ITEMS) if film != item and film not in window and film not in above]
    places = [place for place in reversed(range(len(window))) if window[place] != N_ITEMS]
    options = [("drop", [*window[:p], N_ITEMS, *window[p + 1 :]]) for p in places]
    pairs = sorted(combinations(range(len(window)), 2), key=lambda pair: (pair[1] - pair[0], -pair[0]))
    for a, b in pairs:
        swapped = list(window)
        swapped[a], swapped[b] = window[b], window[a]
        options += [("swap", swapped)] if swapped != window else []
    options += [("add", [*window[1:], film]) for film in offered] if window else []
    options += [("replace", [*window[:p], film, *window[p + 1 :]]) for film in offered for p in places]
    found = [(1.0, kind, tuple(films), knobs.text) for kind, films in options if enough(base, films)]
    turns = []
    for order, name in enumerate(turnable(model)):
        for factor in np.arange(-2, 3 + STEP / 2, STEP).round(3).tolist():
            after = knobs.turned(name, factor)
            if after != knobs and enough(turned(model, after), window):
                cost = round(abs(factor - knobs.value(name)), 3)
                turns.append((cost, order, factor, TURN, tuple(window), after.text))
    found += [(cost, *rest) for cost, _, _, *rest in sorted(turns)]
    return sorted(found, key=lambda change: change[0])


def turnable(model) -> list[str]:
    """Parts, then filters."""
    horizontal, n_v = horizontal_filters(model), len(vertical_weights(model))
    parts = [name for name, has in (("v", n_v), ("h", horizontal), ("p", model.knows_user)) if has]
    return [*parts, *map(vertical_name, range(n_v)), *(horizontal_name(*at) for at in horizontal)]


@every_switch
def test_all_changes_are_those_found_one_by_one_in_their_order(switches, coarse):
    model, history = caser(*switches), HISTORIES["full"]
    knobs = Knobs.read(PRESENT.text, model)[0]
    item = int(rank_items(score_catalogue(turned(model, knobs), 1, history), 3, history)[-1])
    found = list(changes_to_first(model, 1, history, item, history, knobs=knobs))
    clear = [(one.cost, one.kind, one.films, one.knobs.text) for one in found]
    assert clear == tried_one_by_one(model, 1, history, item, history, knobs)


def test_short_and_empty_histories_of_anybody_and_films_watched_again(coarse):
    model = caser(n_h=1, n_v=1)
    for name in ("short", "empty", "repeated", "long"):
        for left_out in (HISTORIES[name], []):
            history = HISTORIES[name]
            item = int(rank_items(score_catalogue(model, ANONYMOUS, history), 2, left_out)[1])
            found = changes_to_first(model, ANONYMOUS, history, item, left_out)
            clear = [(one.cost, one.kind, one.films, one.knobs.text) for one in found]
            assert clear == tried_one_by_one(model, ANONYMOUS, history, item, left_out, Knobs()), name


def test_the_first_film_needs_nothing():
    model, history = caser(), HISTORIES["full"]
    first, second = rank_items(score_catalogue(model, 1, history), 2, history).tolist()
    nothing = smallest_change(model, 1, history, first, history)
    assert (nothing.kind, nothing.cost, nothing.films) == (NOTHING, 0, tuple(history))
    assert smallest_change(model, 1, history, first, history, kinds=[TURN]) is None
    assert smallest_change(model, 1, history, second, history, kinds=[]) is None


def test_what_is_found_says_what_was_changed_and_holds():
    model, history = caser(), HISTORIES["full"]
    item = int(rank_items(score_catalogue(model, 1, history), 2, history)[1])
    kinds = set()
    for change in changes_to_first(model, 1, history, item, history):
        kinds.add(change.kind)
        scores = score_catalogue(turned(model, change.knobs), 1, change.films)
        left_out = {*history, *change.films}
        others = max(score for film, score in enumerate(scores) if film not in left_out | {item})
        assert change.lead == pytest.approx(scores[item] - others, abs=1e-4)
        assert (change.name is None) == (change.kind != TURN)
        assert change.to_dict()["kind"] == change.kind
    assert TURN in kinds
    only = {one.kind for one in changes_to_first(model, 1, history, item, history, kinds=["replace"])}
    assert only <= {"replace"}


def test_films_are_tried_in_the_order_given():
    model, history = caser(), HISTORIES["full"]
    item = int(rank_items(score_catalogue(model, 1, history), 2, history)[1])
    found = [one.film for one in changes_to_first(model, 1, history, item, history, kinds=["replace"])]
    liked = list(dict.fromkeys(reversed(found)))
    if not liked:
        pytest.skip("no film in another's place is enough")
    assert smallest_change(model, 1, history, item, history, films=liked, kinds=["replace"]).film == liked[0]
    assert smallest_change(model, 1, history, item, history, films=[], kinds=["replace"]) is None


def test_models_without_filters_have_films_or_a_user_to_change():
    mf, popularity = order_blind()
    second = int(rank_items(score_catalogue(mf, 1, []), 2)[1])
    assert {one.kind for one in changes_to_first(mf, 1, [4], second, [])} <= {TURN}
    assert smallest_change(popularity, 1, [], N_ITEMS - 1, []) is None  # all films tie
