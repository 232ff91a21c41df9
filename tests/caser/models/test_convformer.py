import pytest
import torch

from caser.models import ANONYMOUS
from caser.models.convformer import FADE, ConvFormer, ConvFormerConfig

NOBODY = torch.tensor([ANONYMOUS])


def made(**changes):
    torch.manual_seed(0)
    return ConvFormer(ConvFormerConfig(**{"d": 6, "L": 8, "layers": 2, "K": 3, "d_u": 4} | changes), 3, 9).eval()


def test_a_layer_is_its_formula():
    layer, x = made().network[0], torch.randn(2, 5, 6)
    torch.nn.init.normal_(layer.curves)
    torch.nn.init.normal_(layer.bias)
    blended = torch.stack(
        [sum(layer.curves[:, age] * x[:, t - age] for age in range(min(3, t + 1))) for t in range(5)], 1
    )
    first = layer.norms[0](x + (blended + layer.bias) * layer.gate(x).sigmoid())
    torch.testing.assert_close(layer(x), layer.norms[1](first + layer.feed_forward(first)))


def test_a_curve_begins_as_fading_weights():
    assert made(K=2).network[1].curves.tolist() == [pytest.approx([1.0, FADE])] * 6


def test_one_curve_can_be_all_dimensions():
    own, shared = made(), made(shared=True)
    for layer, one in zip(own.network, shared.network, strict=True):
        torch.nn.init.normal_(one.curves)
        layer.load_state_dict(one.state_dict() | {"curves": one.curves.detach().expand(6, -1)})
    sequence = torch.tensor([[0, 1, 2, 3, 4, 5, 6, 7]])
    torch.testing.assert_close(shared.scores(NOBODY, sequence), own.scores(NOBODY, sequence))


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_layers_reach_as_many_films_as_their_curves_do_one_after_another(layers):
    model = made(layers=layers)
    sequence = torch.tensor([[0, 1, 2, 3, 4, 5, 6, 7]])
    before = model.scores(NOBODY, sequence)
    for age in range(8):
        changed = sequence.clone()
        changed[0, 7 - age] = 8
        assert torch.allclose(model.scores(NOBODY, changed), before) == (age > 2 * layers)


def test_the_user_adds_a_product_of_two_rows():
    model, sequence = made(), torch.tensor([[3, 4]])
    one, other = (model.scores(torch.tensor([user]), sequence)[0] for user in (1, 2))
    rows = model.users.weight
    torch.testing.assert_close(one - other, model.liked.weight @ (rows[2] - rows[3]))
    assert not made(d_u=0).knows_user


def test_a_curve_longer_than_what_is_read_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"K is 9 and L is 8; .* use a K up to 8"):
        ConvFormerConfig(L=8, K=9)
    with pytest.raises(ValueError, match="d is 1"):
        ConvFormerConfig(d=1)
