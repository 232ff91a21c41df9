"""One HTML file with the picture in it: no server, no network."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from caser import files
from caser.checkpoint import Checkpoint
from caser.data.dataset import Split
from caser.picture.data import data
from caser.picture.payload import Payload, pack
from caser.picture.script import script

_BESIDE = Path(__file__)


@dataclass(frozen=True, eq=False)
class Page:
    """The picture of one viewer, with all that it needs; in a notebook it shows itself.

    Attributes:
        data: whose films, as `caser.picture.data.data` says it. title: the heading.
    """

    payload: Payload
    data: dict
    title: str

    @property
    def html(self) -> str:
        """The whole file."""
        return page(self.payload, self.data, self.title)

    def write(self, path: Path) -> None:
        """Put the file in place, whole or not at all; ValueError with the remedy if that fails."""
        files.write_asked(path, self.html)

    def _repr_html_(self) -> str:
        return framed(self.html, "The picture")


def framed(page: str, title: str) -> str:
    """A whole HTML page as a part of another, such as a notebook, with styles and scripts of its own."""
    source = html.escape(page, quote=True)
    return f'<iframe srcdoc="{source}" style="width: 100%; height: 46rem; border: 0" title="{title}"></iframe>'


def show(trained: Checkpoint, split: Split, user: int, history: Sequence[int], who: str, **further) -> Page:
    """The picture of a Caser and a viewer.

    Args:
        user: dense id or ANONYMOUS. history: dense ids, oldest first. who: the viewer in words.
        further: as for `caser.picture.data.data`.

    Raises:
        ValueError: the model is no Caser.
    """
    told = data(trained.model, user, history, who, left_out=history, **further)
    simulated = ", taught by simulated viewers" if split.dataset.simulated else ""
    return Page(pack(trained, split), told, f"Inside a recommender: {trained.name}{simulated}")


def page(payload: Payload, data: dict, title: str) -> str:
    """The picture of `data` (see `caser.picture.data`) as a page of its own, with all it needs."""
    return _filled("page.html", title=html.escape(title), section=section(payload, data))


def section(payload: Payload, data: dict) -> str:
    """The picture of `data` within a page, with all it needs; a page holds one."""
    return _filled(
        "section.html",
        style=style(),
        script=script("alone"),
        data=_inert(json.dumps(data, ensure_ascii=False)),
        weights=base64.b64encode(payload.content).decode(),
    )


def _filled(template: str, **values: str) -> str:
    return Template(_BESIDE.with_name(template).read_text(encoding="utf-8")).substitute(values)


def style() -> str:
    """How the picture looks."""
    return _BESIDE.with_name("picture.css").read_text(encoding="utf-8")


def _inert(text: str) -> str:
    """JSON that no browser takes for the end of its script."""
    return text.replace("<", "\\u003c")
