"""A plan against its baseline: annual tables, paired effects, and how often targets are reached.

Replicates of plan and baseline share their random numbers, so effects are means of paired differences; their 90 %
interval is Student's. What works on one run works on many: a single replicate has values, and no interval.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ipplan import data
from ipplan.indicators import ALL, IndicatorFrame, definitions

Floats = NDArray[np.float64]
CONFIDENCE = 0.90


@dataclass(frozen=True)
class Ensemble:
    """The replicates of one scenario: arrays as in IndicatorFrame, with the replicate first."""

    run: str
    keys: tuple[tuple[str, str], ...]
    months: range
    monthly: Floats  # [replicate, series, month]
    years: tuple[int, ...]
    annual: Floats  # [replicate, series, year]
    provincial_keys: tuple[str, ...]
    provincial: Floats  # [replicate, provincial series, year, province]

    @property
    def replicates(self) -> int:
        """Return how many replicates there are."""
        return len(self.annual)

    def place(self, indicator: str, group: str = ALL) -> int:
        """Return the row of a series; KeyError if there is none."""
        try:
            return self.keys.index((indicator, group))
        except ValueError:
            raise KeyError(f"no series of '{indicator}' for '{group}'") from None

    def by_year(self, indicator: str, group: str = ALL) -> Floats:
        """Return annual values [replicate, year]."""
        values: Floats = self.annual[:, self.place(indicator, group)]
        return values

    def by_month(self, indicator: str, group: str = ALL) -> Floats:
        """Return monthly values [replicate, month]."""
        values: Floats = self.monthly[:, self.place(indicator, group)]
        return values

    def by_province(self, indicator: str) -> Floats:
        """Return yearly values of provinces [replicate, year, province]."""
        values: Floats = self.provincial[:, self.provincial_keys.index(indicator)]
        return values


def stack(run: str, frames: Sequence[IndicatorFrame]) -> Ensemble:
    """Return the replicates of a scenario as one ensemble, in their order."""
    first = frames[0]
    if any(frame.keys != first.keys or frame.months != first.months for frame in frames):
        raise ValueError("the replicates hold different series or months")
    return Ensemble(
        run, first.keys, first.months, np.stack([frame.monthly for frame in frames]),
        first.years, np.stack([frame.annual for frame in frames]),
        first.provincial_keys, np.stack([frame.provincial for frame in frames]),
    )  # fmt: skip


@dataclass(frozen=True)
class AnnualRow:
    """One line of annual.csv. ``observed`` is NaN where nothing was published."""

    run: str
    indicator: str
    group: str
    unit: str
    year: int
    mean: float
    p05: float
    p50: float
    p95: float
    observed: float


@dataclass(frozen=True)
class EffectRow:
    """One line of effects.csv; the interval is NaN with one replicate."""

    indicator: str
    group: str
    year: int
    effect: float
    low: float
    high: float
    share_positive: float


@dataclass(frozen=True)
class Paired:
    """The mean paired difference of each column, with its interval."""

    effect: Floats
    low: Floats
    high: Floats
    share_positive: Floats


class TargetLike(Protocol):
    """What a target needs to be judged (see ipplan.schema.Target)."""

    @property
    def series(self) -> str:
        """The indicator it is set on."""
    @property
    def target_year(self) -> int:
        """The year it falls due."""
    @property
    def target(self) -> float:
        """Its value in the unit of the series."""
    @property
    def direction(self) -> str:
        """``at_least`` or ``at_most``."""


@dataclass(frozen=True)
class Attainment:
    """How often a target is reached in its year, in one run; ``median`` is the value there."""

    target: TargetLike
    run: str
    median: float
    share: float


def observed_values(indicator: str) -> Mapping[int, float]:
    """Return year -> published value; empty where the indicator is no published series."""
    if indicator not in data.series():
        return {}
    return {year: point.value for year, point in data.observed(indicator).items()}


def mean_difference(differences: Floats, confidence: float = CONFIDENCE) -> Paired:
    """Return the mean over replicates [replicate, ...] and its t-interval (90 %); NaN differences are left out.

    With one difference the interval is NaN; where there is none, everything is.
    """
    there = np.isfinite(differences)
    n = there.sum(axis=0)
    known = np.where(there, differences, 0.0)
    safe = np.maximum(n, 1)
    mean = np.where(n > 0, known.sum(axis=0) / safe, np.nan)
    square = np.where(there, (differences - mean) ** 2, 0.0).sum(axis=0)
    error = np.sqrt(square / np.maximum(n - 1, 1) / safe)
    half = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), 0.5 + confidence / 2) * error, np.nan)
    share = np.where(n > 0, (known > 0).sum(axis=0) / safe, np.nan)
    return Paired(mean, mean - half, mean + half, share)


def summary(values: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return mean, p05, p50 and p95 over replicates [replicate, ...]; NaN replicates are left out."""
    figures = np.stack([values.mean(axis=0), *np.quantile(values, (0.05, 0.5, 0.95), axis=0)])
    for place in np.argwhere(np.isnan(figures[0])):
        column = values[(slice(None), *place)]
        column = column[np.isfinite(column)]
        if len(column):
            figures[(slice(None), *place)] = [column.mean(), *np.quantile(column, (0.05, 0.5, 0.95))]
    return figures[0], figures[1], figures[2], figures[3]


def annual_table(ensembles: Iterable[Ensemble]) -> list[AnnualRow]:
    """Return the rows of annual.csv; years without a value in any replicate have no row."""
    rows = []
    for ensemble in ensembles:
        figures = [table.tolist() for table in summary(ensemble.annual)]
        for place, (indicator, group) in enumerate(ensemble.keys):
            observed = observed_values(indicator) if group == ALL else {}
            unit = definitions()[indicator].unit
            for column, year in enumerate(ensemble.years):
                mean, p05, p50, p95 = (table[place][column] for table in figures)
                if math.isfinite(mean):
                    rows.append(AnnualRow(ensemble.run, indicator, group, unit, year, mean, p05, p50, p95,
                                          observed.get(year, math.nan)))  # fmt: skip
    return rows


def effects_table(baseline: Ensemble, plan: Ensemble) -> list[EffectRow]:
    """Return the rows of effects.csv: plan minus baseline, replicate by replicate, and displacement ratios."""
    _check_pairs(baseline, plan)
    paired = mean_difference(plan.annual - baseline.annual)
    tables = [table.tolist() for table in (paired.effect, paired.low, paired.high, paired.share_positive)]
    rows = []
    for place, (indicator, group) in enumerate(plan.keys):
        for column, year in enumerate(plan.years):
            figures = [table[place][column] for table in tables]
            if math.isfinite(figures[0]):
                rows.append(EffectRow(indicator, group, year, *figures))
    return rows + _displacement(baseline, plan)


def _check_pairs(baseline: Ensemble, plan: Ensemble) -> None:
    same = (baseline.keys, baseline.years, baseline.replicates) == (plan.keys, plan.years, plan.replicates)
    if not same:
        raise ValueError("plan and baseline differ in series, years or replicates: nothing can be paired")


def _displacement(baseline: Ensemble, plan: Ensemble) -> list[EffectRow]:
    """Return minus the change of what is displaced over the change of the target, where that is clear of zero.

    A ratio of two means: its standard error is the jackknife's.
    """
    rows: list[EffectRow] = []
    if plan.replicates < 3:
        return rows
    for item in definitions().values():
        if item.kind != "displacement" or (item.target, ALL) not in plan.keys or (item.other, ALL) not in plan.keys:
            continue
        target = plan.by_year(item.target) - baseline.by_year(item.target)
        other = plan.by_year(item.other) - baseline.by_year(item.other)
        change = mean_difference(target)
        for column, year in enumerate(plan.years):
            if not (change.low[column] > 0 or change.high[column] < 0):
                continue
            t, o = target[:, column], other[:, column]
            rows.append(EffectRow(item.id, ALL, year, *ratio_of_changes(t, o), float((o * t < 0).mean())))
    return rows


def ratio_of_changes(target: Floats, other: Floats, confidence: float = CONFIDENCE) -> tuple[float, float, float]:
    """Return minus the mean change of ``other`` over that of ``target``, with its jackknife interval."""
    n = len(target)
    ratio = float(-other.mean() / target.mean()) if target.mean() else math.nan
    left = target.sum() - target
    if n < 3 or not left.all():
        return ratio, math.nan, math.nan
    without = -(other.sum() - other) / left
    spread = math.sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))
    half = float(stdtrit(n - 1, 0.5 + confidence / 2)) * spread
    return ratio, ratio - half, ratio + half


def attainment(ensembles: Iterable[Ensemble], targets: Iterable[TargetLike]) -> list[Attainment]:
    """Return, for each target whose series and year a run covers, the share of replicates that reach it."""
    wanted = list(targets)
    found = []
    for ensemble in ensembles:
        for target in wanted:
            if (target.series, ALL) not in ensemble.keys or target.target_year not in ensemble.years:
                continue
            values = ensemble.by_year(target.series)[:, ensemble.years.index(target.target_year)]
            reached = values <= target.target if target.direction == "at_most" else values >= target.target
            found.append(Attainment(target, ensemble.run, float(np.median(values)), float(reached.mean())))
    return found


def write_rows(path: Path, kind: type[AnnualRow | EffectRow], rows: Iterable[AnnualRow | EffectRow]) -> None:
    """Write rows as CSV with a header, ten significant digits; what is not known is left empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(kind)])
        writer.writerows([_text(value) for value in astuple(row)] for row in rows)


def _text(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.10g}" if math.isfinite(value) else ""
