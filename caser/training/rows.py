"""Adam for tables of which a step reads few rows: those alone are moved, and the others as soon as they are read.

Between two steps that read it, a row of a table has no gradient. What Adam, the decay and the moving average make of it
meanwhile follows from the number of steps in closed form, as long as the learning rate changes slowly. So a row is
where dense steps would have taken it, and the time goes with the rows read, not with the table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from caser.config import Config, TrainingConfig
from caser.models import Recommender
from caser.models.layers import Table, UserEmbedding

BETA1, BETA2, EPS = 0.9, 0.999, 1e-8  # torch.optim.Adam's
RATIO = BETA1 / BETA2**0.5  # of a step without a gradient to the one before it
FADING = RATIO ** torch.arange(128, 0, -1, dtype=torch.float64)  # of what a gradient still does after so many steps
LARGE = 5  # times as many rows as a step reads; of a smaller table all are moved in less time
CELLS = 1 << 16  # of a table worked on at once, so that they stay in the processor's cache


class RowAdam:
    """Adam over tables, whose gradients become sparse; with each step also the moving average, where there is one.

    A decay that is not decoupled is part of a row's gradient only in steps that read it.

    Args:
        kept: the moving average of the model, or the model itself without one.
        pool: how many items a batch's targets compete with.
    """

    def __init__(self, model: Recommender, kept: Recommender, config: Config, pool: int):
        tables = large_tables(model, config, pool)
        self.rows = [_Rows(model.get_submodule(name), kept.get_submodule(name), config.training) for name in tables]

    @property
    def weights(self) -> list[nn.Parameter]:
        """What it moves."""
        return [rows.weight for rows in self.rows]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Move every row that has a gradient."""
        for rows in self.rows:
            rows.step(lr)

    @torch.no_grad()
    def settle(self) -> None:
        """Bring all rows to where they are after the last step."""
        for rows in self.rows:
            rows.catch_up(torch.arange(len(rows.weight), device=rows.weight.device))
            rows.level[rows.steps] = 0.0  # any beginning does; without decay's it grows with the steps

    def release(self) -> None:
        """Give the tables back as they were found: with dense gradients."""
        for rows in self.rows:
            rows.table.sparse, rows.table.on_read = False, None

    def state_dict(self) -> list[dict[str, Any]]:
        """What `load_state_dict` takes; all rows must be settled."""
        return [{"m": rows.m, "v": rows.v, "moment": rows.moment, "steps": rows.steps} for rows in self.rows]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        """Take up where a state was made."""
        for rows, state in zip(self.rows, states, strict=True):
            rows.restore(**state)


def large_tables(model: Recommender, config: Config, pool: int) -> list[str]:
    """The names of the tables that a step reads little of."""
    training = config.training
    if model.device.type == "mps":  # without sparse tensors
        return []
    read = training.batch_size * max(model.L, 1)
    scored = training.batch_size * training.T * (1 + training.negatives) if training.negatives else pool + read
    return [
        name
        for name, part in model.named_modules()
        if isinstance(part, Table)
        and LARGE * (training.batch_size if isinstance(part, UserEmbedding) else read + scored) < len(part.weight)
    ]


class _Rows:
    """One table, its moments, and how many steps each row has taken part in or made up for.

    Attributes:
        steps: done so far. last, moment: int64 (n,), the step after which a row's weights, and its moments, stand.
        shrunk: float64, after each step, the log of what decay has left of a row that was there from the beginning.
        moved: float64, for a row last read in a step, how far it has gone since along its direction, before decay.
        level: float64, after each step, what the average of a row that decay alone moves is, by 1 - ema and the row.
    """

    def __init__(self, table: Table, average: Table, training: TrainingConfig):
        self.table, self.weight = table, table.weight
        self.average = average.weight if average is not table else None
        self.ema = training.ema
        self.l2, self.decay = (0.0, training.weight_decay) if training.decoupled else (training.weight_decay, 0.0)
        self.m, self.v = (torch.zeros_like(self.weight, requires_grad=False) for _ in range(2))
        self.last, self.moment = (torch.zeros(len(self.m), dtype=torch.int64, device=self.m.device) for _ in range(2))
        self.steps = 0
        kept = {"dtype": torch.float64, "device": self.weight.device}
        self.moved, self.shrunk, self.level = (torch.zeros(1024, **kept) for _ in range(3))
        table.sparse, table.on_read = True, self.read

    def restore(self, m: Tensor, v: Tensor, moment: Tensor, steps: int) -> None:
        self.m.copy_(m)
        self.v.copy_(v)
        self.last.fill_(steps)
        self.moment.copy_(moment)
        self.steps = steps
        self._make_room()

    @torch.no_grad()
    def read(self, ids: Tensor) -> None:
        """Bring the rows up to date that a step is about to read."""
        late = ids[self.last[ids] < self.steps]
        if len(late):
            self.catch_up(late.unique())

    def catch_up(self, ids: Tensor) -> None:
        """What the steps since they were last moved made of rows, int64 (b,), each once; all without a gradient."""
        for some, (step, shrunk, *average) in self._parts(ids, self._made_of(ids)):
            weight = self.weight.index_select(0, some)  # (b', d)
            direction = self.m.index_select(0, some).div_(self.v.index_select(0, some).sqrt_().add_(EPS))
            if average:
                kept, (by_step, faded, by_weight) = self.average.index_select(0, some), average
                kept.mul_(faded).addcmul_(weight, by_weight).addcmul_(direction, by_step)
                self.average.index_copy_(0, some, kept)
            self.weight.index_copy_(0, some, weight.mul_(shrunk).addcmul_(direction, step))
        self.last[ids] = self.steps

    def _made_of(self, ids: Tensor) -> Tensor:
        """What the steps since then made of rows, float64 (n, b): each new value as a sum of old ones.

        For the weight what its direction and itself count, for the average what the direction, itself and the weight.
        """
        last = self.last[ids]
        k = self.steps - last  # (b,)
        moved = self.moved[last] * RATIO ** (last - self.moment[ids])
        shrunk = (self.shrunk[self.steps] - self.shrunk[last]).exp()
        counts = [-moved * shrunk, shrunk]
        if self.average is not None:
            faded = self.ema**k * (last > 0)  # the first step's average is its weights
            by_weight = shrunk * self.level[self.steps] - faded * self.level[last]
            by_step = moved * by_weight - self._behind(last, k)
            counts += [(self.ema - 1) * by_step, faded, (1 - self.ema) * by_weight]
        return torch.stack(counts)

    def _parts(self, ids: Tensor, columns: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Ids, int64 (b,), and what belongs to each, (n, b), as float (n, b', 1): as many at a time as fit a cache."""
        size = max(1, CELLS // self.weight.shape[1])
        return zip(ids.split(size), columns.float()[:, :, None].split(size, 1), strict=True)

    def _behind(self, last: Tensor, k: Tensor) -> Tensor:
        """How much less than all that they moved in k steps the average saw, as if decay and rate had been the same."""
        decay = (self.shrunk[(last + 1).clamp(max=self.steps)] - self.shrunk[last]).exp()  # (b,)
        ratio, ema = torch.full_like(decay, RATIO), torch.full_like(decay, self.ema)
        q, one = ratio / decay, torch.ones_like(decay)
        first = self.moved[last] / _powers(one, q, k.clamp(min=1))  # of a step, and q of it in the next
        return first * q / (1 - q) * (_powers(ema, ratio, k) - q**k * _powers(ema, decay, k))

    def step(self, lr: float) -> None:
        """Adam's step for the rows that have a gradient, which is dropped; a table that was not read stays as it is."""
        if self.weight.grad is None:
            return
        ids, inverse = self.weight.grad._indices()[0].unique(return_inverse=True)  # (b,)
        values, self.weight.grad = self.weight.grad._values(), None
        gradient = values.new_zeros(len(ids), values.shape[1]).index_add_(0, inverse, values)  # (b, d)
        self.read(ids)  # another process may have read them
        self.steps += 1
        first, second = 1 - BETA1**self.steps, (1 - BETA2**self.steps) ** 0.5
        scale = lr * second / first
        self._keep(scale, math.log1p(-lr * self.decay))
        k = self.steps - self.moment[ids]
        faded = torch.stack([BETA1**k, BETA2**k])
        size = max(1, CELLS // self.weight.shape[1])
        for (some, (one, two)), g in zip(self._parts(ids, faded), gradient.split(size), strict=True):
            weight = self.weight.index_select(0, some)  # (b', d)
            if self.l2:
                g.add_(weight, alpha=self.l2)
            m = self.m.index_select(0, some).mul_(one).add_(g, alpha=1 - BETA1)
            v = self.v.index_select(0, some).mul_(two).addcmul_(g, g, value=1 - BETA2)
            self.m.index_copy_(0, some, m)
            self.v.index_copy_(0, some, v)
            weight.mul_(1 - lr * self.decay).addcdiv_(m, v.sqrt_().add_(EPS * second), value=-scale)
            self.weight.index_copy_(0, some, weight)
            if self.average is not None:
                kept = self.average.index_select(0, some).lerp_(weight, 1 - self.ema if self.steps > 1 else 1.0)
                self.average.index_copy_(0, some, kept)
        self.last[ids] = self.moment[ids] = self.steps

    def _keep(self, scale: float, shrunk: float) -> None:
        """What the step just done makes of the rows it did not read."""
        self._make_room()
        now, since = self.steps, max(0, self.steps - len(FADING))
        self.shrunk[now] = self.shrunk[now - 1] + shrunk
        if self.average is not None:
            before = self.ema * math.exp(-shrunk) * self.level[now - 1]
            self.level[now] = 1 + before if now > 1 else 1 / (1 - self.ema)
        decay = (self.shrunk[since:now] - self.shrunk[now]).exp_()
        self.moved[since:now] += scale * decay * FADING[since - now :].to(decay.device)

    def _make_room(self) -> None:
        missing = self.steps + 1 - len(self.moved)
        if missing > 0:
            more = max(missing, len(self.moved))
            history = self.moved, self.shrunk, self.level
            self.moved, self.shrunk, self.level = (torch.cat([x, x.new_zeros(more)]) for x in history)


def _powers(x: Tensor, y: Tensor, k: Tensor) -> Tensor:
    """The sum over i = 1..k of x^(k - i) y^i, float64 (b,)."""
    x = x.where((x - y).abs() > 1e-6, y + 1e-6)
    return y * (x**k - y**k) / (x - y)
