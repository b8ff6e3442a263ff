"""A scenario as resolved: every primitive's value and where it came from, and the schedule of history and plan."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from ipplan import clock, data, schema, world
from ipplan.levers import PrimitivePaths, Rewrite
from ipplan.scenario.format import TargetEntry
from ipplan.scenario.horizon import until
from ipplan.scenario.scenario import Scenario
from ipplan.schedule import Entry
from ipplan.schema import Measure
from ipplan.schema.evidence import grounds, parts
from ipplan.tables import Table

Origin = Literal["schema", "fitted", "scenario"]


class SharedPaths(PrimitivePaths):
    """Paths whose tables are computed once and shared by all replicates of a scenario, on any number of threads."""

    def __post_init__(self) -> None:
        """Begin with no table."""
        super().__post_init__()
        self._lock = threading.RLock()
        self._tables: dict[tuple[tuple[str, ...], int, Rewrite | None], Table] = {}
        self._announced: dict[tuple[tuple[str, ...], int], Table] = {}

    def table(self, reads: tuple[str, ...], n_months: int, rewrite: Rewrite | None = None) -> Table:
        """Return the table of some reads for a run; computed at the first call."""
        with self._lock:
            key = (tuple(reads), n_months, rewrite)
            if key not in self._tables:
                self._tables[key] = super().table(reads, n_months, rewrite)
            return self._tables[key].for_a_run()

    def announced_table(self, reads: tuple[str, ...], n_months: int) -> Table:
        """Return the table of some reads as it is announced; computed at the first call."""
        with self._lock:
            key = (tuple(reads), n_months)
            if key not in self._announced:
                self._announced[key] = super().announced_table(reads, n_months)
            return self._announced[key].for_a_run()


@dataclass(frozen=True)
class Value:
    """A primitive's value in a scenario; ``origin`` says who set it, ``source`` on what ground."""

    value: float
    unit: str
    origin: Origin
    status: str
    source: str


@dataclass(frozen=True)
class Scheduled:
    """An entry of the schedule, with the plan that brought it and its source."""

    entry: Entry
    plan: str
    source: str
    additive: bool = False


@dataclass(frozen=True)
class Resolved:
    """Everything that decides a run but the code: two equal ones give the same numbers, bit for bit.

    ``start`` and ``end`` are months (half-open), ``scale`` the share of the nation that is simulated. ``baseline`` has
    the same horizon, scale, seed and replicates, so that both are run with common random numbers.
    """

    name: str
    title: str
    description: str
    start: int
    end: int
    scale: Fraction
    replicates: int
    seed: int
    primitives: Mapping[str, Value]
    schedule: tuple[Scheduled, ...]
    own_measures: Mapping[str, Measure]
    targets: tuple[TargetEntry, ...]
    history: str
    history_without: tuple[str, ...]
    drivers: Mapping[str, Mapping[int, float]]
    """What stands in place of dated paths: driver -> year -> value."""
    baseline: Resolved | None
    evidenced: bool = False
    """Whether the plan is also run with only those of its measures that have evidence."""

    @property
    def months(self) -> int:
        """Return how many months are run."""
        return self.end - self.start

    @property
    def overrides(self) -> dict[str, float]:
        """Return the primitives that the scenario sets itself."""
        return {name: value.value for name, value in self.primitives.items() if value.origin == "scenario"}

    def entries(self) -> tuple[Entry, ...]:
        """Return what the levers see: entries at strength zero do nothing, so they are left out."""
        return tuple(scheduled.entry for scheduled in self.schedule if scheduled.entry.strength > 0)

    def with_evidence_only(self) -> Resolved:
        """Return the plan with only those of its measures (or of their parts) that stand on more than assumptions."""
        known = {**schema.measures(), **self.own_measures}
        kept = []
        for one in self.schedule:
            measure = known[one.entry.measure]
            if one.entry.origin == "history" or all(grounds(part, known).evidenced for part in parts(measure, known)):
                kept.append(one)
            else:
                kept += [replace(one, entry=replace(one.entry, measure=part.id)) for part in parts(measure, known)
                         if part.id != measure.id and grounds(part, known).evidenced]  # fmt: skip
        return replace(self, schedule=tuple(kept), baseline=None, evidenced=False)

    def paths(self) -> SharedPaths:
        """Return every primitive's path over time; computed once, shared by all replicates."""
        return SharedPaths(schedule=self.entries(), values=self.overrides, own=self.own_measures)

    def to_toml(self) -> str:
        """Return the scenario as resolved, in the format of a scenario file (it can be run again)."""
        from ipplan.scenario.echo import to_toml

        return to_toml(self)

    def canonical(self) -> bytes:
        """Return what decides the numbers, in one fixed spelling, for the key of a run.

        Sources, comments and the name of the file are not part of it; titles, targets and the plan's label are, because
        pictures and tables show them.
        """
        return json.dumps(_canonical(self), sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def resolve(scenario: Scenario) -> Resolved:
    """Return the scenario joined with the schema's values and the history.

    The baseline takes horizon, scale, seed and replicates from the scenario that names it.
    """
    file = scenario.file
    resolved = Resolved(
        name=scenario.name,
        title=file.title,
        description=file.description or "",
        start=file.start,
        end=file.to,
        scale=file.scale,
        replicates=file.replicates,
        seed=file.seed,
        primitives=_values(scenario),
        schedule=(*_history(scenario), *_plan(scenario)),
        own_measures=dict(scenario.own_measures),
        targets=file.targets,
        history=file.history,
        history_without=tuple(sorted(file.history_without or ())),
        drivers={name: dict(sorted(one.values.items())) for name, one in sorted(file.drivers.items())},
        baseline=None,
        evidenced=file.evidenced,
    )
    if scenario.baseline is None:
        return resolved
    other = replace(scenario.baseline, baseline=None, file=until(scenario.baseline.file, file.to))
    baseline = replace(resolve(other), evidenced=False)
    shared = {key: getattr(resolved, key) for key in ("start", "end", "scale", "replicates", "seed")}
    return replace(resolved, baseline=replace(baseline, **shared))


def _values(scenario: Scenario) -> dict[str, Value]:
    fitted = schema.fitted().values
    found: dict[str, Value] = {}
    for name, primitive in sorted(schema.primitives().items()):
        given = scenario.file.primitives.get(name)
        if given is not None and given.value != primitive.value:
            found[name] = Value(given.value, primitive.unit, "scenario", "assumed", f"set in {scenario.path.name}")
        else:
            origin: Origin = "fitted" if name in fitted else "schema"
            found[name] = Value(primitive.value, primitive.unit, origin, primitive.status, primitive.source)
    return found


def _history(scenario: Scenario) -> list[Scheduled]:
    if scenario.file.history == "none":
        return []
    left_out = frozenset(scenario.file.history_without or ())
    return [Scheduled(Entry.past(past), past.plan, past.source) for past in data.history_schedule(left_out)]


def _plan(scenario: Scenario) -> list[Scheduled]:
    found = []
    for given in scenario.file.measures:
        entry = Entry(
            measure=given.measure,
            start=given.start,
            end=given.to,
            strength=given.strength,
            build_up=None if given.build_up is None else float(given.build_up),
            provinces=None if given.provinces is None else frozenset(data.province(p).index for p in given.provinces),
            applicants=None if given.applicants is None else frozenset(world.KINDS.index(k) for k in given.applicants),
            origin="plan",
        )
        found.append(Scheduled(entry, given.plan or scenario.name, f"set in {scenario.path.name}", given.additive))
    return found


def _canonical(resolved: Resolved) -> dict[str, object]:
    return {
        "title": resolved.title,
        "from": clock.label(resolved.start),
        "to": clock.label(resolved.end),
        "scale": str(resolved.scale),
        "replicates": resolved.replicates,
        "seed": resolved.seed,
        "primitives": {name: repr(value.value) for name, value in resolved.primitives.items()},
        "schedule": sorted(
            json.dumps([
                e.measure, e.start, e.end, repr(e.strength), None if e.build_up is None else repr(e.build_up),
                None if e.provinces is None else sorted(e.provinces),
                None if e.applicants is None else sorted(e.applicants), e.origin,
            ])
            for e in (scheduled.entry for scheduled in resolved.schedule)
        ),
        "drivers": {name: {str(y): repr(v) for y, v in path.items()} for name, path in resolved.drivers.items()},
        "own_measures": {name: one.model_dump(mode="json") for name, one in sorted(resolved.own_measures.items())},
        "targets": [one.model_dump(mode="json") for one in resolved.targets],
        "baseline": None if resolved.baseline is None else _canonical(resolved.baseline),
        **({"evidenced": True} if resolved.evidenced else {}),
    }


