"""Figures of the chapter's page: one filter over its windows, and one score in its three parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard.figures.plot import bar_axes, figure, signed_bars
from caser.dashboard.names import short, span


def matches(responses: np.ndarray, height: int, name: str) -> go.Figure:
    """A horizontal filter's response to each of its windows, oldest first: float (L - h + 1,)."""
    best = int(responses.argmax())
    labels = [span(first, height) for first in range(len(responses))]
    answer = f"matches best at {labels[best]}" if responses[best] > 0 else "finds no match, so it counts 0"
    bars = signed_bars(labels, responses, "%{y}: %{x:+.3f}")
    return figure(f"Filter {name} {answer}", 64 + 36 * len(labels), [bars], **bar_axes(responses))


def parts(labels: Sequence[str], values: np.ndarray, film: str) -> go.Figure:
    """What a score is the sum of."""
    title = f"{short(film)} scores {values.sum():+.2f}, the sum of {len(values)} parts"
    bars = signed_bars(labels, values, "%{y}: %{x:+.3f}")
    return figure(title, 64 + 36 * len(values), [bars], **bar_axes(values))
