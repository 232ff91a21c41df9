"""Fields of a configuration: their bounds and help, the checks that follow from them, and where to search.

The command line makes its flags and the Train page its widgets from the same field metadata,
so a bound or a help text is written once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class Range:
    """Values to search, both ends included: whole numbers if the ends are, evenly spread or by their logarithm."""

    low: float
    high: float
    log: bool = False


def number(default: float, low: float, high: float, help: str):
    """A numeric field, whole if its default is, that must lie in [low, high]."""
    return field(default=default, metadata={"low": low, "high": high, "help": help})


def choice(default: str, options: tuple[str, ...], help: str):
    """A field that must be one of `options`."""
    return field(default=default, metadata={"options": options, "help": help})


def switch(default: bool, help: str):
    """A field that is on or off."""
    return field(default=default, metadata={"help": help})


def check(config) -> None:
    """Raise ValueError, naming field, value and remedy, unless every field is within its bounds."""
    for f in fields(config):
        value, meta = getattr(config, f.name), f.metadata
        if "options" in meta:
            if value not in meta["options"]:
                raise ValueError(f"{f.name} is {value!r}; choose one of {', '.join(meta['options'])}")
        elif isinstance(f.default, bool):
            if not isinstance(value, bool):
                raise ValueError(f"{f.name} is {value!r}; give true or false")
        elif "low" in meta:
            _check_number(f.name, value, f.default, meta)


def _check_number(name: str, value, default, meta) -> None:
    whole = isinstance(default, int)
    kind = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ValueError(f"{name} is {value!r}; give a {'whole ' if whole else ''}number")
    if not meta["low"] <= value <= meta["high"]:  # also refuses nan
        raise ValueError(f"{name} is {value}; it must lie between {meta['low']:g} and {meta['high']:g}")


def field_names(config) -> list[str]:
    return [f.name for f in fields(config)]


def named(kind: str, name: str, known) -> str:
    """`name` if it is in `known`; otherwise ValueError listing all."""
    if name not in known:
        raise ValueError(f"unknown {kind} {name!r}; choose one of {', '.join(known)}")
    return name
