"""What taking parts out of a Caser, and training without them, does to a metric; computed from its study."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import combinations, permutations

import numpy as np

from caser import study
from caser.evaluation import Ranks, mean_defined
from caser.study import WHOLE, Study, off_name

OFF, MEAN, ANEW, SHUFFLED, COUNTING, BASELINE = "off", "mean", "anew", "shuffled", "counting", "baseline"
FILMS = "hv"  # both kinds of filters, the only way a Caser reads films
_HOW = {OFF: study.OFF, MEAN: study.MEAN, ANEW: study.ANEW}


@dataclass(frozen=True)
class Effect:
    """What a change does to the metric: its mean minus the whole model's, with its 95 % interval (`interval`).

    Attributes:
        kind: `OFF` and `MEAN` (taken out of the trained model, by zero and by its mean), `ANEW`, `SHUFFLED`, or another
            model: `COUNTING`, `BASELINE`. parts: letters of h, v and p; else "".
        times: how many trainings or shuffles it is the mean of. name, model: the other model's, and its kind.
    """

    kind: str
    change: float
    low: float
    high: float
    parts: str = ""
    times: int = 1
    name: str = ""
    model: str = ""

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    @property
    def costs(self) -> bool:
        """Whether the metric surely falls."""
        return self.high < 0


@dataclass(frozen=True)
class Works:
    """What does the work in a model whose own mean is `whole`; no names, so that models of the same weights share it.

    Attributes:
        effects: of all changes that were measured.
        shares: what each part does, as Shapley values over all ways of taking parts out, the largest first; their sum
            is what the metric loses without any part. () where that was not measured.
        ahead: the first of these minus the second. films_ahead: those of both kinds of filters minus that of knowing
            who is watching. None where there are no two.
    """

    metric: str
    whole: float
    effects: tuple[Effect, ...]
    shares: tuple[Effect, ...] = ()
    ahead: Effect | None = None
    films_ahead: Effect | None = None

    def of(self, kind: str) -> list[Effect]:
        """The effects of one kind."""
        return [effect for effect in self.effects if effect.kind == kind]

    def find(self, kind: str, parts: str) -> Effect | None:
        """The effect of one kind on these parts; None if it was not measured."""
        return next((effect for effect in self.of(kind) if effect.parts == parts), None)

    @property
    def trainings(self) -> int:
        """How many trainings without each part there are, at the least; 0 if none."""
        return min((effect.times for effect in self.of(ANEW)), default=0)


def works(measured: Study, metric: str) -> Works | None:
    """What does the work, from a study; None if that was not measured, or the metric is undefined."""
    whole = mean_defined(own_ranks(measured).metrics[metric]) if WHOLE in measured else float("nan")
    if np.isnan(whole):
        return None
    changes = [(kind, some, off_name(some, how)) for kind, how in _HOW.items() for some in (*study.PARTS, FILMS)]
    changes.append((SHUFFLED, "", study.SHUFFLED))
    effects = [
        _effect(kind, _differences(measured, name, metric), some) for kind, some, name in changes if name in measured
    ]
    if not effects:  # only settings were swept
        return None
    return Works(metric, whole, tuple(effects), *_shares(measured, metric))


def own_ranks(measured: Study) -> Ranks:
    """Those of the trained model itself, which every study begins with."""
    return next(iter(measured[WHOLE].values()))


def instead(other: Ranks, measured: Study, metric: str) -> Effect:
    """Another model in place of the whole one, as yet without a name."""
    return _effect(BASELINE, paired(other, own_ranks(measured), metric)[None])


def interval(differences: np.ndarray) -> tuple[float, float, float]:
    """The mean of paired differences, float (k, n) over k trainings or shuffles and n viewers, and its 95 % interval.

    Both trainings and viewers are drawn: the mean's variance is that of the k means / k plus that of the n means / n,
    which counts twice what is of one viewer in one training and so is a little wide; Student's t with Welch's and
    Satterthwaite's degrees of freedom. With k = 1 it holds for viewers alone. Nan where fewer than two viewers count.
    """
    from scipy.special import stdtrit  # a page that says nothing of what does the work does without

    defined = differences[:, ~np.isnan(differences).any(0)]  # (k, defined)
    if defined.shape[1] < 2:
        return (float(defined.mean()) if defined.size else float("nan"), float("nan"), float("nan"))
    means = [defined.mean(axis) for axis in (0, 1)]  # (defined,) of viewers, (k,) of trainings
    drawn = [(values.var(ddof=1) / len(values), len(values) - 1) for values in means if len(values) > 1]
    variance = sum(of_mean for of_mean, _ in drawn)
    inverse_freedom = sum(of_mean**2 / freedom for of_mean, freedom in drawn) / variance**2 if variance else 1.0
    margin = stdtrit(1 / inverse_freedom, 0.975) * np.sqrt(variance)
    mean = float(defined.mean())
    return mean, mean - float(margin), mean + float(margin)


def _effect(kind: str, differences: np.ndarray, parts: str = "") -> Effect:
    return Effect(kind, *interval(differences), parts=parts, times=len(differences))


def _differences(measured: Study, name: str, metric: str) -> np.ndarray:
    """float (k, n): a variant's metric minus that of the whole model of the same training."""
    whole, own = measured[WHOLE], own_ranks(measured)
    pairs = [(ranks, own if name == study.SHUFFLED else whole.get(number)) for number, ranks in measured[name].items()]
    return np.stack([paired(ranks, other, metric) for ranks, other in pairs if other is not None])


def paired(changed: Ranks, whole: Ranks, metric: str) -> np.ndarray:
    """float (n,): how far a metric is from the whole model's, over the users that both ranked."""
    _, left, right = np.intersect1d(changed.users, whole.users, return_indices=True)
    return changed.metrics[metric][left] - whole.metrics[metric][right]


def _shares(measured: Study, metric: str) -> tuple[tuple[Effect, ...], Effect | None, Effect | None]:
    """`Works.shares`, `ahead` and `films_ahead`."""
    parts = "".join(part for part in study.PARTS if off_name(part) in measured)
    coalitions = ["".join(some) for size in range(1, len(parts) + 1) for some in combinations(parts, size)]
    if len(parts) < 2 or any(off_name(some) not in measured for some in coalitions):
        return (), None, None
    values = _shapley({some: _differences(measured, off_name(some), metric)[0] for some in coalitions}, parts)
    effect = partial(_effect, "share")
    ranked = sorted((effect(value[None], part) for part, value in values.items()), key=lambda one: -one.change)
    ahead = effect((values[ranked[0].parts] - values[ranked[1].parts])[None])
    both = set(parts) == set(study.PARTS)
    return tuple(ranked), ahead, effect((values["h"] + values["v"] - values["p"])[None]) if both else None


def _shapley(lost: dict[str, np.ndarray], parts: Iterable[str]) -> dict[str, np.ndarray]:
    """What each part does for every user: what taking it out costs, on average over all orders of taking parts out."""
    orders = list(permutations(parts))
    shares = dict.fromkeys(parts, 0.0)
    for order in orders:
        before = 0.0
        for at, part in enumerate(order, 1):
            after = lost["".join(sorted(order[:at], key=list(parts).index))]
            shares[part] = shares[part] + (before - after) / len(orders)
            before = after
    return shares
