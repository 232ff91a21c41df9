"""One HTML file with the picture in it: no server, no network."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from string import Template

from caser.picture.payload import Payload
from caser.picture.script import script

_BESIDE = Path(__file__)


def page(payload: Payload, data: dict, title: str) -> str:
    """The picture of `data` (see `caser.picture.data`) as a page of its own, with all it needs."""
    return Template(_BESIDE.with_suffix(".html").read_text(encoding="utf-8")).substitute(
        title=html.escape(title),
        style=style(),
        script=script("alone"),
        data=_inert(json.dumps(data, ensure_ascii=False)),
        weights=base64.b64encode(payload.content).decode(),
    )


def style() -> str:
    """How the picture looks."""
    return _BESIDE.with_name("picture.css").read_text(encoding="utf-8")


def _inert(text: str) -> str:
    """JSON that no browser takes for the end of its script."""
    return text.replace("<", "\\u003c")
