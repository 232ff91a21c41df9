"""Which parts of a model matter. Of a Caser: parts taken out, trained anew without each, windows shuffled, other
protocols; of a model with curves: the steps that lead from Caser to it.

Taking out asks what the trained model leans on; training without asks what the part is worth. All is ranked for the
same users, and a training without a part is paired with the whole model's of the same seed, so every difference is
paired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from caser import checkpoint
from caser.checkpoint import Checkpoint, CheckpointError
from caser.config import Config, preset
from caser.data.dataset import TIES, Split, split
from caser.evaluation import Evaluator, Ranks, evaluate
from caser.explain.ablation import Usual, switches, usual, without
from caser.files import npz
from caser.models import Recommender
from caser.training.loop import OnShare, fit
from caser.training.reports import TESTING

WHOLE, OFF, MEAN, ANEW = "whole", "switched off", "at its mean", "trained without"
PARTS = {"h": {"n_h": 0}, "v": {"n_v": 0}, "p": {"p": False}}  # as in the paper's ablation, and what leaves each out
STEPS = {  # from Caser to a model with curves, and what each changes in the one before it
    "Caser": {},
    "20 films": {"L": 20},
    "learns at every film": {"layers": 1, "shared": True, "gate": False},  # the first with curves
    "a curve for each dimension": {"shared": False},
    "layers": {"layers": None},  # as many as the model has; so for None of any setting
    WHOLE: {"gate": None},
}
SHUFFLED, SEEN, OTHER_TIES = "windows shuffled", "seen films ranked too", "the other rule on ties"
SEEDS, SHUFFLES = 3, 20  # trainings without each part; random orders of the windows
Study = dict[str, dict[int, Ranks]]  # by what was changed, then by the training's seed or the shuffle's number
Variant = tuple[str, int, str, Callable[[], Ranks]]  # its name in the study, a number, how to call it, what ranks it


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
    seeds: int = SEEDS,
    on_step: Callable[[str], None] = lambda name: None,
    on_share: OnShare = lambda doing, share: None,
    known: Study | None = None,
    keep: Callable[[Study], object] = lambda measured: None,
) -> Study:
    """Test ranks of every variant of a trained Caser.

    Args:
        seeds: how many trainings without each part. on_step: called with the name of what is measured next.
        on_share: as for `fit`, also while the test is ranked. known: of an earlier study of these weights, which is
            not measured again. keep: called with all that is measured whenever there is more.

    Raises:
        CheckpointError: a model without filters, or one trained on other data.
    """
    trained.metadata.require(parts.dataset)
    if not (trained.model.has_filters or trained.model.has_curves):
        raise CheckpointError(f"{trained.name!r} has no filters to study; give a Caser or ConvFormer checkpoint")
    known = known or {}
    return measure(_variants(trained, parts, seeds_of(trained, known, seeds), on_share), known, on_step, keep)


def measure(
    variants: Iterable[Variant], known: Study, on_step: Callable[[str], None], keep: Callable[[Study], object]
) -> Study:
    """What is known, and every variant that is not; arguments as for `study`."""
    measured = {name: dict(ranks) for name, ranks in known.items()}
    for name, number, label, ranks in variants:
        if number not in measured.get(name, {}):
            on_step(label)
            measured.setdefault(name, {})[number] = ranks()
            keep(measured)
    return measured


def seeds_of(trained: Checkpoint, known: Study, seeds: int) -> list[int]:
    """The seeds to train each variant with: this model's, then those whose whole model was ranked, then the next."""
    first = trained.metadata.seed
    ranked = dict.fromkeys([first, *known.get(WHOLE, {}), *trained.seeds])
    return list(dict.fromkeys([*ranked, *range(first, first + seeds + len(ranked))]))[:seeds]


def _variants(trained: Checkpoint, parts: Split, seeds: list[int], on_share: OnShare) -> Iterator[Variant]:
    """Everything that is measured: what needs no training first, then seed by seed."""
    first = trained.metadata.seed
    if trained.model.has_curves:
        yield from _steps(trained, parts, seeds, on_share)
        return
    for name, number, model in _changed(trained.model, parts, first):
        ranked = partial(evaluate, split=parts, on_share=partial(on_share, TESTING))
        yield name, number, name, lambda model=model, ranked=ranked: ranked(model())
    seen_too = partial(Evaluator, parts, "test", rank_seen=True)
    yield SEEN, first, SEEN, lambda: seen_too()(trained.model, partial(on_share, TESTING))
    config = trained.metadata.config
    for seed in seeds:
        yield (
            WHOLE,
            seed,
            f"{WHOLE}, seed {seed}",
            lambda seed=seed: trained.seeds[seed] if seed in trained.seeds else anew(parts, config, seed, on_share),
        )
        for part in _parts(trained.model):
            less = config.replace(**PARTS[part])
            label = f"{part} {ANEW}, seed {seed}"
            yield f"{part} {ANEW}", seed, label, partial(anew, parts, less, seed, on_share)
    other = next(ties for ties in TIES if ties != parts.ties)
    yield OTHER_TIES, first, OTHER_TIES, lambda: anew(split(parts.dataset, other), config, first, on_share)


def _steps(trained: Checkpoint, parts: Split, seeds: list[int], on_share: OnShare) -> Iterator[Variant]:
    """The trainings from Caser to this model, one change after another."""
    for seed in seeds:
        for name, config in step_configs(trained.metadata.config).items():
            known = trained.seeds | {trained.metadata.seed: trained.ranks} if name == WHOLE else {}
            ranks = partial(known.__getitem__, seed) if seed in known else partial(anew, parts, config, seed, on_share)
            yield name, seed, f"{name}, seed {seed}", ranks


def step_configs(whole: Config) -> dict[str, Config]:
    """The settings of every step of `STEPS` to a model with curves, whose own are the last."""
    configs, now = {}, preset("caser")
    for name, changes in STEPS.items():
        begins = "shared" in changes and now.model.name != whole.model.name
        own = {field: getattr(whole.model, field) if value is None else value for field, value in changes.items()}
        now = (whole if begins else now).replace(**own)
        configs[name] = now
    return configs


def _changed(model: Recommender, parts: Split, seed: int) -> Iterator[tuple[str, int, Callable[[], Recommender]]]:
    """(name in the study, number, what makes the model) of all that is changed in the trained model."""
    yield WHOLE, seed, lambda: model
    present = _parts(model)
    for size in range(1, len(present) + 1):
        for some in combinations(present, size):
            yield off_name(some), seed, partial(_off, model, some)
    for some in [*present, "hv"]:
        if set(some) <= set(present):
            yield off_name(some, MEAN), seed, lambda some=some: _off(model, some, usual(model, parts))
    for number in range(SHUFFLES):
        yield SHUFFLED, number, partial(Shuffled, model, number)


def _parts(model: Recommender) -> tuple[str, ...]:
    return tuple(switch.name for switch in switches(model) if switch.name in PARTS)


def off_name(some: Iterable[str], how: str = OFF) -> str:
    """What a study calls the model without some of its parts.

    >>> off_name("hv")
    'h+v switched off'
    """
    return f"{'+'.join(some)} {how}"


def _off(model: Recommender, some: Iterable[str], instead: Usual | None = None) -> Recommender:
    chosen = [switch for switch in switches(model) if switch.name in some]
    horizontal = [at for switch in chosen for at in switch.horizontal]
    vertical = [at for switch in chosen for at in switch.vertical]
    return without(model, horizontal, vertical, any(switch.user for switch in chosen), instead)


def anew(parts: Split, config: Config, seed: int, on_share: OnShare) -> Ranks:
    """Where a model that is trained with these settings ranks the test items."""
    return evaluate(fit(parts, config, seed=seed, on_share=on_share).model, parts, on_share=partial(on_share, TESTING))


def path_of(name: str) -> Path:
    """Where a checkpoint's study lies: beside it."""
    return checkpoint.companion(name, checkpoint.STUDY)


def save(study: Study, trained: Checkpoint) -> Path:
    """Write a study beside its checkpoint, whole or not at all; it names the weights it is of.

    Raises:
        CheckpointError: the folder cannot be written to.
    """
    arrays = {"weights": np.array(trained.metadata.weights_sha256)}
    for name, by_number in study.items():
        first = next(iter(by_number.values()))  # of one split, so all have its users and candidates
        kept = {"numbers": np.array(list(by_number)), "users": first.users, "candidates": first.candidates}
        kept["rank"] = np.stack([2 * ranks.rank for ranks in by_number.values()])  # a rank is a whole or a half number
        for part, values in kept.items():
            shared = arrays.get(f"{WHOLE}/{part}")  # nearly all are of the whole model's users and candidates
            if part in ("numbers", "rank") or not np.array_equal(values, shared):
                arrays[f"{name}/{part}"] = values.astype(np.min_scalar_type(int(values.max())))
    return checkpoint.save_beside(trained.name, checkpoint.STUDY, arrays)


def load(trained: Checkpoint) -> Study:
    """The study of a checkpoint; {} if there is none of these very weights."""
    try:
        stored = npz.read(path_of(trained.name))
        if str(stored["weights"]) != trained.metadata.weights_sha256:
            return {}
        names = dict.fromkeys(key.rpartition("/")[0] for key in stored if "/" in key)
        return {name: _by_number(stored, name, trained.metadata.seed) for name in names}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return {}


def _by_number(stored: dict[str, np.ndarray], name: str, seed: int) -> dict[int, Ranks]:
    """The ranks of a variant; an earlier version kept those of one training or shuffle, without its number."""
    rank = stored[f"{name}/rank"]
    users, candidates = (
        stored.get(f"{name}/{part}", stored.get(f"{WHOLE}/{part}")) for part in ("users", "candidates")
    )
    numbers = stored.get(f"{name}/numbers", np.array([0 if name == SHUFFLED else seed]))
    rank = rank.reshape(len(numbers), len(users)) / (2 if rank.dtype.kind == "u" else 1)  # once they were not doubled
    users, candidates = users.astype(np.int64), candidates.astype(np.int64)
    return {int(number): Ranks(users, row, candidates) for number, row in zip(numbers, rank, strict=True)}
