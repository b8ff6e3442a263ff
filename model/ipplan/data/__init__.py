"""Data that ships with the package, every value with its source: see data/README.md."""

from ipplan.data.history import HistoryEntry, crosswalk, history_schedule, history_toml
from ipplan.data.tables import (
    Event,
    Observation,
    PartialObservation,
    PlanRow,
    Province,
    Series,
    TargetRow,
    measure_tests,
    observed,
    observed_partial,
    plan_rows,
    province,
    provinces,
    read,
    series,
    targets,
    timeline,
)

__all__ = [
    "Event", "HistoryEntry", "Observation", "PartialObservation", "PlanRow", "Province", "Series", "TargetRow",
    "crosswalk", "history_schedule", "history_toml", "measure_tests", "observed", "observed_partial", "plan_rows",
    "province", "provinces", "read", "series", "targets", "timeline",
]
