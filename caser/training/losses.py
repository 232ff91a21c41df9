"""Losses over a target and what the user has not seen, and the objective of one training batch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from caser.config import Config
from caser.data.histories import Histories
from caser.models import ANONYMOUS, DotProduct, Recommender
from caser.models.kernels import chosen_scores

LOWEST = -60.0  # below the best score; e^-60 vanishes beside it, while e^-inf takes a CPU nine times as long
SAMPLED_NEGATIVES = 256  # what negatives = 0 comes to where the whole catalogue cannot be scored at once


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


class UnseenCrossEntropy(torch.autograd.Function):
    """Cross-entropy of targets among all the items a user has not seen, in one (B, n_items) buffer.

    The scores are turned into their own gradient in place while going forward; autograd would keep
    the log-probabilities and fill two more buffers of that size.
    """

    @staticmethod
    def forward(
        ctx, query: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, seen: Tensor, importance: Tensor
    ) -> Tensor:
        """Weighted mean loss over targets.

        Args:
            query: float (B, k). weight: float (n_items, k). bias: float (n_items,).
            targets: int64 (B, T); n_items marks padding, which is left out.
            seen: bool (B, n_items), the items that do not compete; a target always does.
            importance: float (T,), what the first, second, ... target counts.
        """
        scores = torch.addmm(bias, query, weight.T)  # (B, n_items)
        real = targets < len(weight)  # (B, T)
        counts = real * importance  # (B, T)
        chosen = targets.where(real, targets[:, :1])  # (B, T); the first target is always real
        target_scores = scores.gather(1, chosen)  # (B, T)
        scores.masked_fill_(seen, -torch.inf).scatter_(1, chosen, target_scores)
        highest = scores.amax(1, keepdim=True)  # (B, 1)
        scores.sub_(highest).clamp_(min=LOWEST)
        total = scores.exp_().sum(1, keepdim=True)  # (B, 1)
        n = counts.sum()
        loss = ((total.log() + highest - target_scores) * counts).sum() / n
        gradient = scores.mul_(counts.sum(1, keepdim=True) / (total * n))  # (B, n_items)
        gradient.scatter_add_(1, chosen, -counts / n)
        ctx.save_for_backward(query, weight, gradient)
        return loss

    @staticmethod
    def backward(ctx, upstream: Tensor):
        query, weight, gradient = ctx.saved_tensors
        to_query = gradient @ weight * upstream  # (B, k)
        to_weight = gradient.T @ (query * upstream)  # (n_items, k)
        return to_query, to_weight, gradient.sum(0) * upstream, None, None, None


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
        if not self.negatives and self.histories.fits_dense:
            seen = self.histories.seen[known]  # (N, n_items)
            return UnseenCrossEntropy.apply(query, *model.item_table(), targets, seen, self.importance)
        return self._sampled(lambda items: chosen_scores(query, *model.item_table(), items), known, targets)

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
        (N, T), n = targets.shape, self.negatives or SAMPLED_NEGATIVES
        negatives = self.histories.sample_unseen(known, T * n, self.generator)  # (N, T * n)
        real = targets < self.histories.n_items  # (N, T)
        scores = scores_of(torch.cat([targets.where(real, 0), negatives], 1))  # (N, T + T * n)
        positive, negative = scores[:, :T], scores[:, T:].view(N, T, n)  # (N, T), (N, T, n)
        losses = SAMPLED_LOSSES[self.config.loss](positive, negative, self.histories.n_unseen(known))  # (N, T)
        counts = real * self.importance  # (N, T)
        return (losses * counts).sum() / counts.sum()
