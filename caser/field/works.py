"""What does the work in a Caser, said: taken out of the trained model, trained without, shuffled, and counted instead.

The page, the report and the command line say these sentences; what was not measured is not spoken of, and one training
without a part is no finding.
"""

from __future__ import annotations

from typing import NamedTuple

from caser.data.text import is_film, plural
from caser.evaluation import METRIC_LABELS
from caser.field.effects import ANEW, BASELINE, COUNTING, FILMS, MEAN, OFF, SHUFFLED, Effect, Works

COUNTED = {  # by kind of model, the one to speak of first
    "covisit": "Simply counting which {films} are {watched} near each other",
    "ease": "One linear system (EASE)",
}
_MADE_UP = {"nearly all": 0.85, "most": 0.6, "about half": 0.4, "some": 0.15, "hardly any": float("-inf")}  # from


class Nouns(NamedTuple):
    """What items and users are called, as in `caser.dashboard.words.W`."""

    film: str = "film"
    films: str = "films"
    viewers: str = "viewers"
    watched: str = "watched"
    watching: str = "watching"


def nouns(noun: str) -> Nouns:
    """The nouns of a data set whose items are called so."""
    return Nouns() if is_film(noun) else Nouns(noun, plural(noun), "users", "picked", "picking")


def summary(works: Works, words: Nouns) -> str:
    """What does the work, in short."""
    return _said([_films(works, words), *_largest(works, words), _shuffled(works, words), _counted(works, words)])


def sentence(works: Works, words: Nouns) -> str:
    """What does the work, in full."""
    largest = _largest_part(works)
    others = [_anew(works, effect.parts, words) for effect in works.of(ANEW) if effect.parts != largest]
    parts = [_films(works, words), _shares(works, words), *_largest(works, words), _by_mean(works), *others]
    return _said([*parts, _shuffled(works, words), _counted(works, words)])


def advice(works: Works, name: str) -> str:
    """What is missing in the study of the checkpoint `name`, and how to make it; "" if nothing."""
    if works.trainings >= 2:
        return ""
    start = "One training" if works.trainings else "No training"
    return f"{start} without each part: no conclusion is drawn. `python -m caser study {name}` trains three."


def part_name(parts: str, words: Nouns) -> str:
    """h, v, p or several of them, in words.

    >>> part_name("v", Nouns())
    'the vertical filters'
    """
    said = {"h": "the horizontal filters", "v": "the vertical filters", FILMS: "all filters"}
    return said.get(parts, f"who is {words.watching}" if parts == "p" else "every part")


def label(effect: Effect, words: Nouns) -> str:
    """What was changed, as the name of a row.

    >>> label(Effect(ANEW, -0.03, -0.04, -0.02, "v", times=3), Nouns())
    'trained without the vertical filters (3 trainings)'
    """
    if effect.kind == SHUFFLED:
        return f"{words.films} in random order ({_times(effect, 'order')})"
    part = part_name(effect.parts, words)
    if effect.kind == ANEW:
        return f"trained without {part} ({_times(effect, 'training')})"
    return f"{part} taken out" if effect.kind == OFF else f"{part} at the mean" if effect.kind == MEAN else effect.name


def _times(effect: Effect, noun: str) -> str:
    return f"{effect.times} {noun}s" if effect.times > 1 else f"one {noun}"


def _said(sentences: list[str]) -> str:
    return " ".join(f"{one}." for one in sentences if one)


# ---- sentences


def _films(works: Works, words: Nouns) -> str:
    """The films as a whole first: parts that stand in for each other each seem to do little alone."""
    off = works.find(OFF, FILMS)
    if off is None:
        return ""
    level = _level(works, off, words)
    if not off.sure:
        return f"Without all filters {level}, which may be chance"
    ahead = works.films_ahead
    if ahead is None:
        return f"Without all filters {level}"
    if not ahead.sure:
        return f"The {words.films} and who is {words.watching} do about as much; without all filters {level}"
    who = f"What was {words.watched} last" if ahead.change > 0 else f"Knowing who is {words.watching}"
    return f"{who} does most of the work; without all filters {level}"


def _shares(works: Works, words: Nouns) -> str:
    """The parts by their Shapley values, and which does most where that is sure."""
    if not works.shares:
        return ""
    first, *rest = works.shares
    each = ", ".join(f"{part_name(one.parts, words)} {_worth(works, one)}" for one in rest)
    start = (
        f"Averaged over every order of taking parts out (Shapley values), {part_name(first.parts, words)} "
        f"{'is' if first.parts == 'p' else 'are'} worth {_worth(works, first, words)}; {each}"
    )
    if not works.ahead.sure or not first.sure:
        return f"{start}. Which part does most is too close to call"
    most = "most of the work" if first.change > sum(max(one.change, 0) for one in rest) else "the most work"
    return f"{start}. So {part_name(first.parts, words)} {'does' if first.parts == 'p' else 'do'} {most}"


def _largest_part(works: Works) -> str:
    """The part that does most; of an earlier study, which took out one at a time, the one whose loss costs most."""
    if works.shares:
        return works.shares[0].parts
    off = [effect for effect in works.of(OFF) if len(effect.parts) == 1]
    return min(off, key=lambda effect: effect.change).parts if off else ""


def _largest(works: Works, words: Nouns) -> list[str]:
    """That part, taken out and trained without."""
    part = _largest_part(works)
    off = works.find(OFF, part)
    if off is None:
        return []
    model = "the trained model"
    out = (
        f"Hide who is {words.watching} from {model}" if part == "p" else f"Take {part_name(part, words)} out of {model}"
    )
    chance = "" if off.sure else ", which may be chance"
    return [f"{out} and {_level(works, off, words)}{chance}", _anew(works, part, words, off)]


def _by_mean(works: Works) -> str:
    """The same part at its mean, beside zero, which the trained model never met."""
    part = _largest_part(works)
    mean = works.find(MEAN, part)
    if mean is None:
        return ""
    what = "Everybody's mean in its place" if part == "p" else "Their mean in their place"
    return f"{what}, which the model knows better than zero, leaves {_number(works, mean)}"


def _anew(works: Works, part: str, words: Nouns, off: Effect | None = None) -> str:
    """What training without a part costs, beside taking it `off` if that was just said; "" of one training alone."""
    effect = works.find(ANEW, part)
    if effect is None or effect.times < 2:
        return ""
    start = f"Trained without {part_name(part, words)} from the start ({effect.times} trainings), the model"
    amount = _amount(works, effect, words)
    if not effect.sure:
        return f"{start} may do as well; the difference {amount}"
    if effect.change > 0:
        return f"{start} does better, by {amount}"
    if off is None or not off.costs:
        return f"{start} loses {amount}"
    made_up = next(said for said, least in _MADE_UP.items() if 1 - effect.change / off.change >= least)
    return f"{start} makes up for {made_up} of that; it loses {amount}"


def _shuffled(works: Works, words: Nouns) -> str:
    effect = next(iter(works.of(SHUFFLED)), None)
    if effect is None or effect.times < 2:
        return ""
    verb = "add" if effect.sure and effect.change > 0 else "cost"
    amount = _amount(works, effect, words)
    start = f"The {words.films} in random order ({effect.times} orders)"
    return f"{start} {verb} {amount}" if effect.sure else f"What the {words.films} in random order cost {amount}"


def lead_share(works: Works) -> float | None:
    """How much of the lead over the baseline the counting model has; None where there is no clear lead, or no such."""
    counting, baseline = works.of(COUNTING), works.of(BASELINE)
    if not counting or not baseline or not baseline[0].costs:
        return None
    return 1 - counting[0].change / baseline[0].change


def _counted(works: Works, words: Nouns) -> str:
    share = lead_share(works)
    if share is None:
        return ""
    counting, baseline = works.of(COUNTING)[0], works.of(BASELINE)[0]
    how = COUNTED[counting.model].format(films=words.films, watched=words.watched)
    part = "all" if share >= 1 else f"{share:.0%}" if share > 0 else "none"
    return f"{how} gets {part} of the way from {baseline.name} to this model"


# ---- numbers: hits in viewers out of 100, other metrics as they are


def _level(works: Works, effect: Effect, words: Nouns) -> str:
    """What is left of the metric, and what it was."""
    was, left = _number(works, effect, whole=True), _number(works, effect)
    if works.metric.startswith("hr@"):
        k = works.metric.removeprefix("hr@")
        return f"the right {words.film} is in the top {k} for {left} of 100 {words.viewers} instead of {was}"
    return f"{METRIC_LABELS[works.metric]} is {left} instead of {was}"


def _number(works: Works, effect: Effect, whole: bool = False) -> str:
    """The metric after a change, or before; whole viewers where that tells the two apart."""
    value = works.whole if whole else works.whole + effect.change
    if works.metric.startswith("hr@"):
        return f"{100 * value:.{0 if abs(effect.change) >= 0.01 else 1}f}"
    return f"{value:.3f}"


def _worth(works: Works, share: Effect, words: Nouns | None = None) -> str:
    """What a part does, with its sign if that is below zero; with words also of how many."""
    many = works.metric.startswith("hr@")
    value = f"{100 * share.change:.1f}" if many else f"{share.change:.3f}"
    of = f" of 100 {words.viewers}" if many and words else ""
    return f"{value}{of}" if share.sure else f"{value}{of} (may be chance)"


def _amount(works: Works, effect: Effect, words: Nouns) -> str:
    """A change without its sign; what may be chance is called so."""
    if works.metric.startswith("hr@"):
        amount = f"{100 * abs(effect.change):.1f} of 100 {words.viewers}"
    else:
        amount = f"{abs(effect.change):.3f}"
    return amount if effect.sure else f"may be chance ({amount})"
