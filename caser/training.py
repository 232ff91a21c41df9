"""One training loop for every model: losses, negatives, early stopping, and the final refit.

Every choice is made on validation. `fit` trains on train alone and watches validation; the model
it returns is then trained anew on train + validation for the number of epochs so chosen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from caser.config import Config, TrainingConfig
from caser.data.dataset import Histories, Split
from caser.evaluation import Evaluator
from caser.models import ANONYMOUS, Recommender, build

SAMPLED_NEGATIVES = 256  # what negatives = 0 comes to where users x items is too large to hold
LIVE_METRICS = ("hr@10", "hr@50", "ndcg@10", "auc")


class Cancelled(Exception):
    """Training was asked to stop before it was done."""


@dataclass(frozen=True)
class EpochReport:
    """What one epoch came to.

    Attributes:
        phase: "select" (on train, watching validation) or "refit" (on train + validation).
        epoch: 1-based, of at most `epochs`.
        loss: mean over targets. validation: `LIVE_METRICS`, empty while refitting.
        examples_per_second: training windows a second, without evaluation.
        seconds_left: at the most, both phases.
    """

    phase: str
    epoch: int
    epochs: int
    loss: float
    validation: dict[str, float]
    examples_per_second: float
    seconds_left: float


@dataclass
class Fit:
    """A trained model (in eval mode) and how it came about.

    Attributes:
        epochs: the number chosen. validation: the metrics at that number, on validation.
        reports: one an epoch, both phases. seconds: wall time in all. device: e.g. "cpu".
        snapshots: `Recommender.filter_weights` at some epochs of the phase the model comes from.
    """

    model: Recommender
    epochs: int
    validation: dict[str, float]
    reports: list[EpochReport]
    seconds: float
    device: str
    snapshots: dict[int, dict[str, Tensor]]


def resolve_device(name: str = "auto") -> torch.device:
    """The device called `name`; "auto" is cuda, else mps, else cpu.

    Raises:
        ValueError: an unknown name, or a device this machine lacks.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(device for device, there in available.items() if there)
    kind = name.split(":")[0]
    if kind not in available:
        raise ValueError(f"unknown device {name!r}; choose one of auto, {', '.join(available)}")
    if not available[kind]:
        raise ValueError(f"this machine has no {kind} device; use --device auto or cpu")
    return torch.device(name)


def bpr_loss(positive: Tensor, negative: Tensor, unseen: Tensor) -> Tensor:
    """-log sigmoid(positive - negative), the mean over negatives (Rendle et al. 2009).

    Args:
        positive: float (B, T). negative: float (B, T, n), drawn uniformly from each user's unseen items.
        unseen: int64 (B, 1), how many those are.

    Returns:
        float (B, T), one loss a target.
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
    def forward(ctx, query: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, seen: Tensor) -> Tensor:
        """Mean loss over targets.

        Args:
            query: float (B, k). weight: float (n_items, k). bias: float (n_items,).
            targets: int64 (B, T); n_items marks padding, which is left out.
            seen: bool (B, n_items), the items that do not compete; a target always does.
        """
        scores = torch.addmm(bias, query, weight.T)  # (B, n_items)
        real = targets < len(weight)  # (B, T)
        chosen = targets.where(real, targets[:, :1])  # (B, T); the first target is always real
        target_scores = scores.gather(1, chosen)  # (B, T)
        scores.masked_fill_(seen, -torch.inf).scatter_(1, chosen, target_scores)
        highest = scores.amax(1, keepdim=True)  # (B, 1)
        total = scores.sub_(highest).exp_().sum(1, keepdim=True)  # (B, 1)
        n = real.sum()
        loss = ((total.log() + highest - target_scores) * real).sum() / n
        gradient = scores.mul_(real.sum(1, keepdim=True) / (total * n))  # (B, n_items)
        gradient.scatter_add_(1, chosen, -real.to(scores.dtype) / n)
        ctx.save_for_backward(query, weight, gradient)
        return loss

    @staticmethod
    def backward(ctx, upstream: Tensor):
        query, weight, gradient = ctx.saved_tensors
        to_query = gradient @ weight * upstream  # (B, k)
        to_weight = gradient.T @ (query * upstream)  # (n_items, k)
        return to_query, to_weight, gradient.sum(0) * upstream, None, None


class Objective:
    """The configured loss of one batch of positions.

    Args:
        config: training choices. user_dropout: share of users made anonymous.
        histories: where windows, targets and negatives come from.
        generator: every draw's source, on the histories' device.
    """

    def __init__(self, config: TrainingConfig, user_dropout: float, histories: Histories, generator: torch.Generator):
        self.config, self.user_dropout = config, user_dropout
        self.histories, self.generator = histories, generator
        self.negatives = config.negatives
        if not self.negatives and not histories.fits_dense:
            self.negatives = SAMPLED_NEGATIVES

    def __call__(self, model: Recommender, positions: Tensor, item: Tensor | None = None) -> Tensor:
        """The mean loss over the targets at `positions`, int64 (B,); `item` stands in for tie-shuffled items."""
        known = self.histories.user[positions].long()  # (B,)
        users = self._drop_users(known)
        windows = self.histories.windows(positions, model.L, item)  # (B, L)
        targets = self.histories.targets(positions, self.config.T, item)  # (B, T)
        if self.negatives:
            return self._sampled_loss(model, known, users, windows, targets)
        query = model.query(users, windows)  # (B, k)
        return UnseenCrossEntropy.apply(query, *model.item_table(), targets, self.histories.seen[known])

    def _drop_users(self, users: Tensor) -> Tensor:
        if not self.user_dropout:
            return users
        dropped = torch.rand(len(users), generator=self.generator, device=users.device) < self.user_dropout
        return users.masked_fill(dropped, ANONYMOUS)

    def _sampled_loss(
        self, model: Recommender, known: Tensor, users: Tensor, windows: Tensor, targets: Tensor
    ) -> Tensor:
        B, T = targets.shape
        negatives = self.histories.sample_unseen(known, T * self.negatives, self.generator)  # (B, T * n)
        real = targets < model.n_items  # (B, T)
        items = torch.cat([targets.where(real, 0), negatives], 1)  # (B, T + T * n)
        scores = model.scores(users, windows, items)
        positive, negative = scores[:, :T], scores[:, T:].view(B, T, -1)  # (B, T), (B, T, n)
        losses = SAMPLED_LOSSES[self.config.loss](positive, negative, self.histories.n_unseen(known))  # (B, T)
        return (losses * real).sum() / real.sum()


def snapshot_epochs(epochs: int, most: int = 6) -> list[int]:
    """At most `most` epochs of 0 (untrained) .. epochs, denser early, where filters change fastest.

    >>> snapshot_epochs(14)
    [0, 1, 2, 4, 7, 14]
    """
    spread = torch.logspace(0, torch.log2(torch.tensor(epochs)).item(), most - 1, base=2)
    return sorted({0, *(round(at) for at in spread.tolist())})


class Phase:
    """One model being trained on what is visible at a stage, an epoch at a time.

    `snapshots` holds the model's filters after every epoch so far.
    """

    def __init__(self, split: Split, stage: str, config: Config, seed: int, device: torch.device):
        training = config.training
        torch.manual_seed(seed)  # initial weights and dropout; `fit` forks torch's random state
        self.generator = torch.Generator(device).manual_seed(seed)
        self.histories = Histories(split, stage, device, training.hide_test)
        self.config = training
        self.model = build(config.model, split.dataset.n_users, split.dataset.n_items).to(device)
        self.model.observe(self.histories.item_counts())
        self.snapshots = {0: self._snapshot()}
        self.parameters = list(self.model.parameters())
        if self.parameters:
            self.optimizer = torch.optim.Adam(
                self.parameters, lr=training.lr, weight_decay=training.weight_decay, fused=device.type != "mps"
            )
            dropout = getattr(config.model, "user_dropout", 0.0)
            self.objective = Objective(training, dropout, self.histories, self.generator)
            self.positions = self.histories.positions(self._min_history())
            if not len(self.positions):
                raise ValueError(f"no history is long enough for L = {self.model.L}; use a smaller L")

    def _snapshot(self) -> dict[str, Tensor]:
        return {name: weight.detach().half().cpu() for name, weight in self.model.filter_weights().items()}

    def _min_history(self) -> int:
        return self.model.L if self.config.full_windows else min(self.model.L, 1)

    def epoch(self, should_stop: Callable[[], bool]) -> tuple[float, float]:
        """Train on every position once; returns the mean loss and windows a second.

        Raises:
            Cancelled: `should_stop` said so, at a batch's start.
            ValueError: the loss is no longer finite.
        """
        if not self.parameters:
            self.snapshots[len(self.snapshots)] = {}
            return 0.0, 0.0
        begun, total = time.perf_counter(), torch.zeros((), device=self.histories.device)
        item = self.histories.shuffle_ties(self.generator) if self.config.shuffle_ties else None
        order = self.positions[
            torch.randperm(len(self.positions), generator=self.generator, device=self.positions.device)
        ]
        self.model.train()
        for batch in order.split(self.config.batch_size):
            if should_stop():
                raise Cancelled
            total += self._step(batch, item) * len(batch)
        loss = float(total) / len(order)  # the epoch's only wait for the device
        if not loss < float("inf"):
            raise ValueError(f"the loss became {loss}; train with a lower lr than {self.config.lr:g}")
        self.snapshots[len(self.snapshots)] = self._snapshot()
        return loss, len(order) / (time.perf_counter() - begun)

    def _step(self, batch: Tensor, item: Tensor | None) -> Tensor:
        loss = self.objective(self.model, batch, item)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()


def fit(
    split: Split,
    config: Config,
    *,
    seed: int = 0,
    device: torch.device | str = "cpu",
    on_epoch: Callable[[EpochReport], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Fit:
    """Train a model; the same seed on the same CPU gives the same weights to the bit.

    Args:
        split: the data. config: model and training choices.
        on_epoch: called with every epoch's report. should_stop: asked before every batch.

    Raises:
        Cancelled: `should_stop` returned True.
        ValueError: nothing to train on, or the loss is no longer finite.
    """
    device = torch.device(device)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        return _Run(split, config, seed, device, on_epoch, should_stop or (lambda: False)).fit()


class _Run:
    """The two phases of one `fit`, with the clock that estimates what is left."""

    def __init__(self, split, config, seed, device, on_epoch, should_stop):
        self.split, self.config, self.seed, self.device = split, config, seed, device
        self.on_epoch, self.should_stop = on_epoch, should_stop
        self.reports: list[EpochReport] = []
        self.begun = time.perf_counter()

    def fit(self) -> Fit:
        phase, epochs, validation = self._select()
        if self.config.training.refit:
            phase = Phase(self.split, "test", self.config, self.seed, self.device)
            for epoch in range(1, epochs + 1):
                self._report("refit", epoch, epochs, *phase.epoch(self.should_stop), {})
        return Fit(
            phase.model.eval().requires_grad_(False),
            epochs,
            validation,
            self.reports,
            time.perf_counter() - self.begun,
            self.device.type,
            {epoch: phase.snapshots[epoch] for epoch in snapshot_epochs(epochs)},
        )

    def _select(self) -> tuple[Phase, int, dict[str, float]]:
        """Train on train alone; the best epoch on validation, its metrics, and its weights."""
        training = self.config.training
        phase = Phase(self.split, "validation", self.config, self.seed, self.device)
        evaluator = Evaluator(self.split, "validation", self.device)
        epochs = training.epochs if phase.parameters else 1
        best, best_epoch, best_state = {}, 0, {}
        for epoch in range(1, epochs + 1):
            trained = phase.epoch(self.should_stop)
            metrics = evaluator(phase.model).means()
            # without early stopping the last epoch is the one asked for
            if not training.patience or not best or metrics["ndcg@10"] > best["ndcg@10"]:
                best, best_epoch = metrics, epoch
                best_state = {k: v.clone() for k, v in phase.model.state_dict().items()}
            self._report("select", epoch, epochs, *trained, {k: metrics[k] for k in LIVE_METRICS})
            if training.patience and epoch - best_epoch >= training.patience:
                break
        phase.model.load_state_dict(best_state)
        return phase, best_epoch, best

    def _report(self, phase: str, epoch: int, epochs: int, loss: float, speed: float, validation: dict) -> None:
        seconds_an_epoch = (time.perf_counter() - self.begun) / (len(self.reports) + 1)
        left = epochs - epoch + (epochs if phase == "select" and self.config.training.refit else 0)
        report = EpochReport(phase, epoch, epochs, loss, validation, speed, left * seconds_an_epoch)
        self.reports.append(report)
        if self.on_epoch:
            self.on_epoch(report)
