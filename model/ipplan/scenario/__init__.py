"""Scenario files: read, checked against the schema, and resolved to what a run needs."""

from ipplan.scenario.loading import load
from ipplan.scenario.resolved import Resolved, Scheduled, Value, resolve
from ipplan.scenario.scenario import Scenario

__all__ = ["Resolved", "Scenario", "Scheduled", "Value", "load", "resolve"]
