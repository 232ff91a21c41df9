"""Checkpoints of the first format, NAME.pt and NAME.json, as checkpoints of today."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import torch

from caser import checkpoint, findings, study
from caser.checkpoint import Checkpoint, CheckpointError, Metadata
from caser.config import Config
from caser.evaluation import Ranks
from caser.models import build


def old_names() -> list[str]:
    """Those in the checkpoint folder that are of the first format."""
    found = checkpoint.folder().glob("*.json")
    return sorted(path.stem for path in found if path.with_suffix(".pt").is_file())


def convert(name: str) -> Path:
    """Write a checkpoint anew, with its study and findings, and delete the old files; returns the new path.

    Raises:
        CheckpointError: the old files cannot be read, or the new one not be written.
    """
    base = checkpoint.folder() / checkpoint.check_name(name)
    weights, record = base.with_name(f"{name}.pt"), base.with_name(f"{name}.json")
    old = _read(weights, record)
    kept, known = study.load(old), findings.load(old)
    path = checkpoint.save(old)
    new = checkpoint.load(path)
    if kept:
        study.save(kept, new)
    if known:
        findings.save(known, new)
    for done in (weights, record):
        done.unlink()
    return path


def _read(weights: Path, record: Path) -> Checkpoint:
    try:
        data = json.loads(record.read_text(encoding="utf-8"))
        stored = torch.load(weights, map_location="cpu", weights_only=True)
        fields = {k: checkpoint.null_to_nan(v) for k, v in data.items() if k != "format"}
        metadata = Metadata(**fields | {"config": Config.from_dict(data["config"]), "name": record.stem})
        model = build(metadata.config.model, len(metadata.user_ids), len(metadata.item_ids)).eval()
        model.load_state_dict(stored["weights"], strict=True)
        found, snapshots = stored.get("ranks"), stored.get("snapshots", {})
        ranks = Ranks(*(np.asarray(found[name]) for name in ("users", "rank", "candidates"))) if found else None
    except Exception as error:  # torch's reader raises nearly anything on damaged bytes
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"cannot convert {record.with_suffix('')} ({reason}); train it anew") from error
    return Checkpoint(dataclasses.replace(metadata), model, snapshots, ranks)
