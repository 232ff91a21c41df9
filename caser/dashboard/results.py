"""Slow results, computed once and cached by weights and data digest."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from caser import files, findings, study
from caser.checkpoint import Checkpoint
from caser.dashboard import loaders, theme
from caser.dashboard.ids import OwnId
from caser.dashboard.lineup import Contender, contenders, lineup
from caser.dashboard.names import no_formula
from caser.dashboard.theme import Look
from caser.dashboard.waiting import Work, begun, teller
from caser.data import cinema
from caser.data.dataset import Dataset, Split, evenly
from caser.evaluation import Comparison, Evaluator, Ranks, compare
from caser.explain import ablation, concepts, film_map, knobs, preferences
from caser.explain.ablation import AblationTable
from caser.explain.concepts import Concept, FilterName
from caser.explain.curves.effects import CurveEffects
from caser.explain.curves.effects import curve_effects as effects_of_curves
from caser.explain.explanation import Explanation, explain
from caser.explain.film_map import FilmMap, film_vectors
from caser.explain.filters import horizontal_name, vertical_name
from caser.explain.knobs import KnobEffect, Knobs
from caser.explain.planted import Pattern, patterns
from caser.explain.preferences import NGrams
from caser.field import cases, effects, protocols, sweep
from caser.field import lists as listing
from caser.field import slices as slicing
from caser.field import standings as field
from caser.field import steps as way
from caser.field.cases import Case
from caser.field.effects import BASELINE, COUNTING, Effect, Works
from caser.field.entrants import compared_users, kept_ranks, kept_seeds
from caser.field.lists import Cost, Lists, VarietyCost
from caser.field.protocols import Reading
from caser.field.slices import Slice
from caser.field.standings import Standings
from caser.field.steps import Step
from caser.field.works import COUNTED
from caser.findings import Findings
from caser.listing.variety import CHOSEN_FROM, VARIETIES
from caser.recommend import score_catalogue
from caser.report import Entry
from caser.study import Study, path_of
from caser.training import calibration
from caser.training.calibration import Reliability
from caser.words import spoken

MOST_LISTED = 100_000_000  # users x films that lists are made of, about 2 s a model
MOST_OFFERED = 2_000  # films in a search box, the most watched
MOST_ON_MAP = 2_000
QUICK_CELLS = 5e8  # users x films x switches that can be measured while somebody waits
Summary = tuple[dict[str, float], dict[str, tuple[float, float]]]  # means and 95 % intervals by metric


def kept(spinner: str = "Working this out …", **options):
    """`loaders.kept`, which also knows contenders; on a large data set nearly everything here takes a while."""
    return loaders.kept_by(loaders.KNOWN_BY | {Contender: lambda one: one.key}, spinner=spinner, **options)


# ---- how models compare


@kept(max_entries=4)
def _evaluator(split: Split) -> Evaluator:
    return Evaluator(split, "test", users=compared_users(split))


@kept(max_entries=4)
def _listing(split: Split) -> Evaluator:
    return Evaluator(split, "test", users=evenly(split.evaluated, MOST_LISTED // split.dataset.n_items))


@kept(max_entries=32, spinner="Ranking every viewer's held-out film …")
def ranks(contender: Contender, split: Split) -> Ranks:
    """A contender's test ranks, for the users compared; those its checkpoint keeps need no computing."""
    stored = kept_ranks(contender.checkpoint, split) if contender.checkpoint else None
    return _evaluator(split)(contender.model, teller()) if stored is None else stored


def summary(contender: Contender, split: Split) -> Summary:
    """Mean metrics and their 95 % bootstrap intervals over users."""
    own = ranks(contender, split)
    return own.means(), own.intervals()


@kept(max_entries=256)
def comparison(a: Contender, b: Contender, split: Split, metric: str = "hr@50") -> Comparison:
    """One contender against another, user by user."""
    return compare(ranks(a, split), ranks(b, split), metric)


def standings(models: tuple[Contender, ...], split: Split, metric: str) -> Standings:
    """Every model on one metric, the best first, and every pair of them."""
    return _standings(split, metric, tuple(one.name for one in models), *models)


@kept(max_entries=24)
def _standings(split: Split, metric: str, names: tuple[str, ...], *models: Contender) -> Standings:
    return field.standings([entry(one, split) for one in models], metric)  # what is kept knows models by weights alone


def entry(contender: Contender, split: Split) -> Entry:
    """A contender's part in a comparison, ranked as the pages rank it."""
    kind, learns, trained = contender.model.config.name, contender.model.learns, contender.checkpoint
    if trained is None:
        return Entry(contender.name, kind, ranks(contender, split), learns=learns)
    return Entry(
        contender.name,
        kind,
        ranks(contender, split),
        kept_seeds(trained, split),
        learns,
        trained.metadata,
        _study(trained),
    )


@kept(max_entries=12, spinner="Checking chances against what came next …")
def reliability(one: Contender, split: Split) -> Reliability:
    """How well the chances of a contender that gives them hold on test."""
    return calibration.reliability(one.model, split, one.temperature)


@kept(max_entries=24)
def slices(a: Contender, b: Contender, split: Split, metric: str) -> tuple[Slice, ...]:
    """Where one contender is ahead of another."""
    return slicing.slices(ranks(a, split), ranks(b, split), split, metric)


def distinct_looks(a: Contender, b: Contender) -> dict[str, Look]:
    """The looks of two contenders by name; the second in a hue of its own where both are of one kind."""
    second = replace(b.look, hue=theme.OTHER.hue) if a.look.hue == b.look.hue else b.look
    return {a.name: a.look, b.name: second}


# ---- what does the work


def _study(trained: Checkpoint) -> Study:
    """A checkpoint's study as its file is now; {} without one."""
    return _loaded_study(trained, _stamp(path_of(trained.name)))


def _stamp(path: Path) -> files.Stamp | None:
    """A file's stamp; None if it does not exist."""
    try:
        return files.stamp(path)
    except OSError:
        return None


@kept(max_entries=6)
def _loaded_study(trained: Checkpoint, stamp: files.Stamp | None) -> Study:
    return study.load(trained)


def measured(trained: Checkpoint) -> bool:
    """Whether there is a study of a checkpoint's parts."""
    return study.OTHER_TIES in _study(trained)


def works(contender: Contender, trained: Checkpoint, split: Split, metric: str) -> Works | None:
    """What does the work in a contender, beside the counting model and MF; None where it was not measured.

    Args:
        trained: the selected checkpoint, whose rivals those two are among.
    """
    if contender.checkpoint is None:
        return None
    stamp = _stamp(path_of(contender.checkpoint.name))
    itself = _own_works(contender, metric, stamp)
    if itself is None:
        return None
    others = [
        replace(
            _instead(contender, other, split, metric, stamp), kind=kind, name=other.name, model=other.model.config.name
        )
        for kind, other in _baselines(contender, trained, split)
    ]
    return replace(itself, effects=(*itself.effects, *others))


def steps(trained: Checkpoint, metric: str) -> tuple[Step, ...]:
    """The steps from Caser to a checkpoint; () where they were not measured."""
    return way.steps(_study(trained), metric, trained.name)


def sweeps(trained: Checkpoint, metric: str) -> dict[str, tuple[Step, ...]]:
    """What the values of a setting come to, by the setting; {} where none was swept."""
    return sweep.sweeps(_study(trained), trained.metadata.config, metric)


def looks(trained: Checkpoint, split: Split) -> dict[str, Look]:
    """The looks of a checkpoint and its rivals, by name."""
    return {one.name: one.look for one in lineup(trained, split)}


# What is kept here holds no names: contenders of the same weights share it.


@kept(max_entries=24)
def _own_works(one: Contender, metric: str, stamp: files.Stamp | None) -> Works | None:
    """What does the work in the model itself."""
    return effects.works(_loaded_study(one.checkpoint, stamp), metric)


@kept(max_entries=48)
def _instead(one: Contender, other: Contender, split: Split, metric: str, stamp: files.Stamp | None) -> Effect:
    """Another model in place of the whole one."""
    return effects.instead(ranks(other, split), _loaded_study(one.checkpoint, stamp), metric)


def _baselines(one: Contender, trained: Checkpoint, split: Split) -> tuple[tuple[str, Contender], ...]:
    """The counting model and MF, if they are among the rivals."""
    there = [other for other in lineup(trained, split) if other.key != one.key]
    found = []
    for kind, wanted in ((COUNTING, tuple(COUNTED)), (BASELINE, (loaders.BASELINE,))):
        of_kind = [other for name in wanted for other in there if other.model.config.name == name]
        found += [(kind, other) for other in of_kind[:1]]
    return tuple(found)


# ---- other protocols, other measures


def readings(one: Contender, split: Split, metric: str) -> tuple[Reading, ...]:
    """What several protocols make of a contender, the page's own first; those that need no training, or a study."""
    stamp = _stamp(path_of(one.checkpoint.name)) if one.checkpoint else None
    return tuple(replace(read, protocol=spoken(read.protocol)) for read in _readings(one, split, metric, stamp))


@kept(max_entries=24, spinner="Evaluating under other protocols …")
def _readings(one: Contender, split: Split, metric: str, stamp: files.Stamp | None) -> tuple[Reading, ...]:
    measured = _loaded_study(one.checkpoint, stamp) if one.checkpoint else {}
    first = {name: next(iter(ranks.values())) for name, ranks in measured.items()}
    seen = first[study.SEEN] if study.SEEN in first else _seen_too(one, split)
    by_protocol = protocols.by_protocol(ranks(one, split), seen, first.get(study.OTHER_TIES))
    return protocols.readings(by_protocol, metric)


@kept(max_entries=6)
def moved_by_ties(split: Split) -> float:
    """The share of viewers for whom the other rule on ties holds out another film."""
    return protocols.moved_by_ties(split)


@kept(max_entries=12, spinner="Ranking seen films as well …")
def _seen_too(one: Contender, split: Split) -> Ranks:
    return Evaluator(split, "test", users=ranks(one, split).users, rank_seen=True)(one.model, teller())


def listed_for(split: Split) -> int:
    """How many users' lists `lists` is made of."""
    return len(_listing(split).users)


@kept(max_entries=24, spinner="Making everybody's list …")
def lists(one: Contender, split: Split, k: int) -> Lists:
    """What a contender's lists of k films hold."""
    listed = _listing(split).lists(one.model, k, teller())  # (n, k)
    return listing.lists(listed, loaders.watch_counts(split), split.dataset.n_users)


def variety_costs(one: Contender, split: Split) -> dict[float, VarietyCost] | None:
    """What each variety of lists does to a contender's hit rate; None for one without vectors of films."""
    return None if film_vectors(one.model) is None else _variety_costs(one, split)


@kept(max_entries=8, spinner="Varying everybody's list …")
def _variety_costs(one: Contender, split: Split) -> dict[float, VarietyCost]:
    evaluator = _listing(split)
    ranked = evaluator.lists(one.model, min(CHOSEN_FROM, split.dataset.n_items), teller())  # (n, 100)
    users = evaluator.users.numpy()
    return listing.variety_costs(ranked, split.item[split.end("test")[users]], film_vectors(one.model), VARIETIES)


@kept(max_entries=24)
def cost(one: Contender, split: Split) -> Cost:
    """What a contender costs to train, as recorded, and to ask, as measured now."""
    return listing.cost(one.model, one.checkpoint.metadata if one.checkpoint else None, split)


# ---- knobs


def knob_effect(contender: Contender, split: Split, turn: str) -> Work:
    """Work on what turning knobs of a contender does for everybody, a `KnobEffect`; its result is kept.

    Args:
        turn: the knobs' text, which the model can use.
    """
    key = ("knob effect", contender.key, split.dataset.digest, split.ties, turn)
    return begun(key, partial(_knob_effect, contender, split, turn))


@kept(max_entries=128)
def _knob_effect(one: Contender, split: Split, turn: str) -> KnobEffect:
    return knobs.effect(one.model, Knobs.parse(turn, one.model), split, ranks(one, split), teller())


# ---- viewers worth a look


@kept(max_entries=6)
def viewers(trained: Checkpoint, rival: Checkpoint | None, split: Split) -> dict[str, OwnId]:
    """Interesting viewers as {label: own user id}, the default first."""
    own, *other = contenders([trained, *([rival] if rival else [])])
    lengths = np.diff(split.dataset.offset)
    beside = (ranks(other[0], split), other[0].name) if other else (None, "")
    found = cases.viewers(ranks(own, split), *beside, own.name, lengths)
    return {label: split.dataset.user_id(user) for label, user in found.items()}


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
    return preferences.often_watched(split)


def found_in_filters(trained: Checkpoint, split: Split) -> Findings:
    """What a checkpoint's filters look for: as its file says now, else tested on the spot."""
    return _findings(trained, split, _stamp(findings.path_of(trained.name)))


def about_filter(trained: Checkpoint, split: Split, height: int, index: int) -> dict:
    """What is known of a filter, ready for JSON; shared, so nobody may change it."""
    return _about_filter(trained, split, height, index, _stamp(findings.path_of(trained.name)))


@kept(max_entries=512)
def _about_filter(trained: Checkpoint, split: Split, height: int, index: int, stamp: files.Stamp | None) -> dict:
    return findings.about_filter(_findings(trained, split, stamp), split, height, index)


@kept(max_entries=4, spinner="Testing what every filter looks for …")
def _findings(trained: Checkpoint, split: Split, stamp: files.Stamp | None) -> Findings:
    return findings.of(trained, split)


def filter_names(trained: Checkpoint, split: Split) -> dict[tuple[int, int], FilterName]:
    """What each horizontal filter is called, by (height, index)."""
    return found_in_filters(trained, split).names(split)


@kept(max_entries=4)
def concept_values(split: Split) -> tuple[tuple[Concept, ...], np.ndarray]:
    """What is known of the often watched films, as `concepts.concepts_of` gives it."""
    return concepts.concepts_of(split, often_watched(split))


@kept(max_entries=256)
def excited(trained: Checkpoint, split: Split, height: int, index: int) -> tuple[NGrams, NGrams]:
    """The films in a row that excite a horizontal filter most: of all possible ones, and of real histories."""
    model = trained.model
    possible = preferences.catalogue_ngrams(model, split.dataset, height, index, k=1, among=often_watched(split))
    return possible, preferences.history_ngrams(model, split, height, index, k=3)


@kept(max_entries=4, spinner="Looking for the planted patterns …")
def planted(trained: Checkpoint, split: Split) -> tuple[Pattern, ...]:
    """Every pattern planted in the data with the filter that has it; () where nothing was planted."""
    if not cinema.planted(split.dataset):
        return ()
    return patterns(trained.model, split, found_in_filters(trained, split).test)


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
    """Whether `ablation_table` takes only seconds."""
    switches = len(ablation.switches(trained.model))
    return len(split.evaluated) * split.dataset.n_items * switches <= QUICK_CELLS


@kept(max_entries=4, spinner="Switching off every filter in turn and ranking all test films …")
def ablation_table(trained: Checkpoint, split: Split) -> AblationTable:
    """What switching off each part, height and filter does to the test metrics."""
    return ablation.cached_ablation(trained.model, split, trained.metadata.weights_sha256, on_share=teller())


@kept(max_entries=4, spinner="Changing curves and ranking all test films …")
def curve_effects(trained: Checkpoint, split: Split) -> CurveEffects:
    """What changing the curves does to the test metrics."""
    return effects_of_curves(trained.model, split, teller())


@kept(max_entries=4)
def likeness(trained: Checkpoint) -> dict[int, dict[str, float]]:
    """Each filter's cosine with its last snapshot, by name, by epoch."""
    by_epoch = {epoch: _by_name(snapshot) for epoch, snapshot in sorted(trained.snapshots.items())}
    final = by_epoch[max(by_epoch)]
    return {epoch: {name: _cosine(now[name], final[name]) for name in final} for epoch, now in by_epoch.items()}


def _by_name(snapshot: dict) -> dict[str, np.ndarray]:
    """Every filter's weights in a snapshot, flat."""
    weights = {}
    for part, values in snapshot.items():
        kind, _, place = part.partition(".")
        for index, one in enumerate(values.float().numpy() if kind in ("horizontal", "vertical") else ()):
            name = horizontal_name(int(place) + 1, index) if kind == "horizontal" else vertical_name(index)
            weights[name] = one.ravel()
    return weights


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12)
