"""One suite for every model: what `Recommender` promises holds whichever is behind it."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
import torch

from caser import checkpoint
from caser.config import Config, TrainingConfig
from caser.evaluation import evaluate
from caser.models import ANONYMOUS, MODELS, build, outline
from caser.models.bert4rec import BERT4RecConfig
from caser.models.caser import CaserConfig
from caser.models.convformer import ConvFormerConfig
from caser.models.covisit import CovisitConfig
from caser.models.ease import EaseConfig
from caser.models.gru4rec import GRU4RecConfig
from caser.models.mf import MFConfig
from caser.models.neumf import NeuMFConfig
from caser.models.popularity import PopularityConfig
from caser.models.sasrec import SASRecConfig
from caser.training.loop import fit
from tests.caser.models import strangers

ROOT = Path(__file__).parents[3]
N_USERS, N_ITEMS = 7, 12
VARIANTS = {
    "popularity": PopularityConfig(),
    "covisit": CovisitConfig(L=4, window=3, kept=6),
    "covisit-directed": CovisitConfig(L=5, window=2, directed=True),
    "covisit-level": CovisitConfig(L=4, fade=1.0),
    "covisit-L1": CovisitConfig(L=1),
    "ease": EaseConfig(L=4, penalty=1.0, tau=3.0),
    "ease-level": EaseConfig(L=6, penalty=1.0, tau=0.0),
    "mf": MFConfig(d=8),
    "neumf": NeuMFConfig(d=4, layers=2, dropout=0.1),
    "neumf-1": NeuMFConfig(d=1, layers=1),
    "caser": CaserConfig(d=8, L=4, n_h=3, n_v=2, dropout=0.1),
    "caser-ph": CaserConfig(d=8, L=4, n_h=3, n_v=0),
    "caser-pv": CaserConfig(d=8, L=4, n_h=0, n_v=2),
    "caser-vh": CaserConfig(d=8, L=4, n_h=3, n_v=2, p=False),
    "caser-p": CaserConfig(d=8, L=4, n_h=0, n_v=0),
    "caser-L1": CaserConfig(d=8, L=1, n_h=3, n_v=2),
    "gru4rec": GRU4RecConfig(d=16, L=4),
    "gru4rec-deep": GRU4RecConfig(d=16, L=6, layers=2),
    "sasrec": SASRecConfig(d=16, L=4, heads=2),
    "bert4rec": BERT4RecConfig(d=16, L=4, heads=2, masked=0.4),
    "convformer": ConvFormerConfig(d=16, L=4, K=3, d_u=4),
    "convformer-plain": ConvFormerConfig(d=3, L=6, layers=1, K=6, shared=True, gate=False, d_u=0),
}
ORDERED = [
    "caser",
    "caser-ph",
    "caser-pv",
    "caser-vh",
    "caser-L1",
    "gru4rec",
    "gru4rec-deep",
    "sasrec",
    "bert4rec",
    "convformer",
]


@dataclasses.dataclass(frozen=True)
class MaskedConfig(strangers.SequenceConfig):
    """As the others need, a name of its own."""

    name: ClassVar[str] = "masked"


STRANGERS = {
    "neural": (strangers.Neural, strangers.NeuralConfig()),
    "sequence": (strangers.Recurrent, strangers.SequenceConfig()),
    "masked": (strangers.Masked, MaskedConfig()),
}


@pytest.fixture(autouse=True)
def strangers_are_registered(monkeypatch):
    """For the tests alone, as a line in the registry would do for good."""
    for name, (kind, config) in STRANGERS.items():
        monkeypatch.setattr(kind, "Config", type(config))
        monkeypatch.setitem(MODELS, name, kind)


@pytest.fixture(params=[*VARIANTS, *STRANGERS])
def config(request):
    return VARIANTS[request.param] if request.param in VARIANTS else STRANGERS[request.param][1]


@pytest.fixture
def model(config):
    torch.manual_seed(0)
    built = build(config, N_USERS, N_ITEMS).eval()
    built.observe(torch.zeros(N_ITEMS, dtype=torch.int64), torch.arange(N_ITEMS))
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
    assert {config.name for config in VARIANTS.values()} == set(MODELS) - set(STRANGERS)


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


def test_an_unknown_user_is_an_error_not_somebody_else(model):
    if not model.knows_user:
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
@pytest.mark.parametrize("name", [*ORDERED, "sequence", "masked"])
def test_a_model_that_reads_order_learns_a_cycle(name, loss, cycle):
    """The next item is always the last one plus 1: one right answer a user."""
    model = dataclasses.replace(VARIANTS[name], dropout=0.0) if name in VARIANTS else STRANGERS[name][1]
    slow = name in ("bert4rec", "masked")
    long = {"epochs": 60 if slow else 25, "patience": 0, "refit": slow}
    training = TrainingConfig(loss=loss, negatives=0 if loss == "softmax" else 3, lr=0.02, batch_size=64, **long)
    fitted = fit(cycle, Config(model, training))
    assert evaluate(fitted.model, cycle).means()["hr@1"] > 0.9


@pytest.mark.parametrize("loss", ["softmax", "bpr", "bce"])
def test_a_model_without_a_dot_product_learns(loss, cycle):
    training = TrainingConfig(loss=loss, negatives=0 if loss == "softmax" else 3, epochs=20, patience=0, lr=0.02)
    reports = fit(cycle, Config(STRANGERS["neural"][1], training)).reports
    assert reports[19].loss < 0.9 * reports[0].loss


def test_what_a_model_says_of_itself_is_so(model, batch):
    users, sequences = batch
    whole = model.scores(users, sequences)
    turned = model.scores(users, sequences[:, 6 - model.L :].flip(1))
    others = model.scores(users.roll(1), sequences)
    assert torch.allclose(whole[[0, 3]], turned[[0, 3]], atol=1e-6) != model.reads_order
    assert torch.allclose(whole, others, atol=1e-6) != model.knows_user
    assert model.learns == any(True for _ in model.parameters())
    assert model.label
    assert model.summary


def test_filters_of_a_model_are_few_and_named(model, config):
    weights = model.filter_weights()
    assert set(weights) <= set(dict(model.named_parameters()))
    assert bool(weights) == (getattr(config, "n_h", 0) + getattr(config, "n_v", 0) > 0) == model.has_filters


def test_an_outline_has_a_models_shapes_and_costs_no_memory(config):
    whole, outlined = build(config, 7, 9), outline(config, 7, 9)
    shapes = [{name: w.shape for name, w in model.state_dict().items()} for model in (whole, outlined)]
    assert shapes[0] == shapes[1]
    assert all(weight.is_meta for weight in outlined.parameters())


def test_an_outline_does_not_wake_torchs_compiler():
    """Importing it takes over a second, on the first page of a fresh server."""
    code = "import sys; from caser.config import preset; from caser.models import MODELS, outline\n"
    code += "[outline(preset(name).model, 5, 6) for name in MODELS if 'tuned' in MODELS[name].presets]\n"
    code += "assert 'torch._dynamo' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
