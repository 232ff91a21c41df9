"""A device by name: there is one, or a sentence says what there is."""

import pytest
import torch

from caser.training.devices import available_devices, resolve_device


def test_a_device_is_found_by_kind_and_by_number():
    assert resolve_device("cpu") == torch.device("cpu")
    assert resolve_device("cpu:0").type == "cpu"
    assert resolve_device().type == available_devices()[0]


@pytest.mark.parametrize("name", ["cpu:1", "cpu:", "cpu:x", "cpu:0:0", "cpu:-1", "cuda:99", "meta", "", "x" * 300])
def test_an_odd_name_is_an_error_with_a_remedy(name):
    with pytest.raises(ValueError, match=r"choose one of auto|this machine") as told:
        resolve_device(name)
    assert len(str(told.value)) < 200
