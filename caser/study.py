"""What does the work in a Caser: parts switched off, trained anew without each, windows shuffled, other protocols.

Switching off asks what the trained model leans on; training without asks what the part is worth. Both are read on the
same users, so every difference is paired.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from caser import checkpoint, files
from caser.checkpoint import Checkpoint, CheckpointError
from caser.config import Config
from caser.data.dataset import TIES, Split, split
from caser.evaluation import Evaluator, Ranks, evaluate
from caser.explain.ablation import switches, without
from caser.files import npz
from caser.models import Recommender
from caser.training.loop import OnShare, fit
from caser.training.reports import TESTING

OFF, ANEW = "switched off", "trained without"
PARTS = {"h": {"n_h": 0}, "v": {"n_v": 0}, "p": {"p": False}}  # as in the paper's ablation, and what leaves each out
SHUFFLED, SEEN, OTHER_TIES = "windows shuffled", "seen films ranked too", "the other rule on ties"
Study = dict[str, Ranks]


class Shuffled(Recommender):
    """A model that is given the films of every window in a random order; padding stays on the left."""

    def __init__(self, model: Recommender, seed: int = 0):
        super().__init__(model.config, model.n_users, model.n_items)
        self.model, self.L = model, model.L
        self.generator = torch.Generator(model.device).manual_seed(seed)

    def scores(self, users: Tensor, sequences: Tensor, items: Tensor | None = None) -> Tensor:
        read = self.model.fit_window(sequences)  # (B, L)
        key = torch.rand(read.shape, generator=self.generator, device=read.device)
        order = key.masked_fill(read == self.n_items, -1.0).argsort(dim=1, stable=True)  # (B, L)
        return self.model.scores(users, read.gather(1, order), items)


def study(
    trained: Checkpoint,
    parts: Split,
    on_step: Callable[[str], None] = lambda name: None,
    on_share: OnShare = lambda doing, share: None,
) -> Study:
    """Test ranks of every variant of a trained Caser, by name; trains each part's absence once, with the same seed.

    Args:
        on_step: called with the name of what is measured next. on_share: as for `fit`, also while the test is ranked.

    Raises:
        CheckpointError: a model without filters, or one trained on other data.
    """
    trained.metadata.require(parts.dataset)
    if not trained.model.has_filters:
        raise CheckpointError(f"{trained.name!r} has no filters whose work could be told; give a Caser checkpoint")
    found = {}
    for name, ranks in _variants(trained, parts, on_share):
        on_step(name)
        found[name] = ranks()
    return found


def _variants(trained: Checkpoint, parts: Split, on_share: OnShare):
    """(name, what computes its ranks) of everything that is measured."""
    model, config, seed = trained.model, trained.metadata.config, trained.metadata.seed
    ranked = partial(evaluate, split=parts, on_share=partial(on_share, TESTING))
    yield "whole", lambda: ranked(model)
    for switch in switches(model):
        if switch.name in PARTS:
            off = without(model, switch.horizontal, switch.vertical, switch.user)
            yield f"{switch.name} {OFF}", lambda off=off: ranked(off)
            less = config.replace(**PARTS[switch.name])
            yield f"{switch.name} {ANEW}", lambda less=less: _anew(parts, less, seed, on_share)
    yield SHUFFLED, lambda: ranked(Shuffled(model))
    yield SEEN, lambda: Evaluator(parts, "test", rank_seen=True)(model, partial(on_share, TESTING))
    other = next(ties for ties in TIES if ties != parts.ties)
    yield OTHER_TIES, lambda: _anew(split(parts.dataset, other), config, seed, on_share)


def _anew(parts: Split, config: Config, seed: int, on_share: OnShare) -> Ranks:
    return evaluate(fit(parts, config, seed=seed, on_share=on_share).model, parts, on_share=partial(on_share, TESTING))


def path_of(name: str) -> Path:
    """Where a checkpoint's study lies: beside it."""
    return checkpoint.folder() / f"{name}.study.npz"


def save(found: Study, trained: Checkpoint) -> Path:
    """Write a study beside its checkpoint, whole or not at all; it names the weights it is of.

    Raises:
        CheckpointError: the folder cannot be written to.
    """
    arrays = {"weights": np.array(trained.metadata.weights_sha256)}
    for name, ranks in found.items():
        arrays |= {f"{name}/users": ranks.users.astype(np.int32), f"{name}/rank": ranks.rank.astype(np.float32)}
        arrays[f"{name}/candidates"] = ranks.candidates.astype(np.int32)

    def write(aside: Path) -> None:
        with aside.open("wb") as file:
            np.savez_compressed(file, **arrays)

    try:
        files.replace(path_of(trained.name), write)
    except OSError as error:
        raise checkpoint.unwritable(checkpoint.folder(), error) from error
    return path_of(trained.name)


def load(trained: Checkpoint) -> Study:
    """The study of a checkpoint; {} if there is none of these very weights."""
    try:
        stored = npz.read(path_of(trained.name))
        if str(stored["weights"]) != trained.metadata.weights_sha256:
            return {}
        names = dict.fromkeys(key.rpartition("/")[0] for key in stored if "/" in key)
        return {name: _ranks(stored, name) for name in names}
    except (ValueError, KeyError, TypeError):
        return {}


def _ranks(stored, name: str) -> Ranks:
    users, rank, candidates = (stored[f"{name}/{part}"] for part in ("users", "rank", "candidates"))
    return Ranks(users.astype(np.int64), rank.astype(np.float64), candidates.astype(np.int64))
