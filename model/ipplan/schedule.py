"""A schedule of measures, and how strongly each works by month, province and kind of applicant.

An entry is a pulse u of height ``strength`` over ``[start, end)``. With delay L and build-up tau (months) its strength
follows X(t+1) = X(t) + [u(t-L) - X(t)] (1 - exp(-1/tau)), X = 0 before; in closed form it rises as
S (1 - exp(-(t-start-L)/tau)) and falls as exp(-(t-end-L)/tau) after the end. The rule is linear, so the strengths of a
measure's entries add: X = X_history + X_plan, and so a plan never switches history off. Provinces and applicants mask
an entry.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ipplan import data, world
from ipplan.errors import InputError, nearest
from ipplan.schema import Measure

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Entry:
    """One entry of a schedule.

    ``start`` and ``end`` (None: no end) are months; ``build_up`` in months, None for the measure's own; ``provinces``
    (indices 0..30) and ``applicants`` (kind codes), None for all; ``origin`` is ``history`` or ``plan``.
    """

    measure: str
    start: int
    end: int | None = None
    strength: float = 1.0
    build_up: float | None = None
    provinces: frozenset[int] | None = None
    applicants: frozenset[int] | None = None
    origin: Literal["history", "plan"] = "plan"

    @classmethod
    def past(cls, one: data.HistoryEntry) -> Entry:
        """Return what was done, as the levers see it."""
        return cls(one.measure, one.start, one.end, one.strength, origin="history")


def history(without: Container[str] = ()) -> tuple[Entry, ...]:
    """Return the history as the levers see it, but for the measures ``without``."""
    return tuple(Entry.past(one) for one in data.history_schedule() if one.measure not in without)


def pulse(months: NDArray[np.int64], start: float, end: float | None, strength: float, build_up: float) -> Floats:
    """Return X at each month for a pulse in force over ``[start, end)`` (delay already added), in closed form."""
    def risen(since: Floats) -> Floats:
        waited = np.maximum(since, 0.0)
        return np.asarray(-np.expm1(-waited / build_up) if build_up > 0 else waited > 0, dtype=np.float64)

    at = months.astype(np.float64)
    level = strength * risen(at - start)
    if end is None:
        return level
    after = np.maximum(at - end, 0.0)
    left = np.exp(-after / build_up) if build_up > 0 else np.asarray(after <= 0, dtype=np.float64)
    top = strength * risen(np.array([end - start], dtype=np.float64))[0]
    return np.where(after > 0, top * left, level)


def mask(entry: Entry, measure: Measure) -> Floats:
    """Return 0/1 per cell [192] for whom an entry works."""
    kinds = set(range(world.N_KINDS))
    if measure.applicants is not None:
        kinds &= {world.KINDS.index(kind) for kind in measure.applicants}
    if entry.applicants is not None:
        kinds &= entry.applicants
    cells = np.zeros((world.N_PROVINCES + 1, world.N_KINDS))
    places = sorted(entry.provinces) if entry.provinces is not None else list(range(world.N_PROVINCES + 1))
    cells[np.ix_(places, sorted(kinds))] = 1.0
    return cells.reshape(-1)


def population_share(provinces: frozenset[int] | None) -> float:
    """Return the share of residents in these provinces: how far they move what the nation has only one of."""
    if provinces is None:
        return 1.0
    people = [place.population_10k_2022 for place in data.provinces()]
    return sum(people[index] for index in sorted(provinces)) / sum(people)


def expand(schedule: Iterable[Entry], measures: Mapping[str, Measure]) -> list[Entry]:
    """Return the entries with measures that have parts replaced by their parts (and themselves, if they move)."""
    entries = []
    for entry in schedule:
        if entry.measure not in measures:
            raise InputError(f"unknown measure '{entry.measure}'.{nearest(entry.measure, measures)}")
        measure = measures[entry.measure]
        names = [*measure.parts, *([measure.id] if measure.moves else [])]
        entries += [replace(entry, measure=name) for name in names]
    return entries


@dataclass(frozen=True)
class Strengths:
    """X of every measure that has an entry.

    Cells that no mask tells apart form a group: ``cells[measure]`` is [n_months, n_groups] and ``group`` [192] says
    which column is a cell's. ``nation[measure]`` [n_months, 1] counts a province by its share of residents.
    """

    group: NDArray[np.int64]
    cells: Mapping[str, Floats]
    nation: Mapping[str, Floats]

    def by_cell(self, measure: str) -> Floats:
        """Return X of a measure by month and cell, [n_months, 192]."""
        found: Floats = self.cells[measure][:, self.group]
        return found


def strengths(schedule: Iterable[Entry], measures: Mapping[str, Measure], n_months: int) -> Strengths:
    """Return the strength of every measure that has an entry, months 0..n_months-1."""
    months = np.arange(n_months)
    entries = expand(schedule, measures)
    masks = np.array([np.ones(world.N_CELLS), *(mask(entry, measures[entry.measure]) for entry in entries)])
    columns, group = np.unique(masks, axis=1, return_inverse=True)
    cells: dict[str, Floats] = {}
    nation: dict[str, Floats] = {}
    for entry, column in zip(entries, columns[1:], strict=True):
        measure = measures[entry.measure]
        tau = measure.build_up if entry.build_up is None else entry.build_up
        end = None if entry.end is None else entry.end + measure.delay
        x = pulse(months, entry.start + measure.delay, end, entry.strength, tau)[:, None]
        cells[measure.id] = cells.get(measure.id, np.zeros((1, 1))) + x * column
        nation[measure.id] = nation.get(measure.id, np.zeros((1, 1))) + x * population_share(entry.provinces)
    return Strengths(group.reshape(-1), dict(sorted(cells.items())), dict(sorted(nation.items())))
