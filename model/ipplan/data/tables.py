"""The packaged tables, read once each: observed values, series, provinces, timeline.

Every loader is cached and returns frozen rows. Nothing is interpolated: a year without a published value is absent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from ipplan import world
from ipplan.errors import InputError, nearest


@dataclass(frozen=True)
class Observation:
    """A full-year flow or a year-end stock.

    ``status`` is official, rounded, derived, recalled or secondary (see data/README.md).
    """

    series: str
    year: int
    value: float
    status: str
    source: str
    source_url: str
    note: str


@dataclass(frozen=True)
class PartialObservation:
    """A part-year flow or a stock at another date; ``period`` is text such as ``2024-06`` or ``2024-Q1-Q3``."""

    series: str
    period: str
    value: float
    status: str
    source: str
    source_url: str
    note: str


@dataclass(frozen=True)
class Series:
    """What a series counts.

    ``kind`` is flow, stock, rate, share, score or level; ``role`` is calibrate, validate or context.
    """

    id: str
    group: str
    title_en: str
    title_zh: str
    unit: str
    kind: str
    scope: str
    definition: str
    breaks: str
    quality: str
    role: str


@dataclass(frozen=True)
class Province:
    """A mainland province; ``index`` is its place in the world (0..30); absent numbers are None.

    ``population`` is in 10,000 residents (end of 2022), stocks are rights in force, ``pct`` are applications received.
    """

    index: int
    name_en: str
    name_zh: str
    code: int
    region: str
    population_10k_2022: float
    figures: Mapping[str, float | None]

    def figure(self, column: str) -> float | None:
        """Return a further column of provinces.csv, such as ``valid_utility_models_2017``; None where not available."""
        return self.figures[column]


@dataclass(frozen=True)
class Event:
    """A dated row of the policy timeline; ``event`` is start, change, end or milestone."""

    date: str
    measure: str
    event: str
    what: str
    source: str
    source_url: str
    status: str


@dataclass(frozen=True)
class TargetRow:
    """A planned value with its base, as in targets.csv."""

    plan: str
    series: str
    unit: str
    baseline_year: int | None
    baseline: float | None
    target_year: int
    target: float
    direction: str
    binding: bool
    source: str
    source_url: str


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a packaged CSV file."""
    text = files("ipplan.data").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def _number(text: str) -> float | None:
    return float(text) if text else None


@cache
def _observations() -> Mapping[str, Mapping[int, Observation]]:
    table: dict[str, dict[int, Observation]] = {name: {} for name in series()}
    for row in read("observed.csv"):
        point = Observation(row["series"], int(row["year"]), float(row["value"]), row["status"], row["source"],
                            row["source_url"], row["note"])
        table[point.series][point.year] = point
    return MappingProxyType({name: MappingProxyType(points) for name, points in table.items()})


def observed(name: str) -> Mapping[int, Observation]:
    """Return year -> observation of a series (empty if nothing was published); InputError for an unknown series."""
    table = _observations()
    if name not in table:
        raise InputError(f"unknown series '{name}'.{nearest(name, table)}")
    return table[name]


@cache
def observed_partial(name: str) -> tuple[PartialObservation, ...]:
    """Return the part-year observations of a series, in the order of the file."""
    return tuple(
        PartialObservation(row["series"], row["period"], float(row["value"]), row["status"], row["source"],
                           row["source_url"], row["note"])
        for row in read("observed_partial.csv")
        if row["series"] == name
    )


@cache
def series() -> Mapping[str, Series]:
    """Return series id -> what it counts."""
    rows = read("series.csv")
    return MappingProxyType({
        row["series"]: Series(row["series"], row["group"], row["title_en"], row["title_zh"], row["unit"], row["kind"],
                              row["scope"], row["definition"], row["breaks"], row["quality"], row["role"])
        for row in rows
    })


@cache
def provinces() -> tuple[Province, ...]:
    """Return the 31 mainland provinces in the order of the world's province index."""
    known = ("name_en", "name_zh", "code", "region", "population_10k_2022")
    rows = read("provinces.csv")
    if len(rows) != world.N_PROVINCES:
        raise InputError(f"provinces.csv holds {len(rows)} provinces instead of {world.N_PROVINCES}.")
    return tuple(
        Province(place, row["name_en"], row["name_zh"], int(row["code"]), row["region"],
                 float(row["population_10k_2022"]),
                 MappingProxyType({key: _number(text) for key, text in row.items() if key not in known}))
        for place, row in enumerate(rows)
    )


@cache
def _province_names() -> Mapping[str, int]:
    names: dict[str, int] = {}
    for place in provinces():
        names[place.name_en.lower()] = names[place.name_zh] = names[str(place.code)] = place.index
    return names


def province(name: str | int) -> Province:
    """Return the province with this English name (any case), Chinese name or two-digit code.

    A full Chinese name such as 广东省 or 北京市 is understood; InputError names the nearest right name otherwise.
    """
    names = _province_names()
    key = str(name).strip().lower()
    if key in names:
        return provinces()[names[key]]
    for place in provinces():
        if len(key) > len(place.name_zh) and key.startswith(place.name_zh) and key[-1] in "省市区":
            return place
    known = [text for place in provinces() for text in (place.name_en, place.name_zh, str(place.code))]
    raise InputError(f"unknown province '{name}'.{nearest(name, known)}")


@cache
def timeline() -> tuple[Event, ...]:
    """Return the policy timeline, 2015-2026, by date."""
    return tuple(Event(**row) for row in read("policy_timeline.csv"))


@cache
def targets() -> tuple[TargetRow, ...]:
    """Return the planned values of targets.csv."""
    return tuple(
        TargetRow(row["plan"], row["series"], row["unit"], int(row["baseline_year"]) if row["baseline_year"] else None,
                  _number(row["baseline"]), int(row["target_year"]), float(row["target"]), row["direction"],
                  row["binding"] == "true", row["source"], row["source_url"])
        for row in read("targets.csv")
    )


@dataclass(frozen=True)
class PlanRow:
    """A row of a plan: which ``part`` of it says ``what``, and the measure that stands for it in the model."""

    plan: str
    part: str
    what: str
    measure: str


@cache
def plan_rows() -> tuple[PlanRow, ...]:
    """Return the rows of the seven deployments and of the 14th plan; a measure may stand for several."""
    return tuple(PlanRow(row["plan"], row["part"], row["what"], row["measure"]) for row in read("plan_rows.csv"))


@cache
def measure_tests() -> Mapping[str, str]:
    """Return measure -> the test of its own that shows its mechanism at work, where there is one."""
    return MappingProxyType({row["measure"]: row["test"] for row in read("measure_tests.csv")})
