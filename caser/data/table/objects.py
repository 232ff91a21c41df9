"""JSON as a table: an object a row, what is within an object as columns, what is in a list as rows."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from caser.data.table.names import LIKELY, hints

LONGEST = 200  # letters of what is said again beside each item of a list; longer texts are no ids and left out
FAULTS = (pa.ArrowException, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
_LINES = re.compile(rb"\}\s*\n\s*\{")  # between two objects of a file with one a line
_DEEPEST = 4  # objects within objects


def rows(data: bytes) -> pa.Table:
    """One object a line, a list of objects, or either within an object, as a table; lists that are left stay lists.

    A field "id" within "user" is the column "user.id". Where no field by itself may be the item, each value of the
    longest list is a row, as where a session holds its clicks, or a name its items.

    Raises:
        One of `FAULTS`: no JSON of objects.
    """
    found = _flat(_by_name(_parsed(data)))
    column = _several(found)
    return _flat(_exploded(found, column)) if column else found


def _parsed(data: bytes) -> pa.Table:
    if _LINES.search(data):
        with suppress(pa.ArrowInvalid):  # where each field is of one kind
            return pa.json.read_json(io.BytesIO(data), pa.json.ReadOptions(block_size=max(1 << 20, len(data))))
        objects = [json.loads(line) for line in data.splitlines() if line.strip()]
    else:
        value = json.loads(data)
        if (whole := _whole(value)) is not None:
            return whole
        objects = value if isinstance(value, list) else [value]
    names = dict.fromkeys(name for one in objects for name in one)
    return pa.table({name: of_one_kind([one.get(name) for one in objects]) for name in names})


def _whole(value: object) -> pa.Table | None:
    """A list of rows, or a table as pandas writes one, by column or with its columns beside its rows; None for others.

    >>> _whole({"a": {"0": 7, "1": 8}}).to_pylist(), _whole({"columns": ["a"], "data": [[7]]}).to_pylist()
    ([{'a': 7}, {'a': 8}], [{'a': 7}])
    """
    if isinstance(value, dict) and isinstance(value.get("columns"), list) and "data" in value:
        return _of_rows(value["columns"], value["data"])
    if isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values()):
        alike = len({tuple(one) for one in value.values()}) == 1
        return pa.table({name: of_one_kind([*one.values()]) for name, one in value.items()}) if alike else None
    if isinstance(value, list) and value and all(isinstance(one, list) for one in value):
        return _of_rows([f"column {place + 1}" for place in range(len(value[0]))], value)
    return None


def _of_rows(names: list, rows: list[list]) -> pa.Table:
    if any(len(row) != len(names) for row in rows):
        raise ValueError(f"its rows do not have {len(names)} values each")
    return pa.table(dict(zip(map(str, names), map(of_one_kind, zip(*rows, strict=True)), strict=True)))


def of_one_kind(values: Sequence) -> pa.Array:
    """The values of a field, as texts where numbers stand beside words; lists that differ without what they hold."""
    kinds = {type(value) for value in values if value is not None}
    if kinds & {dict, list}:
        with suppress(pa.ArrowInvalid, pa.ArrowTypeError):
            return pa.array(values)
        return pa.array([[]] * len(values), pa.list_(pa.null()))
    mixed = len(kinds) > 1 and kinds != {int, float}
    return pa.array([str(value) if mixed and value is not None else value for value in values])


def _by_name(table: pa.Table) -> pa.Table:
    """One object whose fields are lists of single values, {"ann": [3, 1]}, as a row for each; others as they are."""
    lists = [field for field in table.schema if pa.types.is_list(field.type)]
    if len(table) != 1 or not 1 < len(lists) == table.num_columns or any(map(_holds_nested, lists)):
        return table
    return pa.table({"user": table.column_names, "item": pa.array([column[0].as_py() for column in table.columns])})


def _holds_nested(field: pa.Field) -> bool:
    return pa.types.is_nested(field.type.value_type)


def _flat(table: pa.Table) -> pa.Table:
    """The fields of objects as columns."""
    for _ in range(_DEEPEST):
        if any(pa.types.is_struct(field.type) for field in table.schema):
            table = table.flatten()
    return table


def _several(table: pa.Table) -> str:
    """The column of lists that hold the items, "" where there is none, or a column of single values may be the item."""
    if any(hints(field.name)["item"] >= LIKELY for field in table.schema if not pa.types.is_nested(field.type)):
        return ""
    lists = [field.name for field in table.schema if pa.types.is_list(field.type)]
    counts = {name: pc.sum(pc.list_value_length(table.column(name))).as_py() or 0 for name in lists}
    best = max(counts, key=counts.__getitem__, default="")
    return best if counts.get(best) else ""


def _exploded(table: pa.Table, column: str) -> pa.Table:
    lists = table.column(column).combine_chunks()
    parents = pc.list_parent_indices(lists)
    others = [name for name in table.column_names if name != column and _is_short(table.column(name))]
    return pa.table({**{name: table.column(name).take(parents) for name in others}, column: pc.list_flatten(lists)})


def _is_short(column: pa.ChunkedArray) -> bool:
    if pa.types.is_nested(column.type):
        return False
    return not pa.types.is_string(column.type) or (pc.max(pc.utf8_length(column)).as_py() or 0) <= LONGEST
