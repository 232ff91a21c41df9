"""Which number of threads is faster is found by trying; here the clock is ours."""

import pytest
import torch

from caser import threads
from caser.threads import LEAST, RECENT, TRIES, Threads


class Clock:
    """Time that passes as told."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        return self.now

    monotonic = perf_counter


@pytest.fixture
def clock(monkeypatch):
    """Two threads, and a clock of ours."""
    told = {"n": 2}
    monkeypatch.setattr(torch, "get_num_threads", lambda: told["n"])
    monkeypatch.setattr(torch, "set_num_threads", lambda n: told.update(n=n))
    ours = Clock()
    monkeypatch.setattr(threads, "time", ours)
    return ours


def work(chooser, clock, pieces, seconds):
    """Pieces of work that take so many seconds by the number of threads; which number each had."""
    used = []
    for _ in range(pieces):
        with chooser:
            used.append(torch.get_num_threads())
            clock.now += seconds[used[-1]]
    return used


@pytest.mark.parametrize(("seconds", "better"), [({1: 0.1, 2: 0.06}, 2), ({1: 0.1, 2: 0.3}, 1)])
def test_the_faster_number_is_gone_on_with(clock, seconds, better):
    chooser = Threads()
    assert set(work(chooser, clock, 2 * TRIES, seconds)) == {1, 2}
    assert set(work(chooser, clock, 50, seconds)) == {better}
    chooser.release()
    assert torch.get_num_threads() == 2


def test_it_looks_again_when_the_work_becomes_slower_and_not_before(clock):
    chooser = Threads()
    work(chooser, clock, 2 * TRIES, {1: 0.1, 2: 0.06})
    assert set(work(chooser, clock, 100, {1: 0.1, 2: 0.07})) == {2}
    busy = {1: 0.12, 2: 0.3}  # something else takes a core
    work(chooser, clock, int(LEAST / 0.3) + RECENT + 2 * TRIES, busy)
    assert set(work(chooser, clock, 20, busy)) == {1}


def test_the_first_piece_does_not_count(clock):
    chooser = Threads()
    for number in [2] * TRIES + [1] * TRIES:
        with chooser:
            assert torch.get_num_threads() == number
            clock.now += 9.0 if clock.now == 0 else {1: 0.1, 2: 0.06}[number]
    assert work(chooser, clock, 1, {1: 0.1, 2: 0.06}) == [2]


@pytest.mark.parametrize("device", ["cuda", "cpu"])
def test_with_one_thread_or_on_a_gpu_nothing_is_tried(clock, device):
    if device == "cpu":
        torch.set_num_threads(1)
    chooser = Threads(device)
    assert set(work(chooser, clock, 30, {1: 0.1, 2: 0.1})) == {torch.get_num_threads()}
