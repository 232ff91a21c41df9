"""What turned knobs do to everybody's list, said."""

from __future__ import annotations

from caser.evaluation import METRICS
from caser.explain.knobs import KnobEffect
from caser.words import W

SHOWN = ("hr@10", "hr@50")


def sentence(effect: KnobEffect) -> str:
    """Whether the lists of all get better or worse, and by how much, in viewers of 100."""
    shown = [metric for metric in SHOWN if effect.change[metric] == effect.change[metric]]  # nan: nothing is left out
    if not shown:
        return f"Nobody has more {W.films} left than a list holds, so there is nothing to measure."
    counted = f"{effect.users:,}" if effect.users < effect.everybody else f"All {effect.users:,}"
    sampled = f" of {effect.everybody:,}" if effect.users < effect.everybody else ""
    any_sure = any(map(effect.sure, shown))
    changes = [_change(effect, metric, metric == shown[0], any_sure) for metric in shown]
    return " ".join([_verdict(effect, shown), *changes, f"{counted}{sampled} {W.viewers} counted."])


def _verdict(effect: KnobEffect, shown: list[str]) -> str:
    """The main point."""
    better, worse = (
        [metric for metric in shown if effect.sure(metric) and sign * effect.change[metric] > 0] for sign in (1, -1)
    )
    if better and worse:
        return "Better on one count, worse on the other."
    if worse:
        return f"Worse for all {W.viewers} together."
    if better:
        return "Better on these viewers; of many settings tried, some look better by chance."
    unmoved = not any(effect.change[metric] or effect.margin[metric] for metric in shown)
    return f"No difference for any {W.viewer}." if unmoved else "Any difference may be chance."


def _change(effect: KnobEffect, metric: str, first: bool, any_sure: bool) -> str:
    """What is left of one metric and what it was; whole viewers where they tell the two apart.

    Args:
        any_sure: the verdict does not say already that all may be chance.
    """
    measure, was, change, margin = METRICS[metric], effect.whole[metric], effect.change[metric], effect.margin[metric]
    apart = f"{100 * was:.0f}" != f"{100 * (was + change):.0f}" and abs(change) >= 0.01
    before, after = (f"{100 * value:.{0 if apart else 1}f}" for value in (was, was + change))
    start = f"The right {W.film} is in" if first else "In"
    level = f"{start} the first {measure.cutoff}{'' if first else ':'} for {after} of 100 {W.viewers}"
    chance = ", may be chance" if any_sure and not effect.sure(metric) else ""
    if before == after:
        return f"{level}, as before{f' (± {100 * margin:.1f}{chance})' if margin else ''}."
    return f"{level} instead of {before} ({measure.signed(change)} ± {100 * margin:.1f}{chance})."
