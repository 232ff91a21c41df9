"""Three lines for a notebook: fit a model to a data frame or load one, ask it, and see the answer.

    import caser
    model = caser.fit(frame)
    model.recommend(["Alien", "Aliens"])

Answers are frames of pandas. Whatever somebody may give wrongly is a ValueError with the value and the remedy.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from caser import checkpoint, config, data, experiment, report
from caser.data import table
from caser.data.dataset import split
from caser.data.source import Source
from caser.evaluation import METRICS, evaluate
from caser.field.standings import standings
from caser.fields import field_names, named
from caser.fitted.comparison import Comparison
from caser.fitted.model import FittedModel
from caser.fitted.reason import Reason
from caser.training import loop
from caser.training.devices import resolve_device
from caser.training.reports import EpochReport

__all__ = ["Comparison", "FittedModel", "Reason", "compare", "fit", "load"]


def fit(
    frame: Any,
    model: str = "caser",
    *,
    items: Any = None,
    columns: dict[str, str] | None = None,
    day_first: bool | None = None,
    preset: str = "tuned",
    seed: int = 0,
    name: str = "",
    device: str = "auto",
    on_epoch: Callable[[EpochReport], None] | None = None,
    **settings: Any,
) -> FittedModel:
    """Train a model on interactions: who took what and, where it is known, when.

    Args:
        frame: a data frame of pandas or polars with a row for each interaction, or the name of a data set. Columns are
            found as the Data page finds them; without times the order of the rows counts.
        model: caser, mf, gru4rec, sasrec, convformer, covisit, ... items: a frame with title, year and genres of items.
        columns: user, item, time, rating or title -> column, where they cannot be told; "-" for none.
        day_first: for dates that can be read both ways. preset: tuned, paper or chapter.
        name: of the model; its kind by default. device: auto, cuda, mps or cpu. on_epoch: called after every epoch.
        settings: over the preset's, by the names of `python -m caser train --help`, such as d=32, epochs=10; of a frame
            also those of `data --import`: noun="book", lowest=3, k_core=5, repeats="last", bad_share=0.05, sample=1000.

    Returns:
        The model that was chosen on validation. Nothing is written to disk.

    Raises:
        ValueError: a frame without users or items, with more than 1 % of rows that cannot be read (such as NaN for a
            user), with one user, or whose columns cannot be told; a model, setting or device that is not there.
    """
    own = {} if isinstance(frame, str) else {f: settings.pop(f) for f in field_names(table.Settings) if f in settings}
    chosen = config.preset(model, preset).replace(**settings)
    resolved = resolve_device(device)
    source = data.source(frame) if isinstance(frame, str) else _source(frame, items, columns, day_first, own)
    parts = split(source.load())
    trained = loop.fit(parts, chosen, seed=seed, device=resolved, on_epoch=on_epoch)
    test = evaluate(trained.model, parts, "test", resolved)
    return FittedModel(checkpoint.of(trained, name or model, chosen, parts, seed, test), parts, source)


def _source(
    frame: Any, items: Any, columns: dict[str, str] | None, day_first: bool | None, settings: dict[str, Any]
) -> Source:
    """A data frame as a data set that is kept nowhere."""
    for role in columns or {}:
        named("role of a column", role, field_names(table.Roles))
    file = table.opened_frame(frame)
    described = None if items is None else table.opened_frame(items, "the frame of items")
    try:
        roles = table.proposal(table.layout(file), file.name, columns).decided(file.name)
        interactions = table.read(file, roles, day_first)
    except table.Undecided as unclear:
        said = f"{unclear}. In Python: caser.fit(frame, columns={{'user': ...}}, day_first=...)"
        raise table.Undecided(said) from None
    prepared = table.prepare("frame", interactions, table.Settings(**settings), described)
    dataset = prepared.dataset
    return Source("frame", "your data frame", prepared.noun, dataset.licence, lambda: dataset, lambda: ())


def load(name: str | Path, device: str = "auto") -> FittedModel:
    """A trained model: a shipped one such as "ml-100k-caser", one of your own, or a folder that `export` wrote.

    Raises:
        ValueError: there is none of that name, its file is broken, or the data it was trained on is not here.
    """
    trained = checkpoint.load(name, resolve_device(device))
    return FittedModel(trained, experiment.split_of(trained.metadata), data.source(trained.metadata.dataset))


def compare(*models: FittedModel | str | Path, metric: str = "ndcg@10") -> Comparison:
    """Models side by side, under one protocol.

    Args:
        models: fitted or loaded ones, or names of checkpoints. metric: to order them by, such as hr@10.

    Raises:
        ValueError: fewer than two, models of different data, two of one name, or an unknown metric.
    """
    named("metric", metric, METRICS)
    fitted = [model if isinstance(model, FittedModel) else load(model) for model in models]
    if len(fitted) < 2:
        raise ValueError("compare needs two models or more; name another one")
    first = fitted[0]
    if len({(model.dataset.name, model.dataset.checksum, model.split.ties) for model in fitted}) > 1:
        raise ValueError("these models are of different data sets or rules on ties; compare those of one split")
    entries = report.entries([model.trained for model in fitted], first.split)
    return Comparison(tuple(entries), standings(entries, metric), first.split, first.source)
