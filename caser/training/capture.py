"""A training step recorded as a CUDA graph and replayed: one launch where there were hundreds.

Written for GPUs and not yet measured on one, so it is asked for (`train --capture`) and never chosen by itself.
See https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Work = Callable[[], Tensor]  # what is recorded; its tensor lives where every replay writes it
WARM_UPS = 3  # steps run as they are first, in which the optimiser and all caches allocate


class CaptureError(ValueError):
    """The step cannot be recorded.

    Train without in a new process: what was broken off can leave the device unusable to this one.
    """


class CudaRecorder:
    """Records work on a CUDA device. The stand-in of a test records by remembering the work."""

    def warm_up(self, work: Work) -> Tensor:
        """Run work on a stream of its own, as recording demands of what comes before it."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            result = work()
        torch.cuda.current_stream().wait_stream(stream)
        return result

    def record(self, work: Work, generators: Sequence[torch.Generator]) -> Work:
        """What replays work; nothing is run yet.

        Raises:
            RuntimeError: something in work cannot be recorded, such as a wait for the host.
        """
        graph = torch.cuda.CUDAGraph()
        for generator in generators:
            graph.register_generator_state(generator)
        with torch.cuda.graph(graph):
            result = work()

        def replay() -> Tensor:
            graph.replay()
            return result

        return replay


class CapturedStep:
    """`step`, replayed from a recording for batches of one size; others run as they are.

    Args:
        step: (batch, item) -> loss, as `Phase.step`.
        size: the length of the batches to record. generators: those that step draws from.

    Raises:
        CaptureError: when called, if the step cannot be recorded.
    """

    def __init__(self, step: Callable, size: int, generators: Sequence[torch.Generator], recorder=None):
        self.step, self.size, self.generators = step, size, generators
        self.recorder = recorder or CudaRecorder()
        self.ready, self.replay, self.given = 0, None, None

    def __call__(self, batch: Tensor, item: Tensor | None = None) -> Tensor:
        if len(batch) != self.size:
            return self.step(batch, item)
        if self.ready < WARM_UPS:
            self.ready += 1
            return self.recorder.warm_up(lambda: self.step(batch, item))
        if self.replay is None:
            self._record(batch, item)
        self._hand_over(batch, item)
        return self.replay()

    def _record(self, batch: Tensor, item: Tensor | None) -> None:
        self.batch, self.item, self.given = batch.clone(), None if item is None else item.clone(), item
        try:
            self.replay = self.recorder.record(lambda: self.step(self.batch, self.item), self.generators)
        except RuntimeError as error:
            reason = str(error.__context__ or error).splitlines()[0]
            raise CaptureError(f"the training step cannot be recorded ({reason}); train without --capture") from error

    def _hand_over(self, batch: Tensor, item: Tensor | None) -> None:
        """Put the arguments where the recording reads them."""
        self.batch.copy_(batch)
        if item is not self.given:  # the items are shuffled anew only once an epoch
            self.item.copy_(item)
            self.given = item
