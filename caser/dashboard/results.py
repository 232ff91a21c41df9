"""Slow results, computed when first asked for and then kept by what they are known by: weights and data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from caser.checkpoint import Checkpoint
from caser.dashboard import loaders
from caser.dashboard.lineup import Contender, lineup
from caser.data.dataset import Dataset, Split
from caser.evaluation import Comparison, Evaluator, Ranks, compare
from caser.explain import ablation, cases, film_map, preferences
from caser.explain.ablation import AblationTable
from caser.explain.cases import Case
from caser.explain.explanation import Explanation, explain
from caser.explain.film_map import FilmMap
from caser.explain.filters import horizontal_filters
from caser.explain.preferences import GenreAffinity, NGrams, Seeks

MOST_EVALUATED = 10_000  # users a page ranks for; larger data sets are ranked on a sample of this size
MOST_ON_MAP = 2_000
QUICK_CELLS = 5e8  # users x films x switches that can be measured while somebody waits
Summary = tuple[dict[str, float], dict[str, tuple[float, float]]]  # means and 95 % intervals by metric


def kept(**options):
    """`loaders.kept`, which also knows contenders."""
    return loaders.kept(hash_funcs=loaders.KNOWN_BY | {Contender: lambda one: one.key}, **options)


# ---- how models compare


@kept(max_entries=4)
def _evaluator(split: Split) -> Evaluator:
    users = split.evaluated
    if len(users) > MOST_EVALUATED:
        users = users[np.linspace(0, len(users) - 1, MOST_EVALUATED).astype(int)]
    return Evaluator(split, "test", users=users)


@kept(max_entries=12, show_spinner="Ranking every viewer's held-out film …")
def ranks(contender: Contender, split: Split) -> Ranks:
    """A contender's test ranks, for at most `MOST_EVALUATED` users."""
    return _evaluator(split)(contender.model)


@kept(max_entries=12)
def summary(contender: Contender, split: Split) -> Summary:
    """Mean metrics and their 95 % bootstrap intervals over users, as a checkpoint records them."""
    if contender.checkpoint:
        return contender.checkpoint.metadata.test, contender.checkpoint.metadata.intervals
    found = ranks(contender, split)
    return found.means(), found.intervals()


@kept(max_entries=24)
def comparison(a: Contender, b: Contender, split: Split, metric: str = "hr@50") -> Comparison:
    """One contender against another, user by user."""
    return compare(ranks(a, split), ranks(b, split), metric)


# ---- viewers worth a look


@kept(max_entries=6)
def viewers(trained: Checkpoint, baseline: Checkpoint | None, split: Split) -> dict[str, int]:
    """Interesting viewers as {label: own user id}, the default first."""
    (own, *others), lengths = lineup(trained, split), np.diff(split.dataset.offset)
    rival = ranks(others[0], split) if baseline else None
    found = cases.viewers(ranks(own, split), rival, own.name, lengths)
    return {label: int(split.dataset.user_ids[user]) for label, user in found.items()}


@kept(max_entries=4, show_spinner="Looking for clear cases …")
def clear_cases(trained: Checkpoint, baseline: Checkpoint | None, split: Split) -> tuple[Case, ...]:
    """Viewers who show an effect clearly."""
    own, *others = lineup(trained, split)
    rival = ranks(others[0], split) if baseline else None
    return cases.cases(trained.model, split, ranks(own, split), rival)


@kept(max_entries=128)
def explanation(trained: Checkpoint, dataset: Dataset, user: int, history: tuple[int, ...], item: int) -> Explanation:
    """Why a film gets its score."""
    return explain(trained.model, dataset, user, history, item)


# ---- what holds of a checkpoint's filters, whoever is watching


@kept(max_entries=3)
def often_watched(split: Split) -> np.ndarray:
    """int64: the films that extremes are looked for among; rarely watched ones keep their random start."""
    films = preferences.often_watched(split)
    return films if len(films) > 10 else np.arange(split.dataset.n_items)


@kept(max_entries=4, show_spinner="Testing every filter for every genre …")
def affinity(trained: Checkpoint, split: Split) -> GenreAffinity:
    """Which genres every filter's rows answer to."""
    return preferences.genre_affinity(trained.model, split.dataset, among=often_watched(split))


@kept(max_entries=4)
def labels(trained: Checkpoint, split: Split) -> dict[tuple[int, int], str | None]:
    """What each filter seeks in words, by (height, index); None unless every row is significant."""
    found = affinity(trained, split)
    return {at: found.label(*at) for at in found.filters}


@kept(max_entries=4, show_spinner="Running every filter over real histories …")
def alive_shares(trained: Checkpoint, split: Split) -> np.ndarray:
    """float (L, n_h): the share of real windows in which each filter fires."""
    return preferences.alive_share(trained.model, split)


@dataclass(frozen=True)
class Sought:
    """What a filter seeks: film by film, and in runs of films, possible and real ones."""

    films: tuple[Seeks, ...]
    possible: NGrams
    real: NGrams


@kept(max_entries=256)
def sought(trained: Checkpoint, split: Split, height: int, index: int) -> Sought:
    """What one filter seeks."""
    model, among = trained.model, often_watched(split)
    return Sought(
        preferences.seeks(model, split.dataset, height, index, among=among),
        preferences.catalogue_ngrams(model, split.dataset, height, index, k=5, among=among),
        preferences.history_ngrams(model, split, height, index, k=5),
    )


@kept(max_entries=4)
def plane(trained: Checkpoint, split: Split) -> FilmMap:
    """The films on a plane."""
    films = often_watched(split)
    if len(films) > MOST_ON_MAP:
        films = films[np.linspace(0, len(films) - 1, MOST_ON_MAP).astype(int)]
    return film_map.film_map(trained.model, split.dataset.catalogue["genres"], films)


def quick_to_ablate(trained: Checkpoint, split: Split) -> bool:
    """Whether `ablation_table` answers within seconds."""
    switches = len(ablation.switches(trained.model))
    return len(split.evaluated) * split.dataset.n_items * switches <= QUICK_CELLS


@kept(max_entries=4, show_spinner="Switching off every filter in turn and ranking all test films …")
def ablation_table(trained: Checkpoint, split: Split) -> AblationTable:
    """What switching off each part, height and filter does to the test metrics."""
    return ablation.cached_ablation(trained.model, split, trained.metadata.weights_sha256)


@kept(max_entries=4)
def likeness(trained: Checkpoint) -> dict[int, np.ndarray]:
    """Each horizontal filter's cosine with its last snapshot, in the order of `horizontal_filters`, by epoch."""
    final = _flat(trained.snapshots[max(trained.snapshots)], trained)
    return {epoch: _cosines(_flat(at, trained), final) for epoch, at in sorted(trained.snapshots.items())}


def snapshot_weights(trained: Checkpoint, epoch: int, height: int, index: int) -> np.ndarray:
    """float32 (height, d): a horizontal filter's weights as they were after an epoch."""
    return trained.snapshots[epoch][f"horizontal.{height - 1}"][index, 0].float().numpy()


def _flat(weights: dict, trained: Checkpoint) -> list[np.ndarray]:
    return [weights[f"horizontal.{h - 1}"][j].float().numpy().ravel() for h, j in horizontal_filters(trained.model)]


def _cosines(before: list[np.ndarray], after: list[np.ndarray]) -> np.ndarray:
    lengths = (np.linalg.norm(a) * np.linalg.norm(b) for a, b in zip(before, after, strict=True))
    return np.array([a @ b / max(n, 1e-12) for a, b, n in zip(before, after, lengths, strict=True)])
