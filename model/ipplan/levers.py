"""From a schedule to primitives: when a measure works, where, for whom, and how far it moves what.

How strongly a measure works is X of `schedule`: X = X_history + X_plan.

**Move.** Within a channel c of one primitive, measures that push the same way overlap instead of adding:

    shift_c = C_c [1 - prod_m (1 - |effect_m| / C_c)^X_m],    C_c = 1.5 max |effect| over the schema's measures in c

so a measure alone at X = 1 shifts exactly its effect, and any number of them at most C_c. C_c depends on the schema
only, never on the schedule: a measure that is not there changes nothing. A planner's own measure that is stronger than
C_c, or whose channel the schema does not know, has a channel to itself. Channels add.

**Switches** come first: theta0 <- (1 - X) theta0 + X theta1, X clipped to [0, 1]; a rule sets the value that everything
else starts from.

**Room.** The sum s moves the primitive by s log points (log scale) or s units (linear), inside its bounds: with R the
room from theta0 to the bound ahead, in the same measure, and u = |s| / R, it goes the way R g(u),

    g(u) = u up to k,   1 - (1 - k) exp(-(u - k) / (1 - k)) beyond,   k = 0.9,

so what a measure declares is what it does, to the last digit, as long as nine tenths of the room suffice; beyond, the
bound is approached and never reached (g is smooth: g'(k) = 1). A logit of the place between the bounds, the usual
link, moves a value close to a bound by several times the declared size. A shift of exactly zero returns the value
itself, bit for bit. Structural alternatives to the overlap: ``additive`` (sums) and ``maximum`` (the strongest only).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from ipplan import schema, world
from ipplan.errors import InputError, nearest
from ipplan.schedule import Entry, Floats, Strengths, expand, strengths
from ipplan.schema import Measure, Move, Primitive, Scale
from ipplan.tables import Table

__all__ = [
    "COMBINERS", "Combiner", "Entry", "PrimitivePaths", "Rewrite", "Strengths", "moved", "shift", "strengths",
]  # fmt: skip

Rewrite = Callable[[Floats], None]
"""Turns the values of a table [month, read, cell], in place, into what a phase reads."""

Combiner = Literal["overlap", "additive", "maximum"]
COMBINERS: tuple[Combiner, ...] = ("overlap", "additive", "maximum")
HEADROOM = 1.5
"""A channel saturates at this multiple of its strongest measure."""
EXACT = 0.9
"""Share of the room up to a bound in which a shift moves a primitive by exactly its size."""


@dataclass(frozen=True)
class Force:
    """What pushes one primitive: the effect (or switch) of one measure in one channel with its ceiling."""

    measure: str
    channel: str
    effect: float
    ceiling: float
    switch_to: float | None


def ceilings(measures: Mapping[str, Measure]) -> dict[tuple[str, str, bool], float]:
    """Return C by (primitive, channel, pushes up) over the schema's measures."""
    found: dict[tuple[str, str, bool], float] = {}
    for measure in measures.values():
        for move in measure.moves:
            for name in move.primitives:
                key = (name, move.channel, move.effect > 0)
                found[key] = max(found.get(key, 0.0), HEADROOM * abs(move.effect))
    return found


def forces(own: Mapping[str, Measure], known: Mapping[str, Measure]) -> dict[str, list[Force]]:
    """Return primitive -> forces, in the order of measure ids; ``own`` are a planner's measures beyond the schema."""
    limits = ceilings(known)
    found: dict[str, list[Force]] = {}
    for name, measure in sorted({**known, **own}.items()):
        for move in measure.moves:
            for primitive in move.primitives:
                found.setdefault(primitive, []).append(_force(name, move, primitive, limits))
    return found


def _force(name: str, move: Move, primitive: str, limits: Mapping[tuple[str, str, bool], float]) -> Force:
    ceiling = limits.get((primitive, move.channel, move.effect > 0), 0.0)
    channel = move.channel
    if abs(move.effect) > ceiling:
        channel, ceiling = f"{move.channel} of {name}", HEADROOM * abs(move.effect)
    return Force(name, channel, move.effect, ceiling, move.switch_to)


def shift(pushes: Sequence[Force], x: Mapping[str, Floats], combiner: Combiner) -> Floats:
    """Return the total shift of one primitive in log points or units, [n or 1, groups or 1].

    ``x`` is the strength by measure; a measure that is absent or at strength 0 changes no bit of the sum.
    """
    groups: dict[tuple[str, bool], list[Force]] = {}
    for push in pushes:
        if push.effect != 0.0 and push.measure in x:
            groups.setdefault((push.channel, push.effect > 0), []).append(push)
    total = np.zeros((1, 1))
    for (_, upward), members in sorted(groups.items()):
        if combiner == "overlap":
            ceiling = members[0].ceiling
            kept = np.ones((1, 1))
            for push in members:
                kept = kept * (1.0 - abs(push.effect) / ceiling) ** x[push.measure]
            size = ceiling * (1.0 - kept)
        elif combiner == "additive":
            size = np.zeros((1, 1))
            for push in members:
                size = size + abs(push.effect) * x[push.measure]
        else:
            size = np.zeros((1, 1))
            for push in members:
                size = np.maximum(size, abs(push.effect) * x[push.measure])
        total = total + (size if upward else -size)
    return total


def moved(theta0: Floats | float, low: float, high: float, scale: Scale, total: Floats) -> Floats:
    """Return the primitive after a shift; inside ``(low, high)``, and ``theta0`` itself where the shift is 0.0."""
    up, down = (np.log(high / theta0), np.log(theta0 / low)) if scale == "log" else (high - theta0, theta0 - low)
    ahead = np.maximum(np.where(total > 0.0, up, down), np.finfo(float).tiny)
    u = np.abs(total) / ahead
    beyond = 1.0 - (1.0 - EXACT) * np.exp(-np.maximum(u - EXACT, 0.0) / (1.0 - EXACT))
    way = np.where(u <= EXACT, total, np.sign(total) * ahead * beyond)
    theta = theta0 * np.exp(way) if scale == "log" else theta0 + way
    theta = np.clip(theta, np.nextafter(low, high), np.nextafter(high, low))
    return np.where(total == 0.0, theta0, theta)


@dataclass
class PrimitivePaths:
    """Every primitive's value by month, province and kind under one schedule; computed once, shared by replicates.

    ``values`` override a primitive's value (scenario or fit), ``effects`` a measure's effect (``measure/primitive``),
    ``own`` are a planner's measures. Months run from 0 (January 2017).
    """

    schedule: Sequence[Entry] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    effects: Mapping[str, float] = field(default_factory=dict)
    own: Mapping[str, Measure] = field(default_factory=dict)
    combiner: Combiner = "overlap"
    primitives: Mapping[str, Primitive] = field(default_factory=schema.primitives)
    measures: Mapping[str, Measure] = field(default_factory=schema.measures)

    def __post_init__(self) -> None:
        """Join the tables; InputError for what they do not know or values outside bounds."""
        if self.combiner not in COMBINERS:
            raise InputError(f"unknown combiner '{self.combiner}'.{nearest(self.combiner, COMBINERS)}")
        known = schema.with_effects(self.measures, self.effects, "effects") if self.effects else self.measures
        self._all = {**known, **self.own}
        self._forces = forces(self.own, known)
        self._strengths: dict[int, Strengths] = {}
        for name, value in self.values.items():
            primitive = self._primitive(name)
            if not primitive.admits(value):
                problem = "is neither 0 nor 1" if primitive.scale == "switch" else (
                    f"{primitive.unit} is not strictly inside its bounds [{primitive.low:g}, {primitive.high:g}]")
                raise InputError(f"primitive '{name}': value {value:g} {problem}.")

    def _primitive(self, name: str) -> Primitive:
        if name not in self.primitives:
            raise InputError(f"unknown primitive '{name}'.{nearest(name, self.primitives)}")
        return self.primitives[name]

    def strengths(self, n_months: int) -> Strengths:
        """Return every measure's strength over ``n_months`` (what a figure of the plan shows)."""
        if n_months not in self._strengths:
            self._strengths[n_months] = strengths(self.schedule, self._all, n_months)
        return self._strengths[n_months]

    def announced(self, reads: tuple[str, ...], n_months: int) -> dict[int, Floats]:
        """Return row -> path, [n, 192], of the reads that measures with a delay move: as if they worked at once.

        That is what is known from a measure's start on of the time after its delay.
        """
        late = {name for name, measure in self._all.items() if measure.delay}
        late &= {entry.measure for entry in expand(self.schedule, self._all)}
        rows = {row: self._forces[read] for row, read in enumerate(reads)
                if any(push.measure in late for push in self._forces.get(read, ()))}
        if not rows:
            return {}
        names = {push.measure for pushes in rows.values() for push in pushes}
        schedule = [entry for entry in self.schedule
                    if names & {part.measure for part in expand([entry], self._all)}]

        def at_once(measures: Mapping[str, Measure]) -> dict[str, Measure]:
            return {name: one.model_copy(update={"delay": 0.0}) if name in late else one
                    for name, one in measures.items()}

        ahead = replace(self, schedule=schedule, measures=at_once(self.measures), own=at_once(self.own))
        return {row: np.broadcast_to(ahead.path(reads[row], n_months), (n_months, world.N_CELLS)) for row in rows}

    def path(self, name: str, n_months: int) -> Floats:
        """Return one primitive over months and cells: [n or 1, 192 or 1], as narrow as it varies."""
        primitive = self._primitive(name)
        theta: Floats = np.full((1, 1), float(self.values.get(name, primitive.value)))
        pushes = self._forces.get(name, [])
        if not pushes:
            return theta
        strength = self.strengths(n_months)
        x = strength.cells if primitive.scope == "cell" else strength.nation
        for push in pushes:
            if push.switch_to is not None and push.measure in x:
                on = np.clip(x[push.measure], 0.0, 1.0)
                theta = (1.0 - on) * theta + on * push.switch_to
        total = shift(pushes, x, self.combiner)
        if np.any(total != 0.0):
            theta = moved(theta, primitive.low, primitive.high, primitive.scale, total)
        return theta if theta.shape[1] == 1 else theta[:, strength.group]

    def row(self, read: str, n_months: int) -> Floats:
        """Return a read over months and cells; ``x.y.*`` joins the primitives of the six kinds, each in its cells."""
        if not read.endswith(".*"):
            return self.path(read, n_months)
        paths = [self.path(f"{read[:-1]}{kind}", n_months) for kind in world.KINDS]
        joined = np.empty((max(len(path) for path in paths), world.N_CELLS))
        for kind, path in enumerate(paths):
            cells = slice(kind, None, world.N_KINDS)
            joined[:, cells] = path[:, cells] if path.shape[1] > 1 else path
        return joined

    def table(self, reads: tuple[str, ...], n_months: int, rewrite: Rewrite | None = None) -> Table:
        """Return the table of some reads; one slice only if nothing in it varies over the months.

        ``rewrite`` turns its values [month, read, cell], in place, into what the phase reads.
        """
        rows = [self.row(read, n_months) for read in reads]
        constant = all(len(row) == 1 for row in rows)
        # A cell's reads lie side by side: whoever decides in a kernel reads many of one cell.
        values = np.empty((1 if constant else n_months, world.N_CELLS, len(reads))).transpose(0, 2, 1)
        values[:] = np.array([np.broadcast_to(row[0], world.N_CELLS) for row in rows])
        for place, row in enumerate(rows):
            if len(row) > 1:
                values[:, place, :] = row
        if rewrite is not None:
            rewrite(values)
        return Table(tuple(reads), values, constant)

    def announced_table(self, reads: tuple[str, ...], n_months: int) -> Table:
        """Return the table of some reads as it is announced, see ``announced``."""
        return self.table(reads, n_months).with_rows(self.announced(reads, n_months))
