"""Why a film has its rank, in one sentence that names the largest parts of its score."""

from __future__ import annotations

import numpy as np

from caser.dashboard import wording
from caser.dashboard.film import film_names, names_borne_out
from caser.dashboard.names import filter_name, rank_words, short
from caser.dashboard.view import View
from caser.explain.counterfactual import OrderEffect
from caser.explain.explanation import Explanation
from caser.handout.reason import NETWORK, OWN, because, largest, score_parts, user_part, worth_telling
from caser.words import W, spoken


def sentence(view: View, explanation: Explanation, rank: float) -> str:
    """The rank and the largest parts for and against it, as Markdown."""
    film = wording.plain(wording.film_name(view, explanation.item.item))
    place = f"has been {W.watched}" if rank == float("inf") else f"is ranked **{rank_words(rank)}**"
    parts = _parts(view, explanation)
    why = because(parts)
    if not why:
        return f"{film} {place}: nothing the model reads here speaks for it."
    return f"{film} {place} {why}.{_taste(view, explanation, parts)}{_in_all(view, explanation)}"


def in_short(view: View, explanation: Explanation) -> str:
    """Why the first film of a list is the first, by the largest part of its score alone, as Markdown."""
    first = f"**{wording.plain(wording.film_name(view, explanation.item.item))}** is first"
    parts = largest(_parts(view, explanation))
    films = [part for part in parts if part not in (user_part(view.anonymous), NETWORK, spoken(OWN))]
    if not parts:
        return f"{first}, though nothing the model reads here speaks for it."
    if films and films[0] != parts[0]:
        return f"{first}; of the {W.films}, {films[0]} speaks for it most."
    shared = "what all new visitors share" if view.anonymous else user_part(view.anonymous)
    return f"{first} because of {shared if parts[0] == user_part(view.anonymous) else parts[0]}."


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
    return score_parts(explanation, [wording.plain(name) for name in film_names(view)], view.anonymous)


def _in_all(view: View, explanation: Explanation) -> str:
    """All films together beside the other parts, so that no film passes for more than it is."""
    if not explanation.contributions:
        return ""
    known = explanation.contributions.printed
    constants = known.network + known.constant
    parts = {f"all {W.films}": sum(known.positions), user_part(view.anonymous): known.user, "constants": constants}
    return f" In all: {', '.join(f'{value:+.2f} from {name}' for name, value in parts.items() if value)}."


def _taste(view: View, explanation: Explanation, parts: dict[str, float]) -> str:
    """The named filter that speaks for the film most, if it does so by much."""
    if not explanation.filters:
        return ""
    called = names_borne_out(view, explanation.filters)
    named = [f for f in explanation.filters.fired if (f.height, f.index) in called]
    best = max(named, key=lambda f: f.contribution, default=None)
    if best is None or not worth_telling(parts, best.contribution):
        return ""
    seeks = wording.plain(called[best.height, best.index].text)
    return (
        f" Among the horizontal filters {filter_name(best.height, best.index)} adds most "
        f"({best.contribution:+.2f}); it looks for {seeks}."
    )
