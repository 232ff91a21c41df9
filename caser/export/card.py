"""A model card: what a model is, how good, and what it is not for, as a model hub takes it."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from caser import words
from caser.checkpoint import Checkpoint
from caser.data.dataset import Split
from caser.data.source import Source
from caser.data.text import plural
from caser.evaluation import METRICS, Ranks
from caser.field.entrants import ranks_of


def card(
    trained: Checkpoint, split: Split, source: Source, difference: float | None, has_vectors: bool, licence: str
) -> str:
    """The card as Markdown with YAML front matter.

    Args:
        difference: of the ONNX graph's scores from the model's; None without a graph. licence: of the weights.
    """
    about, dataset, ranks = trained.metadata, split.dataset, ranks_of(trained, split)
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    with words.speaking(source.noun):
        summary = words.spoken(type(trained.model).summary)
    return environment.get_template("card.md").render(
        name=trained.name,
        kind=about.config.model.name,
        label=type(trained.model).label,
        summary=summary,
        licence=licence,
        source=source,
        nouns=plural(source.noun),
        about=about,
        versions=", ".join(f"{name} {version}" for name, version in about.versions.items()),
        users=dataset.n_users,
        items=dataset.n_items,
        interactions=len(dataset),
        tested=len(ranks.users),
        figures=_figures(ranks),
        example=dataset.user_id(int(split.evaluated[0])),
        L=trained.model.L,
        difference=difference,
        has_vectors=has_vectors,
    )


def _figures(ranks: Ranks) -> dict[str, tuple[float, float, float]]:
    """Of each metric that is defined, by its label: its mean and its 95 % interval over users."""
    means, intervals = ranks.means(), ranks.intervals()
    return {METRICS[name].label: (mean, *intervals[name]) for name, mean in means.items() if mean == mean}
