"""Does the model reproduce what is known of the system? Pattern by pattern, with a verdict (mechanisms P1-P23).

Pattern-oriented modelling (Grimm et al. 2005, "Pattern-oriented modeling of agent-based complex systems", Science 310):
many weak patterns on several levels restrain a model more than one series fitted closely. A pattern is a row of
data/patterns.toml with the ranges that count as reproduced; it is read off the history and, where it is about a
response, off an arm: the history with one thing changed, under the same random numbers. Failures are shown like
successes.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from pydantic import model_validator

from ipplan import clock, drivers, schema
from ipplan.analysis import pattern_statistics
from ipplan.indicators import IndicatorFrame, evaluate
from ipplan.levers import Entry, PrimitivePaths
from ipplan.schedule import history
from ipplan.schema.models import Frozen
from ipplan.schema.parsing import build
from ipplan.system import IPSystem, Settings
from ipplan.world import N_PROVINCES

WHERE = "data/patterns.toml"
HISTORY = "history"
END = clock.month_of(2026)
"""First month that is not run: the last observed year is 2025."""
_READING = re.compile(r"(?P<indicator>\w+)(?:\[(?P<group>[\w:]+)\])?@(?P<year>\d{4})$")

Verdict = Literal["holds", "in part", "fails", "no cases", "not asked"]
VERDICTS: tuple[Verdict, ...] = ("holds", "in part", "fails", "no cases", "not asked")


class Check(Frozen):
    """One question to the model, and the answers that count as the pattern."""

    what: str
    low: float
    high: float
    basis: str
    read: str = ""
    statistic: str = ""
    arm: str = HISTORY
    against: str = HISTORY
    change: Literal["", "percent", "difference"] = ""

    @model_validator(mode="after")
    def _one_question(self) -> Check:
        if bool(self.read) == bool(self.statistic):
            raise ValueError("needs either `read` or `statistic`")
        if self.statistic and self.statistic not in pattern_statistics.STATISTICS:
            raise ValueError(f"there is no statistic '{self.statistic}'")
        if bool(self.change) != (self.arm != self.against):
            raise ValueError("an `arm` needs `change` (percent or difference), and the reverse")
        if not self.low < self.high:
            raise ValueError("`low` should be below `high`")
        return self


class Pattern(Frozen):
    """A pattern: what was observed, what is asked of the model, what cannot be asked."""

    id: str
    title: str
    observed: str
    checks: tuple[Check, ...] = ()
    gap: str = ""


class Added(Frozen):
    """A measure that an arm has beyond history, in years."""

    measure: str
    start: int
    end: int | None = None
    strength: float = 1.0
    every_second_province: bool = False


class Path(Frozen):
    """A dated path that an arm multiplies from a year on."""

    year: int
    factor: float


class Arm(Frozen):
    """History with something changed."""

    what: str
    without: tuple[str, ...] = ()
    add: tuple[Added, ...] = ()
    drivers: Mapping[str, Path] = {}
    factors: Mapping[str, float] = {}


@dataclass(frozen=True)
class Answer:
    """The model's value for a check; NaN where it has none."""

    check: Check
    value: float

    @property
    def missing(self) -> bool:
        """Whether the runs had no case to read it off: in a small one what is rare does not happen."""
        return math.isnan(self.value)

    @property
    def holds(self) -> bool:
        """Whether the value lies in the range (a missing one does not)."""
        return self.check.low <= self.value <= self.check.high


@dataclass(frozen=True)
class Judged:
    """A pattern with its answers."""

    pattern: Pattern
    answers: tuple[Answer, ...]

    @property
    def verdict(self) -> Verdict:
        """All checks, some, none; or the runs had no case for any; or nothing could be asked."""
        if not self.answers:
            return "not asked"
        if all(answer.missing for answer in self.answers):
            return "no cases"
        held = [answer.holds for answer in self.answers]
        return "holds" if all(held) else "in part" if any(held) else "fails"


@cache
def table() -> tuple[tuple[Pattern, ...], Mapping[str, Arm]]:
    """Return the patterns and the arms; InputError with one sentence if the file is wrong."""
    rows = tomllib.loads(files("ipplan.data").joinpath("patterns.toml").read_text(encoding="utf-8"))
    arms = {name: build(Arm, row, f"{WHERE}: arm '{name}'") for name, row in rows["arms"].items()}
    patterns = tuple(build(Pattern, row, f"{WHERE}: pattern '{row.get('id')}'") for row in rows["pattern"])
    return patterns, {HISTORY: Arm(what="history"), **arms}


def system_of(arm: Arm, scale: float, seed: int) -> IPSystem:
    """Return the system of an arm at the start."""
    schedule = [*history(arm.without)]
    for more in arm.add:
        provinces = frozenset(range(0, N_PROVINCES, 2)) if more.every_second_province else None
        end = None if more.end is None else clock.month_of(more.end)
        schedule.append(Entry(more.measure, clock.month_of(more.start), end, more.strength, provinces=provinces))
    values = {name: schema.primitives()[name].value * factor for name, factor in arm.factors.items()}
    given = {
        name: {point.year: point.value * (path.factor if point.year >= path.year else 1.0)
               for point in drivers.drivers()[name].points if point.year >= path.year - 1}
        for name, path in arm.drivers.items()
    }  # fmt: skip
    return IPSystem(Settings(PrimitivePaths(schedule=schedule, values=values), scale=scale, seed=seed, end=END,
                             drivers=given))  # fmt: skip


def run(arm: Arm, scale: float, seed: int) -> pattern_statistics.Run:
    """Run an arm; look at its agents and rights where a statistic asks for it."""
    system = system_of(arm, scale, seed)
    seen: dict[str, float] = {}
    while system.month < END:
        system.step()
        for name, (month, look) in pattern_statistics.LOOKS.items():
            if month == system.month:
                seen[name] = look(system)
    ledger = system.ledger
    system.close()
    return pattern_statistics.Run(evaluate(ledger, drivers.path("population", range(END))), seen)


def _reading(frame: IndicatorFrame, text: str) -> float:
    found = _READING.match(text.strip())
    if found is None:
        raise ValueError(f"'{text}' is no reading; write indicator@year or indicator[group]@year")
    values = frame.by_year(found["indicator"], found["group"] or "all")
    return float(values[frame.years.index(int(found["year"]))])


def read(frame: IndicatorFrame, text: str) -> float:
    """Return ``a@year``, ``a@year / b@year`` or ``a@year - b@year``."""
    if " / " in text:
        one, two = (_reading(frame, part) for part in text.split(" / "))
        return one / two if two else math.nan
    if " - " in text:
        one, two = (_reading(frame, part) for part in text.split(" - "))
        return one - two
    return _reading(frame, text)


def answer(check: Check, runs: Mapping[str, pattern_statistics.Run]) -> float:
    """Return a check's value in the runs of one seed."""
    if check.statistic:
        return float(pattern_statistics.STATISTICS[check.statistic](runs))
    value = read(runs[check.arm].frame, check.read)
    if check.change == "":
        return value
    other = read(runs[check.against].frame, check.read)
    if check.change == "difference":
        return value - other
    return 100.0 * (value / other - 1.0) if other else math.nan


def judge(scale: float, seeds: Sequence[int], report: Callable[[str], None] = lambda text: None) -> tuple[Judged, ...]:
    """Return every pattern with the mean answers over the seeds; an arm of a seed runs once."""
    patterns, arms = table()
    values: list[dict[tuple[str, str], float]] = []
    for seed in seeds:
        runs = {}
        for name, arm in arms.items():
            report(f"seed {seed}: {arm.what}")
            runs[name] = run(arm, scale, seed)
        values.append({(p.id, c.what): answer(c, runs) for p in patterns for c in p.checks})
    return tuple(
        Judged(p, tuple(Answer(c, float(np.mean([value[p.id, c.what] for value in values]))) for c in p.checks))
        for p in patterns
    )
