"""Everything slow, loaded once and shared by all visitors, in caches that cannot grow without end.

A checkpoint is cached with its file's time, so that one trained anew is picked up.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import streamlit as st

from caser import checkpoint, data
from caser.checkpoint import Checkpoint, CheckpointError, Metadata
from caser.config import preset
from caser.data import dataset as datasets
from caser.data import source as data_source
from caser.data.dataset import Dataset, Split
from caser.data.histories import Histories
from caser.evaluation import Comparison, Evaluator, Ranks, compare
from caser.models import Recommender
from caser.recommend import TitleIndex
from caser.training.loop import fit

POPULARITY = "popularity"  # stands for the model that needs no checkpoint
MOST_EVALUATED = 10_000  # users a page ranks for; larger data sets are ranked on a sample of this size
Stamp = tuple[str, int]


def label(name: str) -> str:
    """What a data set is called on screen."""
    return data.source(name).label


@st.cache_resource(max_entries=3, show_spinner="Reading the data …")
def _dataset(name: str, stamp: data_source.Stamp) -> Dataset:
    return data.load(name)


def dataset(name: str) -> Dataset:
    """The data set of that name, as its files are now; ValueError as for `caser.data.load`."""
    return _dataset(name, data.source(name).stamp())


@st.cache_resource(max_entries=3, show_spinner=False)
def split(name: str, ties: str = "first") -> Split:
    """A data set's leave-last-out split."""
    return datasets.split(dataset(name), ties)


@st.cache_resource(max_entries=3, show_spinner=False)
def titles(name: str) -> TitleIndex:
    """Finds films of a data set by what people type."""
    return TitleIndex(dataset(name))


@st.cache_resource(max_entries=3, show_spinner=False)
def watch_counts(name: str, ties: str = "first") -> np.ndarray:
    """int64 (n_items,): how often each film was watched, the test targets left out."""
    _, items = Histories(split(name, ties), "test").visible()
    return np.bincount(items.numpy(), minlength=dataset(name).n_items)


@st.cache_resource(max_entries=3, show_spinner=False)
def film_labels(name: str) -> list[str]:
    """A label a film, made unique by the film's id where two share one."""
    labels = titles(name).labels
    values, counts = np.unique(labels, return_counts=True)
    shared = set(values[counts > 1])
    ids = dataset(name).item_ids
    return [f"{text} · id {ids[i]}" if text in shared else text for i, text in enumerate(labels)]


def lengths(name: str) -> np.ndarray:
    """int64 (n_users,): interactions a user."""
    return np.diff(dataset(name).offset)


def views(name: str) -> np.ndarray:
    """int64 (n_items,): how often each film was watched, the held-out views included."""
    return np.bincount(dataset(name).item, minlength=dataset(name).n_items)


def _stamp(name: str) -> Stamp:
    path = checkpoint.locate(name)
    return str(path), path.stat().st_mtime_ns


@st.cache_resource(max_entries=64, show_spinner=False)
def _metadata(name: str, stamp: Stamp) -> Metadata:
    return checkpoint.describe(name)


@st.cache_resource(max_entries=8, show_spinner="Loading the model …")
def _checkpoint(name: str, stamp: Stamp) -> Checkpoint:
    return checkpoint.load(name)


def metadata(name: str) -> Metadata:
    """A checkpoint's metadata; CheckpointError if it is missing or broken."""
    return _metadata(name, _stamp(name))


def trained(name: str) -> Checkpoint:
    """A checkpoint with its model in eval mode, shared: never train it. CheckpointError as for `load`."""
    return _checkpoint(name, _stamp(name))


def problem(name: str) -> str:
    """Why a checkpoint cannot be loaded; empty if it can."""
    try:
        trained(name)
    except CheckpointError as error:
        return str(error)
    return ""


@dataclass(frozen=True)
class Shelf:
    """The checkpoints of one data set.

    Attributes:
        models: those that read a sequence, the default first. baselines: plain MF, the default first.
        problems: why a checkpoint cannot be used, by name.
    """

    models: list[str]
    baselines: list[str]
    problems: dict[str, str]


def shelf(name: str) -> Shelf:
    """What there is for a data set; checkpoints of other data sets are left out without a word."""
    there = []
    for found in checkpoint.names():
        with suppress(CheckpointError, OSError):  # deleted since it was listed
            there.append((found, _stamp(found)))
    return _shelf(name, tuple(there))


@st.cache_resource(max_entries=6, show_spinner=False)
def _shelf(name: str, there: tuple[tuple[str, Stamp], ...]) -> Shelf:
    models, baselines, problems = [], [], {}
    for found, _ in there:
        try:
            about = metadata(found)
            if about.dataset != name:
                continue
            about.require(dataset(name))
            (baselines if about.config.model.name == "mf" else models).append(found)
        except CheckpointError as error:
            problems[found] = str(error)
    return Shelf(_default_first(models, f"{name}-caser"), _default_first(baselines, f"{name}-mf"), problems)


def _default_first(names: list[str], default: str) -> list[str]:
    return sorted(names, key=lambda name: (name != default, name))


def baseline_of(model: str) -> str | None:
    """The MF checkpoint to hold a model against: same data, same rule on ties; None if there is none."""
    about = metadata(model)
    same = (name for name in shelf(about.dataset).baselines if metadata(name).ties == about.ties)
    return next((name for name in same if not problem(name)), None)


@st.cache_resource(max_entries=3, show_spinner=False)
def popularity(name: str, ties: str) -> Recommender:
    """The popularity model, which counts instead of training."""
    return fit(split(name, ties), preset("popularity")).model


@st.cache_resource(max_entries=4, show_spinner=False)
def _evaluator(name: str, ties: str) -> Evaluator:
    users = split(name, ties).evaluated
    if len(users) > MOST_EVALUATED:
        users = users[np.linspace(0, len(users) - 1, MOST_EVALUATED).astype(int)]
    return Evaluator(split(name, ties), "test", users=users)


@st.cache_resource(max_entries=12, show_spinner="Ranking every viewer's held-out film …")
def _ranks(name: str, stamp: Stamp, model: str, ties: str) -> Ranks:
    scorer = popularity(name, ties) if model == POPULARITY else trained(model).model
    return _evaluator(name, ties)(scorer)


def ranks(name: str, model: str, ties: str) -> Ranks:
    """Test ranks of a checkpoint, or of `POPULARITY`, on a data set; at most `MOST_EVALUATED` users."""
    stamp = (POPULARITY, 0) if model == POPULARITY else _stamp(model)
    return _ranks(name, stamp, model, ties)


@st.cache_resource(max_entries=12, show_spinner=False)
def _summary(name: str, stamp: Stamp, model: str, ties: str) -> tuple[dict, dict]:
    found = _ranks(name, stamp, model, ties)
    return found.means(), found.intervals()


def summary(name: str, model: str, ties: str) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Mean metrics and their 95 % bootstrap intervals over users."""
    return _summary(name, (POPULARITY, 0) if model == POPULARITY else _stamp(model), model, ties)


@st.cache_resource(max_entries=24, show_spinner=False)
def _comparison(name: str, stamps: tuple[Stamp, Stamp], models: tuple[str, str], ties: str, metric: str) -> Comparison:
    a, b = (_ranks(name, stamp, model, ties) for stamp, model in zip(stamps, models, strict=True))
    return compare(a, b, metric)


def comparison(name: str, a: str, b: str, ties: str, metric: str = "hr@50") -> Comparison:
    """Checkpoint a against checkpoint b, user by user."""
    return _comparison(name, (_stamp(a), _stamp(b)), (a, b), ties, metric)
