"""The embedded data set: real films, simulated viewers, planted patterns and the truth behind them.

The film facts were written by hand. The viewers are simulated: each next film is drawn from a
known distribution, so an oracle exists that no model can beat in expectation, and what a filter
should find is known. The patterns are set out in `Patterns`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from caser.data.checks import at_least, whole_numbers, within
from caser.data.dataset import CATALOGUE_COLUMNS, Dataset, from_interactions
from caser.data.source import Source

WINDOW = 5  # every pattern is decided by the last five films
CLEANSED_GENRE = "Horror"
CLEANSING_GENRES = ("Comedy", "Animation", "Musical")
NAME, LABEL = "cinema", "Cinema (simulated)"
LICENCE = "Film facts written by hand; viewers are simulated, not real people."
PLANTED = (
    "**Simulated viewers.** Three patterns are planted in cinema. *The binge*: after two films of one main genre in a "
    "row comes a third. *The palate cleanser*: two steps after a horror film comes a comedy, an animation or a "
    "musical. *Sagas*: the next instalment comes when the one before it is anywhere among the last five films. "
    "So the binge and the cleanser depend on order; sagas do not."
)

# A saga begun, after films that everybody knows: its next part should come first.
OPENING = (237, 7, 189, 93, 94)  # Jaws, The Matrix, Titanic, The Godfather, The Godfather Part II

_FILMS = Path(__file__).with_name("cinema.csv")
_SHORTEST, _LONGEST = 30, 60  # films a viewer watches
_EPOCH = 1_577_836_800  # 2020-01-01 00:00 UTC
_DAY = 86_400
_LARGEST_LOGIT = 20.0  # keeps the sum of a row of weights far inside int64


@dataclass(frozen=True)
class Patterns:
    """How strongly each pattern pulls: what it adds to a film's log-weight, before normalising.

    Attributes:
        binge: the last two films share their primary genre; added to every film of that genre.
        saga: instalment k is among the last `WINDOW` films; added to instalment k + 1.
        cleanser: the film before last is a horror film, whatever came after it; added to every
            comedy, animation and musical.
        taste: times the viewer's preference for the film's primary genre, in [-1, 1].
        popularity: times the film's popularity, in [-1, 1].

    Raises:
        ValueError: a strength that is not finite.
    """

    binge: float = 5.0
    saga: float = 4.2
    cleanser: float = 5.0
    taste: float = 0.8
    popularity: float = 0.8

    def __post_init__(self):
        for name, strength in asdict(self).items():
            if not isinstance(strength, (int, float)) or not np.isfinite(strength):
                raise ValueError(f"the strength of {name} is {strength!r}; give a finite number, 0 to switch it off")

    def without_sequence(self) -> Patterns:
        """The same taste and popularity with no pattern that reads the recent films."""
        return replace(self, binge=0.0, saga=0.0, cleanser=0.0)


PATTERNS = Patterns()


@dataclass(frozen=True, eq=False)
class Planted:
    """A pattern as something that a filter may look for.

    Attributes:
        name: what it is called. rule: what follows what, as a clause.
        group, seeks: the kind of fact that sets it off, and which one; None for any of that kind.
        rows: which of a filter's last two rows must seek it, from the end, and no other of the two; () takes any row.
        calls: from recent films, int64 (B, L), to bool (B, n_items): the films that come next because of it.
    """

    name: str
    rule: str
    group: str
    seeks: str | None
    rows: tuple[int, ...]
    calls: Callable[[np.ndarray], np.ndarray]


def planted(dataset: Dataset) -> tuple[Planted, ...]:
    """The patterns that depend on what was watched last; () for another data set."""
    if dataset.name != NAME:
        return ()
    world = _draw_world(catalogue(), 0, np.zeros).restricted(dataset.item_ids - 1)

    def calls(name: str) -> Callable[[np.ndarray], np.ndarray]:
        alone = replace(PATTERNS.without_sequence(), **{name: 1.0})
        return lambda recent: _called(world, alone, np.asarray(recent)[:, -WINDOW:]) > 0

    cleanser = "two steps after horror, a comedy, an animation or a musical"
    return (
        Planted("palate cleanser", cleanser, "genre", CLEANSED_GENRE, (-2,), calls("cleanser")),
        Planted("binge", "after two of one genre, a third", "genre", None, (-2, -1), calls("binge")),
        Planted("saga", "after one part of a saga, the next", "series", None, (), calls("saga")),
    )


@dataclass(frozen=True, eq=False)
class _World:
    """What decides a next film. Films 0..n-1 and genres are dense; n and -1 stand for "none".

    Attributes:
        genre: int64 (n + 1,), each film's primary genre, with -1 for the padding.
        sequel: int64 (n + 1,), the next instalment of each film's saga.
        popularity: float64 (n,). preference: float64 (n_viewers + 1, n_genres); the last row is
            zero, so that viewer -1 has no taste.
        horror: the cleansed genre. cleansing: bool (n,), films of a cleansing genre.
    """

    genre: np.ndarray
    sequel: np.ndarray
    popularity: np.ndarray
    preference: np.ndarray
    horror: int
    cleansing: np.ndarray

    @property
    def n_films(self) -> int:
        return len(self.popularity)

    def restricted(self, films: np.ndarray) -> _World:
        """The world with only `films` (int64, ascending), renumbered 0..len(films)-1."""
        place = np.full(self.n_films + 1, len(films))
        place[films] = np.arange(len(films))
        kept = np.append(films, self.n_films)
        return replace(
            self,
            genre=self.genre[kept],
            sequel=place[self.sequel[kept]],
            popularity=self.popularity[films],
            cleansing=self.cleansing[films],
        )


def catalogue() -> pd.DataFrame:
    """Every film, one in each row, item_id 1..n in row order.

    `Dataset.catalogue` has the same rows without the columns behind the patterns; item_id joins the two.

    Columns: item_id, title, year, genres (tuple of MovieLens genres, the primary one first),
    saga ("" if none), instalment (1, 2, ... in order of release; 0 if none), primary_genre.
    """
    films = pd.read_csv(_FILMS, dtype={"title": str, "saga": str}, keep_default_na=False)
    genres = films["genres"].str.split("|").map(tuple)
    return pd.DataFrame(
        {
            "item_id": np.arange(1, len(films) + 1),
            "title": films["title"],
            "year": films["year"],
            "genres": genres,
            "saga": films["saga"],
            "instalment": pd.to_numeric(films["instalment"]).fillna(0).astype(np.int64),
            "primary_genre": genres.str[0],
        }
    )


@dataclass(frozen=True, eq=False)
class Cinema:
    """A simulated data set and the distribution it was drawn from.

    Attributes:
        dataset: what every model sees. patterns: the strengths it was simulated with.
    """

    dataset: Dataset
    patterns: Patterns
    _world: _World

    def next_film_probabilities(
        self, users: np.ndarray, sequences: np.ndarray, seen: np.ndarray, patterns: Patterns | None = None
    ) -> np.ndarray:
        """The true distribution of the next film: the one that the simulator draws from.

        Args:
            users: int (B,), dense users; -1 is a stranger, whose taste is unknown and taken as even.
            sequences: int (B, L), dense recent films, oldest first, padded on the left with
                `dataset.padding`. Only the last `WINDOW` count; with fewer it is the truth for a
                viewer who has seen no others.
            seen: bool (B, n_items), the films that cannot come next.
            patterns: other strengths than the simulator's, e.g. `patterns.without_sequence()`.

        Returns:
            float64 (B, n_items). Rows sum to one; films seen have zero.

        Raises:
            ValueError: someone has seen every film, a user or a film that does not exist, or arrays of other shapes.
        """
        self._check_asked(np.asarray(users), np.asarray(sequences), np.asarray(seen))
        weights = _weights(self._world, patterns or self.patterns, users, sequences, seen)
        total = weights.sum(axis=1, keepdims=True)  # (B, 1)
        if not total.all():
            raise ValueError("a viewer has seen every film, so none can come next; leave one unseen")
        return weights / total

    def _check_asked(self, users: np.ndarray, sequences: np.ndarray, seen: np.ndarray) -> None:
        whole_numbers("the list of users", users)
        n_users, n_items = self.dataset.n_users, self.dataset.n_items
        if sequences.ndim != 2 or len(sequences) != len(users) or seen.shape != (len(users), n_items):
            shapes = f"{len(users)} users, sequences {sequences.shape}, seen {seen.shape}"
            raise ValueError(f"{shapes} do not fit; give (B,), (B, L) and (B, {n_items})")
        wrong = users[(users < -1) | (users >= n_users)]
        if len(wrong):
            raise ValueError(f"no user {wrong[0]} among {n_users}; give a dense id, or -1 for a stranger")
        within(n_items, sequences[sequences != self.dataset.padding])


def source() -> Source:
    """The simulated data set as the program finds it."""
    return Source(
        NAME,
        LABEL,
        "film",
        LICENCE,
        lambda on_share=None: generate().dataset,
        lambda: (_FILMS,),
        planted=PLANTED,
        opening=OPENING,
    )


def generate(seed: int = 0, n_viewers: int = 800, patterns: Patterns = PATTERNS) -> Cinema:
    """Simulate viewers 1..n_viewers, each watching 30 to 60 films, none twice.

    Timestamps rise strictly within a viewer. Ratings are 3, 4 or 5 stars drawn evenly: they say
    nothing. The data depend on the arguments alone, whatever the machine: see `_weights`.

    >>> generate(n_viewers=20).dataset.n_users
    20

    Raises:
        ValueError: a negative seed, or less than one viewer.
    """
    at_least(0, seed=seed)
    at_least(1, n_viewers=n_viewers)
    films = catalogue()
    random = np.random.Generator(np.random.PCG64(seed)).random
    world = _draw_world(films, n_viewers, random)
    watched = _watch(world, patterns, random((_LONGEST, n_viewers)))  # (n_viewers, _LONGEST)
    length = _SHORTEST + _below(random(n_viewers), _LONGEST - _SHORTEST + 1)
    user, step = np.nonzero(np.arange(_LONGEST) < length[:, None])  # (n,), (n,)
    dataset = from_interactions(
        NAME,
        user + 1,
        watched[user, step] + 1,
        _times(random(n_viewers), random((n_viewers, _LONGEST)))[user, step],
        3 + _below(random((n_viewers, _LONGEST)), 3)[user, step],
        films[list(CATALOGUE_COLUMNS)],
        simulated=True,
        licence=LICENCE,
    )
    return Cinema(dataset, patterns, world.restricted(dataset.item_ids - 1))


def _draw_world(films: pd.DataFrame, n_viewers: int, random: Callable) -> _World:
    genres, genre = np.unique(films["primary_genre"].to_numpy(str), return_inverse=True)
    popularity = 2 * random(len(films)) - 1
    preference = 2 * random((n_viewers, len(genres))) - 1
    return _World(
        genre=np.append(genre, -1),
        sequel=_sequels(films),
        popularity=popularity,
        preference=np.vstack([preference, np.zeros(len(genres))]),
        horror=int(np.searchsorted(genres, CLEANSED_GENRE)),
        cleansing=films["primary_genre"].isin(CLEANSING_GENRES).to_numpy(),
    )


def _sequels(films: pd.DataFrame) -> np.ndarray:
    """int64 (n + 1,): the row of each film's next instalment, n where there is none."""
    place = {(saga, k): row for row, (saga, k) in enumerate(zip(films["saga"], films["instalment"], strict=True))}
    following = [
        place.get((saga, k + 1), len(films)) for saga, k in zip(films["saga"], films["instalment"], strict=True)
    ]
    return np.array([*following, len(films)])


def _watch(world: _World, patterns: Patterns, chance: np.ndarray) -> np.ndarray:
    """int64 (n_viewers, steps): what everyone watches, step by step for all viewers at once.

    Args:
        chance: float64 (steps, n_viewers) in [0, 1), one draw for each film.
    """
    steps, n_viewers = chance.shape
    viewers = np.arange(n_viewers)
    watched = np.full((n_viewers, WINDOW + steps), world.n_films)  # led by a window of padding
    seen = np.zeros((n_viewers, world.n_films), bool)
    for step in range(steps):
        weights = _weights(world, patterns, viewers, watched[:, step : step + WINDOW], seen)
        film = _draw(weights, chance[step])
        watched[:, step + WINDOW] = film
        seen[viewers, film] = True
    return watched[:, WINDOW:]


def _draw(weights: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """int64 (B,): a column for each row, drawn in proportion to whole-number weights (B, n)."""
    cumulative = weights.cumsum(axis=1)  # (B, n)
    return (cumulative <= _below(chance, cumulative[:, -1])[:, None]).sum(axis=1)


def _below(chance: np.ndarray, n: np.ndarray | int) -> np.ndarray:
    """int64: whole numbers 0..n-1, evenly from chance in [0, 1)."""
    return np.floor(chance * n).astype(np.int64)


def _times(joined: np.ndarray, wait: np.ndarray) -> np.ndarray:
    """int64 (n_viewers, steps): seconds; viewers join over a year and wait an hour to eight days a film.

    Args:
        joined: float64 (n_viewers,), wait: float64 (n_viewers, steps), both in [0, 1).
    """
    start = _EPOCH + _below(joined, 365 * _DAY)
    return start[:, None] + (3_600 + _below(wait, 8 * _DAY)).cumsum(axis=1)


def _weights(
    world: _World, patterns: Patterns, users: np.ndarray, sequences: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    """int64 (B, n_films): how likely each film comes next, not normalised.

    Whole numbers, so that sums are exact in any order: a draw is then the same on every machine.
    """
    logits = patterns.popularity * world.popularity  # (n_films,)
    logits = logits + patterns.taste * world.preference[users][:, world.genre[:-1]]  # (B, n_films)
    logits += _called(world, patterns, np.asarray(sequences)[:, -WINDOW:])
    weights = np.rint(np.exp(np.minimum(np.round(logits, 6), _LARGEST_LOGIT)) * 1e4).astype(np.int64)
    return np.where(seen, 0, weights)


def _called(world: _World, patterns: Patterns, recent: np.ndarray) -> np.ndarray:
    """float64 (B, n_films): what the sequence patterns add. recent: int (B, up to WINDOW)."""
    before_last, last = _padded(recent, world.n_films).T  # (B,), (B,)
    genre, before, now = world.genre[:-1], world.genre[before_last][:, None], world.genre[last][:, None]
    binge = (before == now) & (genre == now)  # (B, n_films); the padding's -1 is no film's genre
    cleanser = (before == world.horror) & world.cleansing  # (B, n_films)
    saga = np.zeros((len(recent), world.n_films + 1), bool)
    np.put_along_axis(saga, world.sequel[recent], True, axis=1)
    return patterns.binge * binge + patterns.cleanser * cleanser + patterns.saga * saga[:, :-1]


def _padded(recent: np.ndarray, padding: int) -> np.ndarray:
    """int64 (B, 2): the last two films, also where the sequence is shorter than that."""
    return np.pad(recent, ((0, 0), (2, 0)), constant_values=padding)[:, -2:]
