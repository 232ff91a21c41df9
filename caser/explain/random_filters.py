"""Filters that learnt nothing, on films' vectors that did: what a trained filter has to beat."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from caser.explain.records import Record
from caser.explain.shares import Nested, held_out, p_values
from caser.models import Caser

SIGNIFICANCE = 0.05
ROWS = 10_000  # random rows that a percentile is read from
SETS = 50  # of as many random filters as the model has, that are named as its own are


@dataclass(frozen=True, eq=False)
class Baseline(Record):
    """What random filters reach where the model's own are named.

    Attributes:
        share_95: float64 (L,), by height - 1: the held-out share of its best row that 5 % of random filters exceed.
        named: int64 (sets,), how many filters of each set get a name. The sets are others than `share_95` is read from.
    """

    share_95: np.ndarray
    named: np.ndarray


def baseline(
    whole: Nested, parts: tuple[Nested, Nested], heights: np.ndarray, largest: np.ndarray, seed: int
) -> Baseline:
    """Name random filters exactly as the model's own.

    A row is a random direction in the space of the films' vectors. Neither a filter's size nor its bias changes which
    concepts a row goes with, so they are left out.

    Args:
        whole, parts: all films, and their two halves. heights: int64 (filters,). largest: as `p_values` takes it.
    """
    rng, d = np.random.default_rng(seed), len(whole.vectors)
    tallest = int(heights.max(initial=0))
    _, share = held_out(rng.normal(size=(ROWS, d)), parts)
    # The best of h rows exceeds what a row exceeds with probability 1 - level ** h.
    levels = (1 - SIGNIFICANCE) ** (1 / np.arange(1, tallest + 1))
    levels += 2 * np.sqrt(levels * (1 - levels) / ROWS)  # two standard errors, so that no more than 5 % exceed it
    share_95 = np.quantile(share, levels, method="higher")
    least = np.repeat(share_95[heights - 1], heights)  # (rows,)
    named = np.zeros(SETS, np.int64)
    for at in range(SETS if len(heights) else 0):
        weights = rng.normal(size=(len(least), d))
        concept, share = held_out(weights, parts)
        good = significant(concept, p_values(whole.explained(weights)[0], largest)) & (share > least)
        named[at] = np.logical_or.reduceat(good, np.cumsum(heights) - heights).sum()
    return Baseline(share_95, named)


def significant(concept: np.ndarray, p_value: np.ndarray) -> np.ndarray:
    """bool (rows,): whether each row's concept, -1 for none, is significant."""
    if not p_value.size:
        return np.zeros(len(concept), bool)
    return (concept >= 0) & (p_value[np.arange(len(concept)), concept] < SIGNIFICANCE)


# ---- whole models


def random_directions(model: Caser, seed: int) -> Caser:
    """The model with horizontal filters of random directions, of the same size and bias."""
    generator = torch.Generator().manual_seed(seed)
    return _with_filters(model, [torch.randn(weight.shape, generator=generator) for weight in model.horizontal])


def random_mixtures(model: Caser, seed: int) -> Caser:
    """The model with random mixtures of its own horizontal filters of each height, of the same size and bias."""
    generator = torch.Generator().manual_seed(seed)
    mixed = []
    for weight in model.horizontal:
        shares = torch.randn(len(weight), len(weight), generator=generator)
        mixed.append((shares @ weight.cpu().flatten(1)).reshape(weight.shape))
    return _with_filters(model, mixed)


def _with_filters(model: Caser, filters: list[Tensor]) -> Caser:
    """A copy that shares every other weight."""
    twin = copy.deepcopy(model, {id(weight): weight for weight in model.parameters()})
    sized = []
    for own, new in zip(model.horizontal, filters, strict=True):
        new = new.to(own.device)
        scale = own.flatten(1).norm(dim=1) / new.flatten(1).norm(dim=1).clamp_min(1e-12)  # (n_h,)
        sized.append(nn.Parameter(new * scale[:, None, None, None], requires_grad=False))
    twin.horizontal = nn.ParameterList(sized)
    return twin
