"""Several processes training one model, started by torchrun; with one process all of this is nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from caser.evaluation import Ranks


def size() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """Which of them this one is; 0 writes and speaks for all."""
    return dist.get_rank() if size() > 1 else 0


class LostProcess(RuntimeError):
    """Another process that trained with this one went away."""


@contextmanager
def joined(device: torch.device) -> Iterator[torch.device]:
    """Join the processes torchrun started (nccl on cuda, gloo elsewhere); gives this one's device.

    Without torchrun nothing happens.

    Raises:
        LostProcess: inside, talking to another process failed.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
        dist.barrier()  # nobody leaves before the first process has written
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise LostProcess(
            f"process {dist.get_rank()} of {dist.get_world_size()} ended: {reason}; continue with --resume"
        ) from error
    finally:
        dist.destroy_process_group()


def average_gradients(module: nn.Module) -> None:
    """Average every gradient over all processes; of sparse ones everybody's rows are gathered."""
    if size() == 1:
        return
    weights = list(module.parameters())
    sparse = [weight for weight in weights if weight.grad is not None and weight.grad.is_sparse]
    dense = [weight for weight in weights if weight.grad is not None and not weight.grad.is_sparse]
    flat = torch.cat([weight.grad.flatten() for weight in dense])
    dist.all_reduce(flat)
    for weight, mean_ in zip(dense, flat.div_(size()).split([weight.numel() for weight in dense]), strict=True):
        weight.grad.copy_(mean_.view_as(weight))
    for weight in sparse:
        ids, values = weight.grad._indices()[0], weight.grad._values()
        ids, values = gathered(ids), gathered(values / size())
        weight.grad = torch.sparse_coo_tensor(ids[None], values, weight.shape, check_invariants=False)


def gathered(own: Tensor) -> Tensor:
    """The rows of all processes' tensors, float or int64 (n, ...), of which each may have another n."""
    counts = own.new_tensor([len(own)], dtype=torch.int64).repeat(size())
    dist.all_gather(list(counts.split(1)), counts[:1].clone())
    padded = own.new_zeros(int(counts.max()), *own.shape[1:])
    padded[: len(own)] = own
    everyone = [torch.empty_like(padded) for _ in range(size())]
    dist.all_gather(everyone, padded)
    return torch.cat([rows[:n] for rows, n in zip(everyone, counts.tolist(), strict=True)])


def mean(value: Tensor) -> float:
    """The mean of a scalar over all processes."""
    if size() > 1:
        dist.all_reduce(value)
        value /= size()
    return float(value)


def gather_ranks(own: Ranks) -> Ranks:
    """The ranks of every process's users, in the order of users."""
    if size() == 1:
        return own
    everyone: list[Ranks] = [own] * size()
    dist.all_gather_object(everyone, own)
    users, rank_, candidates = (
        np.concatenate([getattr(r, name) for r in everyone]) for name in ("users", "rank", "candidates")
    )
    order = np.argsort(users)
    return Ranks(users[order], rank_[order], candidates[order])
