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


def roomy(used: int, extra: int) -> int:
    """Return a capacity for ``used + extra`` rows with a quarter to spare, so that growth is rare."""
    return int((used + extra) * 1.25) + 64


def row(columns: NamedTuple, index: int) -> Mapping[str, Any]:
    """Return a read-only view of one row of a table of equally long columns."""
    fields = columns._asdict()
    return MappingProxyType({name: values[index].item() for name, values in fields.items()})
