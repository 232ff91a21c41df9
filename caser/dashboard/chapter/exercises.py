"""The chapter's exercises, and two more: each a link to where it is answered, or the command that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from caser.checkpoint import Checkpoint, train_command
from caser.dashboard import loaders, results
from caser.dashboard.selection import link
from caser.dashboard.view import View
from caser.words import W, spoken

SWEPT = {  # by setting: the exercise, and the values of the command
    "L": ("A longer or shorter history (L)", "L=3,5,9"),
    "d": ("More or fewer numbers per film (d)", "d=5,10,20"),
    "loss": ("Another loss", "loss=bpr,bce,softmax"),
}
METRIC = "hr@50"


def draw(view: View) -> None:
    """One line each."""
    model, params = view.trained, view.selection.params()
    works = params | {"part": "works"}
    study = None if results.measured(model) else f"python -m caser study {model.name}"
    _line("Take out the horizontal or the vertical filters", "compare", works, study)
    for setting in SWEPT:
        _swept(view, setting)
    _line(f"Session-based: the same {W.films}, nobody known", "recommend", _anonymous(view))
    _line("Session-based: trained without the user", "compare", works, study)
    _line("Another data set, also your own", "data", params)


def _swept(view: View, setting: str) -> None:
    """Values of a setting: of the model at hand where they were measured, else of the chapter's."""
    chapters = loaders.of_the_chapter(view.dataset.name)
    models = [view.trained, *([chapters] if chapters else [])]
    model = next((one for one in models if setting in results.sweeps(one, METRIC)), None)
    title, values = spoken(SWEPT[setting][0]), SWEPT[setting][1]
    params = replace(view.selection, model=(model or models[-1]).name).params()
    command = None if model else _command(models[-1], values)
    _line(title, "compare", params | {"part": "sweep", "setting": setting}, command)


def _command(model: Checkpoint, values: str) -> str:
    """What measures them; a model without negatives can be trained with no other loss."""
    if values.startswith("loss") and not model.metadata.config.training.negatives:
        dataset = model.metadata.dataset
        return f"{train_command(dataset, 'caser')} --preset chapter --loss bce"
    return f"python -m caser study {model.name} --vary {values}"


def _anonymous(view: View) -> dict[str, str]:
    """The address of the same films as those of a new visitor."""
    if view.anonymous:
        return view.selection.params()
    films = tuple(view.dataset.item_id(item) for item in view.window)
    return replace(view.selection, sequence=films, private=False).params()


def _line(title: str, page: str, params: Mapping[str, str], command: str | None = None) -> None:
    """A link to the answer; where it was not measured yet, the command instead."""
    if command is None:
        link(page, title, params, ":material/arrow_forward:")
    else:
        st.markdown(f"{title}: `{command}`")
