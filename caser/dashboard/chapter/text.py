"""The text of the chapter's page, and the code that it stands beside."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from functools import cache

from caser.files import places

_LIVE = re.compile(r"<!-- live: (\w+) -->")


@cache
def sections() -> tuple[tuple[str, str], ...]:
    """(text as Markdown, the live part that follows it) for each part of docs/chapter.md, without its title."""
    text = (places.shipped() / "docs" / "chapter.md").read_text(encoding="utf-8")
    pieces = _LIVE.split(text.partition("\n")[2])
    return tuple(zip(map(str.strip, pieces[::2]), pieces[1::2], strict=False))


@cache
def source(function: Callable) -> str:
    """The code of a function as it runs, without its docstring."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    body = ast.parse("\n".join(lines)).body[0].body
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        del lines[body[0].lineno - 1 : body[0].end_lineno]
    return "\n".join(lines)


def sources(*functions: Callable) -> str:
    """Several, one below the other."""
    return "\n\n".join(map(source, functions))
