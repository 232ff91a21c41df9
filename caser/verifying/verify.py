"""Derive every figure again and say which are what the text says."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from caser import data
from caser.evaluation import evaluate
from caser.files import places, replace
from caser.verifying import kept, measured
from caser.verifying.marks import alike, marked, written
from caser.verifying.shipped import CINEMA, DATASETS, KINDS, ML_100K, load, parts

FILES = (places.shipped() / "README.md", places.shipped() / "docs" / "results.md")  # where figures stand


class Differs(Exception):
    """A figure is not what the text says, or weights do not give the ranks kept beside them."""


@dataclass(frozen=True)
class Figure:
    """How a figure is derived, as the text between its marks.

    Attributes:
        needs: data sets that have to be on this machine; () where it follows from what checkpoints keep.
    """

    derive: Callable[[], str]
    needs: tuple[str, ...] = ()

    @property
    def slack(self) -> int:
        """As for `alike`: a figure that weights are run for may be a unit off."""
        return 1 if self.needs else 0


FIGURES: Mapping[str, Figure] = {
    "users": Figure(kept.users),
    "interval": Figure(kept.interval),
    "ml-100k-results": Figure(kept.ml_100k_results),
    "popularity": Figure(measured.popularity, (ML_100K,)),
    "counting-has": Figure(kept.counting_has),
    "caser-compared": Figure(kept.caser_compared),
    "convformer-leads": Figure(kept.convformer_leads),
    "convformer-compared": Figure(kept.convformer_compared),
    "gru4rec-validation": Figure(kept.gru4rec_validation),
    "chances": Figure(measured.chances, DATASETS),
    "both-users": Figure(kept.both_users),
    "validation-easier": Figure(kept.validation_easier),
    "planted-filter": Figure(measured.planted_filter, (CINEMA,)),
    "filters-again": Figure(kept.filters_again),
    "seed-filters-again": Figure(kept.seed_filters_again),
    "oracle-hits": Figure(measured.oracle_hits, (CINEMA,)),
    "cinema-results": Figure(measured.cinema_results, (CINEMA,)),
    "level-counting": Figure(measured.level_counting, (CINEMA,)),
    "tied-neighbours": Figure(measured.tied_neighbours, (ML_100K,)),
}


@dataclass(frozen=True)
class Checked:
    """One figure, beside what was derived.

    Attributes:
        stands: in the text. derived: anew; None where that was not done, and `why` says why.
    """

    name: str
    stands: str
    derived: str | None = None
    same: bool = True
    why: str = ""

    def __str__(self) -> str:
        """A line for each figure, and of one that differs the lines that do.

        >>> print(Checked("users", "900 users", "943 users", same=False))
        differs      users
          - 900 users
          + 943 users
        """
        if self.derived is None:
            return f"not derived  {self.name}: {self.why}"
        if self.same:
            return f"same         {self.name}"
        lines = difflib.ndiff(self.stands.strip().splitlines(), self.derived.strip().splitlines())
        return "\n  ".join([f"differs      {self.name}", *(line for line in lines if line[0] in "-+")])


def read(path: Path) -> str:
    """The text of a file; ValueError with the remedy where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read {path} ({error}); name the files whose figures are marked") from error


def write(path: Path, text: str) -> None:
    """Write it, whole or not at all; ValueError where that cannot be."""
    try:
        replace(path, lambda aside: aside.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot write {path} ({error.strerror or error}); write to a copy of your own") from error


def check(text: str, quick: bool = False) -> Iterator[Checked]:
    """Every figure, one after the other, then whether each model's weights rank the test as its file says.

    Args:
        quick: only what follows from what checkpoints keep.

    Raises:
        ValueError: the text marks a figure that is not known, lacks one, or as for `marked`; a broken checkpoint.
    """
    stands = marked(text)
    for name in sorted(stands.keys() ^ FIGURES):
        what = "has no mark in the text" if name in FIGURES else f"is not known; known are {', '.join(FIGURES)}"
        raise ValueError(f"the figure {name!r} {what}")
    for name, figure in FIGURES.items():
        if not (quick and figure.needs):
            yield _checked(name, figure, stands[name])
    if not quick:
        yield from (_ranked(dataset, kind) for dataset in DATASETS for kind in KINDS)


def _checked(name: str, figure: Figure, stands: str) -> Checked:
    if missing := [dataset for dataset in figure.needs if not data.available(dataset)]:
        return Checked(name, stands, why=_fetches(missing[0]))
    derived = figure.derive()
    return Checked(name, stands, derived, alike(stands, derived, figure.slack))


def _ranked(dataset: str, kind: str) -> Checked:
    """Whether weights give the ranks kept beside them; the weights of other seeds are not shipped."""
    trained = load(dataset, kind)
    name, kept_means = f"test ranks of {trained.name}", trained.ranks.means()
    if not data.available(dataset):
        return Checked(name, "", why=_fetches(dataset))
    means = evaluate(trained.model, parts(dataset)).means()
    one_user = 1.5 / len(trained.ranks.users)  # whose near tie may fall the other way on another device
    same = np.allclose(list(kept_means.values()), list(means.values()), rtol=0, atol=one_user)
    return Checked(name, _listed(kept_means), _listed(means), same)


def _fetches(dataset: str) -> str:
    return f"{dataset} is not on this machine; `python -m caser data {dataset}` fetches it"


def _listed(means: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in means.items())


def corrected(text: str, checked: Sequence[Checked]) -> str:
    """The text with what was derived in place of what differs."""
    return written(text, {one.name: one.derived for one in checked if not one.same})


def require_same(checked: Sequence[Checked]) -> None:
    """Raise Differs where something does."""
    if differing := [one.name for one in checked if not one.same]:
        raise Differs(f"{len(differing)} of {len(checked)} differ: {', '.join(differing)}; --write puts them right")
