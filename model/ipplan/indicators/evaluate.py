"""From a ledger to indicators: national by month, provinces by year, and the annual table of one run.

Counts are added up as integers before anything is divided, so a figure does not depend on the order of summation.
The list of what to add (the *plan*) is built once; a run then costs a few gathers over small arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ipplan import clock, data
from ipplan.indicators.plan import ALL, Integers, Plan, Series, packaged_plan
from ipplan.ledger import WAIT_LANES
from ipplan.world import N_KINDS, N_PROVINCES

NATION = "national"

Floats = NDArray[np.float64]


class Record(Protocol):
    """What the evaluator reads of a ledger (see ipplan.ledger.Ledger for the layout)."""

    end: int
    flows_monthly: Integers
    flows_yearly: Integers
    stocks_monthly: Integers
    stocks_yearly: Integers
    waits: NDArray[np.int32]
    gauges: dict[str, Floats]
    gauges_yearly: dict[str, Floats]

    @property
    def grossing(self) -> float:
        """How many units of the nation one counted unit stands for."""


@dataclass(frozen=True)
class IndicatorFrame:
    """The indicators of one run; NaN where there is nothing to divide by.

    ``monthly`` [series, month] national; ``annual`` [series, year] national, complete years only; ``provincial``
    [provincial series, year, province 0..30]. ``keys`` are (indicator, group) of the series.
    """

    keys: tuple[tuple[str, str], ...]
    months: range
    monthly: Floats
    years: tuple[int, ...]
    annual: Floats
    provincial_keys: tuple[str, ...]
    provincial: Floats

    def place(self, indicator: str, group: str = ALL) -> int:
        """Return the row of a series; KeyError if the run does not hold it."""
        return _places(self.keys)[indicator, group]

    def by_month(self, indicator: str, group: str = ALL) -> Floats:
        """Return the national monthly values."""
        values: Floats = self.monthly[self.place(indicator, group)]
        return values

    def by_year(self, indicator: str, group: str = ALL) -> Floats:
        """Return the national annual values, one a complete year."""
        values: Floats = self.annual[self.place(indicator, group)]
        return values

    def by_province(self, indicator: str) -> Floats:
        """Return the yearly values of the provinces [year, province]."""
        values: Floats = self.provincial[self.provincial_keys.index(indicator)]
        return values


@cache
def _places(keys: tuple[tuple[str, str], ...]) -> Mapping[tuple[str, str], int]:
    return {key: place for place, key in enumerate(keys)}


def _monthly_counts(plan: Plan, ledger: Record) -> Integers:
    """Return [row, month] of the plan's cells."""
    flows, stocks = (np.ascontiguousarray(table.T) for table in (ledger.flows_monthly, ledger.stocks_monthly))
    counts = np.empty((len(plan.cells), ledger.end), np.int64)
    for row, (place, is_flow, rights, owners) in enumerate(plan.cells):
        np.add.reduce((flows if is_flow else stocks)[owners, rights, place], axis=(0, 1), out=counts[row])
    return counts


def _yearly_counts(plan: Plan, monthly: Integers) -> Integers:
    """Return [row, year] from the months of whole years: flows summed, stocks at December."""
    split = monthly.reshape(len(monthly), -1, 12)
    is_flow = np.array([cell[1] for cell in plan.cells])
    yearly: Integers = np.where(is_flow[:, None], split.sum(axis=2), split[:, :, -1])
    return yearly


def _provincial_counts(plan: Plan, ledger: Record, years: slice) -> Integers:
    """Return [row, year x province]; rows that no province reports stay zero."""
    flows, stocks = (np.ascontiguousarray(table[years]).reshape(-1, *table.shape[1:3], N_PROVINCES + 1, N_KINDS)
                     for table in (ledger.flows_yearly, ledger.stocks_yearly))  # fmt: skip
    counts = np.zeros((len(plan.cells), len(flows), N_PROVINCES), np.int64)
    for row in plan.provincial_rows:
        place, is_flow, rights, owners = plan.cells[row]
        table = flows if is_flow else stocks
        np.add.reduce(table[:, place, rights, :N_PROVINCES, owners], axis=(1, 3), out=counts[row])
    return counts.reshape(len(counts), -1)


def _last_twelve(flows: Integers) -> Integers:
    """Return the sum of the last 12 months [series, month]; fewer at the start."""
    total = np.cumsum(flows, axis=1)
    total[:, 12:] -= total[:, :-12].copy()
    return total


def _quotient(numerator: Floats, denominator: Floats) -> Floats:
    out = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out


def _values(plan: Plan, numerators: Integers, denominators: Integers, grossing: float, residents: Floats) -> Floats:
    """Return [series, time] of all counted series; other rows are NaN. ``residents`` in persons."""
    values = np.full((len(plan.series), numerators.shape[1]), np.nan)
    factors = np.array([plan.series[place].definition.factor for place in plan.counted])
    values[plan.counted] = numerators * factors[:, None]
    values[plan.divided] = _quotient(values[plan.divided], denominators.astype(np.float64))
    is_divided = np.zeros(len(plan.series), bool)
    is_divided[plan.divided] = True
    for place in plan.counted[~is_divided[plan.counted]]:
        values[place] *= grossing
        if plan.series[place].definition.per_population:
            values[place] /= residents
    return values


def _wait(line: Series, waits: Integers) -> Floats:
    """Return the mean or quantile wait in months of each time; waits [lane, time, months]."""
    lanes = [WAIT_LANES.index(lane) for lane in line.lanes]
    cases = waits[lanes].sum(axis=0)
    total = cases.sum(axis=1)
    if line.definition.kind == "mean":
        return _quotient((cases @ np.arange(cases.shape[1])).astype(np.float64), total.astype(np.float64))
    reached = np.cumsum(cases, axis=1) >= (line.definition.quantile * total * (1 - 1e-12))[:, None]
    waited: Floats = np.where(total > 0, np.argmax(reached, axis=1), np.nan)
    return waited


def _gauge(line: Series, gauges: Mapping[str, Floats], months: slice) -> Floats:
    item = line.definition
    values = gauges[item.gauge][months] * item.factor
    return _quotient(values, gauges[item.per][months]) if item.per else values


def _gauge_over_years(line: Series, values: Floats) -> Floats:
    """Return one value a year from monthly values that start in a January and fill whole years."""
    table = values.reshape(-1, 12)
    rule = line.definition.over_year
    if rule == "december":
        december: Floats = table[:, -1]
        return december
    total: Floats = table.sum(axis=1)
    return total if rule == "sum" else total / 12


def evaluate(
    ledger: Record, population: Floats, months: range | None = None, plan: Plan | None = None
) -> IndicatorFrame:
    """Return the indicators of a run.

    ``population`` [month] holds the residents of the mainland in millions, from January 2017 to the ledger's end.
    ``months`` are the months to report (all by default); incomplete calendar years are left out of annual tables.
    Flows sum over a year, stocks are December's, ratios are ratios of annual sums, waits are weighted by cases,
    quantiles come from the histogram pooled over the year.
    """
    plan = plan or packaged_plan()
    months = months if months is not None else range(ledger.end)
    years = tuple(clock.full_years(months.start, months.stop))
    first = (years[0] - clock.EPOCH_YEAR) * 12 if years else 0
    whole = slice(first, first + 12 * len(years))
    residents = np.asarray(population, np.float64)[: ledger.end] * 1e6
    if residents.shape != (ledger.end,):
        raise ValueError(f"population should hold {ledger.end} months, not {residents.shape}")

    counts = _monthly_counts(plan, ledger)
    by_year = _yearly_counts(plan, counts[:, whole])
    monthly = _monthly(plan, ledger, counts, residents)
    annual = _values(plan, plan.numerators.of(by_year), plan.denominators.of(by_year), ledger.grossing,
                     residents[whole][11::12])
    waits = np.moveaxis(ledger.waits.astype(np.int64), 1, 0)
    year_waits = waits[:, whole].reshape(len(WAIT_LANES), len(years), 12, waits.shape[2]).sum(axis=2)
    for place, line in enumerate(plan.series):
        if line.lanes:
            monthly[place], annual[place] = _wait(line, waits), _wait(line, year_waits)
        elif line.definition.gauge:
            monthly[place] = _gauge(line, ledger.gauges, slice(0, ledger.end))
            annual[place] = _gauge_over_years(line, _gauge(line, ledger.gauges, whole))
    return IndicatorFrame(
        keys=tuple(line.key for line in plan.series),
        months=months,
        monthly=monthly[:, months.start : months.stop],
        years=years,
        annual=annual,
        provincial_keys=plan.provincial_keys,
        provincial=_provincial(plan, ledger, years, residents[whole][11::12]),
    )


def _monthly(plan: Plan, ledger: Record, counts: Integers, residents: Floats) -> Floats:
    numerators, denominators = plan.numerators.of(counts), plan.denominators.of(counts)
    position = {int(place): row for row, place in enumerate(plan.divided)}
    mixed = []
    for row, place in enumerate(plan.counted):
        line = plan.series[place]
        if not line.definition.mixed:
            continue
        mixed.append(int(place))
        if line.numerator[0].is_flow:
            numerators[row] = _last_twelve(numerators[row][None])[0]
        else:
            below = position[int(place)]
            denominators[below] = _last_twelve(denominators[below][None])[0]
    values = _values(plan, numerators, denominators, ledger.grossing, residents)
    values[mixed, :11] = np.nan  # no twelve months yet
    return values


def _provincial(plan: Plan, ledger: Record, years: tuple[int, ...], residents: Floats) -> Floats:
    """Return [provincial series, year, province]; provinces keep their shares of residents at the end of 2022."""
    shape = (len(plan.provincial), len(years), N_PROVINCES)
    if not years:
        return np.zeros((len(plan.provincial_keys), 0, N_PROVINCES))
    first = years[0] - clock.EPOCH_YEAR
    counts = _provincial_counts(plan, ledger, slice(first, first + len(years)))
    here = (residents[:, None] * _resident_shares()).ravel()
    values = _values(plan, plan.numerators.of(counts), plan.denominators.of(counts), ledger.grossing, here)
    counted = values[plan.counted[plan.provincial]].reshape(shape)
    items = [plan.series[place].definition for place in plan.provincial_gauges]
    noted = [ledger.gauges_yearly[item.gauge][first : first + len(years)] * item.factor for item in items]
    return np.concatenate([counted, *(values[None] for values in noted)])


@cache
def _resident_shares() -> Floats:
    people = np.array([province.population_10k_2022 for province in data.provinces()])
    shares: Floats = people / people.sum()
    return shares
