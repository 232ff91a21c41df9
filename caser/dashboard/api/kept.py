"""Answers that are kept for whoever asks the same again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable


class Kept:
    """Answers by question, at most so many bytes of them; what was asked for longest ago goes first.

    >>> kept = Kept(5)
    >>> kept.put("a", b"123"), kept.put("b", b"45"), kept.get("a"), kept.put("c", b"6"), kept.get("b")
    (None, None, b'123', None, None)
    """

    def __init__(self, most: int):
        self._most, self._size, self._lock = most, 0, threading.Lock()
        self._answers: OrderedDict[Hashable, bytes] = OrderedDict()

    def get(self, question: Hashable) -> bytes | None:
        """The answer, None where none is kept."""
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
            return self._answers.get(question)

    def put(self, question: Hashable, answer: bytes) -> None:
        """Keep an answer."""
        with self._lock:
            self._size += len(answer) - len(self._answers.pop(question, b""))
            self._answers[question] = answer
            while self._size > self._most:
                self._size -= len(self._answers.popitem(last=False)[1])
