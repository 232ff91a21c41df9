import pytest
import torch

from caser.models.bert4rec import BERT4Rec, BERT4RecConfig

N_ITEMS = 50
PAD, MASK = N_ITEMS, N_ITEMS + 1


def made(**settings):
    torch.manual_seed(0)
    return BERT4Rec(BERT4RecConfig(**{"d": 8, "L": 9} | settings), 3, N_ITEMS).eval()


def drawn(model, n=2000, seed=0):
    """Full and short windows, and what is read and asked of them."""
    torch.manual_seed(1)
    windows, targets = torch.randint(N_ITEMS, (n, 9)), torch.randint(N_ITEMS, (n, 1))
    windows[n // 2 :, :6] = PAD
    read, asked = model.examples(windows, targets, torch.Generator().manual_seed(seed))
    return torch.cat([windows, targets], 1), read, asked[:, :, 0]


@pytest.mark.parametrize("last_only", [0.0, 0.3])
def test_what_is_asked_for_is_what_is_masked_and_nothing_else(last_only):
    whole, read, asked = drawn(made(masked=0.4, last_only=last_only))
    masked = read == MASK
    assert torch.equal(asked[masked], whole[masked])
    assert (asked[~masked] == PAD).all()
    assert torch.equal(read[~masked], whole[~masked])
    assert masked.any(1).all()


def test_padding_is_never_masked():
    whole, read, _ = drawn(made(masked=1.0, last_only=0.0))
    assert torch.equal(read == MASK, whole < PAD)


def test_the_share_masked_is_about_right():
    whole, read, _ = drawn(made(masked=0.3, last_only=0.0))
    full = (whole < PAD).all(1)
    assert (read[full] == MASK).float().mean().item() == pytest.approx(0.3, abs=0.01)


def test_a_share_of_sequences_masks_the_last_item_alone():
    _, read, _ = drawn(made(masked=0.9, last_only=0.25))
    alone = ((read == MASK).sum(1) == 1) & (read[:, -1] == MASK)
    assert alone[:1000].float().mean().item() == pytest.approx(0.25, abs=0.04)


def test_the_generator_alone_decides_what_is_masked():
    model = made()
    first, again, other = (drawn(model, seed=seed)[1] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_place_sees_what_comes_before_and_after_it():
    model, sequence = made(), torch.arange(10)[None]
    before = model.queries(torch.tensor([0]), sequence)
    for at in (0, 9):
        changed = sequence.clone()
        changed[0, at] = 20
        after = model.queries(torch.tensor([0]), changed)
        assert not torch.isclose(after, before).all(2).any()


def test_a_query_is_that_of_a_mask_behind_the_last_item():
    model, users = made(), torch.tensor([0])
    expected = model.queries(users, torch.tensor([[PAD] * 6 + [3, 7, 2, MASK]]))[:, -1]
    assert torch.equal(model.query(users, torch.tensor([[PAD] * 6 + [3, 7, 2]])), expected)
