"""How much of rows' responses to films each concept explains beyond the concepts of all other groups.

A row's response to a film is its inner product with the film's vector. So everything is worked out on the vectors once,
and thousands of random rows cost no more than a matrix product each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

CHUNK_CELLS = 1 << 22  # numbers held at once by one step of a scan
NOTHING = 1e-6  # of a length: what is left is rounding


@dataclass(frozen=True, eq=False)
class Group:
    """One group of concepts, and what those of all other groups leave (nested regression).

    Attributes:
        own: bool (concepts,). basis: float64 (n, r), orthonormal columns that span the concepts of all other groups.
        concepts: float64 (own, n), what those leave of the group's own, with mean 0 and length 1; 0 where that is
            nothing.
        gram: float64 (d, d), of what they leave of the films' vectors. products: float64 (d, own), with `concepts`.
    """

    own: np.ndarray
    basis: np.ndarray
    concepts: np.ndarray
    gram: np.ndarray
    products: np.ndarray


@dataclass(frozen=True, eq=False)
class Nested:
    """Films' vectors and what is known of the films, ready to explain any row.

    Attributes:
        vectors: float64 (d, n), with mean 0. gram: float64 (d, d), of them.
        values: float64 (concepts, n), with mean 0 and length 1. groups: of them.
    """

    vectors: np.ndarray
    gram: np.ndarray
    values: np.ndarray
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, vectors: np.ndarray, values: np.ndarray, groups: Sequence[str]) -> Nested:
        """Take out of every group what all others explain.

        Args:
            vectors: float (n, d). values: float (concepts, n). groups: one name for each concept.
        """
        centred = vectors.T.astype(np.float64)
        centred -= centred.mean(1, keepdims=True)
        values = unit(values)
        return cls(centred, centred @ centred.T, values, tuple(_groups(centred, values, np.array(groups))))

    def explained(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Partial correlations, and shares of variance: float64 (rows, concepts) each, of rows float64 (rows, d)."""
        correlation, share = (np.zeros((len(weights), len(self.values))) for _ in range(2))
        total = _squared(weights, self.gram)
        for group in self.groups:
            left, product = _squared(weights, group.gram), weights @ group.products  # (rows, 1), (rows, own)
            share[:, group.own] = _ratio(product**2, total, 0)
            correlation[:, group.own] = _ratio(product, np.sqrt(left), NOTHING * np.sqrt(total))
        return correlation, share

    def by_all(self, weights: np.ndarray) -> np.ndarray:
        """float64 (rows,): the share of variance that all concepts explain at once."""
        responses = unit(weights @ self.vectors)  # (rows, n)
        return ((responses @ _basis(self.values)) ** 2).sum(1)

    def largest_by_chance(self, weights: np.ndarray, permutations: int, seed: int) -> np.ndarray:
        """float64 (permutations,): the largest |correlation| of any row and concept with the films dealt out anew."""
        largest, responses = np.zeros(permutations), weights @ self.vectors  # (rows, n)
        for group in self.groups if len(weights) else ():
            rows = unit(_without(responses, group.basis), among=responses)
            largest = np.maximum(largest, _largest_by_chance(rows, group.concepts, permutations, seed))
        return largest


def p_values(correlation: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """float64: the share of dealings whose largest correlation reaches each one; the films as they are count as one."""
    smaller = np.searchsorted(np.sort(largest), np.abs(correlation) - 1e-9)
    return (1 + len(largest) - smaller) / (1 + len(largest))


def halves(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """int64: the places 0..n - 1, dealt into two halves."""
    order = np.random.default_rng(seed).permutation(n)
    return np.sort(order[: n // 2]), np.sort(order[n // 2 :])


def held_out(weights: np.ndarray, parts: Sequence[Nested]) -> tuple[np.ndarray, np.ndarray]:
    """The concept that both halves of the films choose for each row, and its share on films it was not chosen on.

    Each half chooses the concept that explains most there, its share is read on the other half, and both are averaged.

    Returns:
        int64 (rows,), -1 where the halves choose different concepts or opposite signs; float64 (rows,), there 0.
    """
    signed = [np.sign(r) * share for r, share in (part.explained(weights) for part in parts)]
    if not signed[0].size:
        return np.full(len(weights), -1), np.zeros(len(weights))
    first, second = (np.abs(share).argmax(1) for share in signed)
    a, b = (share[np.arange(len(weights)), first] for share in signed)
    agreed = (first == second) & (a * b > 0)
    return np.where(agreed, first, -1), np.where(agreed, (np.abs(a) + np.abs(b)) / 2, 0.0)


def unit(rows: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Each row with mean 0 and length 1; all 0 where nothing is left of it, or next to nothing beside `among`'s."""
    centred = rows - rows.mean(1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    least = NOTHING * (1.0 if among is None else np.maximum(np.linalg.norm(among, axis=1, keepdims=True), 1e-12))
    return np.divide(centred, length, out=np.zeros_like(centred), where=length > least)


def _groups(vectors: np.ndarray, values: np.ndarray, groups: np.ndarray) -> Iterator[Group]:
    for group in dict.fromkeys(groups.tolist()):
        own = groups == group
        basis = _basis(values[~own])
        concepts, left = unit(_without(values[own], basis), among=values[own]), _without(vectors, basis)
        yield Group(own, basis, concepts, left @ left.T, left @ concepts.T)


def _basis(values: np.ndarray) -> np.ndarray:
    """float64 (n, r): orthonormal columns that span the rows of `values`."""
    _, size, across = np.linalg.svd(values, full_matrices=False)
    return across[size > 1e-8 * size.max(initial=0.0)].T if len(values) else np.zeros((values.shape[1], 0))


def _without(rows: np.ndarray, basis: np.ndarray) -> np.ndarray:
    return rows - (rows @ basis) @ basis.T


def _squared(weights: np.ndarray, gram: np.ndarray) -> np.ndarray:
    """float64 (rows, 1): the squared length of each row's responses to all films."""
    return np.maximum(((weights @ gram) * weights).sum(1, keepdims=True), 0)


def _ratio(values: np.ndarray, size: np.ndarray, least: np.ndarray | float) -> np.ndarray:
    """values / size; 0 where the size is not above the least."""
    return np.divide(values, size, out=np.zeros_like(values), where=(size > least) & (size > 0))


def _largest_by_chance(rows: np.ndarray, concepts: np.ndarray, permutations: int, seed: int) -> np.ndarray:
    """float64 (permutations,): the largest |row . concept| with the films dealt out anew; one seed, one dealing.

    Args:
        rows: float64 (rows, n). concepts: float64 (concepts, n).
    """
    rng, largest = np.random.default_rng(seed), []
    rows, concepts = rows.astype(np.float32), concepts.astype(np.float32)
    step = max(1, CHUNK_CELLS // max(concepts.size, 1))
    for low in range(0, permutations, step):
        some = min(step, permutations - low)
        order = np.stack([rng.permutation(rows.shape[1]) for _ in range(some)])  # (some, n)
        dealt = concepts[:, order].reshape(-1, rows.shape[1])  # (concepts * some, n)
        chance = np.abs(dealt @ rows.T).max(1).reshape(len(concepts), some)  # (concepts, some)
        largest.append(chance.max(0))
    return np.concatenate(largest)
