"""A scenario with another end: what lies beyond it is left out."""

from __future__ import annotations

from ipplan import clock
from ipplan.scenario.format import MeasureEntry, ScenarioFile


def until(file: ScenarioFile, end: int) -> ScenarioFile:
    """Return a scenario whose first month not run is ``end``: measures and targets that lie beyond are left out."""
    years = clock.full_years(file.start, end)
    return file.model_copy(update={
        "to": end,
        "measures": tuple(_cut(entry, end) for entry in file.measures if entry.start < end),
        "targets": tuple(target for target in file.targets if target.year in years),
    })  # fmt: skip


def _cut(entry: MeasureEntry, end: int) -> MeasureEntry:
    beyond = entry.to is not None and entry.to > end
    return entry.model_copy(update={"to": None}) if beyond else entry
