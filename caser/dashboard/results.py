"""What holds of a checkpoint's filters in general: slow, so computed when first asked for and then kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from caser.checkpoint import Checkpoint
from caser.dashboard.selection import View
from caser.data.dataset import Split
from caser.explain import ablation, film_map, preferences
from caser.explain.ablation import AblationTable
from caser.explain.film_map import FilmMap
from caser.explain.filters import horizontal_filters
from caser.explain.preferences import GenreAffinity, NGrams, Seeks

MOST_ON_MAP = 2_000
QUICK_CELLS = 5e8  # users x films x switches that can be measured while somebody waits


def _key(view: View) -> str:
    return view.trained.metadata.weights_sha256


@st.cache_resource(max_entries=3, show_spinner=False)
def _often(weights: str, _split: Split) -> np.ndarray:
    films = preferences.often_watched(_split)
    return films if len(films) > 10 else np.arange(_split.dataset.n_items)


def often_watched(view: View) -> np.ndarray:
    """int64: the films that extremes are looked for among; rarely watched ones keep their random start."""
    return _often(_key(view), view.split)


@st.cache_resource(max_entries=4, show_spinner="Testing every filter for every genre …")
def _affinity(weights: str, _view: View) -> GenreAffinity:
    return preferences.genre_affinity(_view.trained.model, _view.dataset, among=often_watched(_view))


def affinity(view: View) -> GenreAffinity:
    """Which genres every filter's rows answer to."""
    return _affinity(_key(view), view)


@st.cache_resource(max_entries=4, show_spinner=False)
def _labels(weights: str, _view: View) -> dict[tuple[int, int], str | None]:
    found = affinity(_view)
    return {at: found.label(*at) for at in found.filters}


def labels(view: View) -> dict[tuple[int, int], str | None]:
    """What each filter seeks in words, by (height, index); None unless every row is significant."""
    return _labels(_key(view), view)


@st.cache_resource(max_entries=4, show_spinner="Running every filter over real histories …")
def _alive(weights: str, _view: View) -> np.ndarray:
    return preferences.alive_share(_view.trained.model, _view.split)


def alive_share(view: View, height: int, index: int) -> float:
    """The share of real windows in which a filter fires."""
    return float(_alive(_key(view), view)[height - 1, index])


@dataclass(frozen=True)
class Sought:
    """What a filter seeks: film by film, and in runs of films, possible and real ones."""

    films: tuple[Seeks, ...]
    possible: NGrams
    real: NGrams


@st.cache_resource(max_entries=256, show_spinner=False)
def _sought(weights: str, height: int, index: int, _view: View) -> Sought:
    model, among = _view.trained.model, often_watched(_view)
    return Sought(
        preferences.seeks(model, _view.dataset, height, index, among=among),
        preferences.catalogue_ngrams(model, _view.dataset, height, index, k=5, among=among),
        preferences.history_ngrams(model, _view.split, height, index, k=5),
    )


def sought(view: View, height: int, index: int) -> Sought:
    """What one filter seeks."""
    return _sought(_key(view), height, index, view)


@st.cache_resource(max_entries=4, show_spinner=False)
def _plane(weights: str, _view: View) -> FilmMap:
    films = often_watched(_view)
    if len(films) > MOST_ON_MAP:
        films = films[np.linspace(0, len(films) - 1, MOST_ON_MAP).astype(int)]
    return film_map.film_map(_view.trained.model, _view.dataset.catalogue["genres"], films)


def plane(view: View) -> FilmMap:
    """The films on a plane."""
    return _plane(_key(view), view)


def quick_to_ablate(view: View) -> bool:
    """Whether `ablation_table` answers within seconds."""
    switches = len(ablation.switches(view.trained.model))
    return len(view.split.evaluated) * view.dataset.n_items * switches <= QUICK_CELLS


@st.cache_resource(max_entries=4, show_spinner="Switching off every filter in turn and ranking all test films …")
def _ablation(weights: str, _trained: Checkpoint, _split: Split) -> AblationTable:
    return ablation.cached_ablation(_trained.model, _split, weights)


def ablation_table(view: View) -> AblationTable:
    """What switching off each part, height and filter does to the test metrics."""
    return _ablation(_key(view), view.trained, view.split)


@st.cache_resource(max_entries=4, show_spinner=False)
def _likeness(weights: str, _trained: Checkpoint) -> dict[int, np.ndarray]:
    final = _flat(_trained.snapshots[max(_trained.snapshots)], _trained)
    return {epoch: _cosines(_flat(at, _trained), final) for epoch, at in sorted(_trained.snapshots.items())}


def likeness(view: View) -> dict[int, np.ndarray]:
    """Each horizontal filter's cosine with its last snapshot, in the order of `horizontal_filters`, by epoch."""
    return _likeness(_key(view), view.trained)


def snapshot_weights(view: View, epoch: int, height: int, index: int) -> np.ndarray:
    """float32 (height, d): a horizontal filter's weights as they were after an epoch."""
    return view.trained.snapshots[epoch][f"horizontal.{height - 1}"][index, 0].float().numpy()


def _flat(weights: dict, trained: Checkpoint) -> list[np.ndarray]:
    return [weights[f"horizontal.{h - 1}"][j].float().numpy().ravel() for h, j in horizontal_filters(trained.model)]


def _cosines(before: list[np.ndarray], after: list[np.ndarray]) -> np.ndarray:
    lengths = (np.linalg.norm(a) * np.linalg.norm(b) for a, b in zip(before, after, strict=True))
    return np.array([a @ b / max(n, 1e-12) for a, b, n in zip(before, after, lengths, strict=True)])
