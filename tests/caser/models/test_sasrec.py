import torch

from caser.models.sasrec import SASRec, SASRecConfig


def test_one_layer_follows_the_papers_equations():
    """Section 3, one head: softmax(Q K^T / sqrt(d)) V under a causal mask, then a network of two layers."""
    torch.manual_seed(0)
    model = SASRec(SASRecConfig(d=6, L=4), 3, 9).eval()
    layer, sequence = model.network.layers[0], torch.tensor([2, 5, 1])
    E = model.items.weight[sequence] * 6**0.5 + model.positions.weight[1:]  # (3, d)
    Q, K, V = (E @ layer.self_attn.in_proj_weight.T).chunk(3, 1)
    seen = torch.ones(3, 3).tril().bool()
    weights = (Q @ K.T / 6**0.5).masked_fill(~seen, -torch.inf).softmax(1)
    S = layer.norm1(E + layer.self_attn.out_proj(weights @ V))
    F = layer.norm2(S + layer.linear2(layer.linear1(S).relu()))
    torch.testing.assert_close(model.queries(torch.tensor([0]), torch.tensor([[9, 2, 5, 1]]))[0, 1:], F)
