"""Run by torchrun: two processes with tables of 87,000 rows train what one does."""

import torch

from caser.benchmark.synthetic import synthetic
from caser.config import preset
from caser.data.dataset import split
from caser.training import distributed
from caser.training.loop import Phase

ITEMS = 87_000
CPU = torch.device("cpu")


def trained():
    """An epoch's loss and weights, without a draw that would differ between processes."""
    parts = split(synthetic(6_000, n_items=ITEMS))
    taken = torch.as_tensor(parts.item).unique()
    config = preset("caser").replace(
        d=8, n_h=1, n_v=1, T=1, batch_size=500, dropout=0.0, user_dropout=0.0, backwards=0.0, pool=len(taken)
    )
    phase = Phase(parts, "validation", config, 0, CPU)
    phase.objective.candidates = lambda _: (taken, torch.zeros(len(taken)))
    assert [len(rows.weight) for rows in phase.rows.rows] == [ITEMS + 1, ITEMS]
    loss, _ = phase.epoch(lambda: False)
    return loss, {name: weight.detach() for name, weight in phase.kept.named_parameters()}


if __name__ == "__main__":
    alone, one = trained()
    with distributed.joined(CPU):
        together, two = trained()
        assert distributed.size() == 2
        assert abs(alone - together) < 1e-4, (alone, together)
        for name, weight in one.items():
            torch.testing.assert_close(two[name], weight, atol=1e-4, rtol=1e-3, msg=name)
        if distributed.rank() == 0:
            print("the same")
