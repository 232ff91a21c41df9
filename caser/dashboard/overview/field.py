"""How often models find the film really watched next: the one picked, the best other, and the simple ones."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import results
from caser.dashboard.figures.compare.field import in_viewers
from caser.dashboard.lineup import Contender, lineup
from caser.dashboard.parts import chapter_rule, chart
from caser.dashboard.view import View

METRICS = ("hr@50", "hr@10", "auc")  # the first that is defined: a long list may hold every film of a small set
ROW = 26  # pixels
SIMPLE = ("covisit", "mf", "popularity")  # kinds that everybody should be compared with


def draw(view: View) -> None:
    """One bar per model."""
    models = lineup(view.trained, view.split)
    metric = next((metric for metric in METRICS if not np.isnan(_mean(models[0], view, metric))), METRICS[-1])
    models = _shown(models, view, metric)
    standings = results.standings(models, view.split, metric)
    figure = in_viewers(standings, {one.name: one.look for one in models})
    figure.layout.height = ROW * (len(models) + 1)
    with st.container(key="bars"):
        chart(figure, "±: 95 % interval", view, key="in viewers")
        chapter_rule(view, models)


def _shown(models: tuple[Contender, ...], view: View, metric: str) -> tuple[Contender, ...]:
    """The model picked, its rival, the best of the others, and the first of each simple kind."""
    first, others = models[0], models[1:]
    kinds = [one.model.config.name for one in others]
    simple = {kind: others[kinds.index(kind)] for kind in SIMPLE if kind in kinds}
    wanted = {one.name for one in (*simple.values(), *view.pair)} | {_best(others, view, metric)}
    return tuple(one for one in models if one is first or one.name in wanted)


def _best(models: tuple[Contender, ...], view: View, metric: str) -> str:
    """The name of the model that does best."""
    return max(models, key=lambda one: np.nan_to_num(_mean(one, view, metric))).name


def _mean(one: Contender, view: View, metric: str) -> float:
    return results.summary(one, view.split)[0][metric]
