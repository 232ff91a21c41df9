import itertools

import pytest
import torch
from torch import nn

from caser.explain.ablation import without
from caser.models.caser import Caser, CaserConfig


def made(**settings):
    torch.manual_seed(3)
    model = Caser(CaserConfig(**{"d": 6, "L": 5, "n_h": 4, "n_v": 3} | settings), n_users=5, n_items=9).eval()
    for weight in model.parameters():  # biases start at zero and would hide a mistake
        nn.init.normal_(weight, std=0.5)
    with torch.no_grad():
        model.items.weight[model.n_items] = 0
    return model


SEQUENCES = torch.tensor([[0, 1, 2, 3, 4], [9, 9, 5, 6, 7], [9, 9, 9, 9, 9]])


@pytest.mark.parametrize("L", [1, 2, 5, 7])
def test_horizontal_fast_path_is_conv2d(L):
    model = made(L=L)
    E = torch.randn(3, L, 6)
    for h, response in enumerate(model.horizontal_responses(E), 1):
        bias = model.horizontal_bias[h - 1]
        expected = nn.functional.conv2d(E[:, None], model.horizontal[h - 1], bias)[..., 0].transpose(1, 2)
        assert response.shape == (3, L - h + 1, 4)
        torch.testing.assert_close(response, expected, atol=1e-5, rtol=1e-5)


def test_vertical_fast_path_is_conv2d():
    model = made()
    E = torch.randn(3, 5, 6)
    expected = nn.functional.conv2d(E[:, None], model.vertical)[:, :, 0]
    torch.testing.assert_close(model.vertical_responses(E), expected, atol=1e-5, rtol=1e-5)


def test_fast_path_has_conv2ds_gradients():
    model = made()
    E = torch.randn(3, 5, 6, requires_grad=True)
    weights = [E, *model.horizontal, model.horizontal_bias, model.vertical]
    ours = torch.autograd.grad(model.features(E).square().sum(), weights)
    theirs = torch.autograd.grad(reference_features(model, E).square().sum(), weights)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)


def reference_features(model, E):
    """Section 3.2 of the paper, read literally."""
    image = E[:, None]  # (B, 1, L, d)
    pooled = [
        nn.functional.conv2d(image, weight, bias).relu().amax(2)[..., 0]
        for weight, bias in zip(model.horizontal, model.horizontal_bias, strict=True)
    ]
    return torch.cat([nn.functional.conv2d(image, model.vertical).flatten(1), *pooled], 1)


@pytest.mark.parametrize(("p", "n_h", "n_v"), [c for c in itertools.product((True, False), (0, 4), (0, 3)) if any(c)])
def test_scores_follow_the_papers_equations_with_any_part_off(p, n_h, n_v):
    model = made(p=p, n_h=n_h, n_v=n_v)
    users = torch.tensor([0, 4, -1])
    parts = []
    if n_h or n_v:
        z = (model.hidden.weight @ model.features(model.items(SEQUENCES)).T).T + model.hidden.bias
        parts.append(z.relu())
    if p:
        parts.append(model.users.weight[[1, 5, 0]])
    expected = torch.cat(parts, 1) @ model.output.weight.T + model.output_bias
    torch.testing.assert_close(model.scores(users, SEQUENCES), expected, atol=1e-5, rtol=1e-5)


def test_tied_output_rows_are_the_items_own_through_a_matrix_plus_what_is_theirs():
    model, users = made(tied=True), torch.tensor([0, 4, -1])
    weight = model.items.weight[:9] @ model.tie.weight.T + model.output.weight  # (9, 12)
    expected = model.query(users, SEQUENCES) @ weight.T + model.output_bias
    torch.testing.assert_close(model.scores(users, SEQUENCES), expected, atol=1e-5, rtol=1e-5)
    chosen = model.scores(users, SEQUENCES, torch.tensor([[3, 8]] * 3))
    torch.testing.assert_close(chosen, expected[:, [3, 8]], atol=1e-5, rtol=1e-5)


def test_feature_order_is_vertical_then_horizontal_by_height():
    model = made()
    E = model.embed(SEQUENCES)
    torch.testing.assert_close(model.features(E), reference_features(model, E), atol=1e-5, rtol=1e-5)


def test_padding_is_a_row_of_zeros_and_stays_one():
    model = Caser(CaserConfig(d=6), 5, 9)
    assert not model.embed(SEQUENCES)[2].any()
    model.train().scores(torch.tensor([0, 1, 2]), SEQUENCES).sum().backward()
    assert not model.items.weight.grad[model.n_items].any()


def test_the_anonymous_visitor_has_a_row_of_their_own():
    model = made()
    anonymous = model.query(torch.tensor([-1]), SEQUENCES[:1])[0, -6:]
    assert torch.equal(anonymous, model.users.weight[0])


def test_dropout_only_while_training():
    model = made(dropout=0.5)
    users = torch.tensor([0, 1, 2])
    assert torch.equal(model.scores(users, SEQUENCES), model.scores(users, SEQUENCES))
    model.train()
    assert not torch.equal(model.scores(users, SEQUENCES), model.scores(users, SEQUENCES))


def test_init_std_zero_scales_by_fan_in():
    torch.manual_seed(0)
    model = Caser(CaserConfig(d=64), 500, 900)
    assert model.items.weight[:900].detach().std() == pytest.approx(64**-0.5, rel=0.05)
    assert model.output.weight.detach().std() == pytest.approx(128**-0.5, rel=0.05)
    assert not model.output_bias.any()
    torch.manual_seed(0)
    assert Caser(CaserConfig(d=64, init_std=0.01), 500, 900).hidden.weight.detach().std() == pytest.approx(
        0.01, rel=0.05
    )


def test_tied_rows_of_a_model_no_longer_trained_are_made_once_and_anew_when_weights_change():
    model = made(tied=True).requires_grad_(False)
    with torch.inference_mode():
        first, _ = model.item_table()
    assert model.item_table()[0] is first
    assert without(model, vertical=[0]).item_table()[0] is first  # of which those weights are the same
    E = torch.randn(1, 5, 6, requires_grad=True)
    (model.hidden_vector(E) @ first[:, :6].T).sum().backward()  # made in inference mode, and still of use here
    assert E.grad.abs().sum() > 0
    for weight in (model.output.weight, model.items.weight, model.tie.weight):
        with torch.no_grad():
            weight[0] += 1
        changed, _ = model.item_table()
        assert changed is not first
        expected = model.output.weight + model.items.weight[:-1] @ model.tie.weight.T
        torch.testing.assert_close(changed, expected)
    model.load_state_dict(made(tied=True).state_dict())
    torch.testing.assert_close(model.item_table()[0], first)


def test_tied_rows_of_a_model_in_training_have_gradients():
    model = made(tied=True)
    model.item_table()[0].sum().backward()
    assert model.tie.weight.grad.abs().sum() > 0
