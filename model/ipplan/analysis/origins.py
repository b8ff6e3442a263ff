"""Which phase records what an indicator is counted from: seen by watching the counters while the system runs.

Nothing writes an indicator: it is a formula over counted events. Here every phase of every month is watched, and each
flow, stock, wait or gauge that it changes is noted as recorded by it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ipplan import clock, ledger, schema
from ipplan.indicators.definition import Definition
from ipplan.levers import Entry, PrimitivePaths
from ipplan.phases.month import PHASES, close_books
from ipplan.schedule import history
from ipplan.system import IPSystem, Settings

SCALE, MONTHS = 1 / 400, clock.month_of(2025)
"""Small enough for a few seconds, long enough for the rare events."""

Record = tuple[str, str]
"""(flow | stock | wait | gauge, name)"""


def everything_on() -> IPSystem:
    """Return the history with every measure of the schema on from 2018, ready to run."""
    schedule = [*history(), *(Entry(name, clock.month_of(2018)) for name in schema.measures())]
    return IPSystem(Settings(PrimitivePaths(schedule=schedule), scale=SCALE, end=MONTHS))


def _state(system: IPSystem) -> dict[str, NDArray[np.float64]]:
    """Return what is counted so far, summed to one number a flow, stock, lane or gauge, without cancellation."""
    tallies = [block.tally for block in system.blocks]
    flows = np.sum([tally.flows for tally in tallies], axis=0).reshape(-1, ledger.N_FLOWS)
    stocks = np.sum([tally.stocks for tally in tallies], axis=0).reshape(-1, ledger.N_STOCKS)
    weights = np.arange(1, len(stocks) + 1, dtype=np.float64)  # a right that changes hands moves no total
    return {
        "flow": weights[: len(flows)] @ flows, "stock": weights @ stocks,
        "wait": np.sum([tally.waits.sum(axis=1) for tally in tallies], axis=0).astype(np.float64),
        "gauge": np.array([system.ledger.gauges[name] for name in ledger.GAUGES]) @ np.arange(1.0, system.end + 1.0),
    }  # fmt: skip


NAMES = {"flow": ledger.FLOWS, "stock": ledger.STOCKS, "wait": ledger.WAIT_LANES, "gauge": ledger.GAUGES}


def trace(system: IPSystem) -> Mapping[Record, tuple[str, ...]]:
    """Run the system and return (kind, name) -> the phases that were seen to change it, in the order of a month."""
    found: dict[Record, set[str]] = {}
    for month in range(system.end):
        before = _state(system)
        for phase in PHASES:
            phase(system, month)
            after = _state(system)
            if phase is not close_books:  # which carries the counts over and sets them back
                for kind, names in NAMES.items():
                    for place in np.flatnonzero(after[kind] != before[kind]):
                        found.setdefault((kind, names[place]), set()).add(phase.__name__)
            before = after
        system.month += 1
    order = [phase.__name__ for phase in PHASES]
    return {record: tuple(sorted(phases, key=order.index)) for record, phases in found.items()}


def records(one: Definition) -> tuple[Record, ...]:
    """Return what an indicator is counted from; a displacement is a difference of two others and has none."""
    terms = tuple(("flow" if term.is_flow else "stock", term.name) for term in (*one.numerator, *one.denominator))
    gauges = tuple(("gauge", name) for name in (one.gauge, one.per) if name)
    return tuple(dict.fromkeys((*terms, *(("wait", lane) for lane in one.lanes), *gauges)))
