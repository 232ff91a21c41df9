"""Both kinds of filters on the visitor's films, step by step: a vertical one blends, a horizontal one slides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from caser.checkpoint import Checkpoint
from caser.dashboard import loaders, results, theme, wording
from caser.dashboard.figures.plot import PRINTED, tiny
from caser.dashboard.film import decomposition, film_names
from caser.dashboard.filters import all_filters, by_name
from caser.dashboard.filters.scene import FILTER, Scene
from caser.dashboard.names import filter_name, span
from caser.dashboard.selection import write_on_page
from caser.dashboard.view import View
from caser.explain import filters
from caser.explain.filters import FilterView, HorizontalFilter, Trace, VerticalFilter
from caser.findings import sentence
from caser.models import Caser
from caser.recommend import window
from caser.words import W

TITLE = "The story"
NOTE = (
    "Shows how two filters of a small model compute, then what all filters of the selected model add up to. "
    "It does not show why somebody likes a film."
)
_BESIDE = Path(__file__)
_mount = st.components.v2.component(
    "caser_story",
    html='<section class="story"></section>',
    css=_BESIDE.with_suffix(".css").read_text(),
    js=_BESIDE.with_suffix(".js").read_text(),
    isolate_styles=False,
)


def draw(scene: Scene) -> None:
    """The two filters, and what becomes of all of them."""
    small = readable(scene.view)
    if small is None:
        st.info(
            "No model here is small enough to read number by number. Train one with the preset seed on the Train page. "
            "The other views show this one.",
            icon=":material/info:",
        )
    else:
        traced = filters.trace(small.model, scene.view.history)
        shown = filters.filter_view(small.model, scene.view.user, scene.view.history, scene.item)
        told = content(small.model, traced, shown, _names(scene.view, small), scene.film)
        _mount(key="story", data=told)
        other = small.name != scene.view.trained.name
        st.caption(
            f"The numbers are from {wording.plain(small.name)}, d = {small.model.config.d}"
            f"{': small enough to show every one. The selected model follows below' if other else ''}. You see the "
            f"vertical and the horizontal filter that move {wording.plain(scene.film)} most. Teal is above zero, "
            "orange below; each block has its own colour scale. Space plays, arrow keys step."
        )
    _all_at_once(scene, small)


def readable(view: View) -> Checkpoint | None:
    """The selected model if its numbers can be read, else another one that is small enough; None without any."""
    if view.trained.model.config.d <= PRINTED:
        return view.trained
    for name in loaders.shelf(view.dataset.name).models:
        if not loaders.problem(name):
            trained = loaders.trained(name)
            if trained.model.has_filters and trained.model.config.d <= PRINTED:
                return trained
    return None


def _names(view: View, small: Checkpoint) -> list[str]:
    """A name for each film that the small model reads, the oldest first."""
    items = window(small.model, view.history)[0].tolist()
    named = film_names(view) if len(items) == view.trained.model.L else None
    return named or [wording.film_name(view, item) if item < view.dataset.n_items else f"no {W.film}" for item in items]


def _all_at_once(scene: Scene, small: Checkpoint | None) -> None:
    """What the selected model does with all its filters, and which of them matter."""
    view, shown = scene.view, scene.filters
    across, down = len(shown.horizontal), len(shown.vertical)
    st.markdown(
        f"##### Now {wording.plain(view.name)}, with all its {across} horizontal and {down} vertical filters at once"
    )
    if works := wording.what_works(view):
        st.markdown(works)
    apart = small is not None and small.name != view.trained.name
    others = f"It has other filters than {wording.plain(small.name)} above. " if apart else ""
    st.caption(f"{others}MF is matrix factorisation: it knows the {W.viewer}, not the order.")
    fired = f"{len(shown.fired)} of {across} horizontal filters fire: their best response is above zero."
    st.markdown(f"{decomposition(scene.view, scene.item, scene.filters)} {fired}")
    if shown.horizontal and (real := sentence(results.found_in_filters(view.trained, view.split), view.name)):
        st.markdown(wording.plain(real))
    if shown.horizontal:
        by_name.draw(scene, _look_at)


def _look_at(at: tuple[int, int]) -> None:
    write_on_page(**{FILTER: filter_name(*at), "view": all_filters.TITLE})


# ---- what is drawn


def content(model: Caser, traced: Trace, shown: FilterView, films: list[str], scored: str) -> dict:
    """Everything the component draws, as texts and shades; the steps in order, each with its sentence."""
    E = traced.embedding
    blend = max(shown.vertical, key=lambda part: abs(part.contribution), default=None)
    slide = _sliding(shown)
    scale = float(np.abs(E).max()) or 1.0
    kinds = [f"A vertical filter blends the {W.films}, with one weight per place."] if blend else []
    kinds += [f"A horizontal filter is a pattern that slides over neighbouring {W.films}."] if slide else []
    begin = (
        f"The last {len(E)} {W.films}, the oldest first. In the model each one is a row of {E.shape[1]} learnt numbers."
    )
    steps = [{"kind": "window", "say": " ".join([begin, *kinds])}]
    steps += (_blend_steps(blend) if blend else []) + (_slide_steps(model, slide, E) if slide else [])
    used = [(blend.name, blend)] if blend else []
    used += [(filter_name(slide.height, slide.index), slide)] if slide else []
    if used:
        added = " and ".join(f"{name} adds {part.contribution:+.2f}" for name, part in used)
        steps[-1]["say"] += f" What all filters pass on is weighted and added to the score: here {added} for {scored}."
    return {
        "films": [{"title": film, "cells": _cells(row, scale)} for film, row in zip(films, E, strict=True)],
        "vertical": _vertical(blend, E) if blend else None,
        "horizontal": _horizontal(model, slide, E) if slide else None,
        "steps": steps,
        "hues": {"positive": theme.POSITIVE, "negative": theme.NEGATIVE},
    }


def _cells(values: np.ndarray, scale: float) -> list[dict]:
    """A number each as text, with how strongly it is coloured, -1 to 1."""
    return [{"text": tiny(value), "shade": round(float(np.clip(value / scale, -1, 1)), 3)} for value in values]


def _vertical(blend: VerticalFilter, E: np.ndarray) -> dict:
    weights = np.array(blend.weights)
    sums = np.cumsum(weights[:, None] * E, 0)  # (L, d), with each film added to those above it
    scale = float(np.abs(sums).max()) or 1.0
    return {
        "name": blend.name,
        "weights": _cells(weights, float(np.abs(weights).max()) or 1.0),
        "sums": [_cells(row, scale) for row in sums],
    }


def _blend_steps(blend: VerticalFilter) -> list[dict]:
    name = f"Vertical filter {blend.name}"
    steps = [
        {
            "kind": "vertical",
            "at": place,
            "say": f"{name} has one weight per place: {weight:+.2f} for {W.film} {place + 1}. Its row times that "
            f"weight {'starts' if place == 0 else 'is added to'} the blend below.",
        }
        for place, weight in enumerate(blend.weights)
    ]
    heaviest = filters.dominant(np.abs(blend.weights))
    leans = f"spreads over several {W.films}" if heaviest is None else f"leans mostly on {W.film} {heaviest + 1}"
    steps[-1]["say"] += f" The blend is done. For everybody it {leans}."
    return steps


def _sliding(shown: FilterView) -> HorizontalFilter | None:
    """The filter to slide: of those over two or three films the one that moves the score most, else any."""
    several = [f for f in shown.horizontal if f.height in (2, 3) and len(f.responses) > 1]
    return max(several or shown.horizontal, key=lambda f: abs(f.contribution), default=None)


def _products(model: Caser, slide: HorizontalFilter, E: np.ndarray, first: int) -> np.ndarray:
    """float (h,): each row's response to the film under it."""
    weights = filters.filter_weights(model, slide.height, slide.index)
    return (E[first : first + slide.height] * weights).sum(1)


def _horizontal(model: Caser, slide: HorizontalFilter, E: np.ndarray) -> dict:
    weights = filters.filter_weights(model, slide.height, slide.index)
    scale = float(np.abs(weights).max()) or 1.0
    most = max(map(abs, slide.responses)) or 1.0
    answers = [
        {"text": f"{answer:+.2f}", "shade": round(answer / most, 3), "films": span(first, slide.height)}
        for first, answer in enumerate(slide.responses)
    ]
    return {
        "name": filter_name(slide.height, slide.index),
        "height": slide.height,
        "weights": [_cells(row, scale) for row in weights],
        "answers": answers,
        "kept": slide.pooled,
    }


def _slide_steps(model: Caser, slide: HorizontalFilter, E: np.ndarray) -> list[dict]:
    name, bias = filter_name(slide.height, slide.index), filters.filter_bias(model, slide.height, slide.index)
    steps = []
    for first, answer in enumerate(slide.responses):
        products = [f"{value:+.2f}" for value in _products(model, slide, E, first)]
        given = ", ".join(products[:-1]) + " and " * (len(products) > 1) + products[-1]
        rows = "Each row multiplies its" if len(products) > 1 else "Its row multiplies its"
        said = (
            f"Horizontal filter {name} lies over {span(first, slide.height)}. {rows} numbers with the {W.film}'s "
            f"and sums them: {given}. With the bias, {bias:+.2f}, the response is {answer:+.2f}."
        )
        steps.append({"kind": "horizontal", "at": first, "say": said})
    best = slide.responses[slide.pooled]
    passed = "and passes it on" if best > 0 else "but passes on 0, since it is not above zero"
    steps.append(
        {
            "kind": "kept",
            "at": slide.pooled,
            "say": f"Max pooling keeps the best response, {best:+.2f} at {span(slide.pooled, slide.height)}, "
            f"{passed}. It says how well the pattern matches, but not where.",
        }
    )
    return steps
