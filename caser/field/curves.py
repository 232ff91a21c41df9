"""What curves are worth, said: a curve for each dimension beside one for all, and how many films are read."""

from __future__ import annotations

from caser.evaluation import METRICS
from caser.explain.curves.effects import DEALT, OFF, ONE, CurveEffects, Effect
from caser.words import W

ENOUGH = 0.95  # of what all films give, from which the next ones are no longer spoken of


def sentence(effects: CurveEffects, metric: str) -> str:
    """Whether it matters which curve a dimension has, and how many films back the metric still rises."""
    return f"{_shapes(effects, metric)} {_reach(effects, metric)}"


def _shapes(effects: CurveEffects, metric: str) -> str:
    off, one, dealt = (effects.of(name) for name in (OFF, ONE, DEALT))
    said = f"With every curve switched off {METRICS[metric].label} changes by {amount(off, metric)}."
    if not one.sure(metric) and not dealt.sure(metric):
        return f"{said} One curve for all dimensions would do ({amount(one, metric)}): their shapes may be chance."
    shapes = f"With one curve for all dimensions in place of each one's own: {amount(one, metric)}"
    return f"{said} {shapes}; with the same curves dealt out anew: {amount(dealt, metric)}."


def _reach(effects: CurveEffects, metric: str) -> str:
    measure, whole = METRICS[metric], effects.whole[metric]
    first = min(effects.reach)
    enough = next(n for n, means in sorted(effects.reach.items()) if means[metric] >= ENOUGH * whole)
    all_films = f"with all {max(effects.reach)} it is {measure.said(whole)}"
    if enough == first:
        return (
            f"The last {W.film} alone gives {measure.label} {measure.said(effects.reach[first][metric])}; {all_films}."
        )
    start = f"The last {W.film} alone gives {measure.label} {measure.said(effects.reach[first][metric])}"
    return f"{start}, the last {enough} {measure.said(effects.reach[enough][metric])}; {all_films}."


def amount(effect: Effect, metric: str) -> str:
    """A change with its margin."""
    measure = METRICS[metric]
    return f"{measure.signed(round(effect.change[metric], 3) + 0.0)} ± {measure.apart(effect.margin[metric])}"
