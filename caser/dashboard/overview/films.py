"""Other films to begin with: chips and a search where the picture has none of its own, and a surprise."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import wording
from caser.dashboard.ids import OwnId
from caser.dashboard.selection import choose
from caser.dashboard.view import View
from caser.dashboard.visitor import did_you_mean, meant, offered
from caser.field.cases import SEQUENCE_LENGTH
from caser.picture.payload import fits_browser
from caser.words import W

CHIPS = "films picked"  # the widget's key
KNOWN = 60  # films among which a surprise is looked for, the most watched
MOST_CHIPS = 10  # of the latest films, where the model does not read more


def draw(view: View) -> None:
    """The latest films and a search in one box; the picture has both where the browser computes it."""
    if fits_browser(view.trained.model):
        return
    chips = _chips(view)
    st.session_state[CHIPS] = list(chips)
    st.multiselect(
        f"Your {W.films}, oldest first" if view.anonymous else f"{wording.plain(view.who)}, oldest first",
        list(dict.fromkeys([*chips, *offered(view.split)])),
        key=CHIPS,
        placeholder=f"Add {W.a_film}",
        filter_mode="contains",  # letters far apart would make "matrix" offer Matilda
        accept_new_options=True,
        select_all=False,
        on_change=_pick,
        args=(view, chips),
    )
    did_you_mean(view)


def surprise(view: View) -> None:
    """A button that picks other films."""
    st.button("Surprise me", on_click=lambda: choose(sequence=_surprise(view), private=False))


def _chips(view: View) -> dict[str, OwnId]:
    """Own ids of the latest films by what their chips say; one watched again says which time that is."""
    chips: dict[str, OwnId] = {}
    for item in view.history[-max(len(view.window), MOST_CHIPS) :]:
        label, times = view.dataset.labels[item], 1
        while (text := label if times == 1 else f"{label} · {times}") in chips:
            times += 1
        chips[text] = view.dataset.item_id(item)
    return chips


def _pick(view: View, chips: dict[str, OwnId]) -> None:
    """Take what the chips say for the latest films; earlier ones of the visitor's own stay."""
    films = [chips[text] if text in chips else meant(view, text) for text in st.session_state[CHIPS]]
    earlier = (view.selection.sequence or ())[: -len(chips) or None]
    if None not in films:
        choose(sequence=(*earlier, *films))


def _surprise(view: View) -> tuple[OwnId, ...]:
    """Own ids of a few well-known films, all of one genre where there are enough, and not those there are now."""
    rng, dataset = np.random.default_rng(), view.dataset
    most_watched = np.argsort(-dataset.views, kind="stable")[:KNOWN]
    known = [item for item in most_watched if item not in view.history] or list(most_watched)
    genres = sorted({genre for item in known for genre in dataset.catalogue["genres"].iat[item]})
    of_one = [[item for item in known if genre in dataset.catalogue["genres"].iat[item]] for genre in genres]
    enough = [items for items in of_one if len(items) >= SEQUENCE_LENGTH] or [known]
    items = enough[rng.integers(len(enough))]
    return tuple(dataset.item_id(item) for item in rng.permutation(items)[:SEQUENCE_LENGTH])
