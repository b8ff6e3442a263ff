"""Growing columns: capacity doubles, ids stay, views show a row with its field names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


def grown(column: NDArray[Any], capacity: int) -> NDArray[Any]:
    """Return ``column`` with room for ``capacity`` rows (the old rows first, zeros after)."""
    if len(column) >= capacity:
        return column
    wider = np.zeros((capacity, *column.shape[1:]), column.dtype)
    wider[: len(column)] = column
    return wider


def moved(column: NDArray[Any], used: int, capacity: int) -> NDArray[Any]:
    """Return a column for ``capacity`` rows with the first ``used`` of ``column``; what is behind them is undefined.

    So memory is only touched, and so only taken, as rows come into use.
    """
    wider = np.empty(capacity, column.dtype)
    wider[:used] = column[:used]
    return wider


def whole(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares that add up to one: as they stand where they do (but for rounding), else scaled."""
    total = float(shares.sum())
    return shares if abs(total - 1.0) < 1e-12 else shares / total


def roomy(used: int, extra: int) -> int:
    """Return a capacity for twice ``used + extra`` rows: growth copies; pages that are never touched cost nothing."""
    return 2 * (used + extra) + 64


def row(columns: NamedTuple, index: int) -> Mapping[str, Any]:
    """Return a read-only view of one row: field name -> value, or a list where a field has several.

    Fields that are not as long as the first (totals, books) are no part of a row. IndexError if there is no such row.
    """
    fields = columns._asdict()
    length = len(next(iter(fields.values())))
    if not 0 <= index < length:
        raise IndexError(f"row {index} of {type(columns).__name__}: there are {length}")
    return MappingProxyType({name: values[index].tolist() for name, values in fields.items() if len(values) == length})
