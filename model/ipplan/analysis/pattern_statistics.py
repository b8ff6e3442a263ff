"""Statistics of patterns that are no reading of an indicator: over agents, rights in force, months or two arms.

A look is taken at the state of the history run when a month begins (its name and month in ``LOOKS``); a statistic is a
function of the runs of all arms under one seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ipplan import clock
from ipplan.indicators import IndicatorFrame
from ipplan.ledger import PENDING_DECISION, PENDING_EXAM
from ipplan.rights.bins import CHUNK, Bins
from ipplan.rights.register import R_TRADED, Register
from ipplan.system import IPSystem
from ipplan.world import FOREIGN, INVENTION, N_KINDS, N_PROVINCES

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """The indicators of one arm under one seed, and what was seen in its state."""

    frame: IndicatorFrame
    seen: Mapping[str, float]


Runs = Mapping[str, Run]
LOOKS: dict[str, tuple[int, Callable[[IPSystem], float]]] = {}
STATISTICS: dict[str, Callable[[Runs], float]] = {}


def look(year: int) -> Callable[[Callable[[IPSystem], float]], Callable[[IPSystem], float]]:
    """Take a look at the state at the end of a year of the history."""

    def register(function: Callable[[IPSystem], float]) -> Callable[[IPSystem], float]:
        name = function.__name__
        LOOKS[name] = clock.month_of(year + 1), function
        STATISTICS[name] = lambda runs: runs["history"].seen[name]
        return function

    return register


def statistic(function: Callable[[Runs], float]) -> Callable[[Runs], float]:
    """Note a function of the runs under its name."""
    STATISTICS[function.__name__] = function
    return function


def in_bins(table: Bins | Register) -> NDArray[np.void]:
    """Return all records of a table of bins, in no order that matters."""
    chunks, last = [], []
    for where in np.flatnonzero(table.first >= 0):
        chunk = int(table.first[where])
        while chunk >= 0:
            behind = int(table.follows[chunk])
            chunks.append(chunk)
            last.append((int(table.written[where]) - 1) % CHUNK + 1 if behind < 0 else CHUNK)
            chunk = behind
    places = np.array(chunks, np.int64)[:, None] * CHUNK + np.arange(CHUNK)
    filled: NDArray[np.void] = table.records[places[np.arange(CHUNK) < np.array(last)[:, None]]]
    return filled


def _patents(system: IPSystem) -> NDArray[np.void]:
    return np.concatenate([in_bins(block.register) for block in system.blocks])


def _inventions(system: IPSystem) -> NDArray[np.void]:
    patents = _patents(system)
    found: NDArray[np.void] = patents[patents["right"] == INVENTION]
    return found


def _top_share(values: Floats, share: float) -> float:
    ordered = np.sort(values)
    return float(ordered[int(len(ordered) * (1.0 - share)) :].sum() / ordered.sum())


@look(2021)
def value_sigma(system: IPSystem) -> float:
    """Return the standard deviation of the log value of inventions in force."""
    return float(_inventions(system)["log_value"].astype(np.float64).std())


@look(2021)
def value_top_5(system: IPSystem) -> float:
    """Return the share of all value that lies in the most valuable 5 % of inventions in force."""
    return _top_share(np.exp(_inventions(system)["log_value"].astype(np.float64)), 0.05)


def _older(system: IPSystem, years: int, foreign: bool | None = None) -> float:
    rights = _inventions(system)
    if foreign is not None:
        rights = rights[(system.applicants.cell[rights["owner"]] % N_KINDS == FOREIGN) == foreign]
    return float(np.mean(system.month - rights["filed"] >= 12 * years))


@look(2018)
def older_than_5(system: IPSystem) -> float:
    """Return the share of valid inventions filed more than five years ago."""
    return _older(system, 5)


@look(2018)
def foreign_over_domestic_10(system: IPSystem) -> float:
    """Return the share of inventions filed more than ten years ago, foreign owners over domestic ones."""
    return _older(system, 10, foreign=True) / max(_older(system, 10, foreign=False), 1e-9)


def density_exponent(holdings: Floats, share: float) -> float:
    """Return the maximum-likelihood exponent of a power-law density over the largest ``share`` of the holdings.

    Clauset, Shalizi and Newman (2009), equation 3.7: the discrete law, with the half-step correction.
    """
    ordered = np.sort(holdings)
    tail = ordered[int(len(ordered) * (1.0 - share)) :]
    return float(1.0 + len(tail) / np.log(tail / (tail[0] - 0.5)).sum())


@look(2021)
def owner_exponent(system: IPSystem) -> float:
    """Return the exponent of the density of patents held by an owner, over the top 1 % of owners of patents."""
    held = np.bincount(_patents(system)["owner"])
    return density_exponent(held[held > 0].astype(np.float64), 0.01)


@look(2021)
def small_agencies(system: IPSystem) -> float:
    """Return the share of agencies with fewer than ten agents."""
    rows = int(system.agencies.book[0])
    alive = system.agencies.alive[:rows] > 0
    return float(np.mean(system.agencies.agents[:rows][alive] < 10.0))


@look(2021)
def traded_share(system: IPSystem) -> float:
    """Return the share of inventions in force that were ever traded."""
    return float(np.mean(_inventions(system)["flags"] & R_TRADED != 0))


@look(2021)
def traded_value(system: IPSystem) -> float:
    """Return the mean value of inventions in force that were traded over that of the others."""
    rights = _inventions(system)
    value, traded = np.exp(rights["log_value"].astype(np.float64)), rights["flags"] & R_TRADED != 0
    return float(value[traded].mean() / value[~traded].mean()) if traded.any() else math.nan


def _december(frame: IndicatorFrame, indicator: str, year: int) -> float:
    months = frame.by_month(indicator)[slice(*(clock.month_of(y) - frame.months.start for y in (year, year + 1)))]
    return float(months[-1] / months.mean())


@statistic
def december_domestic(runs: Runs) -> float:
    """Return December's domestic invention applications over the mean month's, 2019."""
    return _december(runs["history"].frame, "applications_invention_domestic", 2019)


@statistic
def december_foreign(runs: Runs) -> float:
    """Return December's foreign invention applications over the mean month's, 2019."""
    return _december(runs["history"].frame, "applications_invention_foreign", 2019)


def _of(run: Run, indicator: str, year: int) -> float:
    return float(run.frame.by_year(indicator)[run.frame.years.index(year)])


@look(2021)
def waiting_since_request(system: IPSystem) -> float:
    """Return how many requested inventions are not concluded yet, of the nation."""
    stocks = sum(block.tally.stocks[:, INVENTION, [PENDING_EXAM, PENDING_DECISION]].sum() for block in system.blocks)
    return float(stocks) / system.scale


@statistic
def little(runs: Runs) -> float:
    """Return requested inventions that wait over those concluded in a month times their months since request, 2021."""
    history = runs["history"]
    concluded = _of(history, "invention_applications_concluded", 2021) / 12.0
    return history.seen["waiting_since_request"] / (concluded * _of(history, "invention_pendency_months", 2021))


@statistic
def points_per_halving(runs: Runs) -> float:
    """Return the points of grant rate that each halving of examiners' hours per case brings, 2021."""
    base, few = runs["history"], runs["fewer_examiners"]
    halvings = math.log2(_of(base, "examiner_hours_per_invention", 2021)
                         / _of(few, "examiner_hours_per_invention", 2021))  # fmt: skip
    more = _of(few, "invention_grant_rate", 2021) - _of(base, "invention_grant_rate", 2021)
    return more / halvings if halvings > 0 else math.nan


@statistic
def pledge_growth(runs: Runs) -> float:
    """Return the mean yearly growth of registered pledges, 2020-23, percent."""
    amounts = [_of(runs["history"], "ip_pledge_financing", year) for year in (2020, 2023)]
    return 100.0 * math.expm1(math.log(amounts[1] / amounts[0]) / 3.0) if amounts[0] > 0 < amounts[1] else math.nan


@statistic
def satisfaction_step(runs: Runs) -> float:
    """Return the largest change of satisfaction from year to year, 2018-25, points either way."""
    frame = runs["history"].frame
    values = frame.by_year("protection_satisfaction")[frame.years.index(2018) :]
    return float(np.abs(np.diff(values)).max())


@statistic
def agencies_returned(runs: Runs) -> float:
    """Return how many revoked agencies came back under a new name in 2019-25."""
    return float(sum(_of(runs["history"], "agencies_reentered", year) for year in range(2019, 2026)))


@statistic
def courts_did(runs: Runs) -> float:
    """Return the difference in differences of inventions filed, treated against other provinces, percent, 2017-22."""
    def filed(arm: str, year: int) -> Floats:
        frame = runs[arm].frame
        provinces: Floats = frame.by_province("applications_invention")[frame.years.index(year)]
        return provinces

    treated = np.arange(N_PROVINCES) % 2 == 0

    def growth(group: NDArray[np.bool_]) -> float:
        """Return the log growth of a group of provinces with the courts, beyond that without them."""
        with_courts, without = (math.log(filed(arm, 2022)[group].sum() / filed(arm, 2017)[group].sum())
                                for arm in ("courts_in_half", "history"))  # fmt: skip
        return with_courts - without

    return 100.0 * math.expm1(growth(treated) - growth(~treated))
