"""Does the history look like history? Simulated against observed, point by point.

The scaled error of a point is |simulated - observed| over the series' scale: the larger of the rounding of the
published figure and the mean absolute yearly change of the series inside the window (15 % of the value where the
window holds fewer than two years). Below 1 is a hit. A constant (the window's first value held) and a linear trend
(least squares over the window itself, so it has seen the answers) are scored beside the model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ipplan import data, schema
from ipplan.indicators import IndicatorFrame

WINDOW = range(2017, 2022)
"""Years of the first fit; what came later is kept for tests."""
SHARE_WITHOUT_CHANGE = 0.15
WHOLE = 1.0
"""A scaled error below this is a hit."""


@dataclass(frozen=True)
class Point:
    """One observed value the model is held against; ``scale`` in the unit of the series."""

    series: str
    year: int
    observed: float
    status: str
    scale: float


def rounding(value: float) -> float:
    """Return the unit of the last digit that a published figure shows: 530000 -> 10000, 16.5 -> 0.1."""
    if value == 0:
        return 1.0
    text = f"{value:.10g}"
    if "." in text:
        return float(10.0 ** -len(text.split(".")[1]))
    return float(10.0 ** (len(text) - len(text.rstrip("0"))))


def scale_of(observed: Mapping[int, float], year: int) -> float:
    """Return the scale of a point from the series' values inside the window."""
    years = sorted(observed)
    if len(years) < 2:
        return max(rounding(observed[year]), SHARE_WITHOUT_CHANGE * abs(observed[year]))
    changes = [abs(observed[b] - observed[a]) / (b - a) for a, b in pairwise(years)]
    return max(rounding(observed[year]), float(np.mean(changes)))


@cache
def points(window: range = WINDOW) -> tuple[Point, ...]:
    """Return all points of the window: series that are an indicator of the model, and not mere context."""
    found = []
    for name in schema.indicators():
        if name not in data.series() or data.series()[name].role == "context":
            continue
        inside = {year: seen for year, seen in data.observed(name).items() if year in window}
        values = {year: seen.value for year, seen in inside.items()}
        for year, seen in sorted(inside.items()):
            found.append(Point(name, year, seen.value, seen.status, scale_of(values, year)))
    return tuple(found)


def simulated(frame: IndicatorFrame, wanted: Sequence[Point]) -> NDArray[np.float64]:
    """Return the model's value for each point (NaN where the run does not reach the year)."""
    values = np.full(len(wanted), math.nan)
    for place, point in enumerate(wanted):
        if point.year in frame.years:
            values[place] = frame.by_year(point.series)[frame.years.index(point.year)]
    return values


def errors(values: NDArray[np.float64], wanted: Sequence[Point]) -> NDArray[np.float64]:
    """Return signed scaled errors."""
    observed = np.array([point.observed for point in wanted])
    scales = np.array([point.scale for point in wanted])
    result: NDArray[np.float64] = (values - observed) / scales
    return result


def constant(wanted: Sequence[Point]) -> NDArray[np.float64]:
    """Return the benchmark that holds each series at its first value in the window."""
    first: dict[str, float] = {}
    for point in sorted(wanted, key=lambda p: p.year):
        first.setdefault(point.series, point.observed)
    return np.array([first[point.series] for point in wanted])


def trend(wanted: Sequence[Point]) -> NDArray[np.float64]:
    """Return the benchmark of a straight line through each series' own points (one point: the point itself)."""
    by_series: dict[str, list[Point]] = {}
    for point in wanted:
        by_series.setdefault(point.series, []).append(point)
    lines = {}
    for name, mine in by_series.items():
        years = np.array([p.year for p in mine], float)
        seen = np.array([p.observed for p in mine])
        lines[name] = np.polyfit(years, seen, 1) if len(mine) > 1 else np.array([0.0, seen[0]])
    return np.array([np.polyval(lines[p.series], p.year) for p in wanted])


def hit_share(scaled: NDArray[np.float64]) -> float:
    """Return the share of points with a scaled error below 1 (a missing value is a miss)."""
    return float(np.mean(np.abs(np.nan_to_num(scaled, nan=np.inf)) < WHOLE))


@cache
def suspected_causes() -> Mapping[str, str]:
    """Return why we think a series is missed, by series (data/misses.csv); an opinion, not a finding."""
    return {row["series"]: row["suspected_cause"] for row in data.read("misses.csv")}
