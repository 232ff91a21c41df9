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


def wrap(module: nn.Module) -> nn.Module:
    """The module, or under several processes one whose gradients are averaged over all of them."""
    return nn.parallel.DistributedDataParallel(module) if size() > 1 else module


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
