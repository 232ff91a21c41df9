"""What training can run on here."""

from __future__ import annotations

import os

import torch


def available_devices() -> list[str]:
    """The kinds of devices this machine has, the fastest first."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return [name for name, found in there.items() if found]


def resolve_device(name: str = "auto") -> torch.device:
    """The device called `name`; "auto" is cuda, else mps, else cpu.

    Raises:
        ValueError: an unknown name, or a device this machine lacks.
    """
    available = available_devices()
    if name == "auto":
        name = available[0]
    kind, colon, number = name.partition(":")
    if kind not in ("cuda", "mps", "cpu"):
        raise ValueError(f"unknown device {name[:80]!r}; choose one of auto, cuda, mps, cpu")
    if kind not in available:
        raise ValueError(f"this machine has no {kind} device; use --device auto or cpu")
    last = torch.cuda.device_count() - 1 if kind == "cuda" else 0
    if colon and number not in map(str, range(last + 1)):
        raise ValueError(f"unknown device {name[:80]!r}; this machine's last one of that kind is {kind}:{last}")
    return torch.device(name)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
