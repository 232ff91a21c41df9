"""What would put this film on top: single changes that bring an item to rank 1, the smallest first.

Every option is tried, so what is not found does not exist. The picture searches in the browser; its answers are held to
these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import torch
from torch import Tensor

from caser.explain.edits import Films, dropped, read, replaced
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
from caser.recommend import rank_all, score_catalogue

NOTHING, DROP, SWAP, ADD, REPLACE, TURN = KINDS = ("nothing", "drop", "swap", "add", "replace", "turn")
STEP = 0.05  # between the factors tried
CHUNK_CELLS = 1 << 23  # scores held at once: 32 MiB of float32


@dataclass(frozen=True)
class Change(Record):
    """A change after which an item is first.

    Attributes:
        kind: of `KINDS`. cost: 1 for a change of films, the distance a factor is turned, 0 for nothing.
        films: the window after it, as `edits.read` gives it. places: those dropped, swapped or replaced, from 0.
        film: the one that is added or put in another's place. name: what is turned. knobs: after it.
        lead: how far the item's score is ahead of the next.
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
    rewatch: bool = False,
    kinds: Sequence[str] = KINDS,
) -> Iterator[Change]:
    """Every single change after which an item is first, the cheapest first; of one cost in the order of `KINDS`.

    Dropped is any film, swapped any two. A film is added behind the last one, so that of a full window the oldest
    leaves, or put in the place of another. A filter or a part is turned to a multiple of 0.05 from -2 to 3. Films come
    in the order given and places from the oldest, parts before filters, of two factors as near the lower one first.

    Args:
        user: dense id or ANONYMOUS. history: dense ids, oldest first; the last L are read. item: dense id.
        left_out: what the list leaves out; the item itself never is. films: those that may be added, the preferred
            first; None takes the catalogue. Never the item, nor what is in the window.
        knobs: what is turned already. rewatch: what was watched may be listed, so an added film may be, too. Otherwise
            a film that ranks above the item is not added: that would only take it off the list.
    """
    base, window = turned(model, knobs), read(model, history)
    scores = score_catalogue(base, user, window)
    hidden = sorted({one for one in left_out if one not in (item, model.n_items)})
    lead = float(_leads(torch.tensor(scores)[None], item, hidden)[0])
    if lead > 0:
        if NOTHING in kinds:
            yield Change(NOTHING, 0.0, window, knobs, lead)
        return
    offered = range(model.n_items) if films is None else films
    if not rewatch:
        ranks = rank_all(scores, hidden)
        offered = [film for film in offered if not ranks[film] < ranks[item]]
    offered = [film for film in offered if film != item and film not in window]
    by_film = _film_changes(base, user, window, item, hidden, offered, knobs, rewatch, kinds)
    turns = _turns(model, user, window, item, hidden, knobs) if TURN in kinds else iter(())
    yield from _merged(by_film, turns)


def _merged(by_film: Iterator[Change], turns: Iterator[Change]) -> Iterator[Change]:
    """Both by cost; changes of films, which all cost 1, before turns of as much."""
    late = None
    for turn in turns:
        if turn.cost >= 1:
            late = turn
            break
        yield turn
    yield from by_film
    if late:
        yield late
        yield from turns


@torch.inference_mode()
def _leads(scores: Tensor, item: int, hidden: Sequence[int], added: Sequence[int | None] = ()) -> Tensor:
    """float (B,): how far an item's score is ahead of the best other; of what each row's list leaves out none counts.

    Args:
        scores: float (B, n_items), overwritten. added: one for each row, left out of it alone; None is none.
    """
    own = scores[:, item].clone()  # (B,)
    scores[:, [*hidden, item]] = -torch.inf
    rows = [row for row, film in enumerate(added) if film is not None]
    scores[rows, [added[row] for row in rows]] = -torch.inf
    return own - scores.amax(1)


# ---- other films

Option = tuple[str, Films, tuple[int, ...], int | None]  # kind, window, places, film


@torch.inference_mode()
def _film_changes(
    model: Recommender,
    user: int,
    window: Films,
    item: int,
    hidden: Sequence[int],
    offered: Sequence[int],
    knobs: Knobs,
    rewatch: bool,
    kinds: Sequence[str],
) -> Iterator[Change]:
    options = (one for one in _options(window, model.n_items, offered) if one[0] in kinds)
    while chunk := list(islice(options, max(1, CHUNK_CELLS // model.n_items))):
        sequences = torch.tensor([films for _, films, *_ in chunk], device=model.device)  # (B, L)
        scores = model.scores(torch.full((len(chunk),), user, device=model.device), sequences)  # (B, n_items)
        leads = _leads(scores, item, hidden, [None if rewatch else film for *_, film in chunk]).tolist()
        for (kind, films, places, film), lead in zip(chunk, leads, strict=True):
            if lead > 0:
                yield Change(kind, 1.0, films, knobs, lead, places, film)


def _options(window: Films, padding: int, offered: Sequence[int]) -> Iterator[Option]:
    """Every change of films, in order."""
    filled = [place for place, film in enumerate(window) if film != padding]
    for place in filled:
        yield DROP, dropped(window, place, padding), (place,), None
    for a, b in combinations(filled, 2):
        if window[a] != window[b]:
            yield SWAP, replaced(replaced(window, a, window[b]), b, window[a]), (a, b), None
    if window:
        for film in offered:
            yield ADD, (*window[1:], film), (), film
    for film in offered:
        for place in filled:
            yield REPLACE, replaced(window, place, film), (place,), film


# ---- turned knobs


@dataclass(frozen=True, eq=False)
class _Linear:
    """Where each knob moves a query, which is linear in every single one but for the ReLU of its first entries.

    Attributes:
        names: parts, then filters. query: float (k,), before that ReLU. slopes: float (n, k), by unit of each factor.
        units: how many entries the ReLU is of.
    """

    names: list[str]
    query: Tensor
    slopes: Tensor
    units: int


@torch.inference_mode()
def _turns(
    model: Recommender, user: int, window: Films, item: int, hidden: Sequence[int], knobs: Knobs
) -> Iterator[Change]:
    """Every factor of a filter or a part after which the item is first, the nearest to the present one first."""
    if not isinstance(model, DotProduct):
        return
    linear = _linear(model, user, window, knobs)
    options = iter(_factors([knobs.value(name) for name in linear.names]))
    while chunk := list(islice(options, max(1, CHUNK_CELLS // model.n_items))):
        leads = _leads(_turned_scores(model, linear, knobs, chunk), item, hidden).tolist()
        for (cost, at, factor), lead in zip(chunk, leads, strict=True):
            if lead > 0:
                name = linear.names[at]
                yield Change(TURN, cost, window, knobs.turned(name, factor), lead, name=name)


def _factors(present: Sequence[float]) -> list[tuple[float, int, float]]:
    """Distance, which knob, and factor of everything that can be tried, in order."""
    grid = [round(step * STEP, DIGITS) for step in range(round(LEAST / STEP), round(MOST / STEP) + 1)]
    tried = ((round(abs(factor - now), DIGITS), at, factor) for at, now in enumerate(present) for factor in grid)
    return sorted(one for one in tried if one[0])


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
    who, sequence = torch.tensor([user], device=model.device), torch.tensor([window], device=model.device)
    query = turned(model, knobs).query(who, sequence)[0].clone()  # (k,)
    split_at, names, slopes = len(query) - model.user_dimensions, [], []
    units = split_at if has_convolutions(model) else 0
    if units:
        names, by_units, query[:units] = _filter_slopes(model, sequence, knobs)
        slopes = [torch.cat([slope, slope.new_zeros(model.user_dimensions)]) for slope in by_units]
    if model.knows_user:
        slope = torch.zeros_like(query)
        slope[split_at:] = 2 * knobs.value(WHO) * model.query(who, sequence)[0, split_at:]
        at = sum(name in (H, V) for name in names)
        names, slopes = [*names[:at], P, *names[at:]], [*slopes[:at], slope, *slopes[at:]]
    return _Linear(names, query, torch.stack(slopes) if slopes else query.new_empty(0, len(query)), units)


def _filter_slopes(model: Caser, sequence: Tensor, knobs: Knobs) -> tuple[list[str], Tensor, Tensor]:
    """Names, what a unit of each factor adds to the hidden layer before its ReLU, float (n, d), and that layer (d,)."""
    twin, d = turned(model, knobs), model.config.d
    features = twin.features(twin.embed(sequence))[0]  # (n_v * d + n_h * L,)
    flow = films_factor(knobs) * (model.hidden.weight * features).T  # (n_v * d + n_h * L, d)
    n_v, horizontal = len(vertical_weights(model)), horizontal_filters(model)
    kinds = [
        (H, [horizontal_name(*at) for at in horizontal], flow[n_v * d :]),
        (V, [vertical_name(k) for k in range(n_v)], flow[: n_v * d].view(n_v, d, d).sum(1)),  # (n_v, d)
    ]
    kinds = [kind for kind in kinds if kind[1]]
    factors = [torch.tensor([[knobs.value(name)] for name in names], device=flow.device) for _, names, _ in kinds]
    whole = [(own * adds).sum(0, keepdim=True) for own, (*_, adds) in zip(factors, kinds, strict=True)]  # (1, d)
    single = [knobs.value(kind) * adds for kind, _, adds in kinds]
    names = [kind for kind, *_ in kinds] + [name for _, names, _ in kinds for name in names]
    return names, torch.cat([*whole, *single]), twin.hidden(features)
