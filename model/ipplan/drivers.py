"""Dated exogenous paths: R&D, population, firms, examiners, the aims of the office.

``data/drivers.csv`` holds one value a year with its status and source; what lies beyond the last datum is an assumed
row that says why. Between the years a path runs log-linearly: a ``stock`` is reached at the end of December, a
``flow`` (a yearly amount or average) at mid-year, and is stated per year in every month. Outside its years a path
stays at its first or last value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ipplan import clock, data
from ipplan.errors import InputError, nearest

_DECEMBER = 11.0
_MID_YEAR = 5.5
_KINDS = {"stock": _DECEMBER, "flow": _MID_YEAR}


Overrides = Mapping[str, Mapping[int, float]]
"""What a scenario puts in place of dated paths: driver -> year -> value, in the driver's unit."""


READ = (
    "population", "rd_expenditure", "gdp", "enterprise_population", "high_tech_enterprises", "online_retail",
    "foreign_families_due", "inclusive_credit", "examiners_invention", "examiners_utility_model", "examiners_design",
    "examiners_trademark", "pendency_target", "trademark_pendency_target",
)  # fmt: skip
"""The drivers the engine reads, and a scenario may change; the others are kept for comparison."""


@dataclass(frozen=True)
class Point:
    """One year of a driver; ``status`` is that of an observation, or ``assumed`` with the reason in ``note``."""

    year: int
    value: float
    status: str
    source: str
    note: str


@dataclass(frozen=True)
class Driver:
    """A dated path: ``kind`` stock or flow, its unit and its points by year."""

    id: str
    kind: str
    unit: str
    points: tuple[Point, ...]


@cache
def drivers() -> Mapping[str, Driver]:
    """Return id -> driver; InputError if a driver has two units, kinds or values for a year, or one not above zero."""
    points: dict[str, list[Point]] = {}
    heads: dict[str, tuple[str, str]] = {}
    for row in data.read("drivers.csv"):
        name = row["driver"]
        if heads.setdefault(name, (row["kind"], row["unit"])) != (row["kind"], row["unit"]):
            raise InputError(f"drivers.csv: '{name}' has two kinds or units.")
        point = Point(int(row["year"]), float(row["value"]), row["status"], row["source"], row["note"])
        if row["kind"] not in _KINDS or not point.value > 0:
            raise InputError(f"drivers.csv: '{name}' {point.year}: needs a kind (stock, flow) and a value above zero.")
        points.setdefault(name, []).append(point)
    found = {}
    for name, (kind, unit) in heads.items():
        ordered = sorted(points[name], key=lambda point: point.year)
        if len({point.year for point in ordered}) < len(ordered):
            raise InputError(f"drivers.csv: '{name}' has two values for one year.")
        found[name] = Driver(name, kind, unit, tuple(ordered))
    return MappingProxyType(found)


def path(name: str, months: range, given: Overrides | None = None) -> NDArray[np.float64]:
    """Return a driver's value in each month, in its own unit; InputError for an unknown driver.

    ``given`` holds what a scenario puts in its place, by driver and year: the path is multiplied by a factor that is 1
    up to the year before the first given one, meets the given values, runs log-linearly between them, and stays.
    """
    table = drivers()
    if name not in table:
        raise InputError(f"unknown driver '{name}'.{nearest(name, table)}")
    driver = changed(table[name], (given or {}).get(name, {}))
    known = np.array([clock.month_of(point.year) + _KINDS[driver.kind] for point in driver.points])
    logs = np.log([point.value for point in driver.points])
    found: NDArray[np.float64] = np.exp(np.interp(np.asarray(months, dtype=np.float64), known, logs))
    return found


def changed(driver: Driver, values: Mapping[int, float]) -> Driver:
    """Return a driver with the values of a scenario in place of its own, year by year; growth beyond them is kept."""
    if not values:
        return driver
    years = np.array([point.year for point in driver.points], dtype=np.float64)
    own = np.array([point.value for point in driver.points])
    at = np.array(sorted(values), dtype=np.float64)
    factors = np.log([values[int(year)] for year in at]) - np.interp(at, years, np.log(own))
    shift = np.interp(years, np.concatenate([[at[0] - 1.0], at]), np.concatenate([[0.0], factors]))
    points = tuple(
        replace(point, value=float(values.get(point.year, point.value * np.exp(step))), status="assumed")
        if step != 0.0 or point.year in values else point
        for point, step in zip(driver.points, shift, strict=True)
    )
    return replace(driver, points=points)
