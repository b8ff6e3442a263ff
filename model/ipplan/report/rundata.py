"""What a report needs of a run: the ensembles, what was observed, targets, and the dates of measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ipplan.analysis.compare import EffectRow, Ensemble, TargetLike, effects_table, observed_values
from ipplan.indicators import definitions


@dataclass(frozen=True)
class MeasureDate:
    """When a measure starts or changes; ``origin`` is ``history`` or ``plan``, ``month`` counts from January 2017."""

    month: int
    label: str
    origin: str


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
    targets: tuple[TargetLike, ...] = ()
    dates: tuple[MeasureDate, ...] = ()

    @property
    def plan_dates(self) -> tuple[MeasureDate, ...]:
        """Return the dates of the plan's own measures, in order."""
        return tuple(sorted((date for date in self.dates if date.origin == "plan"), key=lambda date: date.month))

    @property
    def history_dates(self) -> tuple[MeasureDate, ...]:
        """Return the dates of what history did, in order."""
        return tuple(sorted((date for date in self.dates if date.origin != "plan"), key=lambda date: date.month))

    @property
    def ensembles(self) -> tuple[Ensemble, ...]:
        """Return baseline and plan, or the plan alone."""
        return (self.plan,) if self.baseline is None else (self.baseline, self.plan)


def collect(
    title: str,
    scale: str,
    plan: Ensemble,
    baseline: Ensemble | None = None,
    targets: Iterable[TargetLike] = (),
    dates: Iterable[MeasureDate] = (),
) -> RunData:
    """Return the data of a report, effects computed."""
    effects = tuple(effects_table(baseline, plan)) if baseline is not None else ()
    return RunData(title, scale, plan, baseline, effects, targets=tuple(targets), dates=tuple(dates))
