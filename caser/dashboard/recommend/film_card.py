"""The card of the film explained: typographic, from what the data set says of it; nothing is fetched."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from caser.dashboard import results, theme
from caser.dashboard.names import rank_words
from caser.dashboard.view import View
from caser.explain.film_map import film_vectors
from caser.handout.card import Card, card
from caser.words import W

_STYLE = f"""<style>
.explained-card {{display: flex; gap: 1rem; align-items: stretch}}
.explained-card .front {{flex: 0 0 7.5rem; min-height: 8rem; box-sizing: border-box; padding: .7rem .6rem;
  display: flex; flex-direction: column; justify-content: space-between; gap: .6rem; overflow-wrap: anywhere;
  border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-top: 6px solid {theme.ACCENT};
  border-radius: .5rem; background: color-mix(in srgb, {theme.ACCENT} 12%, transparent)}}
.explained-card .front b {{line-height: 1.2}}
.explained-card .front b.long {{font-size: .8rem}}
.explained-card dl {{display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; align-content: center;
  margin: 0 !important; padding: 0; font-size: .875rem}}
.explained-card dt {{opacity: .75}}
.explained-card dd {{margin: 0; overflow-wrap: anywhere}}
</style>"""
_LONG, _MOST = 40, 90  # letters of a title


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """The film and what there is to know of it; `scores` is float (n_items,)."""
    vectors, among = film_vectors(view.trained.model), results.often_watched(view.split)
    st.html(_STYLE + html(card(view.dataset, item, scores, view.left_out, vectors, among)))


def html(shown: Card) -> str:
    """A card as HTML, in the page's own colours."""
    facts = {
        "Genres": escape(", ".join(shown.genres)),
        W.Watched: f"{shown.times:,} times, rank {shown.place:,} of {shown.n_items:,}",
        "Most alike": escape(shown.alike),
        f"In {escape(shown.genre)}": f"rank {rank_words(shown.rank)} of {shown.rivals:,} here" if shown.genre else "",
        "Links": " · ".join(
            f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(name)}</a>'
            for name, address in shown.links
        ),
    }
    lines = "".join(f"<dt>{name}</dt><dd>{fact}</dd>" for name, fact in facts.items() if fact)
    title = shown.title if len(shown.title) <= _MOST else f"{shown.title[: _MOST - 1]}…"
    front = f"<b{' class=long' if len(title) > _LONG else ''}>{escape(title)}</b><span>{shown.year or ''}</span>"
    return f'<div class="explained-card"><div class="front">{front}</div><dl>{lines}</dl></div>'
