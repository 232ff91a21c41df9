"""What the benchmark measures against: Caser, its training and its evaluation as a textbook writes them.

The way of the source chapter (Dive into Deep Learning, "Sequence-Aware Recommender Systems",
https://d2l.ai/chapter_recommender-systems/seqrec.html) in plain PyTorch. The network runs twice for each batch, for
the positive and for the negative, as there (`p_pos = net(...)`, `p_neg = net(...)`); it can be told to run once.
Spared is the chapter's set difference for each sample: a user's pool of negatives is computed once.
Nothing here uses the library's own data structures or models.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

from caser.config import Config
from caser.models.caser import CaserConfig

ScoresOf = Callable[[int, Sequence[int], Sequence[int]], list[float]]  # (user, window, items) -> a score for each item


class TextbookCaser(nn.Module):
    """One `nn.Conv2d` for each height, an `nn.Embedding` look-up for everything else."""

    def __init__(self, config: CaserConfig, n_users: int, n_items: int):
        super().__init__()
        d, L = config.d, config.L
        self.P = nn.Embedding(n_users + 1, d)  # the last row is for users that are dropped
        self.Q = nn.Embedding(n_items + 1, d, padding_idx=n_items)
        self.conv_v = nn.Conv2d(1, config.n_v, (L, 1), bias=False)
        self.conv_h = nn.ModuleList(nn.Conv2d(1, config.n_h, (h, d)) for h in range(1, L + 1))
        self.dropout = nn.Dropout(config.dropout)
        self.fc = nn.Linear(config.n_v * d + config.n_h * L, d)
        self.Q_prime, self.b = nn.Embedding(n_items, 2 * d), nn.Embedding(n_items, 1)
        self._initialise(config.init_std)

    def _initialise(self, std: float) -> None:
        for weight in self.parameters():
            nn.init.normal_(weight, std=std or weight[0].numel() ** -0.5)
        for bias in (self.b.weight, self.fc.bias, *(conv.bias for conv in self.conv_h), self.Q.weight[-1:]):
            nn.init.zeros_(bias.data)

    def query(self, users: Tensor, windows: Tensor) -> Tensor:
        """[z ; P_u], float (B, 2 d), from int64 (B,) and (B, L)."""
        E = self.Q(windows).unsqueeze(1)  # (B, 1, L, d)
        out_h = [F.relu(conv(E)).squeeze(3) for conv in self.conv_h]  # L of (B, n_h, L - h + 1)
        pooled = [F.max_pool1d(out, out.shape[2]).squeeze(2) for out in out_h]  # L of (B, n_h)
        out = torch.cat([self.conv_v(E).flatten(1), *pooled], 1)  # (B, n_v d + L n_h)
        z = F.relu(self.fc(self.dropout(out)))  # (B, d)
        return torch.cat([z, self.P(users)], 1)  # (B, 2 d)

    def score(self, query: Tensor, items: Tensor) -> Tensor:
        """float (B,): the scores of items int64 (B,)."""
        return (query * self.Q_prime(items)).sum(1) + self.b(items).squeeze(1)


class Windows(Dataset):
    """A stored window for each sample: (user, window, target), and a negative where there are pools of them."""

    def __init__(self, users: Tensor, windows: Tensor, targets: Tensor, pools: list[list[int]] | None, seed: int):
        self.users, self.windows, self.targets = (column.cpu().long().numpy() for column in (users, windows, targets))
        self.pools, self.random = pools, random.Random(seed)

    def __len__(self) -> int:
        return len(self.users)

    def __getitem__(self, i: int):
        user = self.users[i]
        if self.pools is None:
            return user, self.windows[i], self.targets[i]
        return user, self.windows[i], self.targets[i], self.random.choice(self.pools[user])


class Textbook:
    """The training loop: DataLoader, Adam, `loss.item()` after every batch.

    Args:
        config: BPR with one negative, or softmax among all the items a user has not seen.
        windows: the samples. seen: bool (n_users, n_items), for softmax.
        passes: 2 runs the network for the positive and again for the negative, 1 once for both.
    """

    def __init__(
        self, config: Config, windows: Windows, seen: Tensor, seed: int, device: torch.device, passes: int = 2
    ):
        torch.manual_seed(seed)
        self.passes = passes
        training = config.training
        self.device, self.seen, self.user_dropout = device, seen.to(device), config.model.user_dropout
        self.model = TextbookCaser(config.model, *seen.shape).to(device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=training.lr, weight_decay=training.weight_decay)
        self.loader = DataLoader(windows, training.batch_size, shuffle=True)

    def epoch(self, seconds: float = float("inf")) -> tuple[float, float]:
        """Mean loss and windows a second over an epoch, or over as much of it as `seconds` suffice for."""
        self.model.train()
        begun, total, done = time.perf_counter(), 0.0, 0
        for batch in self.loader:
            total += self.step(*(column.to(self.device) for column in batch)) * len(batch[0])
            done += len(batch[0])
            if time.perf_counter() - begun > seconds:
                break
        return total / done, done / (time.perf_counter() - begun)

    def step(self, users: Tensor, windows: Tensor, targets: Tensor, negatives: Tensor | None = None) -> float:
        """One update; the mean loss of the batch."""
        dropped = torch.rand(len(users), device=self.device) < self.user_dropout
        known = users.masked_fill(dropped, len(self.seen))
        query = self.model.query(known, windows)  # (B, 2 d)
        if negatives is None:
            loss = self._softmax(query, users, targets)
        else:
            again = query if self.passes == 1 else self.model.query(known, windows)
            loss = -F.logsigmoid(self.model.score(query, targets) - self.model.score(again, negatives)).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def _softmax(self, query: Tensor, users: Tensor, targets: Tensor) -> Tensor:
        scores = query @ self.model.Q_prime.weight.T + self.model.b.weight.T  # (B, n_items)
        seen = self.seen[users].scatter(1, targets[:, None], False)  # (B, n_items)
        return F.cross_entropy(scores.masked_fill(seen, -torch.inf), targets)


def sort_and_loop(users, histories, targets, n_items: int, scores_of: ScoresOf, L: int) -> list[int]:
    """0-based ranks, one user at a time: score, sort everything unseen, look the target up.

    The chapter's, but over all items instead of its `range(num_users)`.

    Args:
        users, targets: a user and a held-out item each. histories: the items they watched before, oldest first.
        scores_of: how a user's unseen items are scored. L: how many recent items that reads.
    """
    ranks = []
    for user, history, target in zip(users, histories, targets, strict=True):
        unseen = list(set(range(n_items)) - set(history))
        scored = zip(unseen, scores_of(user, history[-L:], unseen), strict=True)
        ranked = [item for item, _ in sorted(scored, key=lambda pair: pair[1], reverse=True)]
        ranks.append(ranked.index(target))
    return ranks


@torch.inference_mode()
def scores_by_candidate(model, user: int, window: Sequence[int], items: Sequence[int]) -> list[float]:
    """The chapter's: a DataLoader over (user, window, item), the whole network run for every item."""
    device, n = model.device, len(items)
    rows = TensorDataset(torch.full((n,), user), torch.tensor([window] * n), torch.tensor(items)[:, None])
    scores = []
    for batch in DataLoader(rows, batch_size=1024):
        scores.extend(model.scores(*(column.to(device) for column in batch))[:, 0].tolist())
    return scores


@torch.inference_mode()
def scores_by_user(model, user: int, window: Sequence[int], items: Sequence[int]) -> list[float]:
    """Better than the chapter: the network run once a user, against the whole catalogue."""
    rows = (torch.tensor([column], device=model.device) for column in (user, window))
    scores = model.scores(*rows)[0].tolist()
    return [scores[item] for item in items]
