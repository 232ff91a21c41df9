"""Costs from sizes: of the right order, never too low, and large ones refused before anything is made."""

import pytest
import torch

from caser.benchmark.run import step_work
from caser.config import preset
from caser.models import MODELS
from caser.training import cost
from caser.training.cost import pool_size, require_memory, said, step_cost


def test_a_step_of_caser_is_never_taken_for_less_than_it_needs():
    for name in ("chapter", "tuned"):
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


CPU, GPU = torch.device("cpu"), torch.device("cuda")


def test_a_small_catalogue_is_weighed_whole_and_a_large_one_by_a_pool():
    tuned = preset("caser")
    sizes = [pool_size(tuned, n, CPU) for n in (1_682, 3_416, 12_101, 87_000)]
    assert sizes == [1_682, 3_416, cost.POOL, cost.POOL]
    assert pool_size(tuned, 87_000, GPU) == 87_000  # where the scores of a batch fit
    assert pool_size(preset("sasrec", "tuned").replace(batch_size=4096), 10**6, GPU) == cost.POOL


@pytest.mark.parametrize(("pool", "taken"), [(1, 1), (500, 500), (9_999, 1_682)])
def test_a_pool_can_be_set_and_is_never_larger_than_the_catalogue(pool, taken):
    assert pool_size(preset("caser").replace(pool=pool), 1_682, CPU) == taken


def test_what_a_step_weighs_is_said():
    assert "weighs all 1,682 items" in said(preset("caser"), 943, 1_682, CPU)
    assert "weighs 2,048 of 87,000 items" in said(preset("caser"), 943, 87_000, CPU)
    assert "drawn for each" in said(preset("caser", "chapter"), 943, 1_682, CPU)
    assert "solved at once, with up to 4.6 GiB" in said(preset("ease"), 943, 17_500, CPU)
    assert said(preset("covisit"), 943, 17_500, CPU) == "counted at once"


def test_the_limit_of_a_container_counts(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(cost, "CONTAINER", limit)
    whole = cost.memory()
    limit.write_text("max\n")
    assert cost.memory() == whole
    limit.write_text("1000000\n")
    assert cost.memory() == 1e6
