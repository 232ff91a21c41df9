"""Small drawings as HTML, in the page's own text colour; what they say is also said in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from caser.dashboard import theme
from caser.words import W

_COLUMNS, _ROWS = 8, 5


def _cell(hue: str = "currentColor", percent: int = 14, line: str = "") -> str:
    fill = f"color-mix(in srgb, {hue} {percent}%, transparent)"
    return f'<div style="background:{fill};border-radius:3px;{line}"></div>'


def _grid(cells: list[str], label: str) -> str:
    """Cells in rows of `_COLUMNS`; `label` says what they show to those who cannot see them."""
    style = f"display:grid;grid-template-columns:repeat({_COLUMNS},1fr);grid-auto-rows:13px;gap:3px;max-width:9rem"
    return f'<div role="img" aria-label="{escape(label)}" style="{style}">{"".join(cells)}</div>'


def _matrix(marked: Callable[[int, int], bool], hue: str, label: str) -> str:
    """The embedding matrix with some cells outlined; shades vary a little so that it reads as numbers."""
    cells = []
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            shade = 12 + 5 * ((3 * column + 5 * row) % 7)
            cells.append(
                _cell(hue, shade + 40, f"outline:2px solid {hue};") if marked(column, row) else _cell(percent=shade)
            )
    return _grid(cells, label)


def matrix() -> str:
    """The films as a matrix, one row for each film."""
    return _matrix(lambda column, row: False, theme.ACCENT, f"a grid: one row per {W.film}, one column per dimension")


def horizontal() -> str:
    """A horizontal filter over two films."""
    return _matrix(lambda column, row: row in (2, 3), theme.POSITIVE, "the grid with two whole rows framed")


def vertical() -> str:
    """A vertical filter over one dimension of all films."""
    return _matrix(lambda column, row: column == 3, theme.NEGATIVE, "the grid with one whole column framed")


def person() -> str:
    """A vector of the user beside one of the sequence."""
    blank = [_cell(percent=0)] * _COLUMNS
    watched = [_cell(theme.POSITIVE, 30 + 8 * (3 * column % 7)) for column in range(_COLUMNS)]
    who = [_cell(theme.MARK, 30 + 8 * (5 * column % 7)) for column in range(_COLUMNS)]
    return _grid(
        blank + watched + blank + who + blank, f"two rows of numbers: what was {W.watched}, and who is {W.watching}"
    )


def ranking() -> str:
    """Bars of falling length: the scores."""
    cells = [_cell(theme.ACCENT, 95 - 15 * row, f"grid-column:1/{end}") for row, end in enumerate((9, 8, 6, 5, 3))]
    return _grid(cells, "bars of falling length")


def film_strip(films: Sequence[tuple[str, str]], missing: int = 0) -> str:
    """The films of a window in the order watched, each a (label, genres), after `missing` empty places."""
    places = [_place("", "", i + 1, False) for i in range(missing)]
    for i, (label, genres) in enumerate(films, missing + 1):
        places.append(_place(label, genres, i, i == missing + len(films)))
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
