"""Why a film has its rank, in one sentence that names the largest parts of its score."""

from __future__ import annotations

import numpy as np

from caser.dashboard import wording
from caser.dashboard.film import film_names, names_borne_out, user_part
from caser.dashboard.names import NETWORK, OWN, filter_name, no_film, rank_words, short
from caser.dashboard.view import View
from caser.explain.counterfactual import OrderEffect
from caser.explain.explanation import Explanation
from caser.words import W, spoken

WORTH_TELLING = 0.15  # of what all that speaks for a film adds together


def sentence(view: View, explanation: Explanation, rank: float) -> str:
    """The rank and the largest parts for and against it, as Markdown."""
    film = wording.plain(wording.film_name(view, explanation.item.item))
    place = f"has been {W.watched}" if rank == float("inf") else f"is ranked **{rank_words(rank)}**"
    parts = _parts(view, explanation)
    total, largest = _largest(parts)
    if not largest:
        return f"{film} {place}: nothing the model reads here speaks for it."
    because = " and of ".join(f"{name} ({parts[name]:+.2f})" for name in largest)
    against = min(parts, key=parts.get)
    but = f"; {against} speaks against it ({parts[against]:+.2f})" if -parts[against] > WORTH_TELLING * total else ""
    return f"{film} {place} because of {because}{but}.{_taste(view, explanation, total)}{_in_all(view, explanation)}"


def in_short(view: View, explanation: Explanation) -> str:
    """Why the first film of a list is the first, by the largest part of its score alone, as Markdown."""
    first = f"**{wording.plain(wording.film_name(view, explanation.item.item))}** is first"
    _, largest = _largest(_parts(view, explanation))
    films = [part for part in largest if part not in (user_part(view), NETWORK, spoken(OWN))]
    if not largest:
        return f"{first}, though nothing the model reads here speaks for it."
    if films and films[0] != largest[0]:
        return f"{first}; of the {W.films}, {films[0]} speaks for it most."
    shared = "what all new visitors share" if view.anonymous else user_part(view)
    return f"{first} because of {shared if largest[0] == user_part(view) else largest[0]}."


def _largest(parts: dict[str, float]) -> tuple[float, list[str]]:
    """What all that speaks for a film adds, and the one or two parts of it that are worth telling."""
    total = sum(value for value in parts.values() if value > 0)
    worth_telling = [name for name in parts if parts[name] > WORTH_TELLING * total]
    return total, sorted(worth_telling, key=lambda name: -parts[name])[:2]


def order(effect: OrderEffect, film: str) -> str:
    """What the order of the recent films does to a film's rank."""
    if effect.orders < 2:
        return f"With fewer than two {W.films} there is no order to change"
    if np.ptp(effect.scores) <= 1e-5 * max(1.0, abs(effect.score)):
        return f"Order makes no difference to {short(film)}"
    now, usual = rank_words(effect.rank), rank_words(effect.median_rank)
    orders = f"{'all' if effect.exact else 'random'} {effect.orders} orders of the same {W.films}"
    if now == usual:
        return f"{short(film)} is ranked {now} in this order, and in the median of {orders}"
    verb = "lifts" if effect.rank < effect.median_rank else "lowers"
    return f"This order {verb} {short(film)} to rank {now}; the median of {orders} is {usual}"


def _parts(view: View, explanation: Explanation) -> dict[str, float]:
    """What adds to a score or takes from it, by name: its exact parts, or the films' Shapley values without these."""
    known = explanation.contributions.printed if explanation.contributions else None
    values = known.positions if known else explanation.shapley.values
    names = film_names(view)
    films = {
        f"{wording.plain(name)}, {_ago(len(names) - place)}": value
        for place, (name, value) in enumerate(zip(names, values, strict=False))
        if name != no_film()
    }
    if not known:
        return films
    return films | {user_part(view): known.user, NETWORK: known.network, spoken(OWN): known.constant}


def _in_all(view: View, explanation: Explanation) -> str:
    """All films together beside the other parts, so that no film passes for more than it is."""
    if not explanation.contributions:
        return ""
    known = explanation.contributions.printed
    constants = known.network + known.constant
    parts = {f"all {W.films}": sum(known.positions), user_part(view): known.user, "constants": constants}
    return f" In all: {', '.join(f'{value:+.2f} from {name}' for name, value in parts.items() if value)}."


def _ago(steps: int) -> str:
    return f"{W.watched} last" if steps == 1 else f"{W.watched} {steps} {W.films} ago"


def _taste(view: View, explanation: Explanation, total: float) -> str:
    """The named filter that speaks for the film most, if it does so by much."""
    if not explanation.filters:
        return ""
    called = names_borne_out(view, explanation.filters)
    named = [f for f in explanation.filters.fired if (f.height, f.index) in called]
    best = max(named, key=lambda f: f.contribution, default=None)
    if best is None or best.contribution < WORTH_TELLING * total:
        return ""
    seeks = wording.plain(called[best.height, best.index].text)
    return (
        f" Among the horizontal filters {filter_name(best.height, best.index)} adds most "
        f"({best.contribution:+.2f}); it looks for {seeks}."
    )
