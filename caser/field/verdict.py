"""What standings say, in words: the same on the page, in the report and in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations

from caser.evaluation import Metric
from caser.field.standings import Significance, Standing, Standings
from caser.words import W

MOST_NAMED = 3  # models in a row; more are counted
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def listed(names: Sequence[str]) -> str:
    """Names in a row.

    >>> listed(["MF"]), listed(["MF", "EASE", "Caser"])
    ('MF', 'MF, EASE and Caser')
    """
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def p_said(p_value: float) -> str:
    """A p-value as it is written.

    >>> p_said(0.4191), p_said(0.0004), p_said(1.0)
    ('p = .419', 'p < .001', 'p = 1')
    """
    if p_value < 0.001:
        return "p < .001"
    return "p = 1" if p_value >= 0.9995 else f"p = {p_value:.3f}".replace("0.", ".", 1)


_BASELINES = {"covisit": "simply counting", "mf": "the usual method"}  # by kind: what everybody has an idea of
Number = Callable[[Standing], str]  # a model's value in short


def verdict(table: Standings) -> str:
    """Who finds the next item how often, in a manager's words; models that do not differ significantly have no order.

    Of the others only those are named that differ significantly from every leader: counting and the usual method, else
    the next one.
    """
    first, *others = table.rows
    leaders = [first, *(one for one in others if not table.sure(first, one))]
    below = [one for one in others if all(table.sure(leader, one) for leader in leaders)]
    of_kind = [next((one for one in below if one.kind == kind), None) for kind in _BASELINES]
    named = list(filter(None, of_kind)) or below[:1]
    bearing = [*leaders, *named] if len(leaders) > 1 else table.rows
    number = partial(_number, table.metric, _digits(table, [*leaders, *named]))
    said = _lead(table, leaders, number), _below(table.metric, named, number), _one_training(bearing)
    return ". ".join(filter(None, said))


def _number(metric: Metric, digits: int, one: Standing) -> str:
    return metric.short(one.mean, digits)


def _digits(table: Standings, rows: Sequence[Standing]) -> int:
    """1 where whole numbers would say the same of two models that differ significantly."""
    alike = [two for two in combinations(rows, 2) if len({table.metric.short(one.mean) for one in two}) == 1]
    return int(any(table.sure(*two) for two in alike))


def _lead(table: Standings, leaders: Sequence[Standing], number: Number) -> str:
    """What the leaders reach, and whether they can be told apart."""
    (first, *level), metric = leaders, table.metric
    best = _finds(metric, first.name, number(first))
    if not level:
        return f"{best}, more than any other model" if len(table.rows) > 1 else best
    if not _too_close(table, leaders):
        over = listed([f"{one.name} ({number(one)})" for one in level]) if len(level) <= MOST_NAMED else _named(level)
        return f"{best}. Its lead over {over} may be chance"
    if len(level) < MOST_NAMED:
        return f"{best}, {listed([_and(metric, one.name, number(one)) for one in level])}: too close to call"
    span = f"{number(leaders[-1])} to {number(first)}"
    return f"{_finds(metric, f'each of {_named(leaders)}', span)}: too close to call"


def _finds(metric: Metric, name: str, number: str) -> str:
    """What a model reaches, in the words of what is counted."""
    if metric.hits:
        films = f"a list of {metric.cutoff}" if metric.cutoff > 1 else "a list of one"
        return f"With {films}, {name} finds the next {W.film} for {number} of 100 {W.viewers}"
    if metric.share:
        return f"{name} ranks the next {W.film} above {number} of 100 others"
    return f"{name} reaches {metric.label} {number}"


def _and(metric: Metric, name: str, number: str) -> str:
    """A further model in the same sentence."""
    return f"{name} {'for ' if metric.hits else 'above ' if metric.share else ''}{number}"


def _below(metric: Metric, rows: Sequence[Standing], number: Number) -> str:
    """Those to compare the leaders with."""
    verb = "finds" if metric.hits else "reaches"
    names = [f"{_BASELINES[one.kind]} ({one.name})" if one.kind in _BASELINES else one.name for one in rows]
    said = ", ".join(
        f"{name}{'' if place else f' {verb}'} {number(one)}"
        for place, (name, one) in enumerate(zip(names, rows, strict=True))
    )
    return said[:1].upper() + said[1:]


def _too_close(table: Standings, rows: Sequence[Standing]) -> bool:
    """Whether no two of them differ significantly, as far as that can be said of further trainings."""
    return not any(one.learns and not one.several for one in rows) and not any(
        table.sure(*two) for two in combinations(rows, 2)
    )


def _named(rows: Sequence[Standing]) -> str:
    """A few models by name, many by number."""
    if len(rows) <= MOST_NAMED:
        return listed([one.name for one in rows])
    return f"{_NUMBERS[len(rows)] if len(rows) < len(_NUMBERS) else len(rows)} models"


def _one_training(rows: Sequence[Standing]) -> str:
    """Whose place rests on one training."""
    learn = [one for one in rows if one.learns]
    single = [one for one in learn if not one.several]
    if not single:
        return ""
    who = "each trained model" if len(single) == len(learn) > 1 else _named(single)
    return f"Tested on one training of {who}, so another may change this"


def pair_verdict(table: Standings, model: str, other: str) -> str:
    """Two models by names: which is ahead, by how much, and whether that may be chance."""
    pair, metric = table.pair(model, other), table.metric
    test = pair.decisive
    side = "above" if test.difference > 0 else "below"
    ahead = f"{model} is {metric.apart(test.difference)} {side} {other} on {metric.label}"
    if not test.difference:
        ahead = f"{model} and {other} are equal on {metric.label}"
    if pair.over_trainings is None:
        learn = any(row.learns for row in table.rows if row.name in (model, other))
        on = ", on one training" if learn else ""
        return f"{ahead}. {_chance(test)} (paired test{_holm(len(table.pairs))}{on})"
    shown = pair.over_users
    return (
        f"{ahead}, as a mean over trainings. {_chance(test)} (Welch's test{_holm(table.over_trainings)}). For the "
        f"trainings shown: {metric.change(shown.difference)}, {p_said(shown.p_corrected)} (paired test"
        f"{_holm(len(table.pairs))})"
    )


def _chance(test: Significance) -> str:
    return f"That {'is significant' if test.sure else 'may be chance'}: {p_said(test.p_corrected)}"


def _holm(tested: int) -> str:
    """What a p-value is corrected for."""
    return f", corrected for {tested} pairs by Holm" if tested > 1 else ""
