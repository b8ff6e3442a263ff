"""The automatic fit: parameters marked ``fit = true``, inside their ranges, to the observed years 2017-2021.

Robust least squares over the scaled errors of ``hindcast`` (``trust_box``), in two stages: first with a soft loss (soft
L1), so that one series the model cannot reach does not drag the others; then with a smooth count of misses, which lets
go of what is out of reach and works where a point may still be won or lost. Points that vary between seeds weigh less.
Common random numbers make the error a smooth enough function of the parameters for finite differences of a few percent
of a range. A weak pull towards the middle of knowledge (the schema's value) settles what the data do not. Fitted values
are constant in time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ipplan import clock, drivers, schema
from ipplan.analysis import hindcast, trust_box
from ipplan.indicators import evaluate
from ipplan.levers import Entry, PrimitivePaths
from ipplan.runs import forked

Floats = NDArray[np.float64]

STEP = 0.06
"""Finite difference, as a share of a parameter's range."""
PULL = 0.15
"""Weight of a whole range's distance from the schema's value, in scaled errors."""
EDGE = 0.002


def sureness(runs: Floats, wanted: Sequence[hindcast.Point]) -> Floats:
    """Return weights 1 / sqrt(1 + s^2), s the standard error of the seeds' mean in scaled errors.

    What is left to chance at the scale of the fit weighs less; ``runs`` [seed, point].
    """
    if len(runs) < 2:
        return np.ones(len(wanted))
    error = runs.std(axis=0, ddof=1) / math.sqrt(len(runs)) / np.array([point.scale for point in wanted])
    found: Floats = 1.0 / np.sqrt(1.0 + np.nan_to_num(error, nan=1.0) ** 2)
    return found


@dataclass(frozen=True)
class Parameter:
    """One fitted number: a primitive, or a measure's effect (``measure/primitive``)."""

    name: str
    low: float
    high: float
    start: float
    log: bool
    effect: bool

    def value(self, x: float) -> float:
        """Return the value at place ``x`` of the range, 0 to 1."""
        if self.log:
            return float(self.low * (self.high / self.low) ** x)
        return float(self.low + (self.high - self.low) * x)

    def place(self, value: float) -> float:
        """Return the place of a value in the range, 0 to 1."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    @property
    def start_place(self) -> float:
        """Return the place of the schema's own value."""
        return self.place(self.start)


def parameters() -> tuple[Parameter, ...]:
    """Return everything marked ``fit = true`` in the schema, at the value it has there without any fit."""
    found = []
    unfitted = schema.load.unfitted_primitives()
    for name, primitive in unfitted.items():
        if primitive.fit:
            log = primitive.scale == "log"
            found.append(Parameter(name, primitive.range_low, primitive.range_high, primitive.value, log, False))
    for measure in schema.load.unfitted_measures().values():
        for move in measure.moves:
            if move.fit:
                low, high = move.range
                found.append(Parameter(f"{measure.id}/{move.primitive}", low, high, move.effect, False, True))
    return tuple(found)


@dataclass
class Fit:
    """A fit in progress: schedule of history, points, seeds, scale."""

    schedule: Sequence[Entry]
    scale: float
    seeds: Sequence[int]
    workers: int = 2
    report: Callable[[str], None] = print
    wanted: tuple[hindcast.Point, ...] = field(default_factory=hindcast.points)
    unknowns: tuple[Parameter, ...] = field(default_factory=parameters)
    weights: Floats = field(default_factory=lambda: np.zeros(0))
    """How sure each point is, set at the first place that is reckoned."""

    def simulate(self, values: Mapping[str, float], effects: Mapping[str, float], seed: int) -> Floats:
        """Return the model's values at the points for one seed."""
        from ipplan.system import IPSystem, Settings

        end = clock.month_of(max(point.year for point in self.wanted) + 1)
        paths = PrimitivePaths(schedule=self.schedule, values=dict(values), effects=dict(effects))
        system = IPSystem(Settings(paths=paths, scale=self.scale, seed=seed, end=end))
        ledger = system.run()
        system.close()
        frame = evaluate(ledger, drivers.path("population", range(end)))
        return hindcast.simulated(frame, self.wanted)

    def named(self, x: Floats) -> tuple[dict[str, float], dict[str, float]]:
        """Return (primitive values, measure effects) at a place of the box."""
        pairs = [(p, p.value(float(place))) for p, place in zip(self.unknowns, x, strict=True)]
        return {p.name: v for p, v in pairs if not p.effect}, {p.name: v for p, v in pairs if p.effect}

    def residuals(self, x: Floats, workers: int | None = None) -> Floats:
        """Return weighted scaled errors of the seeds' mean, then the pull towards the schema's values."""
        values, effects = self.named(x)

        def one(place: int) -> Floats:
            return self.simulate(values, effects, self.seeds[place])

        side_by_side = min(len(self.seeds), workers or self.workers)
        if side_by_side > 1:
            runs = np.array(list(forked.in_order(len(self.seeds), side_by_side, one, _lost)))
        else:
            runs = np.array([one(place) for place in range(len(self.seeds))])
        if not len(self.weights):
            self.weights = sureness(runs, self.wanted)
        start = np.array([p.start_place for p in self.unknowns])
        scaled = np.nan_to_num(hindcast.errors(runs.mean(axis=0), self.wanted), nan=5.0)
        return np.concatenate([self.weights * scaled, PULL * (x - start)])

    def jacobian(self, x: Floats) -> Floats:
        """Return the finite-difference Jacobian, columns side by side on processes."""
        here = self.residuals(x, 1)  # in this process: compiles what is not compiled yet, before each of the others

        def column(place: int) -> Floats:
            step = STEP if x[place] + STEP < 1 else -STEP
            there = x.copy()
            there[place] += step
            return (self.residuals(there, 1) - here) / step

        columns = list(forked.in_order(len(x), self.workers, column, _lost))
        self.report(f"  Jacobian; {self.share(here):.1%} of points within one scaled error here")
        return np.stack(columns, axis=1)

    def share(self, residuals: Floats) -> float:
        """Return the share of points within one scaled error."""
        return hindcast.hit_share(residuals[: len(self.wanted)] / self.weights)

    def last_place(self) -> Floats:
        """Return the place of the values that ship as fitted; the schema's own where there is none."""
        known = {**schema.fitted().values, **schema.fitted().effects}
        return np.array([p.place(known[p.name]) if p.name in known else p.start_place for p in self.unknowns])

    def run(self, steps: int = 12, refine: int = 0, start: Floats | None = None) -> Floats:
        """Return the fitted place in the box, from ``start`` or the schema's own values.

        ``steps`` steps at most with the soft loss, then ``refine`` with the smooth count of misses.
        """
        begin = np.array([p.start_place for p in self.unknowns]) if start is None else start
        search = trust_box.Search(self.residuals, self.jacobian, len(self.wanted), begin, EDGE)

        def report(loss: float) -> None:
            self.report(f"  loss {loss:.2f}; {self.share(search.here):.1%} of points within one scaled error")

        search.run(trust_box.soft, steps, report)
        return search.run(trust_box.misses, refine, report)


def _lost(place: int) -> Floats:
    raise RuntimeError(f"the process of run {place} was ended from outside (memory may have run out)")


def toml(fit: Fit, x: Floats, provenance: Mapping[str, str | int | float]) -> str:
    """Return the text of ``data/fitted.toml``: values, effects and where they come from."""
    values, effects = fit.named(x)
    lines = [
        "# Written by `ipplan fit`; do not edit by hand.",
        "# Constant in time: change enters through dated drivers and measures.",
        "[provenance]",
    ]
    for key, value in provenance.items():
        lines.append(f'{key} = {value!r}'.replace("'", '"'))
    lines.append("\n[values]")
    lines += [f'"{name}" = {value:.6g}' for name, value in sorted(values.items())]
    lines.append("\n[effects]")
    lines += [f'"{name}" = {value:.6g}' for name, value in sorted(effects.items())]
    return "\n".join(lines) + "\n"
