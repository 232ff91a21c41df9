"""Why this film: the part of the Recommend page below the lists."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from caser.dashboard import film as explained
from caser.dashboard import frame as components
from caser.dashboard import loaders, wording
from caser.dashboard import results as filter_facts
from caser.dashboard.figures import plot as canvas
from caser.dashboard.figures import score as why_figures
from caser.dashboard.figures.plot import rank_words
from caser.dashboard.selection import View, choose
from caser.explain import cases as why_cases
from caser.explain import edits as what_if
from caser.explain import explanation
from caser.explain.counterfactual import EXACT_SHAPLEY, masking
from caser.explain.edits import Films
from caser.explain.explanation import Explanation, Parts
from caser.explain.filters import has_convolutions, trace, vertical_weights
from caser.recommend import rank_all, rank_items, rank_of, score_catalogue

FIRED = 8  # filters drawn
WHO_FIRST = 0.75  # of the weight: off the middle, so that something is seen to move
CARD = 176  # pixels; five films fit beside each other
EDITED, WHO, PART, BARS = "what-if films", "who against what", "why part", "parts of scores"
_WHY, _WHAT_IF, _WHO, _FILTERS = "Why this film", "What if", "Who or what", "What the filters saw"
_CASES = {
    why_cases.ORDER: "Order matters most",
    why_cases.CONCENTRATION: "One film decides",
    why_cases.GAIN: "Found here, missed by MF",
}


def show(view: View) -> None:
    """Why a film is recommended, what other films would have done, and who against what."""
    st.subheader("Why these films?", anchor=False)
    _presets(view)
    _body(view)


@st.fragment
def _body(view: View) -> None:
    """Only this part is drawn anew when something in it changes."""
    scores = explained.scores(view)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        item = explained.pick_film(view, scores)
        parts = {_WHY: _why, _WHAT_IF: _what_if, _WHO: _who, _FILTERS: _filters}
        chosen = st.segmented_control(
            "Ask", list(parts), key=PART, default=_WHY, required=True, wrap=True, bind="query-params"
        )
    parts[chosen](view, item, scores)


# ---- presets


def _presets(view: View) -> None:
    """Viewers who show an effect clearly, found by computation."""
    found = _cases(view.trained.metadata.weights_sha256, _baseline_key(view), view)
    if not found:
        return
    st.caption("Clear cases, found by computing each effect for everybody:")
    with st.container(horizontal=True):
        for case in found:
            user = int(view.dataset.user_ids[case.user])
            st.button(
                f"{_CASES[case.effect]}: viewer {user}",
                key=f"case {case.effect}",
                type="tertiary",
                icon=":material/auto_awesome:",
                on_click=_open_case,
                args=(case, user),
            )


def _baseline_key(view: View) -> str:
    return view.baseline.metadata.weights_sha256 if view.baseline else ""


@st.cache_resource(max_entries=4, show_spinner="Looking for clear cases …")
def _cases(weights: str, baseline: str, _view: View) -> tuple[why_cases.Case, ...]:
    name, ties = _view.dataset.name, _view.split.ties
    own = loaders.ranks(name, _view.trained.name, ties)
    other = loaders.ranks(name, _view.baseline.name, ties) if _view.baseline else None
    return why_cases.cases(_view.trained.model, _view.split, own, other)


def _open_case(case: why_cases.Case, user: int) -> None:
    choose(user=user, sequence=None)
    st.session_state[explained.FILM], st.session_state[PART] = case.item, _WHY


# ---- why


def _why(view: View, item: int, scores: np.ndarray) -> None:
    found, films = explained.explanation(view, item), explained.film_names(view)
    film = wording.film_name(view, item)
    left, right = st.columns(2, gap="large")
    with left:
        _contributions(view, found, films, film)
    if view.window:
        with right:
            figure = why_figures.shapley(found.shapley, films, film)
            caption = (
                "Shapley values: what each film is worth on average over every way of leaving the others out, so "
                "they hold beyond the filters that are active now. They say what the model does, not why anybody "
                "watched"
            )
            components.chart(figure, caption, view, key="shapley")
    _order(view, found, item, film)


def _contributions(view: View, found: Explanation, films: list[str], film: str) -> None:
    if found.contributions is None:
        st.info(f"{view.name}'s score is no sum over the films, so there is no exact waterfall; see the shares beside.")
        return
    steps = why_figures.contribution_steps(found.contributions, films, explained.user_part(view))
    title = why_figures.contribution_title(found.contributions, films, film)
    note = " You are new here, so the user's part is that of all new visitors." if view.anonymous else ""
    caption = (
        "Gradient times input; the steps add up to the score exactly. It holds for the filters that are active now: "
        f"with other films others would be.{note}"
    )
    components.chart(why_figures.waterfall(steps, film, title), caption, view, key="waterfall")


def _order(view: View, found: Explanation, item: int, film: str) -> None:
    order = found.order_effect
    if order.orders < 2:
        st.caption("With fewer than two films there is no order to speak of.")
        return
    counted = f"All {order.orders}" if order.exact else f"{order.orders} random"
    margin = "" if order.exact else f" (mean ± {order.margin:.2f})"
    caption = (
        f"{counted} orders of the same films{margin}: the score changes by {order.effect:+.2f} against their mean, "
        f"and {order.share_lower:.0%} of them score lower. {_tied(view)}"
    )
    components.chart(why_figures.order_effect(order, film), caption, view, key="order")


def _tied(view: View) -> str:
    """How much of the recorded order is real."""
    if view.anonymous or view.dataset.simulated:
        return ""
    end = view.split.end("test")[view.user]
    time = view.split.timestamp[end - len(view.window) : end]
    ties = int((np.diff(time) == 0).sum())
    return f"Of the {len(time) - 1} neighbouring pairs here {ties} share one time, so their recorded order is chance."


# ---- what if


def _what_if(view: View, item: int, scores: np.ndarray) -> None:
    """Edit the films, with the list as it is beside the list as it would be."""
    pinned = what_if.read(view.trained.model, view.history)
    if not any(film != view.dataset.padding for film in pinned):
        st.info(f"{view.name} has no films to read here, so there is nothing to change.", icon=":material/info:")
        return
    edited = _edited(view, item, pinned)
    _editor(view, pinned, edited)
    after = score_catalogue(view.trained.model, view.user, edited)
    left_out = [*view.left_out, *(film for film in edited if film != view.dataset.padding)] if view.left_out else []
    before_ranks, after_ranks = rank_all(scores, view.left_out), rank_all(after, left_out)
    k = min(view.selection.k, 10)
    found = why_figures.moves(before_ranks, after_ranks, loaders.titles(view.dataset.name).labels, k)
    figure = why_figures.rank_moves(found, k, _change(view, pinned, edited), ("pinned", "what if"))
    caption = "Below the dotted line: out of the list. What the model would say, not what anybody would watch"
    left, right = st.columns([3, 2], gap="large")
    with left:
        components.chart(figure, caption, view, key="what if")
    film = wording.plain(wording.film_name(view, item))
    was, now = (rank_words(ranks[item]) for ranks in (before_ranks, after_ranks))
    score = f"its score from **{scores[item]:+.2f}** to **{after[item]:+.2f}**"
    with right:
        st.markdown(f"{film} goes from rank **{was}** to **{now}**, {score}.")
        _masked(view, item)


def _masked(view: View, item: int) -> None:
    """Where the film ends up with any of the recent films dropped: the paper's figure 8."""
    if len(view.window) > EXACT_SHAPLEY:
        return
    found = masking(view.trained.model, view.user, view.history, item)
    figure = why_figures.masking(found, explained.film_names(view), wording.film_name(view, item))
    caption = "Every way of leaving some of the untouched films out, a mark each; hover to see which"
    components.chart(figure, caption, view, key="masked")


def _edited(view: View, item: int, pinned: Films) -> Films:
    """The films as edited; for another visitor or another sequence it begins without the film that carries most."""
    whose, kept = (view.dataset.name, view.trained.name, view.user, pinned), st.session_state.get(EDITED)
    if kept is None or kept[0] != whose:
        carries = int(np.argmax(explained.explanation(view, item).shapley.values))
        kept = st.session_state[EDITED] = whose, what_if.dropped(pinned, carries, view.dataset.padding)
    return kept[1]


def _set(edited: Films) -> None:
    st.session_state[EDITED] = (st.session_state[EDITED][0], edited)


def _editor(view: View, pinned: Films, edited: Films) -> None:
    """A card a place, and what can be done to all."""
    padding, names = view.dataset.padding, explained.names_of(view, edited)
    with st.container(horizontal=True, gap="small"):
        for place, name in enumerate(names):
            with st.container(border=True, gap="xsmall", width=CARD, height="stretch"):
                was = explained.names_of(view, pinned)[place]
                st.caption(
                    f"{place + 1}" if name == was else f"{place + 1} · was {wording.plain(canvas.short(was, 16))}"
                )
                empty = canvas.NO_FILM if was == canvas.NO_FILM else "left out"
                st.markdown(f"**{wording.plain(name)}**" if name != canvas.NO_FILM else f":gray[{empty}]")
                _place_buttons(edited, place, padding, name)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _replacer(view, edited)
        rng = np.random.default_rng()
        for label, icon, after in (
            ("Shuffle", "shuffle", what_if.shuffled(edited, padding, rng)),
            ("Reverse", "swap_vert", what_if.turned(edited, padding)),
            ("Back to the original", "undo", pinned),
        ):
            st.button(label, icon=f":material/{icon}:", on_click=_set, args=(after,), disabled=after == edited)


def _place_buttons(edited: Films, place: int, padding: int, name: str) -> None:
    with st.container(horizontal=True, gap="small", wrap=False):
        for icon, words, after in (
            ("swap_horiz", "Swap", what_if.swapped(edited, place)),
            ("close", "Drop", what_if.dropped(edited, place, padding)),
        ):
            st.button(
                words,
                key=f"{words} {place}",
                icon=f":material/{icon}:",
                help=f"{words}{' with the next' * (words == 'Swap')}: {name}",
                type="tertiary",
                disabled=after == edited,
                on_click=_set,
                args=(after,),
            )


def _replacer(view: View, edited: Films) -> None:
    """Put another film in a place."""
    place = st.selectbox("Replace film", range(1, len(edited) + 1), key="replaced place", width=110)
    labels = loaders.film_labels(view.dataset.name)
    st.selectbox(
        "by",
        _by_views(view.dataset.name, view.split.ties),
        index=None,
        key="replacing film",
        format_func=lambda item: labels[item],
        placeholder="Search by title",
        on_change=_replace,
        args=(edited, place - 1),
        width=300,
    )


@st.cache_resource(max_entries=3, show_spinner=False)
def _by_views(name: str, ties: str) -> list[int]:
    """The most watched films, the most watched first."""
    return np.argsort(-loaders.watch_counts(name, ties), kind="stable")[:2000].tolist()


def _replace(edited: Films, place: int) -> None:
    film, st.session_state["replacing film"] = st.session_state["replacing film"], None
    if film is not None:
        _set(what_if.replaced(edited, place, film))


def _change(view: View, pinned: Films, edited: Films) -> str:
    """What was changed, for a title."""
    if edited == pinned:
        return "As it is"
    if sorted(edited) == sorted(pinned):
        return "In another order"
    places = [at for at, (a, b) in enumerate(zip(pinned, edited, strict=True)) if a != b]
    if len(places) > 1:
        return f"With {len(places)} places changed"
    was, now = (explained.names_of(view, films)[places[0]] for films in (pinned, edited))
    return f"Without {was}" if now == canvas.NO_FILM else f"With {now} for {was}"


# ---- who or what


def _who(view: View, item: int, scores: np.ndarray) -> None:
    """The list with the weight moved between the films and the viewer, without running the model again."""
    if not view.trained.model.knows_user:
        st.info(f"{view.name} has no part for the viewer, so there is nothing to weigh.", icon=":material/info:")
        return
    parts = explanation.parts(view.trained.model, view.user, view.history)
    who = st.slider(
        "From what you have been doing (0) to who you are (1)",
        0.0,
        1.0,
        WHO_FIRST,
        0.05,
        key=WHO,
        width=420,
        help="0.5 is the model as trained. The score is a sum of both parts, so moving the weight needs no new run.",
    )
    weighed = explanation.reweigh(parts, who)
    left, right = st.columns(2, gap="large")
    with left:
        _weighed_list(view, parts, weighed, who)
    with right:
        items = rank_items(weighed, min(view.selection.k, 10), view.left_out).tolist()
        labels = loaders.titles(view.dataset.name).labels
        figure = why_figures.who_and_what(parts, items, labels, explained.user_part(view))
        note = "; yours is the part of all new visitors, trained by leaving viewers out at random" * view.anonymous
        caption = f"The parts as the model has them, before the slider weighs them; click a bar to explain it{note}"
        components.chart(figure, caption, view, key=BARS, on_select=partial(_pick_bar, view), selection_mode="points")
    ranks = (rank_words(rank_of(found, item, view.left_out)) for found in (scores, weighed))
    film = wording.plain(wording.film_name(view, item))
    st.markdown("{} goes from rank **{}** to **{}**.".format(film, *ranks))


def _pick_bar(view: View) -> None:
    points = st.session_state[BARS]["selection"]["points"]
    if points:
        explained.point_at(view, int(np.ravel(points[0]["customdata"])[0]))


def _weighed_list(view: View, parts: Parts, weighed: np.ndarray, who: float) -> None:
    k = min(view.selection.k, 10)
    before = rank_all(explanation.reweigh(parts, 0.5), view.left_out)
    after = rank_all(weighed, view.left_out)
    found = why_figures.moves(before, after, loaders.titles(view.dataset.name).labels, k)
    what = "As trained" if who == 0.5 else f"With {who:.0%} of the weight on {explained.user_part(view)}"
    figure = why_figures.rank_moves(found, k, what, ("as trained", "weighed"))
    components.chart(figure, "The films' own constants always count once", view, key="weighed")


# ---- the filters


def _filters(view: View, item: int, scores: np.ndarray) -> None:
    """The filters that moved the film's score, and what all of them answer to the films."""
    model = view.trained.model
    if not has_convolutions(model):
        st.info(f"{view.name} has no convolutions to show; pick a Caser model in the sidebar.")
        return
    if not view.window:
        st.info("There are no films for the filters to see; add some above.", icon=":material/info:")
        return
    shown = explained.explanation(view, item).filters.fired
    figure = why_figures.fired(shown, explained.film_names(view), filter_facts.labels(view), FIRED)
    caption = (
        f"What each adds to the score: the {min(FIRED, len(shown))} of {len(shown)} active filters that move it most, "
        "and the films at which each fires. A name is given only where the genres are significant"
    )
    components.chart(figure, caption, view, key="fired")
    components.activations(view, trace(model, view.history), vertical_weights(model))
