"""One suite for every model: what `Recommender` promises holds whichever is behind it."""

import dataclasses

import pytest
import torch

from caser import checkpoint
from caser.config import MODEL_CONFIGS, CaserConfig, Config, MFConfig, PopularityConfig, TrainingConfig
from caser.evaluation import evaluate
from caser.models import ANONYMOUS, build
from caser.training.loop import fit

N_USERS, N_ITEMS = 7, 12
VARIANTS = {
    "popularity": PopularityConfig(),
    "mf": MFConfig(d=8),
    "caser": CaserConfig(d=8, L=4, n_h=3, n_v=2, dropout=0.1),
    "caser-ph": CaserConfig(d=8, L=4, n_h=3, n_v=0),
    "caser-pv": CaserConfig(d=8, L=4, n_h=0, n_v=2),
    "caser-vh": CaserConfig(d=8, L=4, n_h=3, n_v=2, p=False),
    "caser-p": CaserConfig(d=8, L=4, n_h=0, n_v=0),
    "caser-L1": CaserConfig(d=8, L=1, n_h=3, n_v=2),
}


@pytest.fixture(params=VARIANTS)
def config(request):
    return VARIANTS[request.param]


@pytest.fixture
def model(config):
    torch.manual_seed(0)
    built = build(config, N_USERS, N_ITEMS).eval()
    built.observe(torch.arange(N_ITEMS))
    return built


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(1)
    users = torch.tensor([0, 3, ANONYMOUS, 6])
    sequences = torch.randint(N_ITEMS, (4, 6), generator=generator)
    sequences[1, :4] = N_ITEMS  # a short history
    sequences[2] = N_ITEMS  # none at all
    return users, sequences


def test_every_model_is_in_the_suite():
    assert {config.name for config in VARIANTS.values()} == set(MODEL_CONFIGS)


def test_scores_of_a_batch_are_those_of_its_rows(model, batch):
    users, sequences = batch
    together = model.scores(users, sequences)
    assert together.shape == (4, N_ITEMS)
    for row in range(4):
        alone = model.scores(users[row : row + 1], sequences[row : row + 1])
        torch.testing.assert_close(alone[0], together[row], atol=1e-5, rtol=1e-5)


def test_chosen_items_score_as_in_the_catalogue(model, batch):
    users, sequences = batch
    items = torch.randint(N_ITEMS, (4, 5), generator=torch.Generator().manual_seed(2))
    expected = model.scores(users, sequences).gather(1, items)
    torch.testing.assert_close(model.scores(users, sequences, items), expected, atol=1e-5, rtol=1e-5)


def test_only_the_last_L_items_are_read(model, batch):
    users, sequences = batch
    changed = sequences.clone()
    changed[:, : 6 - model.L] = 0
    torch.testing.assert_close(model.scores(users, changed), model.scores(users, sequences))


def test_a_short_sequence_is_a_left_padded_one(model):
    users, short = torch.tensor([2]), torch.tensor([[5, 1]])
    padded = torch.nn.functional.pad(short, (4, 0), value=N_ITEMS)
    torch.testing.assert_close(model.scores(users, short), model.scores(users, padded))


def test_an_unknown_user_is_an_error_not_somebody_else(model, config):
    if config.name == "popularity" or not getattr(config, "p", True):
        pytest.skip("this model does not look at the user")
    with pytest.raises(IndexError):
        model.scores(torch.tensor([N_USERS]), torch.full((1, 6), N_ITEMS))


def test_saved_and_loaded_it_scores_the_same(model, config, batch, cycle, tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    training = TrainingConfig(epochs=1, patience=0, refit=False)
    fitted = fit(cycle, Config(config, training))
    made = checkpoint.of(fitted, "one", Config(config, training), cycle, 0, evaluate(fitted.model, cycle))
    checkpoint.save(made)
    users, sequences = batch
    loaded = checkpoint.load("one").model
    assert torch.equal(loaded.scores(users, sequences), fitted.model.scores(users, sequences))
    assert not loaded.training


@pytest.mark.parametrize("loss", ["softmax", "bpr", "bce"])
@pytest.mark.parametrize("name", ["caser", "caser-ph", "caser-pv", "caser-vh", "caser-L1"])
def test_a_model_that_reads_order_learns_a_cycle(name, loss, cycle):
    """The next item is always the last one plus 1: one right answer a user."""
    model = dataclasses.replace(VARIANTS[name], dropout=0.0)
    training = TrainingConfig(loss=loss, negatives=0 if loss == "softmax" else 3, epochs=60, patience=0, lr=0.02)
    fitted = fit(cycle, Config(model, training.__class__(**dataclasses.asdict(training) | {"batch_size": 64})))
    assert evaluate(fitted.model, cycle).means()["hr@1"] > 0.9


def test_filters_of_a_model_are_few_and_named(model, config):
    weights = model.filter_weights()
    assert set(weights) <= set(dict(model.named_parameters()))
    assert bool(weights) == (getattr(config, "n_h", 0) + getattr(config, "n_v", 0) > 0)
