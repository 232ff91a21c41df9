"""Data sets and checkpoints, loaded once and shared by all visitors, in caches that cannot grow without end.

Both are cached with the times of their files, so that one that changes on disk is picked up.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from caser import checkpoint, data
from caser.checkpoint import Checkpoint, CheckpointError, Metadata
from caser.data import dataset as datasets
from caser.data.dataset import Dataset, Split
from caser.data.histories import Histories
from caser.data.source import Stamp
from caser.recommend import TitleIndex

BASELINE = "mf"  # what the other models are held against
FileStamp = tuple[str, int]

# What results are known by: hashing the objects themselves would take longer than most results.
KNOWN_BY = {
    Dataset: lambda dataset: (dataset.name, dataset.digest),
    Split: lambda split: (split.dataset.name, split.dataset.digest, split.ties),
    Checkpoint: lambda trained: trained.metadata.weights_sha256,
}
kept = partial(st.cache_resource, show_spinner=False, hash_funcs=KNOWN_BY)


@st.cache_resource(max_entries=3, show_spinner="Reading the data …")
def _dataset(name: str, stamp: Stamp) -> Dataset:
    return data.load(name)


def dataset(name: str) -> Dataset:
    """The data set of that name, as its files are now; ValueError as for `caser.data.load`."""
    return _dataset(name, data.source(name).stamp())


@kept(max_entries=3)
def _split(dataset: Dataset, ties: str) -> Split:
    return datasets.split(dataset, ties)


def split(name: str, ties: str = "first") -> Split:
    """A data set's leave-last-out split."""
    return _split(dataset(name), ties)


@kept(max_entries=3)
def titles(dataset: Dataset) -> TitleIndex:
    """Finds films of a data set by what people type."""
    return TitleIndex(dataset)


@kept(max_entries=3)
def watch_counts(split: Split) -> np.ndarray:
    """int64 (n_items,): how often each film was watched, the test targets left out."""
    _, items = Histories(split, "test").visible()
    return np.bincount(items.numpy(), minlength=split.dataset.n_items)


@kept(max_entries=3)
def film_labels(dataset: Dataset) -> list[str]:
    """A label for each film, made unique by the film's id where two share one."""
    labels = titles(dataset).labels
    values, counts = np.unique(labels, return_counts=True)
    shared = set(values[counts > 1])
    return [f"{text} · id {dataset.item_ids[i]}" if text in shared else text for i, text in enumerate(labels)]


def _stamp(name: str) -> FileStamp:
    path = checkpoint.locate(name)
    return str(path), path.stat().st_mtime_ns


@st.cache_resource(max_entries=64, show_spinner=False)
def _metadata(name: str, stamp: FileStamp) -> Metadata:
    return checkpoint.describe(name)


@st.cache_resource(max_entries=8, show_spinner="Loading the model …")
def _checkpoint(name: str, stamp: FileStamp) -> Checkpoint:
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
        models: those that can be picked, the default first. baselines: plain MF, the default first.
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
    return _shelf(dataset(name), tuple(there))


@kept(max_entries=6)
def _shelf(dataset: Dataset, there: tuple[tuple[str, FileStamp], ...]) -> Shelf:
    models, baselines, problems = [], [], {}
    for found, _ in there:
        try:
            about = metadata(found)
            if about.dataset != dataset.name:
                continue
            about.require(dataset)
            (baselines if about.config.model.name == BASELINE else models).append(found)
        except CheckpointError as error:
            problems[found] = str(error)
    first = f"{dataset.name}-caser", f"{dataset.name}-{BASELINE}"
    return Shelf(_default_first(models, first[0]), _default_first(baselines, first[1]), problems)


def _default_first(names: list[str], default: str) -> list[str]:
    return sorted(names, key=lambda name: (name != default, name))


def baseline_of(model: str) -> str | None:
    """The MF checkpoint to hold a model against: same data, same rule on ties; None if there is none."""
    about = metadata(model)
    same = (name for name in shelf(about.dataset).baselines if metadata(name).ties == about.ties)
    return next((name for name in same if not problem(name)), None)
