"""Losses over a target and what the user has not seen, and the objective of one training batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional as F

from caser.config import Config
from caser.data.histories import Histories
from caser.models import ANONYMOUS, DotProduct, Recommender
from caser.models.base import chosen_scores
from caser.training.cost import CELLS, pool_size

LOWEST = -60.0  # below the best score; e^-60 vanishes beside it, while e^-inf takes a CPU nine times as long
OWN_NEGATIVES = 256  # what negatives = 0 comes to where a score is no product, and a pool cannot be shared


def bpr_loss(positive: Tensor, negative: Tensor, unseen: Tensor) -> Tensor:
    """-log sigmoid(positive - negative), the mean over negatives (Rendle et al. 2009).

    Args:
        positive: float (B, T). negative: float (B, T, n), drawn uniformly from each user's unseen items.
        unseen: int64 (B, 1), how many those are.

    Returns:
        float (B, T), one loss for each target.
    """
    return F.softplus(negative - positive[..., None]).mean(2)


def bce_loss(positive: Tensor, negative: Tensor, unseen: Tensor) -> Tensor:
    """Binary cross-entropy, summed over a target and its negatives (Caser, equation 10); as `bpr_loss`."""
    return F.softplus(-positive) + F.softplus(negative).sum(2)


def sampled_softmax_loss(positive: Tensor, negative: Tensor, unseen: Tensor) -> Tensor:
    """Cross-entropy of the target among it and the unseen items; as `bpr_loss`.

    The n drawn negatives stand for all the unseen ones: each is corrected by -log of its expected
    count n / unseen, the logQ correction of uniform draws (Bengio & Senecal 2008).
    """
    correction = torch.log(unseen / negative.shape[2])  # (B, 1)
    return torch.logaddexp(positive, negative.logsumexp(2) + correction) - positive


SAMPLED_LOSSES = {"bpr": bpr_loss, "bce": bce_loss, "softmax": sampled_softmax_loss}


class CandidateCrossEntropy(torch.autograd.Function):
    """Cross-entropy of targets among candidates that a user has not seen, so many rows of scores at a time as fit.

    The scores are turned into their own gradient in place, and that into the arguments' gradients at once; autograd
    would keep all the scores and fill two more buffers of their size.
    """

    @staticmethod
    def forward(
        ctx,
        query: Tensor,
        weight: Tensor,
        bias: Tensor,
        targets: Tensor,
        seen: tuple[Tensor, Tensor],
        importance: Tensor,
        log_share: Tensor,
    ) -> Tensor:
        """Weighted mean loss over targets.

        Args:
            query: float (N, k). weight: float (c, k). bias: float (c,).
            targets: int64 (N, T), columns of the candidates; c marks padding, which is left out.
            seen: rows, ascending, and columns of what does not compete, int64 (m,) each; a target always does.
            importance: float (T,), what the first, second, ... target counts.
            log_share: float (c,), log of how probable it was that a candidate became one; by it each stands for those
                that did not (Horvitz & Thompson 1952). 0 where all are.
        """
        counts = (targets < len(weight)) * importance  # (N, T)
        targets = targets.where(targets < len(weight), targets[:, :1])  # (N, T); the first target is always real
        n, loss = counts.sum(), query.new_zeros(())
        to_query, to_weight, to_bias = torch.empty_like(query), torch.zeros_like(weight), torch.zeros_like(bias)
        step = max(1, CELLS[query.device.type] // len(weight))
        for first in range(0, len(query), step):
            some = slice(first, first + step)
            scores = torch.addmm(bias - log_share, query[some], weight.T)  # (b, c)
            target_scores = scores.gather(1, targets[some]) + log_share[targets[some]]  # (b, T)
            scores.view(-1)[_cells(seen, first, scores)] = -torch.inf
            scores.scatter_(1, targets[some], target_scores)
            highest = scores.amax(1, keepdim=True)  # (b, 1)
            scores.sub_(highest).clamp_(min=LOWEST)
            total = scores.exp_().sum(1, keepdim=True)  # (b, 1)
            loss += ((total.log() + highest - target_scores) * counts[some]).sum() / n
            gradient = scores.mul_(counts[some].sum(1, keepdim=True) / (total * n))  # (b, c)
            gradient.scatter_add_(1, targets[some], -counts[some] / n)
            torch.mm(gradient, weight, out=to_query[some])
            to_weight.addmm_(gradient.T, query[some])
            to_bias += gradient.sum(0)
        ctx.save_for_backward(to_query, to_weight, to_bias)
        return loss

    @staticmethod
    def backward(ctx, upstream: Tensor):
        return *(gradient.mul_(upstream) for gradient in ctx.saved_tensors), None, None, None, None


def _cells(seen: tuple[Tensor, Tensor], first: int, scores: Tensor) -> Tensor:
    """int64: where in the flattened `scores`, whose rows begin with row `first`, those of what was seen lie."""
    row, column = seen
    low, high = torch.searchsorted(row, row.new_tensor([first, first + len(scores)])).tolist()
    return (row[low:high] - first) * scores.shape[1] + column[low:high]


class Objective:
    """The configured loss of one batch of positions.

    Args:
        config: model and training choices.
        histories: where windows, targets and negatives come from.
        generator: every draw's source, on the histories' device.
    """

    def __init__(self, config: Config, histories: Histories, generator: torch.Generator):
        self.config, self.histories, self.generator = config.training, histories, generator
        self.user_dropout = config.model.user_dropout
        self.negatives = self.config.negatives
        self.pool = pool_size(config, histories.n_items, histories.device)
        self.importance = self.config.T_decay ** torch.arange(float(self.config.T), device=histories.device)  # (T,)

    def __call__(self, model: Recommender, positions: Tensor, item: Tensor | None = None) -> Tensor:
        """Weighted mean loss over the targets at `positions`, int64 (B,); `item` stands in for tie-shuffled items."""
        known = self.histories.user[positions].long()  # (B,)
        users = self._drop_users(known)
        windows = self.histories.windows(positions, model.L, item)  # (B, L)
        targets = self.histories.targets(positions, self.config.T, item)  # (B, T)
        read, targets = model.examples(windows, targets, self.generator)  # (B, L'), (B, S, T)
        if not isinstance(model, DotProduct):
            return self._sampled(lambda items: model.scores(users, read, items), known, targets[:, 0])
        query = model.queries(users, read)  # (B, S, k)
        if targets.shape[1] > 1:
            real = targets[:, :, 0] < model.n_items  # (B, S)
            known = known[:, None].expand_as(real)[real]  # (N,)
            query, targets = query[real], targets[real]  # (N, k), (N, T)
        else:
            query, targets = query[:, 0], targets[:, 0]  # (B, k), (B, T)
        if self.negatives:
            return self._sampled(lambda items: chosen_scores(query, *model.item_rows(items)), known, targets)
        if self.pool >= model.n_items:
            whole = query.new_zeros(model.n_items)
            seen = self.histories.seen(known)
            return CandidateCrossEntropy.apply(query, *model.item_table(), targets, seen, self.importance, whole)
        items, log_share = self.candidates(targets)
        columns, seen = self._columns(items, targets, *self.histories.seen(known))
        return CandidateCrossEntropy.apply(query, *model.item_rows(items), columns, seen, self.importance, log_share)

    def candidates(self, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The items that a batch's targets, int64 (N, T), compete with: `pool` drawn uniformly, and all the targets.

        Returns:
            int64 (c,), ascending, and float (c,): the log of how probable it was that each became one of them.
        """
        targets = targets[targets < self.histories.n_items]  # (M,)
        drawn = torch.randint(self.histories.n_items, (self.pool,), generator=self.generator, device=targets.device)
        items = torch.cat([drawn, targets]).unique()
        log_left_out = self.pool * math.log1p(-1 / self.histories.n_items) + len(targets) * self.log_other[items]
        return items, torch.log(-torch.expm1(log_left_out))

    @cached_property
    def log_other(self) -> Tensor:
        """float (n_items,): the log of how probable it is that a target is not this item, by how often it is taken."""
        counts = self.histories.visible()[1].bincount(minlength=self.histories.n_items)
        return torch.log1p(-counts / counts.sum())

    @cached_property
    def column(self) -> Tensor:
        """int64 (n_items + 1,): which of the candidates an item is; -1 for all but while a step needs it."""
        return torch.full((self.histories.n_items + 1,), -1, device=self.histories.device)

    def _columns(
        self, items: Tensor, targets: Tensor, row: Tensor, item: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Columns among the candidates `items`: of the targets, len(items) for padding, and of each row's `item`."""
        self.column[items] = torch.arange(len(items), device=items.device)
        self.column[-1] = len(items)
        columns, column = self.column[targets], self.column.index_select(0, item)  # (N, T), (m,)
        self.column[items] = -1
        there = column >= 0
        return columns, (row[there], column[there])

    def _drop_users(self, users: Tensor) -> Tensor:
        if not self.user_dropout:
            return users
        dropped = torch.rand(len(users), generator=self.generator, device=users.device) < self.user_dropout
        return users.masked_fill(dropped, ANONYMOUS)

    def _sampled(self, scores_of: Callable[[Tensor], Tensor], known: Tensor, targets: Tensor) -> Tensor:
        """The loss among drawn negatives.

        Args:
            scores_of: from int64 (N, n) items to their scores. known: int64 (N,), whose they are.
            targets: int64 (N, T).
        """
        (N, T), n = targets.shape, self.negatives or OWN_NEGATIVES
        negatives = self.histories.sample_unseen(known, T * n, self.generator)  # (N, T * n)
        real = targets < self.histories.n_items  # (N, T)
        scores = scores_of(torch.cat([targets.where(real, 0), negatives], 1))  # (N, T + T * n)
        positive, negative = scores[:, :T], scores[:, T:].view(N, T, n)  # (N, T), (N, T, n)
        losses = SAMPLED_LOSSES[self.config.loss](positive, negative, self.histories.n_unseen(known))  # (N, T)
        counts = real * self.importance  # (N, T)
        return (losses * counts).sum() / counts.sum()
