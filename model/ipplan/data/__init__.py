"""Data that ships with the package, every value with its source: see data/README.md."""

from ipplan.data.history import HistoryEntry, crosswalk, history_schedule, history_toml
from ipplan.data.tables import (
    Event,
    Observation,
    PartialObservation,
    Province,
    Series,
    TargetRow,
    observed,
    observed_partial,
    province,
    provinces,
    read,
    series,
    targets,
    timeline,
)

__all__ = [
    "Event", "HistoryEntry", "Observation", "PartialObservation", "Province", "Series", "TargetRow",
    "crosswalk", "history_schedule", "history_toml", "observed", "observed_partial", "province", "provinces", "read",
    "series", "targets", "timeline",
]
