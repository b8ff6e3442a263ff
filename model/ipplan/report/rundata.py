"""What a report needs of a run: the ensembles, what was observed, targets, and the dates of measures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ipplan import clock
from ipplan.analysis.compare import EffectRow, Ensemble, TargetLike, effects_table, observed_values
from ipplan.indicators import ALL, definitions
from ipplan.schema import Measure
from ipplan.schema.evidence import Grounds

if TYPE_CHECKING:
    from ipplan.analysis.study.findings import Effect

OWN = "the planner's own"
"""The plan of a target that a scenario file states itself."""
LONG = 80
"""Characters up to which the title of a measure stands whole."""
_HANGING = re.compile(r"(?:[\s,;:(]+(?:a|an|and|at|by|for|from|in|of|on|or|the|to|with))*[\s,;:(]*$")


class AimLike(TargetLike, Protocol):
    """A target with the plan that set it (see ipplan.schema.Target)."""

    @property
    def plan(self) -> str:
        """``OWN``, or the id of the published plan."""


@dataclass(frozen=True)
class Aim:
    """A target of a report: on which indicator, due when, how much, and who set it."""

    series: str
    target_year: int
    target: float
    direction: str
    plan: str = OWN


def plan_name(plan: str) -> str:
    """Return who set a target in words: ``14th plan`` for ``14th_ip_plan``."""
    return plan.replace("_ip_plan", " plan").replace("_", " ")


def bound(target: TargetLike, divide: float = 1.0) -> str:
    """Return a target's value with its direction."""
    sign = "\N{LESS-THAN OR EQUAL TO}" if target.direction == "at_most" else "\N{GREATER-THAN OR EQUAL TO}"
    return f"{sign} {target.target / divide:,.6g}"


def short_title(title: str, limit: int = LONG) -> str:
    """Return the title of a measure; if it is long, without brackets, then what follows a colon, else cut at a word."""
    for pattern in (r"\s*\([^)]*\)", r"\s*:.*"):
        if len(title) > limit:
            title = re.sub(pattern, "", title) or title
    if len(title) <= limit:
        return title
    kept = title[: limit - 2]
    if title[limit - 2] != " " and " " in kept:
        kept = kept.rpartition(" ")[0]
    return _HANGING.sub("", kept) + " \N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True)
class Basis:
    """A measure of the plan, what it stands on, and what the stored study of measures found of it (by indicator)."""

    measure: Measure
    grounds: Grounds
    effects: Mapping[str, Effect] = field(default_factory=dict)


@dataclass(frozen=True)
class MeasureDate:
    """When a measure starts or ``ends``; ``origin`` is ``history`` or ``plan``, ``month`` counts from January 2017."""

    month: int
    label: str
    origin: str
    ends: bool = False


def observed_table() -> dict[str, Mapping[int, float]]:
    """Return indicator -> year -> published value, for indicators that are published series."""
    table = {name: observed_values(name) for name in definitions()}
    return {name: values for name, values in table.items() if values}


@dataclass(frozen=True)
class RunData:
    """A plan and, where there is one, its baseline; ``scale`` is text such as ``1/100``."""

    title: str
    scale: str
    plan: Ensemble
    baseline: Ensemble | None = None
    effects: tuple[EffectRow, ...] = ()
    observed: Mapping[str, Mapping[int, float]] = field(default_factory=observed_table)
    targets: tuple[AimLike, ...] = ()
    dates: tuple[MeasureDate, ...] = ()
    basis: tuple[Basis, ...] = ()
    """What each measure of the plan stands on."""
    changed: tuple[str, ...] = ()
    """Primitives, dated paths and plans of the history in which the plan differs from its baseline."""
    evidenced: Ensemble | None = None
    """The plan with evidenced measures only, if it was run."""

    @property
    def plan_dates(self) -> tuple[MeasureDate, ...]:
        """Return the dates of the plan's own measures, in order."""
        return tuple(sorted((date for date in self.dates if date.origin == "plan"), key=lambda date: date.month))

    @property
    def history_dates(self) -> tuple[MeasureDate, ...]:
        """Return the dates of what history did, in order."""
        return tuple(sorted((date for date in self.dates if date.origin != "plan"), key=lambda date: date.month))

    @property
    def aims(self) -> tuple[AimLike, ...]:
        """Return the targets that the plan can still serve: the planner's own, and those due once it has begun."""
        return tuple(target for target in self.targets if not self._before_the_plan(target))

    @property
    def already_due(self) -> tuple[AimLike, ...]:
        """Return the targets of earlier plans that fell due inside the run, but before the plan's first measure."""
        return tuple(target for target in self.targets if self._before_the_plan(target)
                     and target.target_year in self.plan.years and (target.series, ALL) in self.plan.keys)  # fmt: skip

    def _before_the_plan(self, target: AimLike) -> bool:
        dates = self.plan_dates
        return bool(dates) and target.plan != OWN and target.target_year < clock.year_of(dates[0].month)

    @property
    def ensembles(self) -> tuple[Ensemble, ...]:
        """Return baseline and plan, or the plan alone."""
        return (self.plan,) if self.baseline is None else (self.baseline, self.plan)


def collect(
    title: str,
    scale: str,
    plan: Ensemble,
    baseline: Ensemble | None = None,
    targets: Iterable[AimLike] = (),
    dates: Iterable[MeasureDate] = (),
) -> RunData:
    """Return the data of a report, effects computed."""
    effects = tuple(effects_table(baseline, plan)) if baseline is not None else ()
    return RunData(title, scale, plan, baseline, effects, targets=tuple(targets), dates=tuple(dates))
