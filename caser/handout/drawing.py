"""A handout as one SVG: shapes and text, the same for the same content, which every browser turns into a PNG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from caser.handout.content import Handout, Row
from caser.handout.lettering import fit, width, wrapped
from caser.recommend import rank_words
from caser.words import W

INK, SOFT, LINE, PAPER, TINT = "#1f2328", "#59636e", "#d1d9e0", "#ffffff", "#eef4fb"
ACCENT, TRUTH, FOR, AGAINST = "#0b6bcb", "#c2408f", "#159a8c", "#d65a3a"
MOST_ROWS = 10
CARD_SIZES = (26, 24, 22, 20, 18)  # of type: the largest at which no word is broken
GAP = 40  # between blocks


@dataclass(frozen=True)
class Format:
    """A shape of the drawing, in pixels.

    Attributes:
        height: 0 for as high as the content is. columns: 2 sets the reason beside the list.
    """

    width: int
    height: int
    margin: int
    columns: int


PICTURE = Format(1080, 0, 64, 1)  # for a message
SLIDE = Format(1920, 1080, 72, 2)  # 16:9


def svg(content: Handout, shape: Format = PICTURE) -> str:
    """The drawing as the text of a file."""
    board = Board(shape.width)
    left, wide = shape.margin, shape.width - 2 * shape.margin
    y = _head(board, content, left, left, wide)
    y = _strip(board, content, left, y + GAP, wide)
    if shape.columns == 1:
        y = _list(board, content, left, y + GAP, wide, 54)
        y = _reason(board, content, left, y + GAP, wide)
        height = _foot(board, content, left, y + GAP, wide) + shape.margin
    else:
        top, bottom, half = y + GAP, shape.height - shape.margin - 30, (wide - 2 * GAP) * 0.56
        beside = (34 if _headed(content.rows) else 0) + (40 if _notes(content) else 0)
        rows = min(len(content.rows), MOST_ROWS)
        _list(board, content, left, top, half, min((bottom - GAP - top - beside) / max(rows, 1), 72))
        _reason(board, content, left + half + 2 * GAP, top, wide - half - 2 * GAP, bottom - GAP / 2)
        _foot(board, content, left, bottom, wide)
        height = shape.height
    return board.text(round(height), f"{content.title}: {content.about}")


class Board:
    """Shapes on paper; what is drawn keeps to the width that it is given."""

    def __init__(self, width: int):
        self.root = ElementTree.Element("svg", xmlns="http://www.w3.org/2000/svg", width=str(width))
        self.width = width
        self.title = ElementTree.SubElement(self.root, "title")
        self.paper = self.rect(0, 0, width, 0, PAPER)

    def rect(self, x: float, y: float, width: float, height: float, fill: str, radius: float = 0, line: str = "none"):
        place = {"x": x, "y": y, "width": width, "height": height, "rx": radius}
        numbers = {name: f"{value:.1f}" for name, value in place.items()}
        return ElementTree.SubElement(self.root, "rect", numbers, fill=fill, stroke=line)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        most: float,
        fill: str = INK,
        bold: bool = False,
        end: bool = False,
    ) -> None:
        """One line of text on the base line y, cut to at most so wide; it ends at x instead of beginning there."""
        style = {"font-size": f"{size:g}", "font-weight": "700" if bold else "400", "fill": fill}
        anchor = {"text-anchor": "end"} if end else {}
        place = {"x": f"{x:.1f}", "y": f"{y:.1f}"}
        ElementTree.SubElement(self.root, "text", place | style | anchor).text = fit(text, most, size, bold)

    def text(self, height: int, title: str) -> str:
        self.title.text = title
        self.paper.set("height", str(height))
        self.root.attrib |= {"height": str(height), "viewBox": f"0 0 {self.width} {height}"}
        self.root.attrib |= {"font-family": "system-ui, sans-serif", "role": "img"}
        return ElementTree.tostring(self.root, encoding="unicode")


def _head(board: Board, content: Handout, x: float, y: float, wide: float) -> float:
    """Whose list, and of which model; like every block, it begins at y and returns where it ends."""
    board.rect(x, y, 72, 8, ACCENT, 4)
    board.write(x, y + 74, content.title, 60, wide, bold=True)
    lines = wrapped(content.about, wide, 28, 2)
    for nth, line in enumerate(lines):
        board.write(x, y + 122 + 38 * nth, line, 28, wide, SOFT)
    return y + 92 + 38 * len(lines)


def _strip(board: Board, content: Handout, x: float, y: float, wide: float) -> float:
    """The latest films, a card for each."""
    board.write(x, y + 22, content.read, 24, wide, SOFT)
    if not content.watched:
        return y + 30
    gap, top = 16, y + 40
    each = (wide - gap * (len(content.watched) - 1)) / max(len(content.watched), 3)
    room = each - 40
    size = next((size for size in CARD_SIZES if _words_fit(content.watched, room, size)), CARD_SIZES[-1])
    films = [wrapped(film, room, size, 4, bold=True) for film in content.watched]
    line = size * 1.25
    high = 28 + line * max(map(len, films))
    for nth, lines in enumerate(films):
        left = x + nth * (each + gap)
        board.rect(left, top, each, high, PAPER, 12, LINE)
        board.rect(left, top + 12, 6, high - 24, ACCENT, 3)
        for row, text in enumerate(lines):
            board.write(left + 22, top + 10 + line * (row + 0.85), text, size, room, bold=True)
    return top + high


def _words_fit(texts: Sequence[str], most: float, size: float) -> bool:
    return all(width(word, size, bold=True) <= most for text in texts for word in text.split())


def _list(board: Board, content: Handout, x: float, y: float, wide: float, high: float) -> float:
    """The list, one film per row."""
    shown = content.rows[:MOST_ROWS]
    columns = _columns(shown, wide)
    if headed := _headed(shown):
        for name in headed:
            board.write(x + columns[name], y + 20, name, 22, 110, SOFT, end=True)
        y += 34
    for nth, row in enumerate(shown):
        _row(board, row, x, y + nth * high, wide, high, columns)
    y += len(shown) * high
    if notes := _notes(content):
        board.write(x, y + 32, notes, 22, wide, SOFT)
        y += 40
    return y


def _notes(content: Handout) -> str:
    """What is to be known of the rows drawn."""
    shown = content.rows[:MOST_ROWS]
    if not shown:
        return f"No other {W.film} is left to list"
    notes = [f"the first {len(shown)} of {len(content.rows)}"] if len(content.rows) > len(shown) else []
    notes += [f"★ really {W.watched} next"] if any(row.next for row in shown) else []
    return " · ".join(notes)


def _headed(rows: Sequence[Row]) -> list[str]:
    """The columns that need a heading."""
    known = {"chance": rows[0].chance, "of all": rows[0].of_all} if rows else {}
    return [name for name, value in known.items() if value is not None]


def _columns(rows: Sequence[Row], wide: float) -> dict[str, float]:
    """Where each further column ends, from the left of a list."""
    ends = {name: wide - 16 - 120 * nth for nth, name in enumerate(_headed(rows))}
    return ends | {"genres": wide - 16 - 120 * len(ends)}


def _row(board: Board, row: Row, x: float, y: float, wide: float, high: float, columns: dict[str, float]) -> None:
    base = y + high / 2 + 10
    if row.explained:
        board.rect(x, y + 2, wide, high - 4, TINT, 8)
        board.rect(x, y + 10, 6, high - 20, ACCENT, 3)
    else:
        board.rect(x, y + high, wide, 1, LINE)
    board.write(x + 62, base, str(row.rank), 28, 48, ACCENT if row.rank == 1 else SOFT, bold=True, end=True)
    room, bold = columns["genres"] - 82, row.explained or row.next
    title = fit(f"★ {row.title}" if row.next else row.title, room, 28, bold)
    board.write(x + 82, base, title, 28, room, TRUTH if row.next else INK, bold)
    genres = _as_many(row.genres, room - width(title, 28, bold) - 24, 22)
    board.write(x + columns["genres"], base, genres, 22, room, SOFT, end=True)
    if "of all" in columns:
        board.write(x + columns["of all"], base, rank_words(row.of_all), 24, 110, SOFT, end=True)
    if "chance" in columns:
        board.write(x + columns["chance"], base, chance_words(row.chance), 24, 110, SOFT, end=True)


def _as_many(words: Sequence[str], most: float, size: float) -> str:
    """The first words that fit, without a cut."""
    lists = (", ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((text for text in lists if width(text, size) <= most), "")


def chance_words(chance: float) -> str:
    """A chance as it is written."""
    return f"{chance:.1%}" if chance >= 0.0005 else "<0.1%"


def _reason(board: Board, content: Handout, x: float, y: float, wide: float, bottom: float = math.inf) -> float:
    """Why the film explained is where it is: in a sentence, and a bar for each part of its score."""
    for line in wrapped(f"Why {content.film}?", wide, 34, 2, bold=True):
        board.write(x, y + 34, line, 34, wide, bold=True)
        y += 44
    for line in wrapped(content.reason, wide, 24, 4):
        board.write(x, y + 30, line, 24, wide, SOFT)
        y += 34
    y += 24
    low, high = (choose(0.0, *(value for _, value in content.parts)) for choose in (min, max))
    label, number = wide * 0.5, 96
    left, room = x + label + 20, wide - label - 20 - number
    scale = room / ((high - low) or 1.0)
    zero = left - low * scale
    each = min((bottom - y) / max(len(content.parts), 1), 42)
    for name, value in content.parts:
        long = max(abs(value) * scale, 2)
        board.write(x, y + 28, name, 22, label)
        board.rect(zero if value > 0 else zero - long, y + 8, long, each - 16, FOR if value > 0 else AGAINST, 3)
        board.write(x + wide, y + 28, f"{value:+.2f}", 22, number - 8, bold=True, end=True)
        y += each
    if content.parts:
        board.rect(zero - 0.5, y - each * len(content.parts) + 4, 1, each * len(content.parts) - 8, SOFT)
    return y


def _foot(board: Board, content: Handout, x: float, y: float, wide: float) -> float:
    """What the list is narrowed by, and what made it."""
    made = "Caser Explorer"
    room = wide - width(made, 22) - GAP
    board.rect(x, y - 12, wide, 1, LINE)
    board.write(x, y + 26, f"Only: {content.conditions}" if content.conditions else "", 22, room, SOFT)
    board.write(x + wide, y + 26, made, 22, wide, SOFT, end=True)
    return y + 30
