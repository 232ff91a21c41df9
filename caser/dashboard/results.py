"""Slow results, computed when first asked for and then kept by what they are known by: weights and data."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from caser import files, findings, study
from caser.checkpoint import Checkpoint
from caser.dashboard import loaders, theme
from caser.dashboard.figures import works as figures
from caser.dashboard.figures.beyond import Lists
from caser.dashboard.figures.field import SURE, Standing
from caser.dashboard.figures.protocols import Reading
from caser.dashboard.figures.works import Effect, Works
from caser.dashboard.lineup import Contender, contenders, lineup
from caser.dashboard.names import no_formula
from caser.dashboard.theme import Look
from caser.dashboard.waiting import teller
from caser.dashboard.words import spoken
from caser.data import dataset as datasets
from caser.data.dataset import Dataset, Split, evenly
from caser.evaluation import Comparison, Evaluator, Ranks, bootstrap_interval, compare, holm, mean_told, sampled
from caser.explain import ablation, cases, concepts, film_map, preferences
from caser.explain import slices as slicing
from caser.explain.ablation import AblationTable
from caser.explain.cases import Case
from caser.explain.concepts import Concept, FilterName
from caser.explain.explanation import Explanation, explain
from caser.explain.film_map import FilmMap
from caser.explain.filters import horizontal_filters
from caser.explain.preferences import NGrams, Seeks
from caser.explain.similar import film_vectors
from caser.explain.slices import Slice
from caser.findings import Findings
from caser.models import Recommender
from caser.recommend import score_catalogue
from caser.report import Entry
from caser.study import Study, path_of

MOST_EVALUATED = 10_000  # users a page ranks for; larger data sets are ranked on a sample of this size
MOST_LISTED = 100_000_000  # users x films that lists are made of, about 2 s a model
MOST_OFFERED = 2_000  # films in a search box, the most watched
MOST_ON_MAP = 2_000
QUICK_CELLS = 5e8  # users x films x switches that can be measured while somebody waits
COUNTING = {"covisit": "only counts", "ease": "solves one linear system"}  # by kind, the one to speak of first
_HOW = {figures.OFF: study.OFF, figures.ANEW: study.ANEW}
Change = tuple[float, float, float]  # a mean difference and its 95 % interval
Summary = tuple[dict[str, float], dict[str, tuple[float, float]]]  # means and 95 % intervals by metric


def kept(spinner: str = "Working this out …", **options):
    """`loaders.kept`, which also knows contenders; on a large data set nearly everything here takes a while."""
    return loaders.kept_by(loaders.KNOWN_BY | {Contender: lambda one: one.key}, spinner=spinner, **options)


# ---- how models compare


@kept(max_entries=4)
def _evaluator(split: Split) -> Evaluator:
    return Evaluator(split, "test", users=evenly(split.evaluated, MOST_EVALUATED))


@kept(max_entries=4)
def _listing(split: Split) -> Evaluator:
    return Evaluator(split, "test", users=evenly(split.evaluated, MOST_LISTED // split.dataset.n_items))


@kept(max_entries=32, spinner="Ranking every viewer's held-out film …")
def ranks(contender: Contender, split: Split) -> Ranks:
    """A contender's test ranks, for at most `MOST_EVALUATED` users; those its checkpoint keeps need no computing."""
    own = contender.checkpoint.ranks if contender.checkpoint else None
    if own is not None and len(own.users) <= MOST_EVALUATED:
        return own
    if own is not None:
        with suppress(KeyError):  # not everybody was ranked then
            return own.of(evenly(split.evaluated, MOST_EVALUATED))
    return _evaluator(split)(contender.model, teller())


@kept(max_entries=32)
def summary(contender: Contender, split: Split) -> Summary:
    """Mean metrics and their 95 % bootstrap intervals over users, as a checkpoint records them."""
    if contender.checkpoint:
        return contender.checkpoint.metadata.test, contender.checkpoint.metadata.intervals
    found = ranks(contender, split)
    return found.means(), found.intervals()


@kept(max_entries=256)
def comparison(a: Contender, b: Contender, split: Split, metric: str = "hr@50") -> Comparison:
    """One contender against another, user by user."""
    return compare(ranks(a, split), ranks(b, split), metric)


def standings(models: tuple[Contender, ...], split: Split, metric: str) -> tuple[Standing, ...]:
    """Every model on one metric and how far it is behind the best, the best first."""
    if not models:
        return ()
    rows = sorted(models, key=lambda one: -summary(one, split)[0][metric])
    against = {(0, at): comparison(rows[0], rows[at], split, metric) for at in range(1, len(rows))}
    last, follower = len(rows) - 1, next((at for (_, at), one in against.items() if one.p_value < SURE), 1)
    asked = sorted({at for at in (follower, last - 2, last - 1) if 1 <= at < last})  # what a title speaks of
    against |= {(at, at + 1): comparison(rows[at], rows[at + 1], split, metric) for at in asked}
    p_values = dict(zip(against, holm([one.p_value for one in against.values()]), strict=True))
    found = [_standing(rows[0], split, metric)]
    for at, other in enumerate(rows[1:], 1):
        own = {
            "behind": against[0, at].difference,
            "p_value": p_values[0, at],
            "p_next": p_values.get((at, at + 1), 1.0),
        }
        found.append(replace(_standing(other, split, metric), **own))
    return tuple(found)


def _standing(one: Contender, split: Split, metric: str) -> Standing:
    means, intervals = summary(one, split)
    seeds = one.checkpoint.metadata.over_seeds.get(metric, ()) if one.checkpoint else ()
    return Standing(one.name, one.look, means[metric], *intervals[metric], tuple(seeds), not one.model.learns)


def corrected(own: Contender, other: Contender, models: tuple[Contender, ...], split: Split, metric: str) -> float:
    """The p-value of one against the other, corrected for one against all the models (Holm)."""
    others = [one for one in models if one.name != own.name]
    p_values = holm([comparison(own, one, split, metric).p_value for one in others])
    return p_values[[one.name for one in others].index(other.name)]


@kept(max_entries=24)
def slices(a: Contender, b: Contender, split: Split, metric: str) -> tuple[Slice, ...]:
    """Where one contender is ahead of another."""
    return slicing.slices(ranks(a, split), ranks(b, split), split, metric)


def entry(one: Contender, split: Split) -> Entry:
    """A contender's part in a report, ranked as the pages rank it."""
    own = one.checkpoint
    metadata, changed = (own.metadata, _study(own)) if own else (None, None)
    return Entry(one.name, one.model.config.name, ranks(one, split), metadata, changed)


def told_apart(a: Contender, b: Contender) -> dict[str, Look]:
    """The looks of two contenders by name; the second in a hue of its own where both are of one kind."""
    second = replace(b.look, hue=theme.OTHER.hue) if a.look.hue == b.look.hue else b.look
    return {a.name: a.look, b.name: second}


# ---- what does the work


def _study(trained: Checkpoint) -> Study:
    """A checkpoint's study as its file is now; {} if there is none."""
    return _loaded_study(trained, _stamp(path_of(trained.name)))


def _stamp(path: Path) -> files.Stamp | None:
    """A file's stamp; None where there is none."""
    try:
        return files.stamp(path)
    except OSError:
        return None


@kept(max_entries=6)
def _loaded_study(trained: Checkpoint, stamp: files.Stamp | None) -> Study:
    return study.load(trained)


def measured(trained: Checkpoint) -> bool:
    """Whether there is a study of a checkpoint."""
    return bool(_study(trained))


def works(one: Contender, trained: Checkpoint, split: Split, metric: str) -> Works | None:
    """What does the work in a contender, beside the counting model and MF; None where it was not measured.

    Args:
        trained: whose line-up those two are of.
    """
    if one.checkpoint is None or "whole" not in _study(one.checkpoint):
        return None
    stamp, whole = _stamp(path_of(one.checkpoint.name)), _study(one.checkpoint)["whole"]
    effects = [Effect(kind, *change, part=part) for kind, part, change in _own_changes(one, metric, stamp)]
    for kind, other in _baselines(one, trained, split):
        change = _change_to(one, other, split, metric, stamp)
        by = COUNTING.get(other.model.config.name, "")
        effects.append(Effect(kind, *change, name=other.name, look=other.look, by=by))
    return Works(one.name, metric, mean_told(whole.metrics[metric]), tuple(effects))


# What is kept here holds no names: contenders of the same weights share it.


@kept(max_entries=24)
def _own_changes(one: Contender, metric: str, stamp: files.Stamp | None) -> tuple[tuple[str, str, Change], ...]:
    """(kind, part, change) of everything that was changed in the model."""
    found = _loaded_study(one.checkpoint, stamp)
    return tuple((kind, part, _change(found[name], found["whole"], metric)) for kind, name, part in _changes(found))


@kept(max_entries=48)
def _change_to(one: Contender, other: Contender, split: Split, metric: str, stamp: files.Stamp | None) -> Change:
    """Another model in place of the whole one."""
    return _change(ranks(other, split), _loaded_study(one.checkpoint, stamp)["whole"], metric)


def _changes(found: Study) -> list[tuple[str, str, str]]:
    """(kind, name in the study, part) of what was changed in the model."""
    changes = [(kind, f"{part} {how}", part) for part in study.PARTS for kind, how in _HOW.items()]
    changes.append((figures.SHUFFLED, study.SHUFFLED, ""))
    return [change for change in changes if change[1] in found]


def _baselines(one: Contender, trained: Checkpoint, split: Split) -> tuple[tuple[str, Contender], ...]:
    """The counting model and MF, where the line-up has them."""
    there = [other for other in lineup(trained, split) if other.key != one.key]
    found = []
    for kind, wanted in ((figures.COUNTING, tuple(COUNTING)), (figures.BASELINE, (loaders.BASELINE,))):
        of_kind = [other for name in wanted for other in there if other.model.config.name == name]
        found += [(kind, other) for other in of_kind[:1]]
    return tuple(found)


def _change(changed: Ranks, whole: Ranks, metric: str) -> Change:
    """The mean of a metric minus the whole model's over the users that both ranked, and its 95 % interval."""
    _, left, right = np.intersect1d(changed.users, whole.users, return_indices=True)
    difference = changed.metrics[metric][left] - whole.metrics[metric][right]
    low, high = bootstrap_interval(difference[:, None])[:, 0]
    return mean_told(difference), float(low), float(high)


# ---- other protocols, other measures


def readings(one: Contender, split: Split, metric: str) -> tuple[Reading, ...]:
    """What several protocols make of a contender, the page's own first; those that need no training, or a study."""
    stamp = _stamp(path_of(one.checkpoint.name)) if one.checkpoint else None
    return tuple(replace(read, protocol=spoken(read.protocol)) for read in _readings(one, split, metric, stamp))


@kept(max_entries=24, spinner="Reading it by other protocols …")
def _readings(one: Contender, split: Split, metric: str, stamp: files.Stamp | None) -> tuple[Reading, ...]:
    own, found = ranks(one, split), _loaded_study(one.checkpoint, stamp) if one.checkpoint else {}
    seen = found[study.SEEN] if study.SEEN in found else _seen_too(one, split)
    read = {
        "all unseen films": own,
        "seen films as well": seen,
        "100 unseen films, drawn": sampled(own),
    }
    if study.OTHER_TIES in found:
        read["other rule on ties"] = found[study.OTHER_TIES]
    return tuple(Reading(name, *_mean_and_interval(some, metric)) for name, some in read.items())


@kept(max_entries=6)
def moved_by_ties(split: Split) -> float:
    """The share of viewers for whom the other rule on ties holds another film out."""
    other = datasets.split(split.dataset, next(ties for ties in datasets.TIES if ties != split.ties))
    return float(np.mean(split.target("test") != other.target("test")))


@kept(max_entries=12, spinner="Ranking seen films, too …")
def _seen_too(one: Contender, split: Split) -> Ranks:
    return Evaluator(split, "test", users=ranks(one, split).users, rank_seen=True)(one.model, teller())


def _mean_and_interval(found: Ranks, metric: str) -> tuple[float, float, float]:
    values = found.metrics[metric]
    low, high = bootstrap_interval(values[:, None])[:, 0]
    return mean_told(values), float(low), float(high)


def listed_for(split: Split) -> int:
    """How many users' lists `lists` is made of."""
    return len(_listing(split).users)


def lists(one: Contender, split: Split, k: int) -> Lists:
    """What a contender's lists of k films hold."""
    return Lists(one.name, one.look, *_listed(one, split, k))


@kept(max_entries=24, spinner="Making everybody's list …")
def _listed(one: Contender, split: Split, k: int) -> tuple[float, float, float]:
    """Coverage, mean popularity and novelty, as in `Lists`."""
    found = _listing(split).lists(one.model, k, teller())  # (n, k)
    share = loaders.watch_counts(split)[found] / split.dataset.n_users
    novelty = -np.log2(np.maximum(share, 1 / split.dataset.n_users)).mean()
    coverage = len(np.unique(found)) / split.dataset.n_items
    return coverage, float(share.mean() * split.dataset.n_users), float(novelty)


@dataclass(frozen=True)
class Cost:
    """What a model costs.

    Attributes:
        parameters: learnt numbers. seconds, device: of training; None and "" where nothing was recorded.
        rate: training windows a second, the median epoch's; 0 if not recorded. milliseconds: for one list, here.
    """

    parameters: int
    seconds: float | None
    device: str
    rate: float
    milliseconds: float


@kept(max_entries=24)
def cost(one: Contender, split: Split) -> Cost:
    """What a contender costs to train, as recorded, and to ask, as measured now."""
    about = one.checkpoint.metadata if one.checkpoint else None
    rates = [epoch["examples_per_second"] for epoch in about.history if "examples_per_second" in epoch] if about else []
    return Cost(
        sum(weights.numel() for weights in one.model.parameters()),
        about.seconds if about else None,
        about.device if about else "",
        float(np.median(rates)) if rates else 0.0,
        _milliseconds(one.model, split),
    )


def _milliseconds(model: Recommender, split: Split, times: int = 10) -> float:
    """The median time of one viewer's list."""
    user = int(split.evaluated[0])
    history, taken = split.history(user).tolist(), []
    for _ in range(times + 1):  # the first warms up
        start = perf_counter()
        score_catalogue(model, user, history).argpartition(-1)
        taken.append(1000 * (perf_counter() - start))
    return float(np.median(taken[1:]))


# ---- viewers worth a look


@kept(max_entries=6)
def viewers(trained: Checkpoint, rival: Checkpoint | None, split: Split) -> dict[str, int]:
    """Interesting viewers as {label: own user id}, the default first."""
    own, *other = contenders([trained, *([rival] if rival else [])])
    lengths = np.diff(split.dataset.offset)
    beside = (ranks(other[0], split), other[0].name) if other else (None, "")
    found = cases.viewers(ranks(own, split), *beside, own.name, lengths)
    return {label: int(split.dataset.user_ids[user]) for label, user in found.items()}


@kept(max_entries=4, spinner="Looking for clear cases …")
def clear_cases(trained: Checkpoint, rival: Checkpoint | None, split: Split) -> tuple[Case, ...]:
    """Viewers who show an effect clearly."""
    own, *other = (ranks(one, split) for one in contenders([trained, *([rival] if rival else [])]))
    return cases.cases(trained.model, split, own, other[0] if other else None)


@kept(max_entries=64)
def scores(one: Contender, split: Split, user: int, history: tuple[int, ...]) -> np.ndarray:
    """float (n_items,): the whole catalogue for a visitor; shared, so it cannot be written to."""
    found = score_catalogue(one.model, user, history)
    found.setflags(write=False)
    return found


@kept(max_entries=128)
def explanation(trained: Checkpoint, dataset: Dataset, user: int, history: tuple[int, ...], item: int) -> Explanation:
    """Why a film gets its score."""
    return explain(trained.model, dataset, user, history, item)


# ---- what holds of a checkpoint's filters, whoever is watching


@kept(max_entries=3)
def often_watched(split: Split) -> np.ndarray:
    """int64: the films that extremes are looked for among; rarely watched ones keep their random start."""
    return concepts.tested_films(split)


def found_in_filters(trained: Checkpoint, split: Split) -> Findings:
    """What a checkpoint's filters look for: as its file says now, else tested on the spot."""
    return _findings(trained, split, _stamp(findings.path_of(trained.name)))


@kept(max_entries=4, spinner="Testing what every filter looks for …")
def _findings(trained: Checkpoint, split: Split, stamp: files.Stamp | None) -> Findings:
    return findings.load(trained) or findings.find(trained, split)


def filter_names(trained: Checkpoint, split: Split) -> dict[tuple[int, int], FilterName]:
    """What each horizontal filter is called, by (height, index)."""
    return found_in_filters(trained, split).names(split)


def alive_shares(trained: Checkpoint, split: Split) -> np.ndarray:
    """float (L, n_h): the share of real windows in which each filter fires."""
    return found_in_filters(trained, split).alive


@kept(max_entries=4)
def concept_values(split: Split) -> tuple[tuple[Concept, ...], np.ndarray]:
    """What is known of the often watched films, as `concepts.concepts_of` gives it."""
    return concepts.concepts_of(split, often_watched(split))


@dataclass(frozen=True)
class Sought:
    """What a filter seeks: film by film, and in runs of films, possible and real ones."""

    films: tuple[Seeks, ...]
    possible: NGrams
    real: NGrams


@kept(max_entries=256)
def sought(trained: Checkpoint, split: Split, height: int, index: int) -> Sought:
    """What one filter seeks."""
    model, among = trained.model, often_watched(split)
    return Sought(
        preferences.seeks(model, split.dataset, height, index, among=among),
        preferences.catalogue_ngrams(model, split.dataset, height, index, k=5, among=among),
        preferences.history_ngrams(model, split, height, index, k=5),
    )


@kept(max_entries=4)
def plane(trained: Checkpoint, split: Split) -> FilmMap:
    """The films on a plane."""
    films = often_watched(split)
    concepts, values = concept_values(split)
    if len(films) > MOST_ON_MAP:
        some = np.linspace(0, len(films) - 1, MOST_ON_MAP).astype(int)
        films, values = films[some], values[:, some]
    return film_map.film_map(trained.model, films, (concepts, values))


@kept(max_entries=3)
def most_watched(split: Split) -> list[int]:
    """The films offered in a search box, the most watched first; a browser is not sent a large catalogue."""
    return np.argsort(-loaders.watch_counts(split), kind="stable")[:MOST_OFFERED].tolist()


def vectors_tsv(trained: Checkpoint, split: Split) -> str:
    """The films' vectors, a line each, numbers separated by tabs."""
    return "\n".join("\t".join(f"{value:.6g}" for value in row) for row in film_vectors(trained.model)) + "\n"


def metadata_tsv(trained: Checkpoint, split: Split) -> str:
    """What is known of the films, a line each after the headings, in the order of their vectors."""
    catalogue = split.dataset.catalogue
    told = catalogue[["title", "year"]].assign(genres=catalogue["genres"].map("|".join))
    one_line = told["title"].str.replace(r"\s+", " ", regex=True)
    told = told.assign(
        viewers=loaders.watch_counts(split), title=one_line.map(no_formula), genres=told["genres"].map(no_formula)
    )
    return told.to_csv(sep="\t", index=False)


def quick_to_ablate(trained: Checkpoint, split: Split) -> bool:
    """Whether `ablation_table` answers within seconds."""
    switches = len(ablation.switches(trained.model))
    return len(split.evaluated) * split.dataset.n_items * switches <= QUICK_CELLS


@kept(max_entries=4, spinner="Switching off every filter in turn and ranking all test films …")
def ablation_table(trained: Checkpoint, split: Split) -> AblationTable:
    """What switching off each part, height and filter does to the test metrics."""
    return ablation.cached_ablation(trained.model, split, trained.metadata.weights_sha256, on_share=teller())


@kept(max_entries=4)
def likeness(trained: Checkpoint) -> dict[int, np.ndarray]:
    """Each horizontal filter's cosine with its last snapshot, in the order of `horizontal_filters`, by epoch."""
    final = _flat(trained.snapshots[max(trained.snapshots)], trained)
    return {epoch: _cosines(_flat(at, trained), final) for epoch, at in sorted(trained.snapshots.items())}


def snapshot_weights(trained: Checkpoint, epoch: int, height: int, index: int) -> np.ndarray:
    """float32 (height, d): a horizontal filter's weights as they were after an epoch."""
    return trained.snapshots[epoch][f"horizontal.{height - 1}"][index, 0].float().numpy()


def answers_then(trained: Checkpoint, epoch: int, height: int, index: int) -> np.ndarray | None:
    """float32 (height, n_items): each row's answer to every film after an epoch; None where the films were not kept."""
    items = trained.snapshots[epoch].get("items.weight")
    if items is None:
        return None
    return snapshot_weights(trained, epoch, height, index) @ items[: trained.model.n_items].float().numpy().T


def _flat(weights: dict, trained: Checkpoint) -> list[np.ndarray]:
    return [weights[f"horizontal.{h - 1}"][j].float().numpy().ravel() for h, j in horizontal_filters(trained.model)]


def _cosines(before: list[np.ndarray], after: list[np.ndarray]) -> np.ndarray:
    lengths = (np.linalg.norm(a) * np.linalg.norm(b) for a, b in zip(before, after, strict=True))
    return np.array([a @ b / max(n, 1e-12) for a, b, n in zip(before, after, lengths, strict=True)])
