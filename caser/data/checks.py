"""What is asked of arrays that come from outside: each check returns the array, or says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def whole_numbers(what: str, values: Iterable[int]) -> np.ndarray:
    """The values as an array (n,) of their own whole-number type; ValueError, which names `what`, if there is another
    kind among them."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{what} has the shape {array.shape}; give a flat array, one number for each")
    if array.dtype.kind not in "iu" and array.size:
        raise ValueError(f"{what} is of type {array.dtype}, such as {array[:1].tolist()[0]!r}; give whole numbers")
    if array.dtype.kind == "u" and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{what} holds {array.max()}; give numbers below 2^63")
    return array


def within(n: int, items: Iterable[int]) -> np.ndarray:
    """int64 (m,): the items, which must be dense ids of a catalogue of n; ValueError names the first that is not."""
    array = whole_numbers("the list of items", items).astype(np.int64, copy=False)
    wrong = array[(array < 0) | (array >= n)]
    if len(wrong):
        raise ValueError(f"no item {wrong[0]} in a catalogue of {n}; give dense ids from 0 to {n - 1}")
    return array


def same_length(**arrays) -> None:
    """ValueError, which names each, unless all arrays are of one length."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"the lengths differ: {said}; give one value of each for every row")


def at_least(low: int, **numbers: int) -> None:
    """ValueError, which names it, unless every number is whole and not below `low`."""
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < low:
            raise ValueError(f"{name} is {number!r}; give a whole number, at least {low}")
