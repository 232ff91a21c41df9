"""The models' hot paths as autograd functions that keep and copy less than autograd would by itself.

Each is held to its plain form, values and gradients, by a test. None can be differentiated twice.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_masked = torch.ops.aten.threshold_backward  # _masked(x, by, t): x where by > t, else 0, in one pass


class _LookUp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight: Tensor, ids: Tensor, padding: int | None) -> Tensor:
        ctx.save_for_backward(ids)
        ctx.shape, ctx.padding = weight.shape, padding
        return F.embedding(ids, weight)

    @staticmethod
    def backward(ctx, upstream: Tensor):
        (ids,) = ctx.saved_tensors
        rows = upstream.reshape(-1, ctx.shape[1])
        gradient = rows.new_zeros(ctx.shape).index_add_(0, ids.flatten(), rows)
        if ctx.padding is not None:
            gradient[ctx.padding] = 0
        return gradient, None, None


def look_up(weight: Tensor, ids: Tensor, padding: int | None = None) -> Tensor:
    """`F.embedding`, whose gradient on a CPU costs a third.

    Args:
        weight: float (n, d). ids: int64, any shape. padding: the row that gets no gradient.

    Returns:
        float (*ids.shape, d).
    """
    if weight.device.type == "cpu":
        return _LookUp.apply(weight, ids, padding)
    return F.embedding(ids, weight, padding)


class _ChosenScores(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query: Tensor, weight: Tensor, bias: Tensor, items: Tensor) -> Tensor:
        rows = F.embedding(items, weight)  # (B, n, k)
        ctx.save_for_backward(query, rows, items)
        ctx.n_items = len(weight)
        return torch.bmm(rows, query[:, :, None])[:, :, 0] + bias[items]  # (B, n)

    @staticmethod
    def backward(ctx, upstream: Tensor):
        query, rows, items = ctx.saved_tensors
        at = items.flatten()
        to_rows = (query[:, None] * upstream[:, :, None]).flatten(0, 1)  # (B n, k)
        to_weight = rows.new_zeros(ctx.n_items, rows.shape[2]).index_add_(0, at, to_rows)
        to_bias = upstream.new_zeros(ctx.n_items).index_add_(0, at, upstream.flatten())
        return torch.bmm(upstream[:, None], rows)[:, 0], to_weight, to_bias, None


def chosen_scores(query: Tensor, weight: Tensor, bias: Tensor, items: Tensor) -> Tensor:
    """weight[items] . query + bias[items].

    Args:
        query: float (B, k). weight: float (n_items, k). bias: float (n_items,). items: int64 (B, n).

    Returns:
        float (B, n).
    """
    return _ChosenScores.apply(query, weight, bias, items)


class _PooledWindows(torch.autograd.Function):
    """All heights side by side: the windows that start at row k are one matrix product."""

    @staticmethod
    def forward(ctx, E: Tensor, bias: Tensor, *filters: Tensor) -> Tensor:
        B, L, d = E.shape
        n_h = len(filters[0])
        stacked = E.new_zeros(L * n_h, L * d)  # height h in lines (h - 1) n_h .., zeros behind it
        for h, weight in enumerate(filters, 1):
            stacked[(h - 1) * n_h : h * n_h, : h * d] = weight.reshape(n_h, h * d)
        flat = E.reshape(B, L * d)
        responses = [  # from row k the heights 1..L-k fit: (B, (L - k) n_h)
            flat[:, k * d :] @ stacked[: (L - k) * n_h, : (L - k) * d].T for k in range(L)
        ]
        best = responses[0].clone()
        for k in range(1, L):
            part = best[:, : (L - k) * n_h]
            torch.maximum(part, responses[k], out=part)
        pooled = (best + bias.flatten()).relu_()  # (B, L n_h); max and ReLU commute
        ctx.save_for_backward(E, stacked, best, pooled, *responses)
        return pooled

    @staticmethod
    def backward(ctx, upstream: Tensor):
        E, stacked, best, pooled, *responses = ctx.saved_tensors
        B, L, d = E.shape
        n_h = best.shape[1] // L
        flat, alive = E.reshape(B, L * d), _masked(upstream, pooled, 0)  # (B, L d), (B, L n_h)
        to_flat, to_stacked, left = torch.zeros_like(flat), torch.zeros_like(stacked), alive.clone()
        for k in range(L):
            n, m = (L - k) * n_h, (L - k) * d
            won = _masked(left[:, :n], responses[k] - best[:, :n], -1e-37)  # where this window is the best
            left[:, :n].sub_(won)  # of equal windows the first takes it all
            to_stacked[:n, :m].addmm_(won.T, flat[:, k * d :])
            to_flat[:, k * d :].addmm_(won, stacked[:n, :m])
        filters = [to_stacked[(h - 1) * n_h : h * n_h, : h * d].reshape(n_h, 1, h, d) for h in range(1, L + 1)]
        return to_flat.view(B, L, d), alive.sum(0).view(L, n_h), *filters


def pooled_windows(E: Tensor, bias: Tensor, filters: list[Tensor]) -> Tensor:
    """Every horizontal filter's ReLU response, the maximum over its windows (section 3.2 of the paper).

    Args:
        E: float (B, L, d). bias: float (L, n_h). filters: for h = 1..L, float (n_h, 1, h, d).

    Returns:
        float (B, L * n_h), by height, then filter.
    """
    return _PooledWindows.apply(E, bias, *filters)


def weighted_rows(E: Tensor, vertical: Tensor) -> Tensor:
    """Each vertical filter's weighted sum of the rows.

    Args:
        E: float (B, L, d). vertical: float (n_v, L).

    Returns:
        float (B, n_v, d).
    """
    B, L, d = E.shape
    if d > 16:
        return torch.bmm(vertical.expand(B, *vertical.shape), E)
    each = torch.kron(vertical, torch.eye(d, dtype=E.dtype, device=E.device))  # (n_v d, L d)
    return (E.reshape(B, L * d) @ each.T).view(B, -1, d)  # one product beats B tiny ones
