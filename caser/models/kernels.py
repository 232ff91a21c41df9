"""The steps that training spends most time in, with gradients written by hand: they store and copy less.

A test compares each with its plain form, values and gradients. Second derivatives are not supported.
`convolutions` overwrites what it stored, so it allows one backward pass for each forward pass.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

NARROW = 16  # up to so many dimensions one product with many zeros is faster than B small ones without
_masked = torch.ops.aten.threshold_backward  # _masked(x, by, t): x where by > t, else 0, in one pass


class _LookUp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight: Tensor, ids: Tensor, padding: int | None, sparse: bool) -> Tensor:
        ctx.save_for_backward(ids)
        ctx.shape, ctx.padding, ctx.sparse = weight.shape, padding, sparse
        return F.embedding(ids, weight)

    @staticmethod
    def backward(ctx, upstream: Tensor):
        (ids,) = ctx.saved_tensors
        ids, rows = ids.flatten(), upstream.reshape(-1, ctx.shape[1])
        if ctx.sparse:
            if ctx.padding is not None:
                rows = rows.masked_fill((ids == ctx.padding)[:, None], 0.0)
            return torch.sparse_coo_tensor(ids[None], rows, ctx.shape, check_invariants=False), None, None, None
        gradient = rows.new_zeros(ctx.shape).index_add_(0, ids, rows)
        if ctx.padding is not None:
            gradient[ctx.padding] = 0
        return gradient, None, None, None


def look_up(weight: Tensor, ids: Tensor, padding: int | None = None, sparse: bool = False) -> Tensor:
    """`F.embedding`; on a CPU its gradient takes a third of the time.

    Args:
        weight: float (n, d). ids: int64, any shape. padding: the row that gets no gradient.
        sparse: the gradient is a sparse tensor with a row for each id, repeated ones not summed.

    Returns:
        float (*ids.shape, d).
    """
    if weight.device.type == "cpu" or sparse:
        return _LookUp.apply(weight, ids, padding, sparse)
    return F.embedding(ids, weight, padding)


class _Convolutions(torch.autograd.Function):
    """All heights side by side: the windows that start at row k are one matrix product."""

    @staticmethod
    def forward(ctx, E: Tensor, whole: Tensor, bias: Tensor, *filters: Tensor) -> Tensor:
        B, L, d = E.shape
        n_h, m, bias = len(filters[0]), len(whole), bias.flatten()
        stacked = E.new_zeros(m + L * n_h, L * d)  # `whole`, then height h in n_h lines with zeros behind them
        stacked[:m] = whole
        for h, weight in enumerate(filters, 1):
            stacked[m + (h - 1) * n_h : m + h * n_h, : h * d] = weight.reshape(n_h, h * d)
        flat = E.reshape(B, L * d)
        out = torch.addmm(torch.cat([bias.new_zeros(m), bias]), flat, stacked.T)  # (B, m + L n_h), windows from row 0
        best, gains = out[:, m:], []
        for k in range(1, L):  # from row k the heights 1..L-k fit
            n = (L - k) * n_h
            gain = torch.addmm(bias[:n], flat[:, k * d :], stacked[m : m + n, : (L - k) * d].T)  # (B, n)
            gains.append(gain.sub_(best[:, :n]).relu_())  # by how much they are better than those before
            best[:, :n].add_(gain)
        best.relu_()  # max and ReLU commute
        ctx.save_for_backward(E, stacked, out, *gains)
        ctx.m = m
        return out

    @staticmethod
    def backward(ctx, upstream: Tensor):
        E, stacked, out, *gains = ctx.saved_tensors
        (B, L, d), m = E.shape, ctx.m
        n_h = (len(stacked) - m) // L
        flat, left = E.reshape(B, L * d), upstream.clone()  # (B, L d), (B, m + L n_h)
        still = left[:, m:]  # what no window has been given yet
        _masked.grad_input(still, out[:, m:], 0, grad_input=still)
        to_bias = still.sum(0).view(L, n_h)
        to_flat, to_stacked = torch.zeros_like(flat), torch.zeros_like(stacked)
        for k in range(L - 1, 0, -1):  # the last window that gained is the best
            n, width, won = (L - k) * n_h, (L - k) * d, gains[k - 1]
            _masked.grad_input(still[:, :n], won, 0, grad_input=won)
            still[:, :n].sub_(won)
            to_stacked[m : m + n, :width].addmm_(won.T, flat[:, k * d :])
            to_flat[:, k * d :].addmm_(won, stacked[m : m + n, :width])
        to_stacked.addmm_(left.T, flat)
        to_flat.addmm_(left, stacked)
        filters = [to_stacked[m + (h - 1) * n_h : m + h * n_h, : h * d].reshape(n_h, 1, h, d) for h in range(1, L + 1)]
        return to_flat.view(B, L, d), to_stacked[:m], to_bias, *filters


def convolutions(E: Tensor, vertical: Tensor, bias: Tensor, filters: list[Tensor]) -> Tensor:
    """Both kinds of filters: the vertical ones' weighted sums, the horizontal ones' ReLU response where it is highest.

    Sections 3.2.1 and 3.2.2 of the paper. Of windows that answer alike one, up to rounding the first, takes
    the whole gradient.

    Args:
        E: float (B, L, d). vertical: float (n_v, L), n_v may be 0. bias: float (L, n_h).
        filters: for h = 1..L, float (n_h, 1, h, d).

    Returns:
        float (B, n_v * d + L * n_h), the horizontal ones by height, then filter.
    """
    _, L, d = E.shape
    if d <= NARROW or not len(vertical):
        return _Convolutions.apply(E, _spread(vertical, d), bias, *filters)
    pooled = _Convolutions.apply(E, E.new_empty(0, L * d), bias, *filters)  # (B, L n_h)
    return torch.cat([weighted_rows(E, vertical).flatten(1), pooled], 1)  # (B, n_v d + L n_h)


def weighted_rows(E: Tensor, vertical: Tensor) -> Tensor:
    """Each vertical filter's weighted sum of the rows.

    Args:
        E: float (B, L, d). vertical: float (n_v, L).

    Returns:
        float (B, n_v, d).
    """
    B, L, d = E.shape
    if d <= NARROW:
        return (E.reshape(B, L * d) @ _spread(vertical, d).T).view(B, -1, d)
    return torch.bmm(vertical.expand(B, *vertical.shape), E)


class _Causal(torch.autograd.Function):
    """Blocks of k rows, each with the k before it: for each dimension one product of all blocks with the matrix whose
    cell (t, s) is curve[k + t - s]. On a CPU that is several times faster than conv1d with groups."""

    @staticmethod
    def forward(ctx, E: Tensor, curves: Tensor) -> Tensor:
        (B, L, d), k = E.shape, curves.shape[1]
        blocks = -(-L // k)
        rows = E.new_zeros(d, (blocks + 1) * k, B)
        rows[:, k : k + L] = E.permute(2, 1, 0)
        pairs = rows.unfold(1, 2 * k, k).permute(0, 3, 1, 2).reshape(d, 2 * k, blocks * B)
        line = curves.new_zeros(d, 3 * k - 1)
        line[:, k - 1 : 2 * k - 1] = curves
        by_age = line.as_strided((d, k, 2 * k), (3 * k - 1, 1, 1)).flip(2)  # (d, t, s)
        ctx.save_for_backward(pairs, by_age)
        ctx.shape = B, L, blocks
        out = torch.bmm(by_age, pairs).view(d, k, blocks, B).permute(3, 2, 1, 0)  # (B, blocks, k, d)
        return out.reshape(B, blocks * k, d)[:, :L]

    @staticmethod
    def backward(ctx, upstream: Tensor):
        pairs, by_age = ctx.saved_tensors
        (B, L, blocks), (d, k, _) = ctx.shape, by_age.shape
        padded = F.pad(upstream, (0, 0, 0, blocks * k - L)).view(B, blocks, k, d)
        upstream = padded.permute(3, 2, 1, 0).reshape(d, k, blocks * B)
        to_pairs = torch.bmm(by_age.transpose(1, 2), upstream).view(d, 2, k, blocks, B)
        to_rows = to_pairs[:, 1]  # (d, k, blocks, B), of each block its own, to which comes what it is to the next
        to_rows[:, :, :-1] += to_pairs[:, 0, :, 1:]
        to_E = to_rows.permute(3, 2, 1, 0).reshape(B, blocks * k, d)[:, :L]
        # Row t is moved by t, so that what belongs to one age stands in one column.
        moved = upstream.new_zeros(d, k, 3 * k)
        cells = moved.as_strided((d, k, 2 * k), (3 * k * k, 3 * k - 1, 1), k - 1)
        cells.copy_(torch.bmm(upstream, pairs.transpose(1, 2)))
        return to_E, moved.sum(1)[:, k : 2 * k].flip(1)


def causal(E: Tensor, curves: Tensor) -> Tensor:
    """A depthwise causal convolution: each dimension's weighted sum of its values so far.

    Args:
        E: float (B, L, d), oldest first. curves: float (d, k), each dimension's weights by age, 0 the row itself.

    Returns:
        float (B, L, d).
    """
    return _Causal.apply(E, curves)


def _spread(vertical: Tensor, d: int) -> Tensor:
    """The vertical filters as one matrix over the flattened rows: (n_v, L) -> (n_v d, L d)."""
    return torch.kron(vertical, torch.eye(d, dtype=vertical.dtype, device=vertical.device))
