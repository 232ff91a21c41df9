"""A data frame of pandas, polars or any other that narwhals knows, opened as a file would be."""

from __future__ import annotations

import io
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet

from caser.data.table.objects import of_one_kind
from caser.data.table.opening import Opened, TableError


def opened_frame(frame: Any, name: str = "the frame") -> Opened:
    """The rows of a data frame, whose index is not read, as a Parquet file in memory.

    Raises:
        TableError: it is no data frame, has two columns of one name, or a column whose values no table can hold.
    """
    try:
        columns = [*nw.from_native(frame, eager_only=True).iter_columns()]
    except (TypeError, ValueError, nw.exceptions.NarwhalsError) as error:
        raise TableError(
            f"{name} is a {type(frame).__name__}, not rows with named columns ({str(error).splitlines()[0][:200]}); "
            "give a data frame of pandas or polars, of which a lazy one is collected first"
        ) from None
    table = pa.table({str(column.name): _arrow(column, name) for column in columns})
    packed = io.BytesIO()
    pa.parquet.write_table(table, packed)
    return Opened(name, packed.getvalue())


def _arrow(column: nw.Series, name: str) -> pa.Array:
    try:
        return column.to_arrow()
    except pa.ArrowException:  # numbers stand beside words
        values = [None if value != value else value for value in column.to_list()]
    try:
        return of_one_kind(values)
    except pa.ArrowException as error:
        raise TableError(f"{name}: the column {column.name!r} cannot be read ({error}); make it text") from None
