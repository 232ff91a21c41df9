"""What standings say, in words: the same on the page, in the report and in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from caser.field.standings import Significance, Standing, Standings

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


def verdict(table: Standings) -> str:
    """Who leads, who follows by how much, who is last; models that do not differ significantly are not set in order."""
    first, *others = table.rows
    if not others:
        return f"{first.name}: {table.metric.label} {table.metric.said(first.value)}"
    level = [one for one in others if not table.sure(first, one)]
    below = [one for one in others if one not in level]
    return ". ".join(filter(None, (_lead(table, first, level), _followers(table, below), _one_training(table.rows))))


def _lead(table: Standings, first: Standing, level: Sequence[Standing]) -> str:
    label = table.metric.label
    if not level:
        return f"{first.name} leads on {label}"
    if _too_close(table, [first, *level]):
        return f"{_named([first, *level])} are too close to call on {label}"
    verb = "does" if len(level) == 1 else "do"
    return f"{first.name} leads on {label}; {_named(level)} {verb} not differ significantly from it"


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


def _followers(table: Standings, below: Sequence[Standing]) -> str:
    """Who is significantly behind the leader: the next, with all that are level with it, and the last."""
    if not below:
        return ""
    metric, best = table.metric, table.rows[0].value
    next_ = [one for one in below if one is below[0] or not table.sure(below[0], one)]
    gaps = [best - one.value for one in next_]
    least, most = metric.signed(min(gaps))[1:], metric.apart(max(gaps))
    gap = most if metric.apart(min(gaps)) == most else f"{least} to {most}"
    text = f"{_named(next_)} {'follows' if len(next_) == 1 else 'follow'}, {gap} lower"
    last = _last(table, [one for one in below if one not in next_])
    return f"{text}; {_named(last)} {'is' if len(last) == 1 else 'are'} last" if last else text


def _last(table: Standings, rest: Sequence[Standing]) -> list[Standing]:
    """The last and all that are level with it; popularity knows nobody, so whoever is before it is named, too."""
    last = [one for one in rest if one is rest[-1] or not table.sure(one, rest[-1])]
    return rest[-2:] if [one.kind for one in last] == ["popularity"] else last


def _one_training(rows: Sequence[Standing]) -> str:
    """Whose place rests on one training."""
    learn = [one for one in rows if one.learns]
    single = [one for one in learn if not one.several]
    if not single:
        return ""
    return f"Tested on one training of {'each trained model' if len(single) == len(learn) > 1 else _named(single)}"


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
