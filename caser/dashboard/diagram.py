"""Small drawings as SVG or HTML text, in the page's own text colour; what they say is also said in words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from caser.dashboard import theme

_CELL, _GAP = 14, 2
_COLUMNS, _ROWS = 8, 5


def _svg(body: str, label: str, width: int = 132, height: int = 84) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(label)}" style="max-width:100%;display:block">{body}</svg>'
    )


def _cell(column: int, row: int, fill: str = "currentColor", opacity: float = 0.14) -> str:
    step = _CELL + _GAP
    return (
        f'<rect x="{column * step + 2}" y="{row * step + 2}" width="{_CELL}" height="{_CELL}" rx="3" '
        f'fill="{fill}" fill-opacity="{opacity}"/>'
    )


def _frame(column: int, row: int, columns: int, rows: int, hue: str) -> str:
    step = _CELL + _GAP
    return (
        f'<rect x="{column * step + 1}" y="{row * step + 1}" width="{columns * step}" height="{rows * step}" rx="4" '
        f'fill="none" stroke="{hue}" stroke-width="2.5"/>'
    )


def _grid() -> str:
    """The embedding matrix; opacities vary a little so that it reads as numbers."""
    return "".join(
        _cell(column, row, opacity=0.10 + 0.05 * ((3 * column + 5 * row) % 7))
        for row in range(_ROWS)
        for column in range(_COLUMNS)
    )


def matrix() -> str:
    """The films as a matrix, a row a film."""
    return _svg(_grid(), "a grid: a row for each film, a column for each dimension")


def horizontal() -> str:
    """A horizontal filter over two films."""
    return _svg(_grid() + _frame(0, 2, _COLUMNS, 2, theme.POSITIVE), "the grid with two whole rows framed")


def vertical() -> str:
    """A vertical filter over one dimension of all films."""
    return _svg(_grid() + _frame(3, 0, 1, _ROWS, theme.NEGATIVE), "the grid with one whole column framed")


def person() -> str:
    """A vector of the user beside one of the sequence."""
    cells = "".join(_cell(c, 1, theme.POSITIVE, 0.25 + 0.06 * (c * 3 % 7)) for c in range(_COLUMNS))
    cells += "".join(_cell(c, 3, theme.CASER, 0.25 + 0.06 * (c * 5 % 7)) for c in range(_COLUMNS))
    return _svg(cells, "two rows of numbers: what was watched, and who is watching")


def ranking() -> str:
    """Bars of falling length: the scores."""
    bars = "".join(
        f'<rect x="2" y="{2 + row * 16}" width="{width}" height="11" rx="3" fill="{theme.CASER}" '
        f'fill-opacity="{0.95 - 0.17 * row}"/>'
        for row, width in enumerate((124, 96, 80, 58, 40))
    )
    return _svg(bars, "bars of falling length")


def film_strip(films: Sequence[tuple[str, str]], missing: int = 0) -> str:
    """The films of a window in the order watched, each a (label, genres), after `missing` empty places."""
    places = [_place("", "", i + 1, False) for i in range(missing)]
    for i, (label, genres) in enumerate(films, missing + 1):
        places.append(_place(label, genres, i, i == missing + len(films)))
    return f'<div style="display:flex;flex-wrap:wrap;gap:.5rem">{"".join(places)}</div>'


def _place(label: str, genres: str, number: int, last: bool) -> str:
    style = (
        "flex:1 1 8.5rem;min-width:0;border-radius:.6rem;padding:.5rem .7rem;"
        "border:1px solid color-mix(in srgb, currentColor 18%, transparent);"
    )
    style += f"border-left:4px solid {theme.CASER};" if label else "border-style:dashed;opacity:.55;"
    when = f"{number} · last watched" if last else str(number)
    return (
        f'<div style="{style}"><div style="font-size:.75rem;opacity:.7">{when}</div>'
        f'<div style="font-weight:600;line-height:1.25">{escape(label) or "no film yet"}</div>'
        f'<div style="font-size:.75rem;opacity:.7">{escape(genres)}</div></div>'
    )
