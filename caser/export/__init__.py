"""A model as a folder that others can load: weights, a card and, if asked, an ONNX graph and vectors."""

from __future__ import annotations

from pathlib import Path

from caser import checkpoint, files
from caser.checkpoint import Checkpoint
from caser.data.dataset import Split
from caser.data.source import Source
from caser.export import card, graph, vectors

GRAPH, CARD, ITEMS = "model.onnx", "README.md", "items.tsv"


def export(
    trained: Checkpoint,
    split: Split,
    source: Source,
    into: Path,
    *,
    with_graph: bool = False,
    with_vectors: bool = False,
    licence: str = "unknown",
) -> list[Path]:
    """Write the folder `into`, whole or not at all; returns its files, sorted.

    Args:
        split, source: what the model was trained on, and what that is called.
        with_graph: also model.onnx (`graph.write`). with_vectors: also vectors of items and users (`vectors.write`).
        licence: of the weights, as a model hub names it, such as mit.

    Raises:
        ValueError: the folder has something in it or cannot be written, a package is missing, or a model that counts
            is asked for a graph or for vectors.
    """
    if with_graph:
        graph.require(trained.model)
    if with_vectors:
        vectors.require(trained.model)
    require_empty(into)
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        with files.scratch(into.parent) as aside:
            folder = aside / "model"
            folder.mkdir()
            checkpoint.save(trained, folder)
            vectors.write_items(split.dataset, folder / ITEMS)
            difference = graph.write(trained.model, folder / GRAPH) if with_graph else None
            if with_vectors:
                vectors.write(trained.model, split, folder)
            text = card.card(trained, split, source, difference, with_vectors, licence)
            (folder / CARD).write_text(text, encoding="utf-8")
            folder.replace(into)
    except OSError as error:
        raise _unwritable(into, error) from error
    return sorted(into.iterdir())


def require_empty(into: Path) -> None:
    """ValueError unless a folder can be put there without losing anything."""
    try:
        taken = into.exists() and (not into.is_dir() or any(into.iterdir()))
    except OSError as error:
        raise _unwritable(into, error) from error
    if taken:
        raise ValueError(f"{into} is there already and not an empty folder; name another one, or delete it first")


def _unwritable(into: Path, error: OSError) -> ValueError:
    return ValueError(f"cannot write {into} ({error.strerror or error}); name a folder that you can write to")
