"""The machine a benchmark runs on: what it is, what it can do at best, and a clock that waits for it."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

import caser


class Stopwatch:
    """Seconds between laps, with all work of the device done at each."""

    def __init__(self, device: torch.device):
        self.device = device
        self.lap()

    def lap(self) -> float:
        if self.device.type != "cpu":
            getattr(torch, self.device.type).synchronize()
        now = time.perf_counter()
        last, self.last = getattr(self, "last", now), now
        return now - last


def describe(device: torch.device, side: int) -> dict:
    """What is measured on, with what, and when; `side` as in `matrix_gflops`."""
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "caser": caser.__version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "gflops": matrix_gflops(device, side),
        "gigabytes_per_second": memory_bandwidth(device, side),
    }


def _cpu_name() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def matrix_gflops(device: torch.device, side: int) -> float:
    """Billions of floating point operations a second in float32 matrix products; the best of several."""
    side *= 1 if device.type == "cpu" else 4
    a, b = torch.rand(2, side, side, device=device)
    return 2e-9 * side**3 / _best_seconds(device, lambda: torch.mm(a, b))


def memory_bandwidth(device: torch.device, side: int) -> float:
    """Gigabytes a second, read and written, in copying 16 side x side matrices; the best of several."""
    a, b = torch.rand(2, 16, side, side, device=device)
    return 2e-9 * a.untyped_storage().nbytes() / 2 / _best_seconds(device, lambda: b.copy_(a))


def _best_seconds(device: torch.device, work: Callable[[], object], times: int = 6) -> float:
    watch, laps = Stopwatch(device), []
    for _ in range(times):
        work()
        laps.append(watch.lap())
    return min(laps)


def peak_memory() -> float:
    """Bytes this process held at most; nan where the system does not tell."""
    with suppress(OSError):  # getrusage would count what the parent held when this process was forked
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return 1024.0 * int(line.split()[1])
    with suppress(ImportError):  # absent on Windows
        import resource

        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * (1 if sys.platform == "darwin" else 1024)
    return float("nan")
