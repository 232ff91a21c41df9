"""What the models of sequences share."""

import dataclasses

import pytest
import torch

from caser.config import Config, TrainingConfig
from caser.models import build
from caser.models.bert4rec import BERT4RecConfig
from caser.models.convformer import ConvFormerConfig
from caser.models.gru4rec import GRU4RecConfig
from caser.models.sasrec import SASRecConfig
from caser.models.sequences import AttentionConfig, Positions, SequenceModel, encoder
from caser.training.loop import fit

N_ITEMS = 9
PAD = N_ITEMS
NEXT = {
    "gru4rec": GRU4RecConfig(d=8, L=5, layers=2),
    "sasrec": SASRecConfig(d=8, L=5, layers=2, heads=2),
    "convformer": ConvFormerConfig(d=8, L=5, layers=2, K=3, d_u=0),
}
ALL = NEXT | {"bert4rec": BERT4RecConfig(d=8, L=5, layers=2, heads=2)}
WINDOWS = torch.tensor([[0, 1, 2, 3, 4], [PAD, PAD, 5, 6, 7], [PAD, PAD, PAD, PAD, 8]])
NOBODY = torch.full((3,), -1)


def made(config, **changes):
    torch.manual_seed(3)
    return build(dataclasses.replace(config, **changes), 4, N_ITEMS).eval()


@pytest.fixture(params=NEXT)
def causal(request):
    return made(NEXT[request.param])


@pytest.fixture(params=ALL)
def model(request):
    return made(ALL[request.param])


def test_every_place_is_asked_for_what_follows_it(causal):
    targets = torch.tensor([[5, 6], [8, 0], [1, PAD]])
    read, asked = causal.examples(WINDOWS, targets, torch.Generator())
    assert torch.equal(read, WINDOWS)
    assert asked[:, :, 0].tolist() == [[1, 2, 3, 4, 5], [PAD, PAD, 6, 7, 8], [PAD, PAD, PAD, PAD, 1]]
    assert asked[:, :, 1].tolist() == [[2, 3, 4, 5, 6], [PAD, PAD, 7, 8, 0], [PAD, PAD, PAD, PAD, PAD]]


def test_a_later_item_never_changes_the_query_at_an_earlier_place(causal):
    before = causal.queries(NOBODY, WINDOWS)
    for at in range(5):
        changed = WINDOWS.clone()
        changed[:, at] = torch.where(WINDOWS[:, at] < PAD, (WINDOWS[:, at] + 1) % N_ITEMS, PAD)
        after = causal.queries(NOBODY, changed)
        there = WINDOWS[:, :at] < PAD
        torch.testing.assert_close(after[:, :at][there], before[:, :at][there])
        assert not torch.allclose(after[0, at:], before[0, at:])


def test_what_a_short_history_says_does_not_depend_on_the_padding_before_it(model):
    torch.nn.init.normal_(model.items.weight[PAD])  # which nothing may read
    shorter = made(model.config, L=3)
    state = model.state_dict()
    if "positions.weight" in state:
        state["positions.weight"] = state["positions.weight"][2:]
    shorter.load_state_dict(state)
    expected = shorter.scores(NOBODY[:1], torch.tensor([[5, 6, 7]]))
    torch.testing.assert_close(model.scores(NOBODY[1:2], WINDOWS[1:2]), expected)


def test_an_empty_history_scores_and_learns_finitely(model):
    empty = torch.full((3, 5), PAD)
    model.train()
    scores = model.scores(NOBODY, torch.cat([WINDOWS, empty]).unflatten(0, (2, 3))[1])
    scores.logsumexp(1).sum().backward()
    assert scores.isfinite().all()
    assert all(weight.grad.isfinite().all() for weight in model.parameters() if weight.grad is not None)


def test_padding_is_neither_scored_nor_trained(model):
    assert model.item_table()[0].shape == (N_ITEMS, 8)
    assert not SequenceModel.embed(model, WINDOWS)[2, :4].any()
    model.train().scores(NOBODY, WINDOWS).logsumexp(1).sum().backward()
    assert not model.items.weight.grad[PAD].any()


def test_dropout_only_while_training(model):
    assert torch.equal(model.scores(NOBODY, WINDOWS), model.scores(NOBODY, WINDOWS))
    model.train()
    assert not torch.equal(model.scores(NOBODY, WINDOWS), model.scores(NOBODY, WINDOWS))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "change",
    [{"d": 4}, {"L": 3}, {"layers": 1}, {"dropout": 0.0}, {"heads": 1}, {"masked": 0.8}, {"last_only": 0.9}],
    ids=lambda change: next(iter(change)),
)
def test_every_setting_takes_effect(name, change, cycle):
    if not hasattr(ALL[name], next(iter(change))):
        pytest.skip("this model has no such setting")
    base = Config(ALL[name], TrainingConfig(epochs=1, patience=0, batch_size=8, refit=False))
    old, new = (list(fit(cycle, c).model.state_dict().values()) for c in (base, base.replace(**change)))
    assert [w.shape for w in old] != [w.shape for w in new] or not all(map(torch.equal, old, new))


def test_a_gap_in_a_history_is_passed_over(model):
    """As when an explanation asks what a score would be without one film."""
    torch.nn.init.normal_(model.items.weight[PAD])
    for gap in ([5, PAD, 7], [5, 7, PAD]):
        sequence, users = torch.tensor([[PAD, PAD, *gap]]), NOBODY[:1]
        scores = model.scores(users, sequence)
        torch.nn.init.normal_(model.items.weight[PAD])
        torch.testing.assert_close(model.scores(users, sequence), scores)
        assert not torch.allclose(model.scores(users, torch.tensor([[PAD, PAD, 5, 6, 7]])), scores)


def test_positions_count_from_the_end():
    positions, E = Positions(5, 2), torch.zeros(1, 3, 2)
    assert torch.equal(positions(E)[0], positions.weight[2:])


def test_the_encoders_layers_begin_apart():
    first, second = encoder(AttentionConfig(d=8, layers=2), width=8, activation="relu").layers
    assert not torch.equal(first.linear1.weight, second.linear1.weight)


def test_heads_must_share_the_dimensions():
    with pytest.raises(ValueError, match="heads is 3 and d is 8; choose heads that divide d evenly"):
        SASRecConfig(d=8, heads=3)
