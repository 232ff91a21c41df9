"""Costs from sizes: of the right order, never too low, and large ones refused before anything is made."""

import pytest

from caser.benchmark.run import step_work
from caser.config import preset
from caser.models import MODELS
from caser.training.cost import require_memory, step_cost


def test_a_step_of_caser_is_never_taken_for_less_than_it_needs():
    for name in ("seed", "tuned"):
        config = preset("caser", name).replace(T=1)
        needed, _ = step_work(config, 943, 1682)
        assert needed < step_cost(config, 943, 1682).flops < 30 * needed


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_cost_and_more_items_cost_more(name):
    config = preset(name, next(reversed(MODELS[name].presets)))
    few, many = (step_cost(config, 50, n) for n in (100, 400))
    assert 0 <= few.flops <= many.flops
    assert few.bytes < many.bytes


def test_what_no_machine_holds_is_refused_with_the_remedy(cycle):
    huge = preset("caser").replace(d=1024, L=20, n_h=256, n_v=64, batch_size=1 << 20)
    with pytest.raises(ValueError, match="take a smaller batch_size"):
        require_memory(huge, cycle)
    require_memory(preset("caser"), cycle)
