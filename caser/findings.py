"""What a checkpoint's filters look for and whether that is real: found once, and kept beside the checkpoint.

NAME.filters.npz holds no films' histories and no weights: tests of the filters' rows, how often each filter fires,
what random filters reach, and, where other seeds were trained, how well each filter comes back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from caser import checkpoint, data
from caser.checkpoint import Checkpoint, CheckpointError
from caser.data.dataset import Split
from caser.data.text import plural
from caser.explain.concepts import Concept, ConceptTest, FilterName, HeldOut, concept_test
from caser.explain.explanation import Explanation
from caser.explain.filters import horizontal_name
from caser.explain.preferences import alive_share
from caser.explain.random_filters import Baseline
from caser.explain.records import Record
from caser.explain.stability import Chance, Stability, stability
from caser.files import npz
from caser.models import Caser
from caser.training.loop import OnShare, fit

_TEST = ("correlation", "share", "p_value", "explained", "strongest")
_CHANCES = ("directions", "mixtures")


@dataclass(frozen=True, eq=False)
class Findings(Record):
    """What is known of a model's horizontal filters.

    Attributes:
        test: of every row for every concept. alive: float64 (L, n_h), the share of real windows each filter fires in.
        stability: beside other seeds; None where none were trained.
    """

    test: ConceptTest
    alive: np.ndarray
    stability: Stability | None = None

    def names(self, split: Split) -> dict[tuple[int, int], FilterName]:
        """What every filter is called, by (height, index)."""
        return {at: self.test.name(split, *at) for at in self.test.filters}

    @property
    def complete(self) -> bool:
        """Whether random filters were compared; False for an older file."""
        return self.test.held_out is not None and (self.stability is None or self.stability.mixtures is not None)


def find(trained: Checkpoint, parts: Split, others: Sequence[Caser] = ()) -> Findings:
    """Test every filter of a checkpoint; takes a few seconds on ML-100K.

    Args:
        others: models of the same settings trained with other seeds; with any, whether the filters come back in them.

    Raises:
        CheckpointError: a model without filters, or one trained on other data.
        ValueError: another model has other filters.
    """
    trained.metadata.require(parts.dataset)
    model = trained.model
    if not model.has_filters:
        raise CheckpointError(f"{trained.name!r} has no filters to be tested; give a Caser checkpoint")
    beside = stability(model, others, parts) if others else None
    return Findings(concept_test(model, parts), alive_share(model, parts), beside)


def find_over_seeds(
    trained: Checkpoint,
    parts: Split,
    seeds: int,
    on_seed: Callable[[int], None] = lambda seed: None,
    on_share: OnShare | None = None,
) -> Findings:
    """The same, beside models trained anew with other seeds, `seeds` in all; those trained with it come first.

    Args:
        on_seed: called with each seed before it is trained. on_share: as for `fit`.
    """
    others, own = [], trained.metadata.seed
    following = range(own + 1, own + seeds + len(trained.seeds))
    for seed in [seed for seed in dict.fromkeys([*trained.seeds, *following]) if seed != own][: seeds - 1]:
        on_seed(seed)
        others.append(fit(parts, trained.metadata.config, seed=seed, on_share=on_share).model)
    return find(trained, parts, others)


# ---- in words


def about_filter(findings: Findings, parts: Split, height: int, index: int) -> dict:
    """What is known of one filter, ready for JSON, counted from 1; None for what was not measured."""
    name, other = findings.test.name(parts, height, index), findings.stability
    return {
        "filter": horizontal_name(height, index),
        "height": height,
        "index": index + 1,
        "name": name.text,
        "named_by": "concepts" if name.named else f"its strongest {plural(data.noun(parts.dataset.name))}",
        "share_explained": name.share,
        "random_share_95": name.random_share,
        "rows": [row.to_dict() | {"row": row.row + 1} for row in name.rows],
        "fires": float(findings.alive[height - 1, index]),
        "found_again": other.again(height, index) if other else None,
        "median_r": other.typical(height, index) if other else None,
        "other_seeds": other.others if other else 0,
    }


def explained(why: Explanation, about: Callable[[int, int], dict]) -> dict:
    """Why a film is scored as it is, ready for JSON; with what the filters that fired look for, under "fired".

    Args:
        about: what is known of a filter by height and index, as `about_filter` says it.
    """
    if not why.filters or not why.filters.fired:
        return why.to_dict()
    return why.to_dict() | {"fired": [about(one.height, one.index) for one in why.filters.fired]}


def about_random(findings: Findings) -> dict:
    """What random filters reach beside the model's own, ready for JSON; None for what was not measured."""
    held, other = findings.test.held_out, findings.stability
    about = {
        "named": findings.test.named,
        "random_named": float(held.random.named.mean()) if held else None,
        "again_in_all": other.always if other else None,
        "likeness": float(other.space.mean()) if other else None,
    }
    for kind in _CHANCES:
        chance = getattr(other, kind) if other else None
        about[f"random_{kind}_again_in_all"] = float(chance.always.mean()) if chance else None
        about[f"random_{kind}_likeness"] = float(chance.space.mean()) if chance else None
    return about


def sentence(findings: Findings, name: str) -> str:
    """Whether the filters of the checkpoint `name` are more than random ones, in a few sentences."""
    if not findings.test.filters:
        return "The model has no horizontal filters."
    missing = (
        ""
        if findings.complete
        else f"Random filters were not compared yet: `python -m caser filters {name} --seeds 5`."
    )
    return " ".join(filter(None, (_named(findings.test), _again(findings.stability), missing)))


def _named(test: ConceptTest) -> str:
    if test.held_out is None:
        return ""
    n, random = len(test.filters), test.held_out.random.named.mean()
    have = "has" if test.named == 1 else "have"
    counted = f"{test.named} of the {n} filters {have} a name; of {n} random filters {random:.0f} would."
    return counted if test.beats_random else f"{counted} So random filters would be named as well."


def _again(other: Stability | None) -> str:
    if other is None:
        return ""
    times = {1: "once", 2: "twice"}.get(other.others, f"{other.others} times")
    come = "comes" if other.always == 1 else "come"
    back = f"Train again {times}: {other.always} of the {len(other.filters)} patterns {come} back every time"
    if not (other.directions and other.mixtures):
        return f"{back}."
    mixtures, directions = other.mixtures, other.directions
    single = f"{back}; random mixtures: {mixtures.always.mean():.0f}, random filters: {directions.always.mean():.0f}."
    space = (
        f"All patterns together have a likeness of {other.space.mean():.2f} (1 is the same); "
        f"random mixtures: {mixtures.space.mean():.2f}, random filters: {directions.space.mean():.2f}."
    )
    return f"{single} {space} {_verdict(other)}".rstrip()


def _verdict(other: Stability) -> str:
    if not other.filters_beat_chance and not other.space_beats_chance:
        return "That is nothing beyond chance."
    if not other.filters_beat_chance:
        return "Single patterns come back no more often than by chance."
    return "" if other.space_beats_chance else "Together they are no more alike than by chance."


# ---- the file


def path_of(name: str) -> Path:
    """Where a checkpoint's findings lie: beside it."""
    return checkpoint.companion(name, checkpoint.FINDINGS)


def save(findings: Findings, trained: Checkpoint) -> Path:
    """Write findings beside their checkpoint, whole or not at all; they name the weights they are of.

    Raises:
        CheckpointError: the folder cannot be written to.
    """
    test, other = findings.test, findings.stability
    about = {
        "weights": trained.metadata.weights_sha256,
        "concepts": [asdict(concept) for concept in test.concepts],
        "filters": test.filters,
        "n_films": test.n_films,
    }
    arrays = {name: getattr(test, name) for name in _TEST} | {"alive": findings.alive}
    if held := test.held_out:
        arrays |= {"held_out_concept": held.concept, "held_out_share": held.share}
        arrays |= {"random_share_95": held.random.share_95, "random_named": held.random.named}
    if other:
        arrays |= {"match": other.match, "space": other.space}
        for kind in _CHANCES:
            if chance := getattr(other, kind):
                arrays |= {f"random_{kind}_always": chance.always, f"random_{kind}_space": chance.space}
    arrays |= {"about": np.array(json.dumps(about))}
    return checkpoint.save_beside(trained.name, checkpoint.FINDINGS, arrays)


def load(trained: Checkpoint) -> Findings | None:
    """The findings kept beside a checkpoint; None if there are none of these very weights."""
    try:
        stored = npz.read(path_of(trained.name))
        about = json.loads(str(stored["about"]))
        return _read(about, stored) if about["weights"] == trained.metadata.weights_sha256 else None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError):
        return None


def of(trained: Checkpoint, parts: Split) -> Findings:
    """The findings kept beside a checkpoint, else found now; raises as `find` does."""
    return load(trained) or find(trained, parts)


def _read(about: dict, arrays: dict[str, np.ndarray]) -> Findings:
    filters = tuple((int(height), int(index)) for height, index in about["filters"])
    concepts = tuple(Concept(**concept) for concept in about["concepts"])
    test = ConceptTest(
        concepts=concepts,
        filters=filters,
        n_films=int(about["n_films"]),
        held_out=_held_out(arrays),
        **{name: arrays[name] for name in _TEST},
    )
    rows = sum(height for height, _ in filters)
    if test.share.shape != (rows, len(concepts)) or test.p_value.shape != test.share.shape:
        raise ValueError("the tests do not fit the filters")
    return Findings(test, arrays["alive"], _stability(filters, arrays))


def _held_out(arrays: dict[str, np.ndarray]) -> HeldOut | None:
    """None in a file that is older than the comparison with random filters."""
    if "held_out_share" not in arrays:
        return None
    random = Baseline(arrays["random_share_95"], arrays["random_named"])
    return HeldOut(arrays["held_out_concept"], arrays["held_out_share"], random)


def _stability(filters: tuple[tuple[int, int], ...], arrays: dict[str, np.ndarray]) -> Stability | None:
    if "match" not in arrays:
        return None
    chances = [
        Chance(arrays[f"random_{kind}_always"], arrays[f"random_{kind}_space"])
        for kind in _CHANCES
        if f"random_{kind}_always" in arrays
    ]
    return Stability(filters, arrays["match"], arrays["space"], *chances)
