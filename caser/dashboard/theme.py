"""One hue a meaning, readable on light and on dark; colour is never the only sign."""

from __future__ import annotations

CASER = "#3b82d6"
MF = "#e08a1e"
POPULARITY = "#8b9099"
TRUTH = "#c2408f"
ACCENT = "#5b7fa6"  # what is shown where no model is meant
NEUTRAL = "#8b9099"  # what stands beside it
MARK = "#b8860b"  # what is picked out, such as the filter looked at
POSITIVE = "#159a8c"
NEGATIVE = "#d65a3a"
TRUTH_MARK = "★"

NAMES = {"caser": "Caser", "mf": "MF", "popularity": "Popularity"}
HUES = {"Caser": CASER, "MF": MF, "Popularity": POPULARITY}
SYMBOLS = {"Caser": "circle", "MF": "diamond", "Popularity": "square"}
SIGNS = {"Caser": ":blue[●]", "MF": ":orange[◆]", "Popularity": ":gray[■]"}  # as in charts, in Markdown
DASHES = {"Caser": "solid", "MF": "dash", "Popularity": "dot"}
OTHER_HUE, OTHER_SYMBOL, OTHER_DASH, OTHER_SIGN = "#7c6bd6", "cross", "dashdot", ":violet[✚]"

GRID = "rgba(128,128,128,0.22)"
# The middle is see-through, so that zero takes the page's colour in light and in dark.
DIVERGING = [
    [0.0, "rgba(214,90,58,0.75)"],
    [0.5, "rgba(128,128,128,0.04)"],
    [1.0, "rgba(21,154,140,0.75)"],
]
ACTIVATION = [[0.0, "rgba(128,128,128,0.07)"], [1.0, "rgba(21,154,140,0.8)"]]


def name_of(kind: str) -> str:
    """What a model is called on screen, from its configuration's name."""
    return NAMES.get(kind, kind.upper())


def signed(name: str) -> str:
    """A model's name behind its sign, as Markdown."""
    return f"{SIGNS.get(name, OTHER_SIGN)} **{name}**"


def look(name: str) -> dict[str, str]:
    """hue, symbol and dash of a model by its name on screen."""
    return {
        "hue": HUES.get(name, OTHER_HUE),
        "symbol": SYMBOLS.get(name, OTHER_SYMBOL),
        "dash": DASHES.get(name, OTHER_DASH),
    }
