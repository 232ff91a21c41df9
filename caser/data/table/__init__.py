"""Somebody's own interactions become a data set: CSV, TSV, Parquet, RecBole's and MovieLens' files, sequence lines."""

from __future__ import annotations

from caser.data.table.frames import opened_frame
from caser.data.table.layout import Layout, Roles
from caser.data.table.opening import ENDINGS, Opened, TableError, Undecided, most_bytes, opened, opened_file
from caser.data.table.parts import described, pair
from caser.data.table.preparing import Prepared, Settings, Step, prepare
from caser.data.table.reading import Interactions, layout, preview, read
from caser.data.table.roles import Proposal, proposal

__all__ = [
    "ENDINGS",
    "Interactions",
    "Layout",
    "Opened",
    "Prepared",
    "Proposal",
    "Roles",
    "Settings",
    "Step",
    "TableError",
    "Undecided",
    "described",
    "layout",
    "most_bytes",
    "opened",
    "opened_file",
    "opened_frame",
    "pair",
    "prepare",
    "preview",
    "proposal",
    "read",
]
