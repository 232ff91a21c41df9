import pytest
import torch

from caser.evaluation import evaluate
from caser.explain.curves.effects import (
    DEALT,
    FEWEST,
    OFF,
    ONE,
    Nearsighted,
    curve_effects,
    name_of,
    with_curves,
    without,
)
from caser.explain.curves.shapes import groups
from caser.models import build
from caser.models.convformer import ConvFormerConfig

SEQUENCES = torch.tensor([[0, 1, 2, 3, 4, 5], [9, 8, 7, 6, 5, 4]])
USERS = torch.tensor([0, 1])


@pytest.fixture
def model(cycle):
    torch.manual_seed(0)
    made = build(ConvFormerConfig(d=12, L=6, K=4, layers=2), cycle.dataset.n_users, cycle.dataset.n_items).eval()
    for weights in made.curve_weights():
        torch.nn.init.normal_(weights)
    return made


def test_without_a_group_its_dimensions_read_no_other_film(model):
    group = groups(model)[0]
    twin = without(model, group)
    assert not twin.curve_weights()[group.layer][group.dimensions].any()
    assert model.curve_weights()[group.layer][group.dimensions].any()  # the model keeps its own
    others = [at for at in range(12) if at not in group.dimensions]
    assert torch.equal(twin.curve_weights()[group.layer][others], model.curve_weights()[group.layer][others])


def test_one_curve_for_all_changes_nothing_where_all_are_alike(model):
    alike = with_curves(model, lambda weights: weights[:1].expand_as(weights))
    again = with_curves(alike, lambda weights: weights.mean(0).expand_as(weights))
    torch.testing.assert_close(again.scores(USERS, SEQUENCES), alike.scores(USERS, SEQUENCES))


def test_a_nearsighted_model_reads_the_last_films_alone(model):
    changed = SEQUENCES.clone()
    changed[:, :4] = 10
    near = Nearsighted(model, 2)
    assert torch.equal(near.scores(USERS, SEQUENCES), near.scores(USERS, changed))
    torch.testing.assert_close(near.scores(USERS, SEQUENCES), model.scores(USERS, SEQUENCES[:, 4:]))


def test_every_change_is_measured_against_the_whole(model, cycle):
    shares = []
    effects = curve_effects(model, cycle, shares.append)
    whole = evaluate(model, cycle)
    assert effects.whole["mrr"] == whole.means()["mrr"]
    assert [effect.name for effect in effects.changed] == [OFF, DEALT, ONE, *map(name_of, groups(model, FEWEST))]
    assert list(effects.reach) == [1, 2, 3, 5, 6]
    assert effects.reach[6]["mrr"] == whole.means()["mrr"]
    group = groups(model, FEWEST)[0]
    lost = evaluate(without(model, group), cycle).means()
    effect = effects.of(name_of(group))
    assert effect.change["mrr"] == pytest.approx(lost["mrr"] - whole.means()["mrr"])
    assert all(effect.margin["mrr"] >= 0 for effect in effects.changed)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_the_model_is_asked_the_same_before_and_after(model, cycle):
    """One that is left in training mode drops half of what everybody else asks it."""
    opened = model.openings(SEQUENCES)
    curve_effects(model, cycle)
    assert not any(module.training for module in model.modules())
    for before, after in zip(opened, model.openings(SEQUENCES), strict=True):
        assert torch.equal(before, after)
