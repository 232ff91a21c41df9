"""Small drawings as HTML, in the page's own text colour; what they say is also said in words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from caser.dashboard import theme
from caser.words import W


def film_strip(films: Sequence[tuple[str, str]], missing: int = 0, before: int = 0) -> str:
    """The films of a window in the order watched, each a (label, genres), after `missing` empty places.

    Args:
        before: how many films of the window come before these.
    """
    places = [_place("", "", i + 1, False) for i in range(missing)]
    for i, (label, genres) in enumerate(films, before + missing + 1):
        places.append(_place(label, genres, i, i == before + missing + len(films)))
    columns = "repeat(auto-fit,minmax(6.6rem,1fr))"  # cards of one width, also in the last row
    return f'<div style="display:grid;grid-template-columns:{columns};gap:.5rem">{"".join(places)}</div>'


def _place(label: str, genres: str, number: int, last: bool) -> str:
    style = (
        "min-width:0;overflow-wrap:anywhere;border-radius:.6rem;padding:.5rem .7rem;"
        "border:1px solid color-mix(in srgb, currentColor 18%, transparent);"
    )
    style += f"border-left:4px solid {theme.ACCENT};" if label else "border-style:dashed;opacity:.55;"
    when = f"{number} · last {W.watched}" if last else str(number)
    return (
        f'<div style="{style}"><div style="font-size:.75rem;opacity:.7">{when}</div>'
        f'<div style="font-weight:600;line-height:1.25">{escape(label) or f"no {W.film} yet"}</div>'
        f'<div style="font-size:.75rem;opacity:.7">{escape(genres)}</div></div>'
    )
