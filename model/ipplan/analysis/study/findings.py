"""What the study of single measures and placebos finds: paired effects with intervals, signs, monotony."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ipplan import clock, world
from ipplan.analysis.compare import mean_difference, ratio_of_changes
from ipplan.analysis.study.design import (
    CENTRAL,
    OUTCOMES,
    PLACEBO_CELL,
    PLACEBO_LATE,
    START,
    STRENGTHS,
    STRONGEST,
    base_id,
    kin,
    series,
)
from ipplan.analysis.study.records import Records
from ipplan.analysis.study.running import BY_PROVINCE, Study, last_years
from ipplan.indicators import definitions
from ipplan.schema import Expectation
from ipplan.schema.evidence import expectations

Floats = NDArray[np.float64]
CONFIDENCE = 0.99
"""Of every interval of the study: with some two hundred rows a narrower one would find contrary signs by chance."""

HOLDS, CONTRARY, UNSEEN, UNMOVED, BEYOND = "holds", "contrary", "not seen", "does not move", "beyond the horizon"
UNDEFINED = "nothing to compare"
"""Without the measure the indicator is not defined in any replicate: a share of what is not there."""


@dataclass(frozen=True)
class Effect:
    """A measure's paired effect on an indicator it declares, over the years of its lag; 99 % interval."""

    measure: str
    strength: float
    indicator: str
    sign: str
    first_year: int
    last_year: int
    level: float
    effect: float
    low: float
    high: float
    replicates: int
    verdict: str


@dataclass(frozen=True)
class Placebo:
    """A placebo and what it moved: ``difference`` is the largest anywhere, or the estimate with its interval."""

    placebo: str
    difference: float
    low: float
    high: float
    verdict: str


def window(expected: Expectation, years: Sequence[int]) -> list[int]:
    """Return the years whose middle lies within the lag; the year of the lag's middle if there is none."""
    low, high = (START + lag for lag in expected.lag)
    middle = {year: clock.month_of(year) + 6 for year in years}
    found = [year for year in years if low <= middle[year] <= high]
    return found or [year for year in years if year == clock.year_of((low + high) // 2)]


def effect(study: Study, records: Records, name: str, strength: float, expected: Expectation) -> Effect:
    """Return the paired effect of a measure at one strength on one of its declared indicators."""
    years = window(expected, study.years)
    base, differences = changes(study, records, name, strength, expected, years)
    if not years or not len(differences):
        nan = math.nan
        return Effect(name, strength, expected.indicator, expected.sign, 0, 0, nan, nan, nan, nan, 0, BEYOND)
    if definitions()[expected.indicator].kind == "displacement":
        value, low, high = ratio_of_changes(differences[0], differences[1], CONFIDENCE)
        number, level = int(np.isfinite(differences).all(axis=0).sum()), math.nan
    else:
        paired = mean_difference(differences[0], CONFIDENCE)
        value, low, high = (float(one) for one in (paired.effect, paired.low, paired.high))
        number = int(np.isfinite(differences[0]).sum())
        level = float(np.nanmean(base[0])) if np.isfinite(base[0]).any() else math.nan
    if not number:
        return Effect(name, strength, expected.indicator, expected.sign, years[0], years[-1], level, value, low, high,
                      0, UNDEFINED)  # fmt: skip
    return Effect(name, strength, expected.indicator, expected.sign, years[0], years[-1], level, value, low, high,
                  number, verdict(expected.sign, value, low, high))  # fmt: skip


def changes(
    study: Study, records: Records, name: str, strength: float, expected: Expectation, years: Sequence[int]
) -> tuple[Floats, Floats]:
    """Return (baseline, plan minus baseline), each [series, seed]: means over ``years``."""
    columns = [study.years.index(year) for year in years]
    base, change = [], []
    for one in series(expected.indicator):
        without = records.table(base_id(kin([name], study.known)), one, study.seeds)
        with_it = records.table(f"{name}@{strength:g}", one, study.seeds)
        if without.shape != with_it.shape or not without.shape[1] or not columns:
            return np.empty((0, 0)), np.empty((0, 0))
        base.append(without[:, columns].mean(axis=1))
        change.append(with_it[:, columns].mean(axis=1) - base[-1])
    return np.array(base), np.array(change)


def verdict(sign: str, value: float, low: float, high: float) -> str:
    """Return what an interval says about a declared sign."""
    if value == 0.0 and low == high == 0.0:
        return HOLDS if sign == "0" else UNMOVED
    if not (low > 0 or high < 0):
        return HOLDS if sign == "0" else UNSEEN
    found = "+" if low > 0 else "-"
    if sign == "+/-":
        return f"{HOLDS} ({'up' if found == '+' else 'down'})"
    return HOLDS if sign == found else CONTRARY


def single_effects(
    study: Study, records: Records, names: Iterable[str], strengths: Sequence[float] = STRENGTHS
) -> list[Effect]:
    """Return every declared effect at every strength."""
    known = study.known
    return [effect(study, records, name, strength, expected)
            for name in names for expected in expectations(known[name], known) for strength in strengths]  # fmt: skip


def reversals(study: Study, records: Records, name: str) -> list[str]:
    """Return where more of a measure clearly does less of what it declares (V25), in words."""
    found = []
    for expected in expectations(study.known[name], study.known):
        years = window(expected, study.years)
        if expected.sign not in "+-" or definitions()[expected.indicator].kind == "displacement":
            continue
        steps = [changes(study, records, name, strength, expected, years)[1] for strength in STRENGTHS]
        if not all(len(step) for step in steps):
            continue
        for place in range(1, len(steps)):
            paired = mean_difference(steps[place][0] - steps[place - 1][0], CONFIDENCE)
            against = paired.high < 0 if expected.sign == "+" else paired.low > 0
            if against:
                found.append(f"{expected.indicator} from {STRENGTHS[place - 1]:g} to {STRENGTHS[place]:g}")
    return found


def strongest(study: Study, records: Records, names: Iterable[str]) -> tuple[str, ...]:
    """Return the measures that move an outcome most, relative to its level, in the last three years, clear of zero."""
    found = []
    for name in names:
        base = base_id(kin([name], study.known))
        largest = 0.0
        for outcome in OUTCOMES:
            without = records.table(base, outcome, study.seeds)
            with_it = records.table(f"{name}@{CENTRAL:g}", outcome, study.seeds)
            if without.shape != with_it.shape or not without.shape[1]:
                continue
            paired = mean_difference(last_years(with_it) - last_years(without), CONFIDENCE)
            level = abs(float(np.nanmean(last_years(without))))
            if level > 0 and (paired.low > 0 or paired.high < 0):
                largest = max(largest, abs(float(paired.effect)) / level)
        found.append((-largest, name))
    return tuple(name for size, name in sorted(found)[:STRONGEST] if size < 0)


def placebo_findings(study: Study, records: Records) -> list[Placebo]:
    """Return what placebos moved (V26): levers on nobody, and treatments that never were."""
    found = []
    for name in (PLACEBO_CELL, PLACEBO_LATE):
        largest = 0.0
        for seed in study.seeds:
            one, none = records.done.get((name, seed)), records.done.get(("placebo: history", seed))
            if one is None or none is None:
                largest = math.nan
                break
            same = all(np.array_equal(one[key], none[key], equal_nan=True) for key in none)
            gap = max(float(np.nanmax(np.abs(one[key] - none[key]), initial=0.0)) for key in none)
            largest = largest if same else max(largest, gap)
        found.append(Placebo(name, largest, math.nan, math.nan, "moves nothing" if largest == 0.0 else "MOVES"))
    return [*found, _shuffled(study, records)]


def _shuffled(study: Study, records: Records) -> Placebo:
    """Return the difference in differences of logs for provinces 'treated' at a date that a coin chose."""
    estimates = []
    for seed in study.seeds:
        table = records.done.get(("placebo: history", seed), {}).get(BY_PROVINCE)
        if table is None:
            continue
        values = np.log(np.maximum(table.reshape(-1, world.N_PROVINCES), 1.0))
        coins = hashlib.blake2b(str(seed).encode(), digest_size=world.N_PROVINCES + 1, person=b"shuffled").digest()
        treated = np.array([coin % 2 == 0 for coin in coins[:-1]])
        date = 2 + coins[-1] % (len(values) - 4)
        change = values[date:].mean(axis=0) - values[:date].mean(axis=0)
        if treated.any() and not treated.all():
            estimates.append(change[treated].mean() - change[~treated].mean())
    paired = mean_difference(np.array(estimates), CONFIDENCE)
    clear = paired.low > 0 or paired.high < 0
    return Placebo("shuffled treatment of provinces (log change of invention filings)", float(paired.effect),
                   float(paired.low), float(paired.high), "MOVES" if clear else "moves nothing")  # fmt: skip
