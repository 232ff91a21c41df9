"""What the drawing of forming filters is given: every epoch's filters packed, with what was said and found by then."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from caser.dashboard import theme
from caser.evaluation import of_100
from caser.explain.filters import horizontal_name, vertical_name
from caser.explain.planted import Formed, blends_of, filters_of
from caser.training.loop import Snapshot
from caser.training.reports import EpochReport
from caser.words import W

MOST = 127  # of a packed number
CLIPPED = 0.995  # of the numbers of an epoch lie within the scale


def content(
    snapshots: Mapping[int, Snapshot], reports: Sequence[EpochReport], formed: Sequence[Formed], of: int, live: bool
) -> dict:
    """Everything that is drawn.

    Args:
        snapshots: the filters by epoch, 0 untrained. reports: of the same phase. formed: what the filters look for, one
            for each of these epochs. of: epochs in all, at the most. live: whether more are to come.
    """
    epochs, by_epoch = sorted(snapshots), {report.epoch: report for report in reports}
    known = [by_epoch.get(epoch) for epoch in epochs]
    horizontal = list(filters_of(snapshots[epochs[0]]))
    return {
        "label": "Filters forming, epoch by epoch",
        "epochs": epochs,
        "cells": _cells([snapshots[epoch] for epoch in epochs]),
        "bands": _bands(snapshots[epochs[0]]),
        "loss": [report.loss if report else None for report in known],
        "said": [_said(epoch, report) for epoch, report in zip(epochs, known, strict=True)],
        "names": [[one.names.get(at, "") for at in horizontal] for one in formed],
        "planted": [
            {"label": rule, "by": [one.planted.get(rule, "") for one in formed]}
            for rule in dict.fromkeys(rule for one in formed for rule in one.planted)
        ],
        "of": max(of, epochs[-1]),
        "live": live,
        "hues": {"positive": theme.POSITIVE, "negative": theme.NEGATIVE},
    }


def _cells(snapshots: Sequence[Snapshot]) -> list[str]:
    """Every number drawn, packed, one text for each epoch: filter by filter in the order of `_bands`.

    Filters and blends have a scale each, the same for all epochs.
    """
    sides = [(_flat(filters_of(one).values()), _flat(blends_of(one))) for one in snapshots]
    scales = [_scale(kind) for kind in zip(*sides, strict=True)]
    return [
        packed(np.concatenate([values / scale for values, scale in zip(side, scales, strict=True)])) for side in sides
    ]


def _scale(epochs: Iterable[np.ndarray]) -> float:
    """The number that is drawn in full colour."""
    return max([1e-12, *(float(np.quantile(np.abs(values), CLIPPED)) for values in epochs if values.size)])


def _flat(parts: Iterable[np.ndarray]) -> np.ndarray:
    """float32 (n,): numbers one after the other."""
    return np.concatenate([*(part.ravel() for part in parts), np.zeros(0, np.float32)])


def packed(values: np.ndarray) -> str:
    """Numbers from -1 to 1 as signed bytes, in base 64; what lies beyond is cut off.

    >>> packed(np.array([-2.0, 0.0, 1.0]))
    'gQB/'
    """
    return base64.b64encode(np.rint(MOST * values.clip(-1, 1)).astype(np.int8).tobytes()).decode()


def _bands(snapshot: Snapshot) -> list[dict]:
    """The filters by how many films they read, then the blends; each with its name and its size."""
    horizontal, blends = filters_of(snapshot), blends_of(snapshot)
    bands = []
    for height in sorted({height for height, _ in horizontal}):
        filters = [
            {"name": horizontal_name(*at), "rows": height, "columns": weights.shape[1]}
            for at, weights in horizontal.items()
            if at[0] == height
        ]
        bands.append({"label": f"reads {height} {W.film if height == 1 else W.films}", "filters": filters})
    if len(blends):
        filters = [
            {"name": vertical_name(index), "rows": 1, "columns": blends.shape[1]} for index in range(len(blends))
        ]
        bands.append({"label": f"blends {blends.shape[1]} {W.films}", "filters": filters})
    return bands


def _said(epoch: int, report: EpochReport | None) -> str:
    """What an epoch came to, in a sentence."""
    if not epoch:
        return "Before training the filters are noise."
    if report is None or not report.validation:
        return f"After epoch {epoch}."
    hit = of_100(report.validation["hr@10"])
    return f"After epoch {epoch} the right {W.film} is among the first 10 for {hit} {W.viewers}."
