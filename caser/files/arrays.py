"""One file of named arrays and a record, read whole and trusted in nothing: safetensors with JSON in its header.

No code can hide in such a file, and its header says how large everything is before anything is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from caser import files
from caser.files import BrokenFile

SUFFIX = ".safetensors"
RECORD, DIGEST = "record", "record_sha256"
Shapes = dict[str, tuple[int, ...]]


def write(path: Path, record: dict[str, Any], arrays: dict[str, Tensor]) -> None:
    """Write record and arrays, whole or not at all: the file is put in its place in one step.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps(record, allow_nan=False)
    header = {RECORD: text, DIGEST: hashlib.sha256(text.encode()).hexdigest()}
    whole = {name: array.detach().cpu().clone(memory_format=torch.contiguous_format) for name, array in arrays.items()}
    content = save(whole, header)
    files.replace(path, lambda aside: aside.write_bytes(content))


def read_record(path: Path) -> dict[str, Any]:
    """The record alone; only the file's header is read.

    Raises:
        BrokenFile: not a regular file of ours, or a record that was changed since it was written.
    """
    return _opened(path, _record)


def read(path: Path, check: Callable[[dict[str, Any], Shapes], None]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Record and arrays; `check` is given the record and every array's shape before one is read.

    Raises:
        BrokenFile: as `read_record`; and an array with a number that is not finite.
    """

    def everything(file) -> tuple[dict[str, Any], dict[str, Tensor]]:
        record, names = _record(file), list(file.keys())
        check(record, {name: tuple(file.get_slice(name).get_shape()) for name in names})
        arrays = {name: file.get_tensor(name).clone() for name in names}
        for name, array in arrays.items():
            if array.is_floating_point() and not array.isfinite().all():
                raise BrokenFile(f"{name} holds a number that is not finite")
        return record, arrays

    return _opened(path, everything)


def _opened(path: Path, use: Callable):
    try:
        files.require_regular(path)
        with safe_open(path, framework="pt") as file:
            return use(file)
    except OSError as error:
        raise BrokenFile(error.strerror or str(error)) from error
    except (SafetensorError, RecursionError, TypeError, RuntimeError) as error:
        raise BrokenFile(str(error).splitlines()[0] if str(error) else type(error).__name__) from error


def _record(file) -> dict[str, Any]:
    header = file.metadata() or {}
    text = header.get(RECORD, "")
    if hashlib.sha256(text.encode()).hexdigest() != header.get(DIGEST):
        raise BrokenFile("its record is not the one it was written with")
    try:
        record = json.loads(text)
    except ValueError as error:
        raise BrokenFile(f"its record cannot be read ({error})") from error
    if not isinstance(record, dict):
        raise BrokenFile("its record is no object")
    return record


def digest(arrays: dict[str, Tensor]) -> str:
    """Hex digest of the arrays: their names, types, shapes and content.

    >>> digest({"a": torch.zeros(2)}) == digest({"a": torch.zeros(2)}) != digest({"a": torch.zeros(1, 2)})
    True
    """
    found = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name].detach().cpu().contiguous()
        found.update(f"{name} {array.dtype} {tuple(array.shape)}".encode())
        found.update(array.reshape(-1).view(torch.uint8).numpy() if array.numel() else b"")
    return found.hexdigest()
