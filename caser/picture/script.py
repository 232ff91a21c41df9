"""The JavaScript modules beside this file as one script, which needs no server to find its parts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?P<name>\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const|let|function|class|async function)", re.MULTILINE)


@cache
def script(entry: str) -> str:
    """A module and all it imports, each once and after what it needs, as one script without imports and exports.

    The modules share one scope, so each name stands for one thing in all of them.
    """
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in _needed(entry, {}).values())


def _needed(name: str, texts: dict[str, str]) -> dict[str, str]:
    text = Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8")
    for match in _IMPORT.finditer(text):
        if match["name"] not in texts:
            _needed(match["name"], texts)
    texts[name] = text
    return texts
