import torch

from caser.models.gru4rec import GRU4Rec, GRU4RecConfig


def test_the_state_is_that_of_a_gru_over_the_items_alone():
    torch.manual_seed(0)
    model = GRU4Rec(GRU4RecConfig(d=6, L=4, layers=2), 3, 9).eval()
    _, states = model.network(model.items(torch.tensor([[2, 5]])))
    expected = states[-1] @ model.items.weight[:9].T + model.output_bias
    for sequence in ([9, 9, 2, 5], [9, 2, 9, 5], [2, 5, 9, 9]):
        torch.testing.assert_close(model.scores(torch.tensor([0]), torch.tensor([sequence])), expected)
