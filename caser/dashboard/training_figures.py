"""Figures of one training run, while it goes on and afterwards; as in `figures`, no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from caser.dashboard import theme
from caser.dashboard.figures import METRIC_LABELS, empty
from caser.training import LIVE_METRICS, EpochReport

CHOSEN_MARK = "star"


def training_loss(reports: Sequence[EpochReport], model: str) -> go.Figure:
    """The loss by epoch, a line a phase; `model` is its name on screen."""
    if not reports:
        return empty("The loss appears after the first epoch")
    figure = go.Figure(layout=_layout(_loss_title(reports)))
    hue = theme.look(model)["hue"]
    for phase, name, dash in (("select", "on train", "solid"), ("refit", "refit on train + validation", "dot")):
        shown = [r for r in reports if r.phase == phase]
        if shown:
            x, y = [r.epoch for r in shown], [r.loss for r in shown]
            figure.add_trace(_line(x, y, name, hue, dash, f"{name}, epoch %{{x}}: loss %{{y:.4g}}"))
    _epoch_axes(figure, max(r.epoch for r in reports))
    figure.update_layout(showlegend=len(figure.data) > 1, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"})
    return figure


def validation_curves(reports: Sequence[EpochReport], chosen: int, model: str) -> go.Figure:
    """Each validation metric by epoch on a scale of its own; the epoch `chosen` (1-based) is marked."""
    shown = [r for r in reports if r.validation]
    if not shown:
        return empty("Validation metrics appear after the first epoch")
    titles = [METRIC_LABELS[m] for m in LIVE_METRICS]
    figure = make_subplots(rows=2, cols=2, subplot_titles=titles, vertical_spacing=0.2, horizontal_spacing=0.14)
    figure.update_annotations(font_size=13)
    figure.update_layout(_layout(_validation_title(shown, chosen)))
    hue, x = theme.look(model)["hue"], [r.epoch for r in shown]
    for i, metric in enumerate(LIVE_METRICS):
        y = [r.validation[metric] for r in shown]
        label = METRIC_LABELS[metric]
        place = {"row": i // 2 + 1, "col": i % 2 + 1}
        figure.add_trace(_line(x, y, label, hue, "solid", f"epoch %{{x}}: {label} %{{y:.3f}}"), **place)
        figure.add_trace(_chosen_mark(chosen, y[x.index(chosen)]), **place)
        figure.update_yaxes(range=_with_headroom(y), **place)
    _epoch_axes(figure, max(x), title=False)
    return figure


def _layout(title: str) -> dict:
    margin = {"l": 10, "r": 10, "t": 40, "b": 10}
    return {"title": {"text": title}, "height": 340, "margin": margin, "showlegend": False}


def _line(x: list[int], y: list[float], name: str, hue: str, dash: str, hover: str) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        name=name,
        mode="lines+markers" if len(x) <= 60 else "lines",
        line={"color": hue, "dash": dash, "width": 2.5},
        marker={"size": 5},
        hovertemplate=f"{hover}<extra></extra>",
    )


def _chosen_mark(epoch: int, value: float) -> go.Scatter:
    return go.Scatter(
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


def _epoch_axes(figure: go.Figure, last: int, title: bool = True) -> None:
    step = max(1, -(-last // 8))
    figure.update_xaxes(
        title="epoch" if title else None,
        range=[1 - 0.06 * last, last + 0.06 * last],
        tick0=step if step > 1 else 1,
        dtick=step,
        gridcolor=theme.GRID,
        zeroline=False,
    )
    figure.update_yaxes(gridcolor=theme.GRID, zeroline=False, nticks=5)


def _loss_title(reports: Sequence[EpochReport]) -> str:
    phase = reports[-1].phase
    losses = [r.loss for r in reports if r.phase == phase]
    refit = " of the refit" if phase == "refit" else ""
    if len(losses) == 1:
        return f"Loss {losses[0]:#.3g} after the first epoch{refit}"
    verb = "fell" if losses[-1] < losses[0] else "rose"
    return f"The loss {verb} from {losses[0]:#.3g} to {losses[-1]:#.3g} in {len(losses)} epochs{refit}"


def _validation_title(shown: Sequence[EpochReport], chosen: int) -> str:
    value = next(r.validation["ndcg@10"] for r in shown if r.epoch == chosen)
    best = max(r.validation["ndcg@10"] for r in shown)
    if len(shown) == 1:
        return f"Validation NDCG@10 is {value:.3f} after the first epoch"
    if value < best:  # without early stopping the last epoch counts, whatever it is worth
        return f"Validation NDCG@10 ends at {value:.3f}; at its best it was {best:.3f}"
    if chosen == shown[-1].epoch:
        return f"Validation NDCG@10 is at its best, {value:.3f}, after epoch {chosen}"
    return f"Validation NDCG@10 peaked at {value:.3f} after epoch {chosen} of {shown[-1].epoch}"
