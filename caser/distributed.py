"""Several processes training one model, started by torchrun; with one process all of this is nothing."""

from __future__ import annotations

import os

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


def join(device: torch.device) -> torch.device:
    """Join the processes torchrun started (nccl on cuda, gloo elsewhere) and return this one's device.

    Without torchrun nothing happens.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return device
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return device


def leave() -> None:
    """The counterpart of `join`."""
    if dist.is_available() and dist.is_initialized():
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
