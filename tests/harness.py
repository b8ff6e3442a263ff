"""What tests of the engine share: whole runs, kernels called by name, tables of agents, and a walk through the bins.

A kernel is called by parameter name (``call``), so a test does not depend on the order of a kernel's arguments.
Small worlds in which one mechanism runs alone are in ``mechanisms``.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ipplan.agents.agencies import HONEST, Agencies
from ipplan.agents.applicants import Applicants
from ipplan.ledger import Ledger
from ipplan.levers import Entry, PrimitivePaths
from ipplan.rights.bins import CHUNK, FREE, FREED, USED_CHUNKS, Bins
from ipplan.rights.docket import SLOTS, Docket
from ipplan.rights.register import Register
from ipplan.schedule import history as history
from ipplan.schema import Measure
from ipplan.system import READS, IPSystem, Settings
from ipplan.world import N_KINDS, N_QUEUES

Floats = NDArray[np.float64]
Table = Bins | Docket | Register
Kernel = Callable[..., Any]
LARGE_CELL, SME_CELL, UNIVERSITY_CELL = 0, 1, 3
"""Cells of the first province."""


# --- whole runs ------------------------------------------------------------------------------------------------------
def paths(
    schedule: Iterable[Entry] = (), values: Mapping[str, float] | None = None, own: Mapping[str, Measure] | None = None
) -> PrimitivePaths:
    """Return primitive paths of a schedule with some values set."""
    return PrimitivePaths(schedule=tuple(schedule), values=dict(values or {}), own=dict(own or {}))


def system(given: PrimitivePaths, scale: float = 1 / 5000, seed: int = 1, end: int = 24, **settings: int) -> IPSystem:
    """Return a system that has not run yet."""
    return IPSystem(Settings(paths=given, scale=scale, seed=seed, end=end, **settings))


def run(given: PrimitivePaths, scale: float = 1 / 5000, seed: int = 1, end: int = 24, **settings: int) -> Ledger:
    """Return the ledger of a run."""
    return system(given, scale, seed, end, **settings).run()


def digest(ledger: Ledger) -> str:
    """Return a hash of every number a run counted."""
    found = hashlib.blake2b(digest_size=16)
    for column in (
        ledger.flows_monthly, ledger.flows_yearly, ledger.stocks_monthly, ledger.stocks_yearly, ledger.stocks_start,
        ledger.waits, *(ledger.gauges[name] for name in sorted(ledger.gauges)),
    ):  # fmt: skip
        found.update(np.ascontiguousarray(column).tobytes())
    return found.hexdigest()


# --- kernels and tables ----------------------------------------------------------------------------------------------
def call(function: Kernel, **known: Any) -> Any:
    """Call a kernel with its arguments picked by name from ``known``."""
    names = inspect.signature(getattr(function, "py_func", function)).parameters
    missing = [name for name in names if name not in known]
    assert not missing, f"{getattr(function, '__name__', function)} now also takes {missing}: teach the harness"
    return function(*(known[name] for name in names))


@cache
def template() -> IPSystem:
    """Return a tiny system that never runs: its columns show what a table of agents looks like."""
    return system(paths(), scale=1e-4, end=1)


def reads(phase: str) -> tuple[str, ...]:
    """Return the primitives of a phase in the order of its table."""
    return READS[phase]


APART = ("new_field.share", "formality.error.*", "squatting.abroad_reach")
"""Chances at nought in tables for tests, unless set: what they lead to has tests of its own."""


def theta(phase: str, **values: float | Floats) -> Floats:
    """Return the table of a phase, [read, cell], with some rows set; ``__`` stands for a dot, ``_all`` ends a ``.*``.

    Values need not lie within a primitive's bounds: a limit of the theory may be set as it is.
    """
    table = template().tables[phase].at(0).copy("K")
    for name in set(APART) & set(reads(phase)):
        table[reads(phase).index(name)] = 0.0
    for key, value in values.items():
        name = key.replace("__", ".")
        name = f"{name[:-4]}.*" if name.endswith("_all") else name
        table[reads(phase).index(name)] = value
    return table


def owners(n: int, cell: int = LARGE_CELL, **columns: float | NDArray[Any]) -> Applicants:
    """Return ``n`` applicants of one cell, rich, without memory or sanction, with agency 0; the rest 0 unless given."""
    shape = template().applicants
    parts = {name: np.zeros((n, *column.shape[1:]), column.dtype) for name, column in shape._asdict().items()}
    parts["kind"][:], parts["cell"][:] = cell % N_KINDS, cell
    parts["sanctioned_until"][:] = -1000
    parts["budget"][:] = 1e30
    for name, value in columns.items():
        parts[name][:] = value
    return Applicants(**parts)


def one_agency(fee: float = 0.0, model: int = HONEST) -> Agencies:
    """Return a table with a single agency."""
    shape = template().agencies
    parts = {name: np.zeros((1, *column.shape[1:]), column.dtype) for name, column in shape._asdict().items()}
    table = Agencies(**{**parts, "book": np.array([1, 1], np.int64)})
    for name, value in (("model", model), ("alive", 1), ("suspended_until", -1000), ("fee", fee), ("risk", 1.0),
                        ("accepts", 1.0), ("reach", 1.0)):  # fmt: skip
        getattr(table, name)[:] = value
    return table


# --- bins ------------------------------------------------------------------------------------------------------------
def chain(follows: NDArray[np.int32], chunk: int) -> list[int]:
    """Return a chunk and those behind it; a chain that runs in a circle is an error."""
    found = []
    while chunk >= 0:
        found.append(chunk)
        assert len(found) <= len(follows), "a chain runs in a circle"
        chunk = int(follows[chunk])
    return found


def lying(table: Table, where: int) -> NDArray[np.int64]:
    """Return the places of a bin's records, first in first; of a queue of the docket those not yet taken up."""
    chunks = chain(table.follows, int(table.first[where]))
    start = int(table.taken[where]) if isinstance(table, Docket) else 0
    if not chunks:
        assert table.last[where] == -1 and start == 0
        return np.zeros(0, np.int64)
    written = int(table.written[where])
    assert chunks[-1] == table.last[where] and written >= 1
    end = (len(chunks) - 1) * CHUNK + (written - 1) % CHUNK + 1
    assert 0 <= start < min(end, CHUNK)
    read = written - end  # only queues are read in parts, chunk by chunk
    assert read == 0 or (read > 0 and read % CHUNK == 0 and isinstance(table, Docket) and where < N_QUEUES * SLOTS)
    return (np.array(chunks)[:, None] * CHUNK + np.arange(CHUNK)).ravel()[start:end]


def records(table: Table) -> NDArray[np.void]:
    """Return the records of all bins, bin by bin, each in order."""
    return table.records[np.concatenate([lying(table, where) for where in range(len(table.first))])]


def assert_books(table: Table) -> None:
    """Every chunk ever used lies in exactly one bin or is free, within the table; the books know how many are free."""
    held = [chunk for first in table.first for chunk in chain(table.follows, int(first))]
    free = chain(table.follows, int(table.book[FREE]))
    assert sorted(held + free) == list(range(int(table.book[USED_CHUNKS])))
    assert len(free) == table.book[FREED]
    assert table.book[USED_CHUNKS] <= len(table.follows) and len(table.records) == len(table.follows) * CHUNK
