"""Two models of those shown, viewer by viewer and slice by slice."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import comparison as figures
from caser.dashboard.figures.compare import slices as slice_figures
from caser.dashboard.lineup import Contender
from caser.dashboard.parts import chart, picked_viewer
from caser.evaluation import METRICS, Comparison, of_100
from caser.field.verdict import pair_verdict
from caser.words import W

TITLE = "Two models"
ONE, OTHER = "one", "other"  # parameters in the URL, and the widgets' keys


def draw(scene: Scene) -> None:
    """The verdict on two models, their ranks for every viewer, and where they differ."""
    if len(scene.models) < 2:
        st.info("Add a second model to compare two.")
        return
    model, other = _pickers(scene)
    if model is other:
        st.info(f"{wording.plain(model.name)} against itself: pick two different models.")
        return
    against = results.comparison(model, other, scene.view.split, scene.metric)
    table = results.standings(scene.models, scene.view.split, scene.metric)
    first, _, rest = f"{pair_verdict(table, model.name, other.name)}.".partition(". ")
    st.markdown(f"**{wording.plain(first)}.** {_served(against, model.name)}")
    st.markdown(f"{wording.plain(rest)} {_spread(against)}")
    left, right = st.columns(2, gap="large")
    with left:
        _viewers(scene, model, other)
    with right:
        _slices(scene, model, other)


def _pickers(scene: Scene) -> tuple[Contender, Contender]:
    """The two models, the page's own pair unless others are picked."""
    usual, picked = _usual(scene), []
    for column, key, label, default in zip(
        st.columns(2, gap="medium"), (ONE, OTHER), ("Model", "Compare with"), usual, strict=True
    ):
        with column:
            picked.append(scene.pick(label, key, default))
    return picked[0], picked[1]


def _usual(scene: Scene) -> tuple[str, str]:
    """The names of the selection's pair as far as they are shown, else of the first two."""
    pair = [one.checkpoint.name for one in scene.view.pair]
    shown = {one.checkpoint.name: one.name for one in scene.models if one.checkpoint}
    first = shown.get(pair[0], scene.models[0].name)
    others = [one.name for one in scene.models if one.name != first]
    second = shown.get(pair[1]) if len(pair) > 1 else None
    return first, second if second and second != first else others[0]


def _served(against: Comparison, name: str) -> str:
    """How many viewers either model serves better, in words."""
    total = against.wins + against.ties + against.losses
    return (
        f"{wording.plain(name)} ranks the next {W.film} higher for {of_100(against.wins / total)} {W.viewers}, lower "
        f"for {100 * against.losses / total:.0f}."
    )


def _spread(against: Comparison) -> str:
    """The interval and the size of the effect over viewers, in words."""
    metric = METRICS[against.metric]
    return (
        f"Over {W.viewers}, the 95 % interval is {metric.signed(against.low)} to {metric.change(against.high)}: "
        f"an effect of {abs(against.effect):.2f} standard deviations."
    )


def _viewers(scene: Scene, model: Contender, other: Contender) -> None:
    """A mark for each viewer, which opens that viewer."""
    view, looks = scene.view, results.distinct_looks(model, other)
    ranks = [results.ranks(one, view.split) for one in (model, other)]
    points = chart(
        figures.rank_scatter(*ranks, model.name, other.name, looks, view.dataset.user_ids, view.dataset.user_names),
        f"One mark per {W.viewer}; above the diagonal {wording.plain(model.name)} ranks the next {W.film} "
        "higher. Click one to open it",
        view,
        key="viewers",
        on_select="rerun",
        selection_mode="points",
    )
    picked_viewer(points, view)


def _slices(scene: Scene, model: Contender, other: Contender) -> None:
    slices, looks = results.slices(model, other, scene.view.split, scene.metric), results.distinct_looks(model, other)
    name = wording.plain(model.name)
    sides = ((model.name, looks[model.name]), (other.name, looks[other.name]))
    chart(
        slice_figures.chart(slices, scene.metric, *sides),
        f"{name} minus {wording.plain(other.name)}: right of zero {name} is ahead. Bars: 95 % intervals over the "
        f"{W.viewers} of a slice; their number is in brackets. Coloured marks are significant (paired test, corrected "
        f"for all slices by Holm). The {W.film} is the one held out; it counts in each of its genres",
        scene.view,
    )
