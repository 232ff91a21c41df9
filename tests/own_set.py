"""A data set of somebody's own, brought as a visitor brings it: 120 readers with words as ids, and 30 books."""

from __future__ import annotations

import numpy as np
import pytest

from caser import cli

QUICK = ("--epochs", "1", "--patience", "0", "--d", "4", "--no-refit", "--device", "cpu")


def make(folder) -> None:
    """The set `books`, with a table of the books that has columns of its own, and a Caser and an MF trained on it."""
    rng = np.random.default_rng(0)
    lines = [
        f"reader-{u},b{i},{rng.integers(1, 6)},{100 * t}"
        for u in range(120)
        for t, i in enumerate(rng.permutation(30)[: 8 + u % 8])
    ]
    (folder / "log.csv").write_text("\n".join(["reader,book,stars,when", *lines]))
    books = [
        f'b{i},"Book, the {i}",{1990 + i % 9},{"Poetry" if i % 2 else "Drama"},{10 * i},{"ABC"[i % 3]}'
        for i in range(30)
    ]
    (folder / "books.csv").write_text("\n".join(["book,title,year,genre,pages,shelf", *books]))
    with pytest.MonkeyPatch.context() as patch:
        here(patch, folder)
        assert cli.main([*command(folder), "--items", str(folder / "books.csv"), "--noun", "book"]) == 0
        for model in ("caser", "mf"):
            assert cli.main(["train", "--dataset", "books", "--model", model, "--name", f"b-{model}", *QUICK]) == 0


def run_quietly(*words: str) -> None:
    """Run a command that must end well."""
    assert cli.main([*words]) == 0


def here(patch, folder) -> None:
    """The folder is where data and checkpoints are looked for."""
    patch.setenv("CASER_DATA_DIR", str(folder / "data"))
    patch.setenv("CASER_CHECKPOINT_DIR", str(folder / "checkpoints"))
    patch.setenv("HOME", str(folder))


def command(folder, name: str = "books") -> list[str]:
    """The words that bring the log."""
    columns = ["--user", "reader", "--item", "book", "--rating", "stars", "--time", "when"]
    return ["data", "--import", str(folder / "log.csv"), "--name", name, *columns]
