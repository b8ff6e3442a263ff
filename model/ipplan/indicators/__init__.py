"""Indicators: counted from what agents did, the official figure and the latent truth side by side."""

from ipplan.indicators.definition import Definition, definitions
from ipplan.indicators.evaluate import NATION, IndicatorFrame, evaluate
from ipplan.indicators.plan import ALL
from ipplan.indicators.tidy import SCHEMA, tidy

__all__ = ["ALL", "NATION", "SCHEMA", "Definition", "IndicatorFrame", "definitions", "evaluate", "tidy"]
