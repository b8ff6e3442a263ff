"""Run the arms of a study over seeds, side by side, each run kept the moment it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from ipplan import clock
from ipplan.analysis.study.design import PROVINCIAL, START, Arm, world
from ipplan.analysis.study.records import Records
from ipplan.runs import forked, replicate_seed
from ipplan.runs.batch import load, one_line, processors, side_by_side, simulate
from ipplan.runs.code import code_hash
from ipplan.scenario.resolved import SharedPaths

STUDY_SEED = 20210101
Values = dict[str, np.ndarray[Any, np.dtype[np.float64]]]
BY_PROVINCE = f"{PROVINCIAL} by province"


@dataclass(frozen=True)
class Study:
    """The size of a study: scale, replicates, and the first month that is not run."""

    scale: Fraction
    replicates: int
    end: int
    workers: int = field(default_factory=processors)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of the replicates."""
        return tuple(replicate_seed(STUDY_SEED, replicate) for replicate in range(self.replicates))

    @property
    def years(self) -> tuple[int, ...]:
        """Return the full years from the start of the measures on."""
        return tuple(year for year in clock.full_years(0, self.end) if year >= clock.year_of(START))

    def about(self) -> dict[str, Any]:
        """Return what decides the numbers of a run: code, scale, horizon."""
        scale = f"{self.scale.numerator}/{self.scale.denominator}"
        return {"code": code_hash(), "scale": scale, "to": clock.label(self.end)}


def run(study: Study, arms: Iterable[Arm], records: Records, report: Callable[[int, int], None] | None = None) -> None:
    """Run what ``records`` do not hold yet; a failed run is kept with its reason and does not stop the others."""
    jobs = [(arm, seed) for arm in arms for seed in study.seeds if not records.holds(arm.id, seed, arm.keep)]
    at_once, threads = side_by_side(float(study.scale), max(1, len(jobs)), study.workers)
    shared = world(study.scale, study.end)
    load()  # or every process would

    @lru_cache(maxsize=1)
    def paths(arm: Arm) -> SharedPaths:  # a process runs the seeds of an arm one after the other
        return arm.paths(study.end)

    def work(number: int) -> Values | str:
        arm, seed = jobs[number]
        try:
            frame = simulate(shared, seed, paths(arm), threads)
        except Exception as error:  # noqa: BLE001 - a sweep must not lose its other runs; the table lists this one
            return one_line(error)
        first = frame.years.index(study.years[0])
        values = {name: frame.by_year(name)[first:] for name in sorted(arm.keep)}
        if arm.id.startswith("placebo"):
            values[BY_PROVINCE] = frame.by_province(PROVINCIAL)
        return values

    results = forked.in_order(len(jobs), at_once, work, lambda number: "its process was ended from outside")
    for done, ((arm, seed), found) in enumerate(zip(jobs, results, strict=True), 1):
        if isinstance(found, str):
            records.fail(arm.id, seed, found)
        else:
            records.add(arm.id, seed, found)
        if report is not None:
            report(done, len(jobs))


def last_years(values: np.ndarray[Any, np.dtype[np.float64]], number: int = 3) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the mean of the last full years [seed]."""
    mean: np.ndarray[Any, np.dtype[np.float64]] = values[:, -number:].mean(axis=1)
    return mean
