"""Data sets and checkpoints, loaded once and shared by all visitors, in caches that cannot grow without end.

Both are cached with the times of their files, so that one that changes on disk is picked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import streamlit as st

from caser import checkpoint, data, files
from caser.checkpoint import Checkpoint, CheckpointError, Metadata
from caser.dashboard import names, public, waiting
from caser.dashboard.ids import OwnId
from caser.data import dataset as datasets
from caser.data.dataset import Dataset, Split
from caser.data.histories import Histories
from caser.data.history import Matcher
from caser.data.source import Stamp
from caser.data.titles import TitleIndex
from caser.field.cases import SEQUENCE_LENGTH
from caser.words import spoken

BASELINE = "mf"  # what a model is compared with unless another is picked

# What results are cached by: hashing the objects themselves would take longer than most results.
KNOWN_BY = {
    Dataset: lambda dataset: (dataset.name, dataset.digest),
    Split: lambda split: (split.dataset.name, split.dataset.digest, split.ties),
    Checkpoint: lambda trained: trained.metadata.weights_sha256,
}


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class _Box:
    """Lets the look-up know of a value, of any kind, without keeping it."""

    value: Any


_within: ContextVar[bool] = ContextVar("within something kept", default=False)


def _computed(key: tuple, compute: Callable[[], _Box], text: str) -> _Box:
    """What `compute` returns; the outermost that has a text waits, so that no element is drawn within a cache."""
    if _within.get():
        return compute()
    before = _within.set(True)
    try:
        return waiting.wait_for(key, compute, spoken(text)) if text else compute()
    finally:
        _within.reset(before)


def kept_by(known_by: Mapping[type, Callable], spinner: str = "", **options):
    """`st.cache_resource` for functions that take their arguments by place, looked up in microseconds.

    Streamlit reads a function's signature and hashes every argument whenever it looks something up. A page looks
    up hundreds of things, which took a fifth of its time. Streamlit's cache stays the only owner: what it drops or
    clears is gone here, too. It drops what was made first, since it does not see what is looked up.

    Args:
        known_by: by type, what stands for an argument; others stand for themselves and must be hashable.
        spinner: what to say while it is computed beside the page, in the words of films; "" computes it in the page's
            own run. options: of `st.cache_resource`.
    """

    def decorate(function: Callable) -> Callable:
        @wraps(function)
        def boxed(*given) -> _Box:
            return _Box(function(*given))

        cached = st.cache_resource(**({"show_spinner": False, "hash_funcs": dict(known_by)} | options))(boxed)
        boxes: WeakValueDictionary[tuple, _Box] = WeakValueDictionary()

        @wraps(function)
        def look_up(*given):
            key = tuple([known_by[type(one)](one) if type(one) in known_by else one for one in given])
            box = boxes.get(key)
            if box is None:
                box = boxes[key] = _computed((function, *key), partial(cached, *given), spinner)
            return box.value

        return look_up

    return decorate


kept = partial(kept_by, KNOWN_BY)


@kept(max_entries=3, spinner="Reading the data …")
def _dataset(name: str, stamp: Stamp) -> Dataset:
    return data.load(name, waiting.teller())


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
    return TitleIndex(dataset, data.noun(dataset.name))


@kept(max_entries=3)
def matcher(dataset: Dataset) -> Matcher:
    """Finds the films of a visitor's history in a data set."""
    return Matcher(titles(dataset))


@kept(max_entries=3)
def watch_counts(split: Split) -> np.ndarray:
    """int64 (n_items,): how often each film was watched, the test targets left out."""
    _, items = Histories(split, "test").visible()
    return np.bincount(items.numpy(), minlength=split.dataset.n_items)


@kept(max_entries=3)
def opening(dataset: Dataset) -> tuple[OwnId, ...]:
    """Own ids of the films that a visitor finds picked, the oldest first: the source's own, else the most watched."""
    most_watched = np.argsort(-dataset.views, kind="stable")[:SEQUENCE_LENGTH][::-1]
    return data.source(dataset.name).opening or tuple(dataset.item_ids[most_watched].tolist())


@kept(max_entries=3)
def labels(dataset: Dataset) -> list[str]:
    """Each film's label, for charts and pages."""
    return list(map(names.literal, dataset.labels))


def _stamp(name: str) -> files.Stamp:
    try:
        return files.stamp(checkpoint.locate(name))
    except OSError as error:  # gone a moment after it was found, or unreadable
        raise CheckpointError(f"checkpoint {name!r} is gone ({error.strerror or error}); choose another") from error


@kept(max_entries=64)
def _metadata(name: str, stamp: files.Stamp) -> Metadata:
    return checkpoint.describe(name)


@kept(max_entries=24, spinner="Loading the model …")
def _checkpoint(name: str, stamp: files.Stamp) -> Checkpoint:
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
        return public.said(str(error))
    return ""


@dataclass(frozen=True)
class Shelf:
    """The checkpoints of one data set.

    Attributes:
        models: those that belong to it, the default first. problems: why a checkpoint cannot be used, by name.
    """

    models: list[str]
    problems: dict[str, str]


def shelf(name: str) -> Shelf:
    """The checkpoints of a data set and why some cannot be used; those of other data sets are left out."""
    return _shelf(dataset(name), _checkpoint_stamps())


def with_filters(name: str) -> Iterator[Checkpoint]:
    """The checkpoints of a data set that have filters and can be loaded, in the order of its shelf."""
    for one in shelf(name).models:
        if not problem(one) and trained(one).model.has_filters:
            yield trained(one)


def of_the_chapter(name: str) -> Checkpoint | None:
    """The checkpoint trained as the chapter trains, by its own negative rule; None where the data set has none."""
    return next((one for one in with_filters(name) if one.metadata.config.training.hide_test), None)


def _checkpoint_stamps() -> tuple[tuple[str, files.Stamp], ...]:
    """Every checkpoint in the folder, and its stamp."""
    stamps = []
    for path in checkpoint.paths():
        with suppress(OSError):  # deleted since it was listed
            stamps.append((path.stem, files.stamp(path)))
    return tuple(stamps)


@kept(max_entries=6)
def _shelf(dataset: Dataset, stamps: tuple[tuple[str, files.Stamp], ...]) -> Shelf:
    models, problems = [], {}
    for model, _ in stamps:
        try:
            described = metadata(model)
            if described.dataset != dataset.name:
                continue
            described.require(dataset)
            models.append(model)
        except CheckpointError as error:
            problems[model] = public.said(str(error))
    return Shelf(sorted(models, key=lambda name: _place(dataset.name, name)), problems)


def _place(dataset: str, name: str) -> tuple:
    """Where a checkpoint stands on its shelf: the shipped Caser, other models, plain MF, each by name."""
    return name != f"{dataset}-caser", metadata(name).config.model.name == BASELINE, name


def rivals(model: str) -> list[str]:
    """What a model can be compared with: same data, same rule on ties; plain MF first, else by name."""
    described = metadata(model)
    return list(_rivals(dataset(described.dataset), described.ties, model, _checkpoint_stamps()))


@kept(max_entries=64)
def _rivals(dataset: Dataset, ties: str, model: str, stamps: tuple[tuple[str, files.Stamp], ...]) -> tuple[str, ...]:
    same = [name for name in _shelf(dataset, stamps).models if metadata(name).ties == ties]
    usable = [name for name in same if name != model and not problem(name)]
    first = f"{dataset.name}-{BASELINE}"
    return tuple(sorted(usable, key=lambda name: (name != first, metadata(name).config.model.name != BASELINE, name)))
