import dataclasses

import pytest
import torch
from torch import nn

from caser.config import preset
from caser.models import ANONYMOUS, neumf
from caser.models.neumf import NeuMF, NeuMFConfig
from caser.training.loop import fit

N_USERS, N_ITEMS = 5, 9
CHANGES = {"d": 3, "layers": 1, "dropout": 0.5, "user_dropout": 0.9, "init_std": 0.5}


def made(**settings):
    torch.manual_seed(3)
    model = NeuMF(NeuMFConfig(**{"d": 4, "layers": 3} | settings), N_USERS, N_ITEMS).eval()
    for weight in model.parameters():  # biases start at zero and would hide a mistake
        nn.init.normal_(weight, std=0.5)
    return model


def plain(model, user, item):
    """Equation 12 of the paper for one pair, read literally: both embeddings joined, then layer by layer."""
    row = user + 1  # the anonymous visitor's is the first
    gmf = model.users.weight[row] * model.items.weight[item]
    x = torch.cat([model.network_users.weight[row], model.network_items.weight[item]])
    first = torch.cat([model.from_user.weight, model.from_item.weight], 1)
    x = (first @ x + model.from_user.bias).relu()
    for layer in model.hidden:
        x = (layer.weight @ x + layer.bias).relu()
    return model.output.weight[0] @ torch.cat([gmf, x])


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cells", [1 << 22, 1])
def test_scores_follow_the_papers_equation(layers, cells, monkeypatch):
    """However many users are scored at once."""
    monkeypatch.setattr(neumf, "CELLS", cells)
    model = made(layers=layers)
    users = [0, 4, ANONYMOUS]
    expected = torch.stack([torch.stack([plain(model, user, item) for item in range(N_ITEMS)]) for user in users])
    found = model.scores(torch.tensor(users), torch.full((3, 2), N_ITEMS))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_a_tower_halves_from_layer_to_layer():
    model = made(d=8, layers=3)
    assert [layer.weight.shape for layer in model.hidden] == [(16, 32), (8, 16)]
    assert model.network_items.weight.shape == (N_ITEMS, 16)


def test_the_whole_catalogue_and_chosen_items_have_one_gradient():
    model, users, sequences = made(), torch.tensor([0, 4]), torch.full((2, 0), N_ITEMS)
    items = torch.arange(N_ITEMS).expand(2, -1)
    weights = list(model.parameters())
    whole = torch.autograd.grad(model.scores(users, sequences).square().sum(), weights)
    chosen = torch.autograd.grad(model.scores(users, sequences, items).square().sum(), weights)
    for a, b in zip(whole, chosen, strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)


def test_dropout_only_while_training():
    model, users, sequences = made(dropout=0.5), torch.tensor([0, 1]), torch.full((2, 0), N_ITEMS)
    assert torch.equal(model.scores(users, sequences), model.scores(users, sequences))
    model.train()
    assert not torch.equal(model.scores(users, sequences), model.scores(users, sequences))


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(NeuMFConfig)])
def test_every_setting_takes_effect(name, cycle):
    base = preset("neumf").replace(d=4, layers=2, epochs=2, patience=0, refit=False, batch_size=64)
    old, new = (
        torch.cat([w.flatten() for w in fit(cycle, config).model.state_dict().values()])
        for config in (base, base.replace(**{name: CHANGES[name]}))
    )
    assert len(old) != len(new) or not torch.equal(old, new)


@pytest.mark.parametrize("loss", ["softmax", "bpr", "bce"])
def test_it_learns_what_each_user_has_not_seen(loss, cycle):
    """In the cycle a user's three unseen items are all that tells users apart."""
    config = preset("neumf").replace(loss=loss, negatives=3, epochs=30, patience=0, lr=0.02, batch_size=64, d=8)
    reports = fit(cycle, config).reports
    assert reports[29].loss < 0.9 * reports[0].loss


def test_the_anonymous_visitor_is_trained_for(cycle):
    config = preset("neumf").replace(d=4, user_dropout=0.5, epochs=1, patience=0, refit=False)
    torch.manual_seed(0)
    before = NeuMF(config.model, cycle.dataset.n_users, cycle.dataset.n_items)
    after = fit(cycle, config).model
    assert not torch.equal(before.users.weight[0], after.users.weight[0])
    assert not torch.equal(before.network_users.weight[0], after.network_users.weight[0])
