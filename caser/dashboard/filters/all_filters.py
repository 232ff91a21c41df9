"""All filters of a model at once, and one of them in detail."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.figures.filters import concepts as concept_figures
from caser.dashboard.figures.filters import filters as filter_figures
from caser.dashboard.film import decomposition
from caser.dashboard.filters import by_name
from caser.dashboard.filters import switch_off as switching_off
from caser.dashboard.filters.scene import FILTER, Scene, pick_filter
from caser.dashboard.names import filter_name
from caser.dashboard.parts import chart
from caser.dashboard.results import Sought
from caser.dashboard.selection import write_on_page
from caser.explain import ablation, filters, records
from caser.explain.concepts import FilterName
from caser.explain.filters import parse_name
from caser.explain.preferences import NGrams, row_responses
from caser.findings import Findings, sentence
from caser.words import W

TITLE = "All filters"
NOTE = "Shows what each filter adds to this one score through the units that are active now. It does not show causes."
GRID = "filter grid"
SHOWN_MOST, SHOWN_LEAST = 4, 2  # films a row seeks and shuns


def draw(scene: Scene) -> None:
    """A grid of all filters beside what one of them does with these films; below it, what it seeks in general."""
    selected = pick_filter(scene)
    if selected is None:
        return
    st.markdown(decomposition(scene.view, scene.item, scene.filters))
    real = sentence(_known(scene), scene.view.name)
    st.markdown(f":material/fact_check: {wording.plain(real)}")
    left, right = st.columns([2, 3], gap="large")
    with left:
        chart(
            filter_figures.grid(scene.filters, selected, scene.film),
            "Click a cell, or pick a filter above. No number: inactive. The frame marks the selected filter",
            scene.view,
            key=GRID,
            on_select=_clicked,
            selection_mode="points",
        )
        by_name.draw(scene, _look_at)
    with right:
        _now(scene, *selected)
    _in_general(scene, *selected)
    _switched_off(scene, *selected)


def _clicked() -> None:
    points = st.session_state[GRID]["selection"]["points"]
    if points:
        _, height, index = parse_name(str(np.ravel(points[0]["customdata"])[0]))
        _look_at((height, index))


def _look_at(selected: tuple[int, int]) -> None:
    write_on_page(**{FILTER: filter_name(*selected)})


def _now(scene: Scene, height: int, index: int) -> None:
    """What the filter is, and what it does with the visitor's films."""
    view, horizontal = scene.view, scene.horizontal(height, index)
    name = filter_name(height, index)
    st.markdown(f"#### Filter {name}: {wording.plain(_known(scene).names(view.split)[height, index].text)}")
    alive = float(results.alive_shares(view.trained, view.split)[height - 1, index])
    dead = " It is **dead**: no real window activates it." if alive == 0 else ""
    fires = f"fires with {horizontal.activation:.2f} here" if horizontal.alive else "is inactive here"
    st.markdown(
        f"It {fires} and adds **{horizontal.contribution:+.2f}** to {wording.plain(scene.film)}. It fires in "
        f"{alive:.0%} of all real windows.{dead} {_worth_of_name(scene, height, index)}"
    )
    weights = filters.filter_weights(view.trained.model, height, index)
    title = f"Filter {name} is a block of {height} x {weights.shape[1]} weights"
    caption = f"One row per {W.film} it covers. It responds most to {W.films} whose numbers have the same signs"
    chart(filter_figures.filter_weights(weights, title), caption, view, key="weights")
    figure = filter_figures.responses(horizontal.responses, height, scene.films)
    chart(figure, f"Its response at every place in these {W.films}", view, key="answers")


def _in_general(scene: Scene, height: int, index: int) -> None:
    """What the filter seeks, whoever is watching."""
    view, sought = scene.view, results.sought(scene.view.trained, scene.view.split, height, index)
    st.markdown(f"##### What it seeks, whoever is {W.watching}")
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(_row_lines(sought))
        for ngrams, words in (
            (sought.possible, f"{W.Films} in a row that would excite it most, of all possible ones"),
            (sought.real, f"{W.Films} in a row, from real histories, that excite it most"),
        ):
            _ngram_table(ngrams, words)
        st.caption(
            f"Chosen among {wording.often_watched(view)}. Rarely {W.watched} {W.films} keep much of their "
            f"random start. Real histories end before the held-out {W.films}."
        )
    with right:
        caption = (
            "How much of a row's variance each concept explains beyond all other groups. Minus: the row shuns it. "
            "Star: p < 0.05 after correction (permutation test). Random filters often reach that, too. "
            "An association, not a cause"
        )
        chart(concept_figures.row_concepts(_known(scene).test, height, index), caption, view, key="concepts")
        _evidence(scene, height, index)


def _known(scene: Scene) -> Findings:
    return results.found_in_filters(scene.view.trained, scene.view.split)


def _worth_of_name(scene: Scene, height: int, index: int) -> str:
    """How much the filter's name explains beside random filters, and whether it comes back, as Markdown."""
    found = _known(scene)
    said = _beside_random(found.names(scene.view.split)[height, index])
    if not found.stability:
        return f"{said} Whether it comes back in another training was not measured."
    again, others = found.stability.again(height, index), found.stability.others
    typical = found.stability.typical(height, index)
    return f"{said} It comes back in **{again} of {others}** other trainings (median r {typical:.2f})."


def _beside_random(name: FilterName) -> str:
    if name.random_share is None:
        return f"It was not compared with random filters, so it is named after the {W.films} it responds to most."
    if not name.named:
        return (
            "No concept explains it better than random filters, so it is named after the "
            f"{W.films} it responds to most."
        )
    return (
        f"Its name explains up to {name.share:.0%} of a row's response to held-out {W.films}; "
        f"95 of 100 random filters stay below {name.random_share:.0%}."
    )


def _evidence(scene: Scene, height: int, index: int) -> None:
    """The responses behind a row's name, film by film."""
    view = scene.view
    named = {row.row: row for row in _known(scene).names(view.split)[height, index].rows}
    if not named:
        return
    key = f"evidence {filter_name(height, index)}"
    row = st.segmented_control(
        "Evidence",
        list(named),
        default=max(named, key=lambda row: named[row].share),
        format_func=lambda row: f"row {row + 1}: {named[row].text}",
        key=key,
        wrap=True,
    )
    if row is None:
        return
    concepts, values = results.concept_values(view.split)
    films = results.often_watched(view.split)
    if named[row].concept not in concepts:
        st.caption(
            f"The {W.films}' details changed after the filters were named. Name the filters again to see the evidence."
        )
        return
    responses = row_responses(view.trained.model, height, index)[row, films]
    titles = [wording.film_name(view, int(item)) for item in films]
    figure = concept_figures.evidence(named[row], values[concepts.index(named[row].concept)], responses, titles)
    caption = f"One mark per {W.film}, for {wording.often_watched(view)}; diamonds are means"
    chart(figure, caption, view, key="evidence")


def _row_lines(sought: Sought) -> str:
    """The films that each row seeks and shuns, as Markdown."""
    lines = []
    for row in sought.films:
        most = ", ".join(f"{_title(film)} ({value:+.2f})" for film, value in row.most[:SHOWN_MOST])
        least = ", ".join(f"{_title(film)} ({value:+.2f})" for film, value in row.least[:SHOWN_LEAST])
        lines.append(f"- **Row {row.row + 1}** seeks {most}; shuns {least}")
    return "\n".join(lines)


def _title(film: records.Film) -> str:
    return wording.plain(film.title)


def _ngram_table(ngrams: NGrams, words: str) -> None:
    """Runs of films as a Markdown table, which wraps on narrow screens."""
    st.markdown(f"**{words}**")
    if not ngrams.best:
        st.caption("No history is long enough.")
        return
    counted = any(ngram.count for ngram in ngrams.best)
    lines = [f"| response | {W.films}, the oldest first | times |", "|--:|:--|--:|"]
    if not counted:
        lines = [f"| response | {W.films}, the oldest first |", "|--:|:--|"]
    for ngram in ngrams.best:
        films = " → ".join(_title(film) for film in ngram.films)
        times = f" {ngram.count} |" if counted else ""
        lines.append(f"| {ngram.response:+.2f} | {films} |{times}")
    st.markdown("\n".join(lines))


def _switched_off(scene: Scene, height: int, index: int) -> None:
    """What the list and the test lose without the filter."""
    name = filter_name(height, index)
    switch = ablation.Switch(f"filter {name}", ((height, index),))
    st.markdown(f"##### Without filter {name}")
    switching_off.list_words(scene, (switch,))
    switching_off.metric_effect(scene, switch)
