"""One hue for one meaning, readable on light and on dark; colour is never the only sign."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """How one model is drawn on every page.

    Attributes:
        hue, symbol, dash: in charts. sign: as in charts, in Markdown.
    """

    hue: str
    symbol: str
    dash: str
    sign: str


# A kind's second model keeps its hue; symbol and dash differ.
LOOKS = {
    "caser": Look("#3b82d6", "circle", "solid", ":blue[●]"),
    "mf": Look("#e08a1e", "diamond", "dash", ":orange[◆]"),
    "popularity": Look("#8b9099", "square", "dot", ":gray[■]"),
    "covisit": Look("#7a9a01", "triangle-down", "10px 3px", ":green[▼]"),
    "ease": Look("#9c6b3f", "pentagon", "2px 4px", ":orange[⬟]"),
    "neumf": Look("#c9a400", "hourglass", "12px 3px 2px 3px", ":yellow[⧗]"),
    "gru4rec": Look("#a25ddc", "triangle-right", "8px 3px", ":violet[▶]"),
    "sasrec": Look("#2f9e62", "hexagon", "14px 4px", ":green[⬢]"),
    "bert4rec": Look("#12a5bd", "bowtie", "6px 2px 2px 2px", ":blue[⋈]"),
    "convformer": Look("#d1495b", "star-diamond", "16px 2px 2px 2px", ":red[✸]"),
}
OTHER = Look("#7c6bd6", "cross", "dashdot", ":violet[✚]")
_FURTHER = (
    ("circle-open", "longdash", "○"),
    ("triangle-up", "longdashdot", "▲"),
    ("star", "5px 2px", "✦"),
    ("square-open", "3px 3px", "□"),
    ("triangle-left", "18px 4px", "◀"),
    ("diamond-open", "9px 2px 2px 2px", "◇"),
    ("x", "4px 6px", "✖"),
)

TRUTH = "#c2408f"  # what was really watched next
TRUTH_MARK = "★"
POSITIVE = "#159a8c"
NEGATIVE = "#d65a3a"
ACCENT = "#5b7fa6"  # numbers of no model in particular
NEUTRAL = "#8b9099"  # comparisons, and what does not change
MARK = "#b8860b"  # what is framed or picked out

GRID = "rgba(128,128,128,0.22)"
# The middle is see-through, so that zero takes the page's colour in light and in dark.
DIVERGING = [
    [0.0, "rgba(214,90,58,0.75)"],
    [0.5, "rgba(128,128,128,0.04)"],
    [1.0, "rgba(21,154,140,0.75)"],
]


def look(kind: str, nth: int = 0) -> Look:
    """The look of a kind of model, by its configuration's name; of the nth further model of that kind."""
    first = LOOKS.get(kind, OTHER)
    if not nth:
        return first
    symbol, dash, mark = _FURTHER[(nth - 1) % len(_FURTHER)]
    return Look(first.hue, symbol, dash, f"{first.sign[: first.sign.index('[')]}[{mark}]")
