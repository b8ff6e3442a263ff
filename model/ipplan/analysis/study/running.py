"""Run the arms of a study over seeds, side by side, each run kept the moment it ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ipplan import clock, schema
from ipplan.analysis.study.design import PROVINCIAL, START, Arm, placebos
from ipplan.analysis.study.records import Records
from ipplan.levers import Entry
from ipplan.runs import forked, replicate_seed
from ipplan.runs.batch import load, one_line, processors, side_by_side, simulate
from ipplan.runs.code import code_hash
from ipplan.scenario import Resolved, Scenario, resolve
from ipplan.scenario.format import ScenarioFile
from ipplan.scenario.resolved import SharedPaths
from ipplan.schema import Measure

STUDY_SEED = 20210101
Values = dict[str, np.ndarray[Any, np.dtype[np.float64]]]
BY_PROVINCE = f"{PROVINCIAL} by province"


def world_of(resolved: Resolved | None) -> str:
    """Return a digest of what a study takes from a scenario; empty without one.

    That is its own measures, values of primitives, drivers and history; what it plans, a study leaves out.
    """
    if resolved is None:
        return ""
    own = {name: one.model_dump(mode="json") for name, one in sorted(resolved.own_measures.items())}
    past = [resolved.history, *resolved.history_without]
    paths = {name: dict(path) for name, path in resolved.drivers.items()}
    text = json.dumps([own, sorted(resolved.overrides.items()), paths, past])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Study:
    """The size of a study: scale, replicates, and the first month that is not run; ``given`` is a planner's world."""

    scale: Fraction
    replicates: int
    end: int
    workers: int = field(default_factory=processors)
    given: Resolved | None = None

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of the replicates."""
        return tuple(replicate_seed(STUDY_SEED, replicate) for replicate in range(self.replicates))

    def seeds_of(self, arm: Arm) -> tuple[int, ...]:
        """Return the seeds that an arm runs on: all, or half of them where it is not central."""
        return self.seeds if arm.central else self.seeds[: max(2, self.replicates // 2)]

    @property
    def years(self) -> tuple[int, ...]:
        """Return the full years from the start of the measures on."""
        return tuple(year for year in clock.full_years(0, self.end) if year >= clock.year_of(START))

    @cached_property
    def known(self) -> Mapping[str, Measure]:
        """Return the measures that can be studied: the schema's, and the planner's own."""
        return {**schema.measures(), **(self.given.own_measures if self.given else {})}

    @cached_property
    def world(self) -> Resolved:
        """Return the horizon, scale and drivers all arms share, with the history and values they start from."""
        scale = f"{self.scale.numerator}/{self.scale.denominator}"
        file = ScenarioFile.model_validate({"title": "Study of measures", "to": clock.label(self.end), "scale": scale})
        whole = self.given or resolve(Scenario("study", Path("study"), file, {}, None))
        return replace(whole, end=self.end, scale=self.scale, baseline=None, evidenced=False)

    def paths(self, arm: Arm) -> SharedPaths:
        """Return the primitives' paths of an arm, shared by all seeds."""
        past: tuple[Entry, ...] = tuple(one.entry for one in self.world.schedule if one.entry.origin == "history")
        own = {**placebos(), **self.world.own_measures}
        return SharedPaths(arm.entries(self.end, past), self.world.overrides, own=own, combiner=arm.combiner)

    def about(self) -> dict[str, Any]:
        """Return what decides the numbers of a run: code, scale, horizon, and the planner's world."""
        scale = f"{self.scale.numerator}/{self.scale.denominator}"
        world = {"world": world_of(self.given)} if self.given else {}
        return {"code": code_hash(), "scale": scale, "to": clock.label(self.end), **world}


def run(study: Study, arms: Iterable[Arm], records: Records, report: Callable[[int, int], None] | None = None) -> None:
    """Run what ``records`` do not hold yet; a failed run is kept with its reason and does not stop the others."""
    jobs = [(arm, seed) for arm in arms for seed in study.seeds_of(arm) if not records.holds(arm.id, seed, arm.keep)]
    at_once, threads = side_by_side(float(study.scale), max(1, len(jobs)), study.workers)
    shared = study.world
    load()  # or every process would

    @lru_cache(maxsize=1)
    def paths(arm: Arm) -> SharedPaths:  # a process runs the seeds of an arm one after the other
        return study.paths(arm)

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
