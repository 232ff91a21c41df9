import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from caser.models import build
from caser.models.mf import MFConfig
from caser.picture import payload
from caser.picture.payload import Packed, fits_browser, pack, packed, unpacked
from tests.pictured import ODD, untrained


@pytest.mark.parametrize("bits", [16, 20, 32])
def test_numbers_come_back_as_near_as_their_bits_allow(bits):
    rows = torch.randn(7, 9, generator=torch.Generator().manual_seed(1)).numpy()
    rows[2] = 0
    back = unpacked(Packed("rows", rows.shape, bits, packed(rows, bits)), rows)
    most = np.abs(rows).max(1, keepdims=True)
    assert (np.abs(back - rows) <= most / 2 ** (bits - 1) * 0.51 + 1e-7).all()


def test_size_of_what_is_packed():
    rows = np.ones((4, 6), np.float32)
    assert [len(packed(rows, bits)) for bits in (32, 16, 20)] == [96, 16 + 48, 16 + 48 + 12]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_scores_from_the_arrays_are_the_models(cinema_split, odd):
    """The check that decides the bits computes what the model computes."""
    trained = untrained(cinema_split, **ODD[odd])
    model = trained.model
    users = torch.tensor([0, 5])
    windows = torch.randint(0, model.n_items + 1, (2, model.L), generator=torch.Generator().manual_seed(2))
    arrays = payload._arrays(model)
    got = payload._scores(model, arrays, users.numpy(), windows.numpy())
    with torch.inference_mode():
        wanted = model.scores(users, windows).numpy()
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_header_says_where_each_array_is(cinema_split):
    made = pack(untrained(cinema_split), cinema_split)
    length = int.from_bytes(made.content[:4], "little")
    header = json.loads(made.content[4 : 4 + length])
    assert header["titles"][0] == cinema_split.dataset.labels[0]
    assert len(header["watched"]) == len(header["ids"]) == cinema_split.dataset.n_items
    at = 4 + length
    for array in header["arrays"]:
        if array["name"] == "output_bias":
            bias = np.frombuffer(made.content, "<f4", array["shape"][0], at)
        at += -(-array["bytes"] // 4) * 4
    assert at == len(made.content)
    np.testing.assert_array_equal(bias, untrained(cinema_split).model.output_bias.numpy())


def test_few_bits_only_where_lists_stay(cinema_split, monkeypatch):
    trained = untrained(cinema_split)
    monkeypatch.setattr(payload, "EXACT", 1.0)
    monkeypatch.setattr(payload, "LISTED", 0)
    assert {one.bits for one in pack(trained, cinema_split).arrays} == {16, 20, 32}
    monkeypatch.setattr(payload, "EXACT", 0.0)
    assert {one.bits for one in pack(trained, cinema_split).arrays} == {32}


def test_same_weights_same_digest(cinema_split):
    one, other = (pack(untrained(cinema_split, d=d), cinema_split).digest for d in (8, 9))
    assert one != other
    assert one == pack(untrained(cinema_split, d=8), cinema_split).digest


def test_other_models_are_refused(cinema_split):
    model = build(MFConfig(d=4), cinema_split.dataset.n_users, cinema_split.dataset.n_items)
    assert not fits_browser(model)
    with pytest.raises(ValueError, match="computes Caser alone"):
        pack(SimpleNamespace(name="mf", model=model), cinema_split)


def test_a_large_catalogue_stays_on_the_server(cinema_split, monkeypatch):
    model = untrained(cinema_split).model
    assert fits_browser(model)
    monkeypatch.setattr(payload, "MOST_BYTES", 1000)
    assert not fits_browser(model)
