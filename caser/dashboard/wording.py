"""What pages say about a view, in Markdown; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterable

from caser import data
from caser.dashboard import loaders, names, results, theme
from caser.dashboard.names import plain
from caser.dashboard.view import View
from caser.data import titles
from caser.evaluation import METRICS
from caser.explain.preferences import OFTEN
from caser.field.entrants import MOST_COMPARED
from caser.models import Recommender
from caser.words import W, spoken

CHAPTER_RULE = (
    "{name} was trained with the source chapter's own negative rule: a viewer's held-out film is never a negative. "
    "That leaks a little of the test, so compare its numbers only with the chapter's."
)


def protocol(view: View) -> str:
    """How numbers are measured, in one paragraph."""
    users = len(view.split.evaluated)
    sampled = f" {MOST_COMPARED:,} of them, evenly spread, are measured." if users > MOST_COMPARED else ""
    simulated = "simulated " if view.dataset.simulated else ""
    return (
        f"Protocol: each {W.viewer}'s most recent {W.film} is held out for the test, the one before it for choosing "
        f"settings. {users:,} {simulated}{W.viewers} have both.{sampled} Each model ranks the held-out {W.film} among "
        f"all {W.films} its {W.viewer} has not {W.watched}; an equal score counts half. Where the latest {W.films} "
        f"share one time, the {view.split.ties} of them in file order is held out. HR@k is the share of {W.viewers} "
        f"whose {W.film} is among the first k. AUC is the share of the other unseen {W.films} ranked below it. "
        f"Intervals are 95 % bootstrap intervals over {W.viewers}.{_not_counted(view)}"
    )


def _not_counted(view: View) -> str:
    """For how many viewers each metric is undefined, since hardly a film is left to rank for them."""
    not_counted = results.ranks(view.pair[0], view.split).undefined()
    if not not_counted:
        return ""
    counts = ", ".join(f"{METRICS[metric].label} {count:,}" for metric, count in not_counted.items())
    return f" Not counted: {W.viewers} with k or fewer {W.films} to rank; every model would find theirs ({counts})."


def list_line(view: View, number: int, item: int) -> str:
    """A line of a numbered list as Markdown, the held-out film starred."""
    film = plain(film_name(view, item))
    return f"{number}. **{theme.TRUTH_MARK} {film}** ({W.watched} next)" if item == view.target else f"{number}. {film}"


def reading(view: View) -> str:
    """What the model reads of how much, as Markdown."""
    watched, read = len(view.history), len(view.window)
    who = "You" if view.anonymous else plain(names.capital(view.who))
    if not view.trained.model.L:
        films = f"1 {W.film}" if watched == 1 else f"{watched:,} {W.films}"
        return f"{who} {W.watched} {films}; {plain(view.name)} does not read what was {W.watched} last."
    if not watched:
        return f"No {W.films} yet, so {plain(view.name)} starts from nothing. Add one to see its list change."
    films = f"1 {W.film}" if watched == 1 else f"{watched:,} {W.films}"
    order = "oldest first" if view.trained.model.reads_order else "in any order"
    return f"{who} {W.watched} {films}; {plain(view.name)} reads the last {read}, {order}.{repeated(view)}"


def repeated(view: View) -> str:
    """Which films a visitor has given more than once, as Markdown behind a sentence."""
    often = titles.repeated(view.dataset, view.history) if view.anonymous else ""
    return f" {plain(often)}." if often else ""


def twins(view: View, items: Iterable[int]) -> str:
    """Which of these films the data set has twice, as Markdown; empty if there is none."""
    same = titles.twins(view.dataset, items, data.source(view.dataset.name).label)
    return f"{plain(same)}." if same else ""


def stranger(view: View) -> str:
    """What the models know of somebody who is not in the data."""
    said = [f"{plain(one.name)} {_of_a_stranger(one.model)}." for one in view.pair]
    return f"You are new here. {' '.join(said)}"


def _of_a_stranger(model: Recommender) -> str:
    if model.L:
        return (
            f"reads your {W.films}, and uses what newcomers have in common"
            if model.knows_user
            else f"reads your {W.films} and nothing else"
        )
    if model.knows_user:
        return "has no vector for you: all new visitors get the same list"
    return "gives everybody the same list"


def reads(view: View, model: Recommender) -> str:
    """What one of the models reads and knows, as Markdown."""
    if model.L:
        return f"reads the {W.films} above" + (
            f", and knows who is {W.watching}" if model.knows_user and not view.anonymous else ""
        )
    if not model.knows_user:
        return "knows what is popular: everybody gets this list"
    if view.anonymous:
        return "has no vector for you: all new visitors get this list"
    return f"knows who is {W.watching}, not what was {W.watched} last"


def bag_or_order(view: View) -> str:
    """The chapter's idea in two sentences: whether the model picked takes a history as a bag or in its order."""
    model, name = view.trained.model, plain(view.name)
    if model.reads_order:
        return f"Matrix factorisation sees a bag of {W.films}. {name} reads their order."
    if model.knows_user:
        return f"{name} sees a bag of {W.films}. A model that reads their order is one choice away, at the left."
    return f"{name} {spoken(model.summary)}."


def often_watched(view: View) -> str:
    """The films among which extremes are searched."""
    films, catalogue = len(results.often_watched(view.split)), view.dataset.n_items
    if films == catalogue:
        return f"all {films:,} {W.films}"
    return f"the {films:,} {W.films} {W.watched} at least {OFTEN} times"


def film_name(view: View, item: int) -> str:
    """A film's title and year, and its id where another has both."""
    return loaders.labels(view.dataset)[item]


def not_on_the_list(view: View) -> str:
    """That the held-out film is not what the list was narrowed to, as Markdown behind a sentence."""
    conditions = view.narrowing.conditions(view.dataset) if view.narrowing else {}
    broken = [plain(said) for said, holds in conditions.items() if not holds[view.target]]
    return f"; the list leaves it out ({' · '.join(broken)})" if broken else ""


def watched_next(view: View) -> str:
    """The held-out film, as Markdown."""
    return f"{W.Watched} next: {plain(film_name(view, view.target))}"
