"""Losses against their plain formulas, and the candidates that stand for a whole catalogue."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from caser.config import preset
from caser.data.dataset import split
from caser.data.histories import Histories
from caser.models import build
from caser.training import losses
from caser.training.losses import CandidateCrossEntropy, Objective, bce_loss, bpr_loss, sampled_softmax_loss
from tests.caser.conftest import make_dataset
from tests.caser.training.test_loop import SMALL, config

GRADIENTS = {"atol": 1e-6, "rtol": 1e-5}


@pytest.mark.parametrize("importance", [[1.0, 1.0], [1.0, 0.5]])
@pytest.mark.parametrize("rows", [1, 100])  # of scores held at once
def test_cross_entropy_is_that_of_autograd(importance, rows, monkeypatch):
    monkeypatch.setitem(losses.CELLS, "cpu", 6 * rows)
    torch.manual_seed(0)
    query, weight, bias = (torch.randn(*s, requires_grad=True) for s in ((4, 3), (6, 3), (6,)))
    targets = torch.tensor([[0, 1], [2, 6], [3, 4], [5, 6]])  # 6 is padding
    seen = torch.zeros(4, 6, dtype=torch.bool)
    seen[:, 0] = seen[1, 2] = seen[2, 1] = True  # row 0's and 1's targets among them
    share = torch.rand(6).log()

    def reference():
        logits = query @ weight.T + bias
        losses, counts = [], []
        for row, wanted in enumerate(targets.tolist()):
            real = [t for t in wanted if t < 6]
            allowed = [i for i in range(6) if not seen[row, i] or i in real]
            competing = logits[row] - torch.tensor([0.0 if i in real else share[i] for i in range(6)])
            losses += [competing[allowed].logsumexp(0) - logits[row, t] for t in real]
            counts += importance[: len(real)]
        return torch.stack(losses) @ torch.tensor(counts) / sum(counts)

    cells = seen.nonzero(as_tuple=True)
    ours = CandidateCrossEntropy.apply(query, weight, bias, targets, cells, torch.tensor(importance), share)
    torch.testing.assert_close(ours, reference())
    for a, b in zip(
        torch.autograd.grad(3 * ours, (query, weight, bias)),
        torch.autograd.grad(3 * reference(), (query, weight, bias)),
        strict=True,
    ):
        torch.testing.assert_close(a, b)


def test_pair_losses_are_their_formulas():
    positive, negative, unseen = torch.randn(2, 3), torch.randn(2, 3, 4), torch.tensor([[4], [8]])
    expected = -F.logsigmoid(positive[..., None] - negative).mean(2)
    torch.testing.assert_close(bpr_loss(positive, negative, unseen), expected)
    expected = -F.logsigmoid(positive) - F.logsigmoid(-negative).sum(2)
    torch.testing.assert_close(bce_loss(positive, negative, unseen), expected)


def test_sampled_softmax_estimates_the_whole_sum():
    """With every unseen item drawn once it is the softmax itself; with some, right on average."""
    torch.manual_seed(0)
    positive, unseen = torch.zeros(1, 1), torch.tensor([[200]])
    all_scores = torch.randn(200)
    exact = torch.cat([positive.flatten(), all_scores]).logsumexp(0)
    assert sampled_softmax_loss(positive, all_scores[None, None], unseen).item() == pytest.approx(
        exact.item(), rel=1e-5
    )
    drawn = all_scores[torch.randint(200, (4000, 50))]
    estimates = sampled_softmax_loss(positive, drawn[:, None], unseen.expand(4000, 1))
    assert estimates.mean().item() == pytest.approx(exact.item(), abs=0.02)


# ---- a pool that stands for the catalogue


def objective_of(parts, pool, seed=0, **changes):
    chosen = preset("caser").replace(pool=pool, user_dropout=0.0, dropout=0.0, d=8, n_h=2, n_v=2, **changes)
    histories = Histories(parts, "validation")
    torch.manual_seed(0)
    model = build(chosen.model, parts.dataset.n_users, parts.dataset.n_items)
    return Objective(chosen, histories, torch.Generator().manual_seed(seed)), model, histories.positions(1)


def test_a_candidate_is_one_as_often_as_is_said(cinema_split):
    objective, _, positions = objective_of(cinema_split, pool=20)
    torch.manual_seed(1)
    found, said = torch.zeros(cinema_split.dataset.n_items), []
    for _ in range(600):
        batch = positions[torch.randint(len(positions), (16,))]
        items, log_share = objective.candidates(objective.histories.targets(batch, 1))
        found[items] += 1
        said.append(torch.zeros(len(found)).index_add_(0, items, log_share.exp()))
    share = torch.stack(said).sum(0) / torch.stack(said).count_nonzero(0)
    assert (found / 600 - share).abs().max() < 0.09  # four deviations of 600 draws
    assert (found / 600 - share).abs().mean() < 0.015


def test_a_pool_stands_for_the_whole_catalogue(cinema_split):
    """Its sum of e^score is right on average, so the loss comes near that of the whole softmax and never beats it."""
    whole, model, positions = objective_of(cinema_split, pool=cinema_split.dataset.n_items)
    model.eval()
    batch = positions[:: len(positions) // 64]
    exact = whole(model, batch).item()
    drawn = [objective_of(cinema_split, pool=60, seed=seed)[0](model, batch).item() for seed in range(40)]
    assert np.mean(drawn) == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("name", ["caser", "mf", "gru4rec", "sasrec", "bert4rec", "convformer"])
def test_a_pool_of_all_items_gives_the_gradient_of_the_whole_softmax(name, cinema_split, monkeypatch):
    """The draw misses some, so that the candidates are named here."""
    changes = {"mf": {}, "caser": {"user_dropout": 0.0}}.get(name, {"L": 5})
    chosen = preset(name).replace(dropout=0.0, **changes)
    histories, n = Histories(cinema_split, "validation"), cinema_split.dataset.n_items
    torch.manual_seed(0)
    model = build(chosen.model, 800, n).train()
    batch = histories.positions(1)[::500]
    everything = torch.arange(n), torch.zeros(n)
    found = []
    for pool, candidates in ((n, None), (n - 1, everything)):
        objective = Objective(chosen.replace(pool=pool), histories, torch.Generator().manual_seed(0))
        if candidates:
            monkeypatch.setattr(objective, "candidates", lambda _: everything)
        loss = objective(model, batch)
        found.append((loss, *torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)))
    for a, b in zip(*found, strict=True):
        if a is not None or b is not None:
            torch.testing.assert_close(a, b, **GRADIENTS)


def test_what_a_user_has_seen_does_not_compete_in_a_pool(cinema_split):
    objective, _, positions = objective_of(cinema_split, pool=60)
    known = objective.histories.user[positions[:50]].long()
    targets = objective.histories.targets(positions[:50], 2)
    items, _ = objective.candidates(targets)
    columns, (row, column) = objective._columns(items, targets, *objective.histories.seen(known))
    real = targets < objective.histories.n_items
    assert torch.equal(items[columns[real]], targets[real])
    assert (columns[~real] == len(items)).all()
    for place, user in enumerate(known.tolist()):
        watched = set(objective.histories.item[objective.histories.user == user].tolist())
        hidden = set(items[column[row == place]].tolist())
        visible = set(objective.histories.seen(torch.tensor([user]))[1].tolist())
        assert hidden == visible & set(items.tolist()) <= watched
    assert (objective.column[:-1] == -1).all()  # cleared for the next batch


@pytest.mark.parametrize("pool", [1, 2, 11, 12, 500])
def test_catalogues_of_any_size_train(pool):
    rows = [(user, item, 10 * user + item) for user in range(6) for item in range(1, 13)]  # everybody saw everything
    objective, model, positions = objective_of(split(make_dataset(rows)), pool=pool)
    loss = objective(model, positions)
    loss.backward()
    assert math.isfinite(loss.item())
    assert all(weight.grad.isfinite().all() for weight in model.parameters())


# ---- who is watching


def test_user_dropout_makes_users_anonymous_at_its_rate(cycle):
    histories = Histories(cycle, "test")
    objective = Objective(
        config(dataclasses.replace(SMALL, user_dropout=0.3)), histories, torch.Generator().manual_seed(0)
    )
    dropped = objective._drop_users(torch.arange(20000) % 20)
    assert (dropped == -1).float().mean().item() == pytest.approx(0.3, abs=0.02)
