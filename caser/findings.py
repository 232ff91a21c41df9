"""What a checkpoint's filters look for and whether that is real: found once, and kept beside the checkpoint.

NAME.filters.npz holds no films' histories and no weights: tests of the filters' rows, how often each filter fires,
and, where other seeds were trained, how well each filter is found again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from caser import checkpoint, files
from caser.checkpoint import Checkpoint, CheckpointError
from caser.data.dataset import Split
from caser.explain.concepts import Concept, ConceptTest, FilterName, concept_test
from caser.explain.preferences import alive_share
from caser.explain.records import Record
from caser.explain.stability import AGAIN, Stability, stability
from caser.files import npz
from caser.training.loop import OnShare, fit

_TEST = ("correlation", "share", "p_value", "explained", "strongest")
_STABILITY = ("match", "space")


@dataclass(frozen=True, eq=False)
class Findings(Record):
    """What is known of a model's horizontal filters.

    Attributes:
        test: of every row for every concept. alive: float64 (L, n_h), the share of real windows each filter fires in.
        stability: beside other seeds; None where none were trained.
        named: for this model and each other seed, the names of its rows; () where none were trained.
    """

    test: ConceptTest
    alive: np.ndarray
    stability: Stability | None = None
    named: tuple[tuple[str, ...], ...] = ()

    def names(self, split: Split) -> dict[tuple[int, int], FilterName]:
        """What every filter is called, by (height, index)."""
        return {at: self.test.name(split, *at) for at in self.test.filters}

    @property
    def in_every_seed(self) -> tuple[str, ...]:
        """The names of rows that this model and all others have, the most frequent first."""
        if not self.named:
            return ()
        common = set.intersection(*map(set, self.named))
        return tuple(sorted(common, key=lambda name: (-sum(names.count(name) for names in self.named), name)))


def find(trained: Checkpoint, parts: Split) -> Findings:
    """Test every filter of a checkpoint; takes about a second on ML-100K.

    Raises:
        CheckpointError: a model without filters, or one trained on other data.
    """
    trained.metadata.require(parts.dataset)
    if not trained.model.has_filters:
        raise CheckpointError(f"{trained.name!r} has no filters to be tested; give a Caser checkpoint")
    return Findings(concept_test(trained.model, parts), alive_share(trained.model, parts))


def find_over_seeds(
    trained: Checkpoint,
    parts: Split,
    seeds: int,
    on_seed: Callable[[int], None] = lambda seed: None,
    on_share: OnShare | None = None,
) -> Findings:
    """The same, beside models trained anew with the next seeds, `seeds` in all.

    Args:
        on_seed: called with each seed before it is trained. on_share: as for `fit`.
    """
    own, config = find(trained, parts), trained.metadata.config
    others, first = [], trained.metadata.seed
    for seed in range(first + 1, first + seeds):
        on_seed(seed)
        others.append(fit(parts, config, seed=seed, on_share=on_share).model)
    if not others:
        return own
    tests = [own.test, *(concept_test(other, parts) for other in others)]
    return Findings(own.test, own.alive, stability(trained.model, others, parts), tuple(map(_row_names, tests)))


def _row_names(test: ConceptTest) -> tuple[str, ...]:
    return tuple(row.text for at in test.filters for row in test.row_names(*at) if row)


def about_filter(found: Findings, parts: Split, height: int, index: int) -> dict:
    """What is known of one filter, ready for JSON; None for what was not measured."""
    name, other = found.test.name(parts, height, index), found.stability
    return {
        "filter": f"{height}.{index}",
        "name": name.text,
        "named_by": "concepts" if name.named else "its strongest films",
        "share_explained": name.share,
        "rows": [row.to_dict() for row in name.rows],
        "fires": float(found.alive[height - 1, index]),
        "found_again": other.again(height, index) if other else None,
        "median_r": other.typical(height, index) if other else None,
        "other_seeds": other.others if other else 0,
    }


def sentence(found: Findings) -> str:
    """Whether the filters are real, in one or two sentences."""
    if not found.stability:
        return ""
    one, n = found.stability, len(found.stability.filters)
    if not n:
        return "The model has no horizontal filters."
    alone = (
        f"{one.always} of {n} horizontal filters are found again in each of {one.others} other trainings "
        f"(answers that correlate above {AGAIN})"
    )
    accident = "accident of the random start"
    rest = f"the others are partly an {accident}" if one.always < n else f"they are no {accident}"
    space = (
        f"The space they span together comes again with a likeness of {one.space.mean():.2f} (CKA, 1 is the same), "
        f"by chance {one.space_by_chance:.2f}"
    )
    every = found.in_every_seed
    named = (
        f"every training has filters with rows {_listed(every[:3])}"
        if every
        else "no name of a row comes in every training"
    )
    return f"{alone}: {rest}. {space}; {named}."


def _listed(names: tuple[str, ...]) -> str:
    """What rows seek or turn down: "for newer releases and against Horror"."""
    said = [f"against {name.removeprefix('no ')}" if name.startswith("no ") else f"for {name}" for name in names]
    return " and ".join(filter(None, (", ".join(said[:-1]), said[-1])))


# ---- the file


def path_of(name: str) -> Path:
    """Where a checkpoint's findings lie: beside it."""
    return checkpoint.folder() / f"{name}.filters.npz"


def save(found: Findings, trained: Checkpoint) -> Path:
    """Write findings beside their checkpoint, whole or not at all; they name the weights they are of.

    Raises:
        CheckpointError: the folder cannot be written to.
    """
    test, other = found.test, found.stability
    about = {
        "weights": trained.metadata.weights_sha256,
        "concepts": [asdict(concept) for concept in test.concepts],
        "filters": test.filters,
        "n_films": test.n_films,
        "named": found.named,
    }
    arrays = {name: getattr(test, name) for name in _TEST} | {"alive": found.alive}
    if other:
        about |= {"by_chance": other.by_chance, "space_by_chance": other.space_by_chance}
        arrays |= {name: getattr(other, name) for name in _STABILITY}

    def write(aside: Path) -> None:
        with aside.open("wb") as file:
            np.savez_compressed(file, about=np.array(json.dumps(about)), **arrays)

    try:
        files.replace(path_of(trained.name), write)
    except OSError as error:
        raise checkpoint.unwritable(checkpoint.folder(), error) from error
    return path_of(trained.name)


def load(trained: Checkpoint) -> Findings | None:
    """The findings kept beside a checkpoint; None if there are none of these very weights."""
    try:
        stored = npz.read(path_of(trained.name))
        about = json.loads(str(stored["about"]))
        return _read(about, stored) if about["weights"] == trained.metadata.weights_sha256 else None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError):
        return None


def _read(about: dict, arrays: dict[str, np.ndarray]) -> Findings:
    filters = tuple((int(height), int(index)) for height, index in about["filters"])
    concepts = tuple(Concept(**concept) for concept in about["concepts"])
    test = ConceptTest(
        concepts=concepts, filters=filters, n_films=int(about["n_films"]), **{name: arrays[name] for name in _TEST}
    )
    rows = sum(height for height, _ in filters)
    if test.share.shape != (rows, len(concepts)) or test.p_value.shape != test.share.shape:
        raise ValueError("the tests do not fit the filters")
    other = None
    if "match" in arrays:
        chances = {name: float(about[name]) for name in ("by_chance", "space_by_chance")}
        other = Stability(filters=filters, **chances, **{name: arrays[name] for name in _STABILITY})
    return Findings(test, arrays["alive"], other, tuple(map(tuple, about["named"])))
