"""Parameters of a question: one declaration checks what is given and describes it to OpenAPI."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

LONGEST_QUERY = 8_192  # bytes of a whole query
SHOWN = 40  # letters of a value that a message repeats


def shown(text: str) -> str:
    """A value as a message repeats it.

    >>> shown("ten"), shown("x" * 50)[-4:]
    ("'ten'", "xx…'")
    """
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


@dataclass(frozen=True)
class Parameter:
    """One that is given once, or left out.

    Attributes:
        name: in the query. help: what it is, for the description. required: whether a question without it is refused.
    """

    name: str
    help: str
    required: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """What it may be, as JSON Schema says it."""
        raise NotImplementedError

    def value(self, text: str) -> Any:
        """What a text means; ValueError with the remedy if it means nothing."""
        raise NotImplementedError

    def absent(self) -> Any:
        """What holds where it is left out."""
        return self.schema.get("default")

    def read(self, texts: Sequence[str]) -> Any:
        """What all that is given under its name means; ValueError with value and remedy."""
        if not texts:
            if self.required:
                raise ValueError(f"{self.name} is missing; give {self.help}")
            return self.absent()
        if len(texts) > 1:
            raise ValueError(f"{self.name} is given {len(texts)} times; give it once")
        return self.value(texts[0])


@dataclass(frozen=True)
class Text(Parameter):
    """A text of at most `longest` letters."""

    longest: int = 300

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}

    def value(self, text: str) -> str:
        if not text:
            raise ValueError(f"{self.name} is empty; give {self.help}")
        if len(text) > self.longest:
            raise ValueError(f"{self.name} {shown(text)} has {len(text):,} letters; give at most {self.longest}")
        return text


@dataclass(frozen=True)
class Texts(Text):
    """Several texts, the parameter repeated for each, at most `most`; a tuple, None where it is left out."""

    most: int = 100

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": super().schema, "minItems": 1, "maxItems": self.most}

    def read(self, texts: Sequence[str]) -> tuple[str, ...] | None:
        if len(texts) > self.most:
            raise ValueError(f"{self.name} is given {len(texts)} times; give it at most {self.most} times")
        return tuple(map(self.value, texts)) if texts else None


@dataclass(frozen=True)
class Whole(Parameter):
    """A whole number from `low` to `high`."""

    default: int = 0
    low: int = 0
    high: int = 0

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high, "default": self.default}

    def value(self, text: str) -> int:
        if re.fullmatch("[0-9]{1,9}", text) and self.low <= int(text) <= self.high:
            return int(text)
        raise ValueError(f"{self.name} is {shown(text)}; give a whole number from {self.low} to {self.high}")


@dataclass(frozen=True)
class Share(Parameter):
    """A number from 0 to 1, 0 where it is left out."""

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": 0, "maximum": 1, "default": 0}

    def value(self, text: str) -> float:
        if re.fullmatch(r"0?\.[0-9]{1,9}|[01](\.0{0,9})?", text):
            return float(text)
        raise ValueError(f"{self.name} is {shown(text)}; give a number from 0 to 1")


@dataclass(frozen=True)
class Switch(Parameter):
    """On or off, off where it is left out."""

    WORDS = {"true": True, "false": False, "1": True, "0": False}

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "boolean", "default": False}

    def value(self, text: str) -> bool:
        if text in self.WORDS:
            return self.WORDS[text]
        raise ValueError(f"{self.name} is {shown(text)}; give true or false")


def read(query: bytes, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Every parameter's value by name, from a query as it stands in the address.

    Raises:
        ValueError: a query, a name or a value that cannot be; the message names it and the remedy.
    """
    if len(query) > LONGEST_QUERY:
        raise ValueError(f"the query has {len(query):,} bytes; give at most {LONGEST_QUERY:,}")
    given: dict[str, list[str]] = {one.name: [] for one in parameters}
    for name, text in parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True):
        if name not in given:
            raise ValueError(f"there is no parameter {shown(name)}; give some of {', '.join(given)}")
        given[name].append(text)
    return {one.name: one.read(given[one.name]) for one in parameters}


def exactly_one(values: Mapping[str, Any], names: Sequence[str]) -> None:
    """Raise ValueError unless one of these was given, and no more."""
    given = [name for name in names if values[name] is not None]
    if len(given) != 1:
        both = f"{' and '.join(given)} are given" if given else f"{' and '.join(names)} are missing"
        raise ValueError(f"{both}; give one of {', '.join(names)}")
