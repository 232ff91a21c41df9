"""What would put this film on top: single changes that bring an item to rank 1, the smallest first.

Every option is tried, so what is not found does not exist. The picture searches in the browser; its answers are held to
these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from caser.explain.edits import Films, added, dropped, read, replaced
from caser.explain.filters import (
    has_convolutions,
    horizontal_filters,
    horizontal_name,
    vertical_name,
    vertical_weights,
)
from caser.explain.knobs import DIGITS, LEAST, MOST, WHO, H, Knobs, P, V, films_factor, turned
from caser.explain.records import Record
from caser.models import Caser, DotProduct, Recommender

NOTHING, DROP, SWAP, ADD, REPLACE, TURN = KINDS = ("nothing", "drop", "swap", "add", "replace", "turn")
STEP = 0.05  # between the factors tried
CHUNK_CELLS = 1 << 22  # scores held at once: 16 MiB of float32


@dataclass(frozen=True)
class Change(Record):
    """A change after which an item is first.

    Attributes:
        kind: of `KINDS`. cost: 1 for a change of films, the distance a factor is turned, 0 for nothing.
        films: the window after it, as `edits.read` gives it. knobs: after it.
        lead: how far the item's score is ahead of the next.
        places: those dropped, swapped or replaced, from 0. film: the one added or put in another's place.
        name: what is turned.
    """

    kind: str
    cost: float
    films: Films
    knobs: Knobs
    lead: float
    places: tuple[int, ...] = ()
    film: int | None = None
    name: str | None = None


def smallest_change(
    model: Recommender, user: int, history: Sequence[int], item: int, left_out: Sequence[int], **options
) -> Change | None:
    """The first of `changes_to_first`, which has the same options; None if no single change is enough."""
    return next(changes_to_first(model, user, history, item, left_out, **options), None)


def changes_to_first(
    model: Recommender,
    user: int,
    history: Sequence[int],
    item: int,
    left_out: Sequence[int],
    films: Sequence[int] | None = None,
    knobs: Knobs = Knobs(),  # noqa: B008 - frozen
    kinds: Sequence[str] = KINDS,
) -> Iterator[Change]:
    """Every single change after which an item is first, the cheapest first; of one cost in the order of `KINDS`.

    Dropped is any film, swapped the content of any two places, the nearest first. A film is added as the latest, as
    `edits.added` does, or put in the place of any other. Of places the latest comes first, films come in the order
    given. A filter or a part is turned to a multiple of 0.05 from -2 to 3: v, h, p, vertical filters, horizontal ones;
    of two factors as near the lower one first.

    A list that leaves out anything leaves out what is in the window, too. So a film that ranks above the item is not
    added there: that would only take it off the list.

    Args:
        user: dense id or ANONYMOUS. history: dense ids, oldest first; the last L are read. item: dense id.
        left_out: what the list leaves out, empty where what was watched may be listed; the item itself never is.
        films: those that may be added, the preferred first; None takes the catalogue. knobs: what is turned already.
    """
    window = read(model, history)
    search = _Search(turned(model, knobs), user, item, tuple(left_out))
    scores = search.scores([window])
    above = search.above(scores[0], window)
    (lead,) = search.leads(scores, [window])
    if lead > 0:
        if NOTHING in kinds:
            yield Change(NOTHING, 0.0, window, knobs, lead)
        return
    offered = range(model.n_items) if films is None else films
    offered = [film for film in offered if film != item and film not in window and film not in above]
    options = (option for option in _options(window, model.n_items, offered) if option[0] in kinds)
    turns = _turns(model, search, window, knobs) if TURN in kinds else iter(())
    yield from _merged(_film_changes(search, options, knobs), turns)


def _merged(by_film: Iterator[Change], turns: Iterator[Change]) -> Iterator[Change]:
    """Both by cost; changes of films, which all cost 1, before turns of as much."""
    for turn in turns:
        if turn.cost >= 1:
            yield from by_film
        yield turn
    yield from by_film


@dataclass(frozen=True, eq=False)
class _Search:
    """Whose list, what it leaves out, and which item is to be first in it."""

    model: Recommender
    user: int
    item: int
    left_out: tuple[int, ...]

    @property
    def at_once(self) -> int:
        """How many lists are scored together."""
        return max(1, CHUNK_CELLS // self.model.n_items)

    @torch.inference_mode()
    def scores(self, windows: Sequence[Films]) -> Tensor:
        """float (B, n_items): the catalogue's scores after each window."""
        sequences = torch.tensor(windows, dtype=torch.int64, device=self.model.device).view(len(windows), self.model.L)
        return self.model.scores(torch.full((len(windows),), self.user, device=self.model.device), sequences)

    def above(self, scores: Tensor, window: Films) -> set[int]:
        """The films above the item in a list that leaves out what was watched; none in any other."""
        if not self.left_out:
            return set()
        better = torch.nonzero(scores > scores[self.item])[:, 0].tolist()
        return set(better) - {*self.left_out, *window}

    @torch.inference_mode()
    def leads(self, scores: Tensor, windows: Sequence[Films]) -> list[float]:
        """How far the item's score is ahead of the best other that each list holds.

        Args:
            scores: float (B, n_items), overwritten. windows: of each.
        """
        item_score = scores[:, self.item].clone()  # (B,)
        scores[:, [film for film in (*self.left_out, self.item) if film != self.model.n_items]] = -torch.inf
        if self.left_out and self.model.L:
            watched = torch.tensor(windows, device=scores.device)  # (B, L)
            watched = torch.where(watched == self.model.n_items, self.item, watched)
            scores.scatter_(1, watched, -torch.inf)
        return (item_score - scores.amax(1)).tolist()


# ---- other films

Option = tuple[str, Films, tuple[int, ...], int | None]  # kind, window, places, film


def _film_changes(search: _Search, options: Iterator[Option], knobs: Knobs) -> Iterator[Change]:
    while chunk := list(islice(options, search.at_once)):
        windows = [window for _, window, *_ in chunk]
        leads = search.leads(search.scores(windows), windows)
        for (kind, window, places, film), lead in zip(chunk, leads, strict=True):
            if lead > 0:
                yield Change(kind, 1.0, window, knobs, lead, places, film)


def _options(window: Films, padding: int, offered: Sequence[int]) -> Iterator[Option]:
    """Every change of films, in order."""
    latest_first = range(len(window))[::-1]
    filled = [place for place in latest_first if window[place] != padding]
    for place in filled:
        yield DROP, dropped(window, place, padding), (place,), None
    for apart in latest_first[::-1][1:]:
        for place in latest_first[apart:]:
            a, b = window[place], window[place + apart]
            if a != b:
                yield SWAP, replaced(replaced(window, place, b), place + apart, a), (place, place + apart), None
    for film in offered if window else ():
        yield ADD, added(window, film, padding), (), film
    for film in offered:
        for place in filled:
            yield REPLACE, replaced(window, place, film), (place,), film


# ---- turned knobs


@dataclass(frozen=True, eq=False)
class _Linear:
    """Where each knob moves a query, which is linear in every single one but for the ReLU of its first entries.

    Attributes:
        names: in order. query: float (k,), before that ReLU. slopes: float (n, k), by unit of each factor.
        units: how many entries the ReLU is of.
    """

    names: list[str]
    query: Tensor
    slopes: Tensor
    units: int


def _turns(model: Recommender, search: _Search, window: Films, knobs: Knobs) -> Iterator[Change]:
    """Every factor of a filter or a part after which the item is first, the nearest to the present one first."""
    if not isinstance(model, DotProduct):
        return
    linear = _linear(model, search.user, window, knobs)
    options = iter(_factors([knobs.value(name) for name in linear.names]))
    while chunk := list(islice(options, search.at_once)):
        leads = search.leads(_turned_scores(model, linear, knobs, chunk), [window] * len(chunk))
        for (cost, number, factor), lead in zip(chunk, leads, strict=True):
            if lead > 0:
                name = linear.names[number]
                yield Change(TURN, cost, window, knobs.turned(name, factor), lead, name=name)


def _factors(present: Sequence[float]) -> list[tuple[float, int, float]]:
    """Distance, which knob, and factor of everything that can be tried, in order."""
    grid = [round(step * STEP, DIGITS) for step in range(round(LEAST / STEP), round(MOST / STEP) + 1)]
    tried = ((round(abs(factor - now), DIGITS), at, factor) for at, now in enumerate(present) for factor in grid)
    return sorted(option for option in tried if option[0])


@torch.inference_mode()
def _turned_scores(
    model: DotProduct, linear: _Linear, knobs: Knobs, tried: Sequence[tuple[float, int, float]]
) -> Tensor:
    """float (B, n_items): the catalogue's scores with one knob turned in each row."""
    weight, bias = model.item_table()
    by = torch.tensor([factor - knobs.value(linear.names[at]) for _, at, factor in tried], device=model.device)
    queries = linear.query + by[:, None] * linear.slopes[[at for _, at, _ in tried]]  # (B, k)
    queries[:, : linear.units].relu_()
    return torch.addmm(bias, queries, weight.T)


@torch.inference_mode()
def _linear(model: DotProduct, user: int, window: Films, knobs: Knobs) -> _Linear:
    """How a query hangs on each knob, from where the knobs are."""
    who = torch.tensor([user], device=model.device)
    sequence = torch.tensor(window, dtype=torch.int64, device=model.device).view(1, model.L)
    query = turned(model, knobs).query(who, sequence)[0].clone()  # (k,)
    split_at = len(query) - model.user_dimensions
    slopes: dict[str, Tensor] = {}  # (k,) each
    if has_convolutions(model) and split_at:
        by_units, query[:split_at] = _filter_slopes(model, sequence, knobs)
        slopes = {name: torch.cat([part, query.new_zeros(model.user_dimensions)]) for name, part in by_units.items()}
    if model.knows_user:
        of_user = 2 * knobs.value(WHO) * model.query(who, sequence)[0, split_at:]
        slopes[P] = torch.cat([query.new_zeros(split_at), of_user])
    names = [*(name for name in (V, H, P) if name in slopes), *(name for name in slopes if name not in (V, H, P))]
    stacked = torch.stack([slopes[name] for name in names]) if names else query.new_empty(0, len(query))
    return _Linear(names, query, stacked, split_at if has_convolutions(model) else 0)


def _filter_slopes(model: Caser, sequence: Tensor, knobs: Knobs) -> tuple[dict[str, Tensor], Tensor]:
    """What a unit of each factor adds to the hidden layer before its ReLU, by name, and that layer; float (d,) each."""
    twin, d = turned(model, knobs), model.config.d
    features = twin.features(twin.embed(sequence))[0]  # (n_v * d + n_h * L,)
    flow = films_factor(knobs) * (model.hidden.weight * features).T  # (n_v * d + n_h * L, d)
    n_v = len(vertical_weights(model))
    vertical = flow[: n_v * d].view(n_v, d, d).sum(1)  # (n_v, d)
    slopes = {}
    for kind, names, adds in (
        (V, list(map(vertical_name, range(n_v))), vertical),
        (H, [horizontal_name(*at) for at in horizontal_filters(model)], flow[n_v * d :]),
    ):
        if names:
            slopes |= {name: knobs.value(kind) * part for name, part in zip(names, adds, strict=True)}
            slopes[kind] = sum(knobs.value(name) * part for name, part in zip(names, adds, strict=True))
    return slopes, twin.hidden(features)
