"""The tidy table of runs: one row a run, replicate, month, indicator, province and group."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ipplan import clock, data
from ipplan.indicators.evaluate import NATION, IndicatorFrame
from ipplan.indicators.plan import ALL

_TEXT = pa.dictionary(pa.int16(), pa.string())
SCHEMA = pa.schema(
    [
        ("run", _TEXT), ("replicate", pa.int32()), ("month", _TEXT), ("indicator", _TEXT), ("province", _TEXT),
        ("group", _TEXT), ("value", pa.float64()),
    ]
)  # fmt: skip
"""Columns of indicators.parquet. ``month`` is text such as ``2026-01``; provinces stand under December."""


@cache
def _month_names() -> tuple[str, ...]:
    return tuple(clock.label(number) for number in range(clock.LAST_END))


@cache
def _province_names() -> tuple[str, ...]:
    return (NATION, *(province.name_en for province in data.provinces()))


def _numbers(values: NDArray[np.generic], kind: pa.DataType) -> pa.Array:
    """Return numbers as Arrow's; ``pa.array`` would import pandas first, half a second of a fresh start."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


@cache
def _texts(names: tuple[str, ...]) -> pa.Array:
    coded = [name.encode() for name in names]
    ends = np.cumsum([0, *map(len, coded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(names), pa.py_buffer(ends), pa.py_buffer(b"".join(coded)))


def _column(codes: NDArray[np.int16], names: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(_numbers(codes, pa.int16()), _texts(names))


def _grid(*axes: NDArray[np.int16]) -> list[NDArray[np.int16]]:
    return [axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")]


def tidy(frame: IndicatorFrame, run: str, replicate: int) -> pa.Table:
    """Return a run's indicators as a table with ``SCHEMA``: national by month, provinces by year (at December).

    Values that do not exist (nothing to divide by) have no row.
    """
    indicators = tuple(dict.fromkeys(indicator for indicator, _ in frame.keys))
    groups = tuple(dict.fromkeys(group for _, group in frame.keys))
    small = np.int16
    which = np.arange(len(frame.keys), dtype=small)
    indicator_of = np.array([indicators.index(indicator) for indicator, _ in frame.keys], small)
    group_of = np.array([groups.index(group) for _, group in frame.keys], small)

    series, months = _grid(which, np.arange(frame.months.start, frame.months.stop, dtype=small))
    decembers = np.array([clock.month_of(year, 12) for year in frame.years], small)
    home = np.array([indicators.index(indicator) for indicator in frame.provincial_keys], small)
    p_series, p_months, provinces = _grid(home, decembers, np.arange(1, len(_province_names()), dtype=small))

    values = np.concatenate([frame.monthly.ravel(), frame.provincial.ravel()])
    there = np.isfinite(values)
    columns = {
        "month": (np.concatenate([months, p_months]), _month_names()),
        "indicator": (np.concatenate([indicator_of[series], p_series]), indicators),
        "province": (np.concatenate([np.zeros_like(series), provinces]), _province_names()),
        "group": (np.concatenate([group_of[series], np.full_like(p_series, groups.index(ALL))]), groups),
    }
    coded = {name: _column(codes[there], names) for name, (codes, names) in columns.items()}
    rows = int(there.sum())
    table = {
        "run": _column(np.zeros(rows, small), (run,)),
        "replicate": _numbers(np.full(rows, replicate, np.int32), pa.int32()),
        **coded,
        "value": _numbers(values[there], pa.float64()),
    }
    return pa.Table.from_arrays([table[name] for name in SCHEMA.names], schema=SCHEMA)
