"""What addresses of earlier versions of the Filters page mean today: the state that shows the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from caser.dashboard.filters import film_map, real
from caser.explain import ablation
from caser.explain.filters import horizontal_name, parse_name, vertical_name, vertical_weights
from caser.explain.knobs import Knobs
from caser.models import Recommender

TWO_HISTORIES = "Two histories"  # is on Recommend
_VIEWS = {
    "The story": None,
    "Walk-through": None,
    "Step by step": None,
    "Switch off": None,
    "All filters": real.TITLE,
    "Positions": real.TITLE,
    "Forming": real.TITLE,
    real.TITLE: real.TITLE,
    film_map.TITLE: film_map.TITLE,
}
_OLD_NAME = re.compile("([1-9][0-9]?)[.]([0-9]{1,3})")


def today(given: Mapping[str, str], model: Recommender) -> tuple[dict[str, str | None], list[str]]:
    """The parameters that change, None for one that goes, and what was switched off that the model does not have.

    >>> from caser.models import build
    >>> from caser.models.caser import CaserConfig
    >>> model = build(CaserConfig(d=2, L=2, n_h=3, n_v=1), 1, 3)
    >>> today({"view": "Switch off", "off": "vertical 0,filter 2.1"}, model)[0]
    {'view': None, 'off': None, 'turn': '2b:0,V1:0'}
    >>> today({"view": "All filters", "filter": "2.1"}, model)[0]
    {'view': 'Are they real?', 'filter': '2b'}
    """
    view, changes, unknown = given.get("view"), {}, []
    if view in _VIEWS and _VIEWS[view] != view:
        changes["view"] = _VIEWS[view]
    if view == "Positions" and len(vertical_weights(model)):
        changes["filter"] = vertical_name(0)
    elif (named := _named(given.get("filter", ""))) != given.get("filter", ""):
        changes["filter"] = named
    if "off" in given or view == "Switch off":
        names, unknown = _turned(given.get("off"), model)
        turn = Knobs.of(dict.fromkeys(names, 0.0)).text
        changes |= {"off": None} | ({"turn": turn} if turn and "turn" not in given else {})
    return {name: value for name, value in changes.items() if given.get(name) != value}, unknown


def _named(text: str) -> str:
    """A filter's name as it is written today."""
    if old := _OLD_NAME.fullmatch(text):
        return horizontal_name(int(old[1]), int(old[2]))
    with suppress(ValueError):
        kind, *place = parse_name(text)
        return horizontal_name(*place) if kind == "h" else vertical_name(*place)
    return text


def _turned(off: str | None, model: Recommender) -> tuple[list[str], list[str]]:
    """The knobs of everything that was switched off, and what the model does not have."""
    known = {switch.name: switch for switch in ablation.switches(model)}
    if off is None:  # a part was off in the page's first state
        return [name for name in ("v", "h") if name in known][:1], []
    names, unknown = [], []
    for name in filter(None, off.split(",")):
        switch = known.get(" ".join(_words(name)))
        names += _knobs(switch) if switch else []
        unknown += [] if switch else [name]
    return names, unknown


def _words(name: str) -> Iterator[str]:
    """An old switch's name in today's words."""
    kind, _, which = name.partition(" ")
    yield kind
    if kind == "vertical" and re.fullmatch("[0-9]{1,3}", which):
        yield vertical_name(int(which))
    elif which:
        yield _named(which)


def _knobs(switch: ablation.Switch) -> list[str]:
    """The knobs that a switch turns to zero."""
    if switch.name in "hvp":
        return [switch.name]
    return [*(horizontal_name(*place) for place in switch.horizontal), *map(vertical_name, switch.vertical)]
