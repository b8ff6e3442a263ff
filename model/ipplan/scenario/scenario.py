"""A scenario as it stands in its file: checked, but not yet joined with the history and the schema's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ipplan.scenario.format import ScenarioFile
from ipplan.schema import Measure


@dataclass(frozen=True)
class Scenario:
    """A choice of measures, period and scale. ``end`` is half-open: the first month that is not run."""

    name: str
    """The name of the file without its ending; run folders carry it."""
    path: Path
    file: ScenarioFile
    own_measures: Mapping[str, Measure]
    baseline: Scenario | None

    @property
    def title(self) -> str:
        """Return the title."""
        return self.file.title

    @property
    def start(self) -> int:
        """Return the first month that is run."""
        return self.file.start

    @property
    def end(self) -> int:
        """Return the first month that is not run."""
        return self.file.to
