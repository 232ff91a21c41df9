"""A checkpoint's weights, packed for the browser.

The format, little endian: a uint32 with the length of a JSON header, the header, and the arrays one after the other,
each beginning at a multiple of four bytes. A packed array holds a float32 scale for each row, then whole numbers of 16
bits, or of 20: the lower 16 bits of each, then the upper four, two in a byte.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
import torch

from caser.checkpoint import Checkpoint
from caser.data.dataset import Split, evenly
from caser.data.histories import Histories
from caser.explain.filters import has_convolutions
from caser.models import Caser, Recommender
from caser.picture.data import words
from caser.recommend import to_numpy

FORMAT = 1
MOST_BYTES = 24_000_000  # beyond it the server scores and the browser draws
CHECKED = 200  # viewers whose lists decide whether few bits are enough
LISTED = 20  # films of a list that must keep their ranks
EXACT = 5e-5  # by how much packing may move a score
TABLES, MATRICES = 20, 16  # bits: one row of a table is all there is of a film; a matrix's errors average out
FULL = 32
_BITS = {"hidden": MATRICES, "horizontal": MATRICES, "horizontal_bias": FULL, "vertical": FULL}


@dataclass(frozen=True)
class Packed:
    """One array: its name and shape, the bits of a number, and its bytes."""

    name: str
    shape: tuple[int, ...]
    bits: int
    content: bytes

    @property
    def header(self) -> dict:
        return {"name": self.name, "shape": self.shape, "bits": self.bits, "bytes": len(self.content)}


@dataclass(frozen=True)
class Payload:
    """What the browser computes with.

    Attributes:
        about: the header without its arrays. arrays: in the order of the file.
    """

    about: dict
    arrays: tuple[Packed, ...]

    @cached_property
    def content(self) -> bytes:
        """The file."""
        header = json.dumps(self.about | {"arrays": [one.header for one in self.arrays]}, ensure_ascii=False).encode()
        header += b" " * (-len(header) % 4)
        parts = [len(header).to_bytes(4, "little"), header]
        for one in self.arrays:
            parts += [one.content, bytes(-len(one.content) % 4)]
        return b"".join(parts)

    @cached_property
    def digest(self) -> str:
        """Of the content: the name under which a browser keeps it."""
        return blake2b(self.content, digest_size=16).hexdigest()


def fits_browser(model: Recommender) -> bool:
    """Whether a browser can compute the model: a Caser whose weights are not too many to send."""
    return has_convolutions(model) and sum(array.size for array in _arrays(model).values()) * 4 <= MOST_BYTES


def pack(trained: Checkpoint, split: Split) -> Payload:
    """A Caser for the browser: in 16 and 20 bits where lists stay as they are, else in 32.

    Raises:
        ValueError: the model is no Caser.
    """
    model = trained.model
    if not has_convolutions(model):
        raise ValueError(f"{trained.name} is a {model.config.name} model; the browser computes Caser alone")
    arrays = _arrays(model)
    packed = _packed(arrays, _BITS)
    if not _same_lists(model, split, arrays, packed):
        packed = _packed(arrays, dict.fromkeys(arrays, FULL))
    return Payload(_about(trained, split), tuple(packed))


def _arrays(model: Caser) -> dict[str, np.ndarray]:
    """Every weight that a score depends on, as float32 rows; only those that the model has."""
    config = model.config
    weight, bias = model.item_table()
    arrays = {"items": model.items.weight[:-1], "output": weight, "output_bias": bias}
    if config.p:
        arrays["users"] = model.users.weight  # the anonymous visitor's row first
    if model.has_sequence_part:
        arrays |= {"hidden": model.hidden.weight, "hidden_bias": model.hidden.bias}
    if config.n_h:
        arrays["horizontal"] = torch.cat([part.flatten() for part in model.horizontal]).view(-1, config.d)
        arrays["horizontal_bias"] = model.horizontal_bias
    if config.n_v:
        arrays["vertical"] = model.vertical[:, 0, :, 0]
    return {name: to_numpy(array).astype(np.float32) for name, array in arrays.items()}


def _packed(arrays: dict[str, np.ndarray], bits: dict[str, int]) -> list[Packed]:
    chosen = {name: FULL if array.ndim == 1 else bits.get(name, TABLES) for name, array in arrays.items()}
    return [Packed(name, array.shape, chosen[name], packed(array, chosen[name])) for name, array in arrays.items()]


def packed(rows: np.ndarray, bits: int) -> bytes:
    """float32 (n, m) or (n,) as bytes; 16 and 20 bits are whole numbers with a scale for each row."""
    if bits == FULL:
        return rows.astype("<f4").tobytes()
    scale, whole = _whole(rows, bits)
    low = (whole & 0xFFFF).astype("<u2").tobytes()
    content = scale.astype("<f4").tobytes() + low + bytes(-len(low) % 4)
    if bits == MATRICES:
        return content
    high = ((whole >> 16) & 0xF).astype(np.uint8).ravel()
    high = np.append(high, np.zeros(len(high) % 2, np.uint8))
    return content + (high[::2] | high[1::2] << 4).tobytes()


def _whole(rows: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """float32 (n, 1) scales and int64 (n, m) numbers whose product is nearest to the rows."""
    scale = (np.abs(rows).max(1, keepdims=True) / (2 ** (bits - 1) - 1)).astype(np.float32)
    scale[scale == 0] = 1
    return scale, np.rint(rows.astype(np.float64) / scale).astype(np.int64)


def unpacked(one: Packed, rows: np.ndarray) -> np.ndarray:
    """The rows as the browser will have them."""
    if one.bits == FULL:
        return rows
    scale, whole = _whole(rows, one.bits)
    return (scale.astype(np.float64) * whole).astype(np.float32)


@torch.inference_mode()
def _same_lists(model: Caser, split: Split, arrays: dict[str, np.ndarray], packed: list[Packed]) -> bool:
    """Whether the heads of some viewers' lists keep their order, and all scores their value."""
    users = torch.as_tensor(evenly(split.evaluated, CHECKED))
    histories = Histories(split, "test", "cpu")
    windows = histories.windows(histories.end[users], model.L)
    before = _scores(model, arrays, users.numpy(), windows.numpy())
    after = _scores(
        model, {one.name: unpacked(one, arrays[one.name]) for one in packed}, users.numpy(), windows.numpy()
    )
    listed = min(LISTED, before.shape[1])
    same = np.argsort(-before, 1, "stable")[:, :listed] == np.argsort(-after, 1, "stable")[:, :listed]
    return bool(same.all() and np.abs(before - after).max() < EXACT)


def _scores(model: Caser, arrays: dict[str, np.ndarray], users: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """float64 (B, n_items): the model's scores with these weights, in double precision as the browser computes."""
    wide = {name: array.astype(np.float64) for name, array in arrays.items()}
    d, L, n_h = model.config.d, model.L, model.config.n_h
    E = np.concatenate([wide["items"], np.zeros((1, d))])[windows]  # (B, L, d)
    features = [np.einsum("vl,bld->bvd", wide["vertical"], E).reshape(len(E), -1)] if "vertical" in wide else []
    first = 0
    for h in range(1, L + 1) if n_h else ():
        rows = wide["horizontal"][first : first + n_h * h].reshape(n_h, h * d)
        first += n_h * h
        over = np.stack([E[:, at : at + h].reshape(len(E), -1) for at in range(L - h + 1)], 1)  # (B, L - h + 1, h d)
        features.append(np.maximum((over @ rows.T).max(1) + wide["horizontal_bias"][h - 1], 0))  # (B, n_h)
    query = []
    if features:
        query.append(np.maximum(np.concatenate(features, 1) @ wide["hidden"].T + wide["hidden_bias"], 0))
    if "users" in wide:
        query.append(wide["users"][users + 1])
    return np.concatenate(query, 1) @ wide["output"].T + wide["output_bias"]


def _about(trained: Checkpoint, split: Split) -> dict:
    """What the picture says and offers beside numbers."""
    model, dataset = trained.model, split.dataset
    config = model.config
    _, visible = Histories(split, "test").visible()
    return {
        "format": FORMAT,
        "name": trained.name,
        "dataset": dataset.name,
        "d": config.d,
        "L": model.L,
        "n_h": config.n_h,
        "n_v": config.n_v,
        "n_items": model.n_items,
        "n_users": model.n_users,
        "temperature": trained.metadata.temperature,
        "ids": dataset.item_ids.tolist(),
        "titles": dataset.labels,
        "watched": np.bincount(visible.numpy(), minlength=dataset.n_items).tolist(),
        "words": words(),
    }
