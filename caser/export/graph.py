"""A model's scores as an ONNX graph, held to the model itself."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from caser.models import ANONYMOUS, DotProduct, Recommender
from caser.recommend import to_numpy

PACKAGES = ("onnx", "onnxscript", "onnxruntime")
EXACT = 1e-5  # by how much a score of the graph may differ, as a share of the largest score where that is above 1
CHECKED = (1, 7, 64)  # rows of the batches that are compared
INPUTS, OUTPUT = ("users", "sequences"), "scores"


class Scores(nn.Module):
    """Users and sequences to the scores of the whole catalogue."""

    def __init__(self, model: Recommender):
        super().__init__()
        self.model = model

    def forward(self, users: Tensor, sequences: Tensor) -> Tensor:
        """int64 (B,) and (B, L) -> float (B, n_items)."""
        if isinstance(self.model, DotProduct):
            return self.model.scores(users, sequences)
        items = torch.arange(self.model.n_items, device=users.device)  # a catalogue in batches has no fixed graph
        return self.model.scores(users, sequences, items.expand(users.shape[0], -1))


def require(model: Recommender) -> None:
    """ValueError, with the remedy, where there is nothing to make a graph of or with."""
    if not model.learns:
        raise ValueError(
            f"{model.label} counts and has no network to export as ONNX; leave --onnx out, or train a model that "
            "learns, such as caser or mf"
        )
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise ValueError(
            f"ONNX needs {' and '.join(missing)}: install {' '.join(PACKAGES)}, or the extra: caser-explorer[export]"
        )


def write(model: Recommender, path: Path) -> float:
    """Write the graph: `users` int64 (B,), -1 for a new visitor, `sequences` int64 (B, L), dense ids, the oldest first,
    padded on the left with n_items -> `scores` float (B, n_items). Its weights are in the file.

    Returns:
        The largest difference from the model's own scores over some batches, as onnxruntime computes them.

    Raises:
        ValueError: that is more than `EXACT` allows.
    """
    # Weights that need a gradient are multiplied within the graph, not taken from what was kept.
    scores = Scores(deepcopy(model).cpu().eval().requires_grad_())
    batch = torch.export.Dim("batch")
    with torch.no_grad(), _quietly():
        program = torch.onnx.export(
            scores,
            _drawn(model, 3),
            dynamo=True,
            dynamic_shapes=({0: batch}, {0: batch}),
            input_names=INPUTS,
            output_names=(OUTPUT,),
            verbose=False,
        )
        program.save(path)
    return _difference(model, path)


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the exporter's talk, and without attention's fused kernel, which no graph has."""
    loggers = {logging.getLogger(name): logging.getLogger(name).level for name in ("onnxscript", "torch.onnx")}
    fused = torch.backends.mha.get_fastpath_enabled()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in loggers.items():
            logger.setLevel(level)
        torch.backends.mha.set_fastpath_enabled(fused)


def _drawn(model: Recommender, rows: int) -> tuple[Tensor, Tensor]:
    """Users, the new visitor among them, and sequences of every length."""
    generator = torch.Generator().manual_seed(rows)
    users = torch.randint(ANONYMOUS, model.n_users, (rows,), generator=generator)
    sequences = torch.randint(0, model.n_items, (rows, model.L), generator=generator)
    padded = torch.arange(model.L) < torch.randint(0, model.L + 1, (rows, 1), generator=generator)
    return users, sequences.masked_fill(padded, model.n_items)


@torch.inference_mode()
def _difference(model: Recommender, path: Path) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    largest = 0.0
    for rows in CHECKED:
        users, sequences = _drawn(model, rows)
        given = dict(zip(INPUTS, (to_numpy(users), to_numpy(sequences)), strict=True))
        (scores,) = session.run([OUTPUT], given)
        own = to_numpy(model.scores(users.to(model.device), sequences.to(model.device)))
        difference, allowed = float(np.abs(scores - own).max()), EXACT * max(1.0, float(np.abs(own).max()))
        if not difference <= allowed:
            raise ValueError(
                f"the graph's scores differ from the model's by {difference:.1g}, more than {allowed:.1g}; leave "
                "--onnx out, or install the newest onnxscript and onnxruntime"
            )
        largest = max(largest, difference)
    return largest
