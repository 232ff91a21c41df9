"""Figures of one training run, while it goes on and afterwards; as in `figures`, no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import (
    LEGEND_ABOVE,
    above,
    axis,
    empty,
    figure,
    on,
    scatter,
    shares,
)
from caser.dashboard.theme import Look
from caser.evaluation import METRICS
from caser.training.reports import CHOSEN_BY, LIVE_METRICS, EpochReport, best, selecting

CHOSEN_MARK = "star"


def training_loss(reports: Sequence[EpochReport], look: Look) -> go.Figure:
    """The loss by epoch, one line for each phase, in the model's look."""
    if not reports:
        return empty("The loss appears after the first epoch")
    traces = []
    for phase, name, dash in (("select", "on train", "solid"), ("refit", "refit on train + validation", "dot")):
        shown = [r for r in reports if r.phase == phase]
        if shown:
            x, y = [r.epoch for r in shown], [r.loss for r in shown]
            traces.append(_line(x, y, name, look.hue, dash, f"{name}, epoch %{{x}}: loss %{{y:.4g}}"))
    return figure(
        _loss_title(reports),
        340,
        traces,
        showlegend=len(traces) > 1,
        legend=LEGEND_ABOVE | {"y": 1.02},
        xaxis=_epoch_axis(max(r.epoch for r in reports), "epoch"),
        yaxis=axis(nticks=5),
    )


def validation_curves(reports: Sequence[EpochReport], chosen: EpochReport | None, look: Look) -> go.Figure:
    """Each validation metric by epoch on a scale of its own; the chosen epoch is marked, None for no mark."""
    shown = selecting(reports)
    if not shown:
        return empty("Validation metrics appear after the first epoch")
    x = [r.epoch for r in shown]
    columns, rows = shares([1, 1], 0.14), shares([1, 1], 0.2)[::-1]
    traces, axes, names = [], {}, []
    for index, (panel, metric) in enumerate(zip(("", "2", "3", "4"), LIVE_METRICS, strict=True)):
        y, label = [r.validation[metric] for r in shown], METRICS[metric].label
        line = _line(x, y, label, look.hue, "solid", f"epoch %{{x}}: {label} %{{y:.3f}}")
        traces += on(panel, line, _chosen_mark(chosen.epoch, chosen.validation[metric]))
        names.append(above(panel, label, font={"size": 13}))
        axes[f"xaxis{panel}"] = _epoch_axis(max(x)) | {"domain": columns[index % 2], "anchor": f"y{panel}"}
        axes[f"yaxis{panel}"] = axis(nticks=5, range=_with_headroom(y), domain=rows[index // 2], anchor=f"x{panel}")
    return figure(_validation_title(shown, chosen), 340, traces, annotations=names, **axes)


def _line(x: list[int], y: list[float], name: str, hue: str, dash: str, hover: str) -> dict:
    return scatter(
        x=x,
        y=y,
        name=name,
        mode="lines+markers" if len(x) <= 60 else "lines",
        line={"color": hue, "dash": dash, "width": 2.5},
        marker={"size": 5},
        hovertemplate=f"{hover}<extra></extra>",
    )


def _chosen_mark(epoch: int, value: float) -> dict:
    return scatter(
        x=[epoch],
        y=[value],
        name="chosen epoch",
        mode="markers+text",
        text=[f"<b>{value:.3f}</b>"],
        textposition="top center",
        marker={"size": 13, "symbol": CHOSEN_MARK, "color": theme.POSITIVE},
        cliponaxis=False,
        hovertemplate="epoch %{x}, the best so far: %{y:.3f}<extra></extra>",
    )


def _with_headroom(y: list[float]) -> list[float]:
    """A range that leaves the number over the highest point clear of the title."""
    span = max(y) - min(y) or 0.01
    return [min(y) - 0.1 * span, max(y) + 0.35 * span]


def _epoch_axis(last: int, title: str = "") -> dict:
    step = max(1, -(-last // 8))
    ends = [1 - 0.06 * last, last + 0.06 * last]
    return axis(title, range=ends, tick0=step if step > 1 else 1, dtick=step)


def _loss_title(reports: Sequence[EpochReport]) -> str:
    phase = reports[-1].phase
    shown = [r for r in reports if r.phase == phase]
    first, last, epochs = shown[0].loss, shown[-1].loss, shown[-1].epoch - shown[0].epoch + 1
    refit = " of the refit" if phase == "refit" else ""
    if len(shown) == 1:
        return f"Loss {last:#.3g} after epoch {shown[-1].epoch}{refit}"
    verb = "fell" if last < first else "rose"
    return f"The loss {verb} from {first:#.3g} to {last:#.3g} in {epochs} epochs{refit}"


def _validation_title(shown: Sequence[EpochReport], chosen: EpochReport) -> str:
    value, most = chosen.validation[CHOSEN_BY], best(shown).validation[CHOSEN_BY]
    if len(shown) == 1:
        return f"Validation NDCG@10 is {value:.3f} after epoch {chosen.epoch}"
    if value < most:  # without early stopping the last epoch counts, whatever it is worth
        return f"Validation NDCG@10 ends at {value:.3f}; at its best it was {most:.3f}"
    if chosen.epoch == shown[-1].epoch:
        return f"Validation NDCG@10 is at its best, {value:.3f}, after epoch {chosen.epoch}"
    return f"Validation NDCG@10 peaked at {value:.3f} after epoch {chosen.epoch} of {shown[-1].epoch}"
