import numpy as np
import pytest
import torch

from caser.explain.curves.shapes import ALTERNATES, BACK, FADES, QUICK, SLOW, begun, curves, groups, shape
from caser.models import build
from caser.models.convformer import FADE, ConvFormerConfig
from caser.models.gru4rec import GRU4RecConfig

EXAMPLES = {
    QUICK: [[0, 1, 0.2, 0.1], [5, -1, -0.5, 0, 0.1], [1], [3, 0, 0], [0, 1]],
    FADES: [[0, 1, 0.7, 0.5, 0.35, 0.25], [-9, -1, -0.7, -0.5, -0.35, -0.25]],
    SLOW: [[0.3] * 20, [1, -1, *[-0.9] * 15]],
    BACK: [[2, 0.1, 1, 0.5], [0, 0, 0, 0, -2]],
    ALTERNATES: [[0, 1, -0.5, 0.2], [0.1, 0.1, 1, -1]],
}


@pytest.mark.parametrize(("name", "curve"), [(name, curve) for name in EXAMPLES for curve in EXAMPLES[name]])
def test_a_curve_has_the_shape_that_one_sees(name, curve):
    assert shape(np.array(curve, dtype=float)) == name


def test_every_dimension_of_every_layer_is_in_one_group():
    torch.manual_seed(0)
    model = build(ConvFormerConfig(d=30, L=8, K=6), 3, 9)
    for weights in model.curve_weights():
        torch.nn.init.normal_(weights)
    found = groups(model)
    for layer in range(2):
        members = np.concatenate([group.dimensions for group in found if group.layer == layer])
        assert sorted(members) == list(range(30))
    for group in found:
        weights = curves(model)[group.layer][group.dimensions]
        assert {shape(curve) for curve in weights} == {group.shape}
        assert np.abs(group.mean[1:]).max() <= 1


def test_what_curves_begin_as_is_told_of_the_settings():
    assert begun(build(ConvFormerConfig(d=6, L=8, K=3), 3, 9)) == pytest.approx([1 / FADE, 1, FADE])


def test_a_model_without_curves_has_no_groups():
    model = build(GRU4RecConfig(d=4, L=4), 3, 9)
    assert not model.has_curves
    assert groups(model) == ()
