"""The one schema: primitives, measures, indicators and targets, as tables with units, ranges and sources.

Mechanisms are code, measures are data: the tables in this folder say what can be moved, by what, how far, on what
evidence. ``primitives()``, ``measures()``, ``indicators()`` and ``targets()`` are read once and frozen.
"""

from ipplan.schema.load import fitted, indicators, measures, primitives, targets
from ipplan.schema.models import Cost, Expectation, Indicator, Measure, Move, Primitive, Scale, Target, Title, room
from ipplan.schema.parsing import (
    Fitted,
    parse_fitted,
    parse_measures,
    parse_primitives,
    parse_toml,
    with_effects,
    with_values,
)

__all__ = [
    "Cost", "Expectation", "Fitted", "Indicator", "Measure", "Move", "Primitive", "Scale", "Target", "Title",
    "fitted", "indicators", "measures", "parse_fitted", "parse_measures", "parse_primitives", "parse_toml",
    "primitives", "room", "targets", "with_effects", "with_values",
]
