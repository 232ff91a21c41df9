"""What does the work in a Caser, said: taken out of the trained model, trained without, shuffled, and counted instead.

The page, the report and the command line say these sentences; what was not measured is not spoken of, and one training
without a part is no finding.
"""

from __future__ import annotations

from caser.evaluation import METRICS
from caser.field.effects import ANEW, BASELINE, COUNTING, FILMS, MEAN, OFF, SHUFFLED, Effect, Works
from caser.words import W

COUNTED = {  # by kind of model, the one to speak of first
    "covisit": "Simply counting which {films} are {watched} near each other",
    "ease": "One linear system (EASE)",
}
_CLOSE = "Which part does most is too close to call"
_MADE_UP = {"nearly all": 0.85, "most": 0.6, "about half": 0.4, "some": 0.15, "hardly any": float("-inf")}  # from


def sentence(works: Works) -> str:
    """What does the work, in full."""
    largest = _largest_part(works)
    parts = [_films(works), *_shares(works), _off(works, largest), _by_mean(works, largest)]
    others = [effect.parts for effect in works.of(ANEW) if effect.parts != largest]
    parts += [_anew(works, largest), *(_anew_too(works, part) for part in others)]
    return _said([*parts, _shuffled(works), _counted(works)])


def take_home(works: Works | None) -> list[str]:
    """Three short sentences to remember; where one was not measured, what holds of every model."""
    measured = [*_most_shortly(works), *_shuffled_shortly(works), *_counted_shortly(works)] if works else []
    return [*measured, "A score is a sum of parts", f"One {W.viewer} proves nothing", "Compare before you believe"][:3]


def _most_shortly(works: Works) -> list[str]:
    if not works.shares:
        return []
    most = _most(works) or _CLOSE
    return [most[0].upper() + most[1:]]


def _shuffled_shortly(works: Works) -> list[str]:
    effect = next((effect for effect in works.of(SHUFFLED) if effect.times > 1), None)
    if effect is None:
        return []
    if not effect.sure:
        return [f"Whether the order of the {W.films} matters may be chance"]
    return [f"Shuffling the {W.films} {'adds' if effect.change > 0 else 'costs'} {_amount(works, effect)}"]


def _counted_shortly(works: Works) -> list[str]:
    share = lead_share(works)
    if share is None:
        return []
    how = {"covisit": "Counting"}.get(works.of(COUNTING)[0].model, works.of(COUNTING)[0].name)
    return [f"{how} gets {_way(share)} of the way from {works.of(BASELINE)[0].name}"]


def taken_out(works: Works) -> str:
    """What each part alone is worth to all viewers, in a sentence or two; "" where none was taken out."""
    effects = [effect for part in ("v", "h", "p") if (effect := works.find(OFF, part)) is not None]
    if not effects:
        return ""
    first, *others = effects
    said = [f"Without {part_name(first.parts)} {_level(works, first)}{_chance(first)}"]
    said += [f"Without {part_name(one.parts)} it is {_number(works, one)}{_chance(one)}" for one in others]
    return _said(said)


def advice(works: Works, name: str) -> str:
    """What is missing in the study of the checkpoint `name`, and how to make it; "" if nothing."""
    if works.trainings >= 2:
        return ""
    start = "One training" if works.trainings else "No training"
    return f"{start} without each part: no conclusion is drawn. `python -m caser study {name}` trains three."


def part_name(parts: str) -> str:
    """h, v, p or several of them, in words.

    >>> part_name("v")
    'the vertical filters'
    """
    said = {"h": "the horizontal filters", "v": "the vertical filters", FILMS: "all filters"}
    return said.get(parts, f"who is {W.watching}" if parts == "p" else "every part")


def label(effect: Effect) -> str:
    """What was changed, as the name of a row.

    >>> label(Effect(ANEW, -0.03, -0.04, -0.02, "v", times=3))
    'trained without the vertical filters (3 trainings)'
    """
    if effect.kind == SHUFFLED:
        return f"{W.films} in random order ({_times(effect, 'order')})"
    part = part_name(effect.parts)
    if effect.kind == ANEW:
        return f"trained without {part} ({_times(effect, 'training')})"
    return f"{part} taken out" if effect.kind == OFF else f"{part} at the mean" if effect.kind == MEAN else effect.name


def _times(effect: Effect, noun: str) -> str:
    return f"{effect.times} {noun}s" if effect.times > 1 else f"one {noun}"


def _said(sentences: list[str]) -> str:
    return " ".join(f"{one}." for one in sentences if one)


# ---- sentences


def _films(works: Works) -> str:
    """The films as a whole first: parts that stand in for each other each seem to do little alone."""
    off, ahead = works.find(OFF, FILMS), works.films_ahead
    if off is None:
        return ""
    level = f"Take all filters out of the trained model and {_level(works, off)}"
    if ahead is None:
        return level
    who = f"What was {W.watched} last" if ahead.change > 0 else f"Knowing who is {W.watching}"
    close = f"Whether the {W.films} or who is {W.watching} does more is too close to call"
    return f"{f'{who} does most of the work' if ahead.sure else close}. {level}"


def _shares(works: Works) -> list[str]:
    """The parts by their Shapley values, and which does most where that is sure."""
    if not works.shares:
        return []
    first, *rest = works.shares
    who = part_name(first.parts)
    said = [
        f"Averaged over every order of taking parts out (Shapley values), {who} {_verb(first, 'is', 'are')} worth "
        f"{_worth(works, first)}{f' of 100 {W.viewers}' if _counts(works) else ''}",
        "The others: " + ", ".join(f"{part_name(one.parts)} {_worth(works, one)}" for one in rest),
    ]
    most = _most(works)
    return [*said, f"So {most}" if most else _CLOSE]


def _most(works: Works) -> str:
    """Which part does most; "" where that may be chance."""
    first, *rest = works.shares
    if not works.ahead.sure or not first.sure:
        return ""
    most = "most of the work" if first.change > sum(max(one.change, 0) for one in rest) else "the most work"
    return f"{part_name(first.parts)} {_verb(first, 'does', 'do')} {most}"


def _verb(effect: Effect, one: str, several: str) -> str:
    return one if effect.parts == "p" else several


def _largest_part(works: Works) -> str:
    """The part that does most; of an earlier study, which took out one at a time, the one whose loss costs most."""
    if works.shares:
        return works.shares[0].parts
    off = [effect for effect in works.of(OFF) if len(effect.parts) == 1]
    return min(off, key=lambda effect: effect.change).parts if off else ""


def _off(works: Works, part: str) -> str:
    """What is left with one part taken out of the trained model."""
    off = works.find(OFF, part)
    if off is None:
        return ""
    hides, name = part == "p", part_name(part)
    if works.find(OFF, FILMS) is None:
        out = f"Hide {name} from the trained model" if hides else f"Take {name} out of the trained model"
        return f"{out} and {_level(works, off)}{_chance(off)}"
    out = f"Hide {name}" if hides else f"Take only {name} out"  # what all filters together leave was just said
    return f"{out} and it is {_number(works, off)}{' of 100' if _counts(works) else ''}{_chance(off)}"


def _by_mean(works: Works, part: str) -> str:
    """The same part at its mean, beside zero, which the trained model never met."""
    mean = works.find(MEAN, part)
    place = "everybody's mean in its place" if part == "p" else "their mean in their place"
    return f"With {place}, which the model knows better than zero, it is {_number(works, mean)}" if mean else ""


def _anew(works: Works, part: str) -> str:
    """What training without a part costs, beside taking it out; "" of one training alone."""
    effect, off = works.find(ANEW, part), works.find(OFF, part)
    if effect is None or effect.times < 2:
        return ""
    start = f"Trained without {'that' if part == 'p' else 'them'} from the start, the model"
    if effect.costs and off is not None and off.costs:
        made_up = next(said for said, least in _MADE_UP.items() if 1 - effect.change / off.change >= least)
        return f"{start} makes up for {made_up} of that: it loses {_amount(works, effect)}"
    return f"{start} {_does(works, effect)}"


def _anew_too(works: Works, part: str) -> str:
    """The same of a part that was not spoken of yet."""
    effect = works.find(ANEW, part)
    if effect.times < 2:
        return ""
    return f"Trained without {part_name(part)}, it {_does(works, effect)}"


def _does(works: Works, effect: Effect) -> str:
    amount = _amount(works, effect)
    if not effect.sure:
        return f"may do as well: {amount} {'more' if effect.change > 0 else 'less'} may be chance"
    return f"does better, by {amount}" if effect.change > 0 else f"loses {amount}"


def _shuffled(works: Works) -> str:
    effect = next(iter(works.of(SHUFFLED)), None)
    if effect is None or effect.times < 2:
        return ""
    verb = "adds" if effect.change > 0 else "costs"
    margin = _plain(works, (effect.high - effect.low) / 2)
    amount = f"{_amount(works, effect)} (± {margin}, {effect.times} orders)"
    return f"Putting the {W.films} in random order {verb} {amount}{_chance(effect)}"


def _chance(effect: Effect) -> str:
    return "" if effect.sure else ", which may be chance"


def lead_share(works: Works) -> float | None:
    """How much of the lead over the baseline the counting model has; None where there is no clear lead, or no such."""
    counting, baseline = works.of(COUNTING), works.of(BASELINE)
    if not counting or not baseline or not baseline[0].costs:
        return None
    return 1 - counting[0].change / baseline[0].change


def _counted(works: Works) -> str:
    share = lead_share(works)
    if share is None:
        return ""
    counting, baseline = works.of(COUNTING)[0], works.of(BASELINE)[0]
    how = COUNTED[counting.model].format(films=W.films, watched=W.watched)
    return f"{how} gets {_way(share)} of the way from {baseline.name} to this model"


def _way(share: float) -> str:
    return "all" if share >= 1 else f"{share:.0%}" if share > 0 else "none"


# ---- numbers: hits in viewers out of 100, other metrics as they are


def _counts(works: Works) -> bool:
    """Whether the metric's mean is a share of viewers."""
    return works.metric.startswith("hr@")


def _level(works: Works, effect: Effect) -> str:
    """What is left of the metric, and what it was."""
    was, left = _number(works, effect, whole=True), _number(works, effect)
    if _counts(works):
        k = works.metric.removeprefix("hr@")
        return f"the right {W.film} is in the top {k} for {left} of 100 {W.viewers} instead of {was}"
    return f"{METRICS[works.metric].label} is {left} instead of {was}"


def _number(works: Works, effect: Effect, whole: bool = False) -> str:
    """The metric after a change, or before; whole viewers where they tell the two apart."""
    value = works.whole if whole else works.whole + effect.change
    if _counts(works) and abs(effect.change) >= 0.01:
        return f"{100 * value:.0f}"
    return _plain(works, value)


def _plain(works: Works, value: float) -> str:
    """A value or a size, without a unit."""
    return f"{100 * value:.1f}" if _counts(works) else METRICS[works.metric].said(value)


def _amount(works: Works, effect: Effect) -> str:
    """A change without its sign."""
    of = f" of 100 {W.viewers}" if _counts(works) else ""
    return f"{_plain(works, abs(effect.change))}{of}"


def _worth(works: Works, share: Effect) -> str:
    """What a part does, with its sign if it does harm; what may be chance is called so."""
    return f"{_plain(works, share.change)}{'' if share.sure else ' (may be chance)'}"
