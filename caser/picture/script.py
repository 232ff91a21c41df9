"""The JavaScript modules beside this file as one script, which needs no server to find its parts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_IMPORT = re.compile(r'^import \{(?P<names>[^}]*)\} from "\./(?P<module>\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?P<kind>const|let|function|class|async function) (?P<name>\w+)", re.MULTILINE)
_FURTHER = re.compile(r"^export const \w+ = [^;(]*?, (?P<name>\w+) = ", re.MULTILINE)  # export const a = 1, b = 2


@cache
def script(entry: str) -> str:
    """A module and all it imports, each once and after what it needs, as one script without imports.

    Each module stays a scope of its own; what the entry exports is in `__entry`, an object named after it.
    """
    return "\n".join(_scope(name, text) for name, text in _needed(entry, {}).items())


def _needed(name: str, texts: dict[str, str]) -> dict[str, str]:
    text = Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8")
    for match in _IMPORT.finditer(text):
        if match["module"] not in texts:
            _needed(match["module"], texts)
    texts[name] = text
    return texts


def _scope(name: str, text: str) -> str:
    exports = [match["name"] for match in (*_EXPORT.finditer(text), *_FURTHER.finditer(text))]
    text = _IMPORT.sub(r"const {\g<names>} = __\g<module>;", text)
    text = _EXPORT.sub(r"\g<kind> \g<name>", text)
    return f"const __{name} = (() => {{\n{text}\nreturn {{ {', '.join(exports)} }};\n}})();"
