"""How provinces move primitives: tables that later phases read, with some rows changed for the provinces' cells.

A layer lies over one table: ``row <- row x factor + shift``, kept within the primitive's bounds. Where nothing is
moved, phases read the table itself: a province that does nothing changes no bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import kernel
from ipplan.levers import Table
from ipplan.schema import Primitive
from ipplan.world import KINDS, N_CELLS, N_KINDS

Floats = NDArray[np.float64]


@kernel
def write(base, rows, factor, shift, low, high, out):
    """Copy a table [read, cell] to ``out``, some ``rows`` changed: x factor + shift, within ``low`` and ``high``."""
    for read in range(base.shape[0]):
        for cell in range(base.shape[1]):
            out[read, cell] = base[read, cell]
    for i in range(len(rows)):
        for cell in range(base.shape[1]):
            value = base[rows[i], cell] * factor[i, cell] + shift[i, cell]
            out[rows[i], cell] = min(high[i, cell], max(low[i, cell], value))


def bounds(read: str, known: Mapping[str, Primitive]) -> tuple[Floats, Floats]:
    """Return the bounds of a read by cell."""
    names = [f"{read[:-1]}{kind}" for kind in KINDS] if read.endswith(".*") else [read] * N_KINDS
    low, high = (np.tile([float(getattr(known[name], end)) for name in names], N_CELLS // N_KINDS)
                 for end in ("low", "high"))  # fmt: skip
    return low, high


@dataclass
class Layer:
    """What lies over one table."""

    base: Table
    rows: NDArray[np.int64]
    factor: Floats  # [moved row, cell]
    shift: Floats
    low: Floats
    high: Floats
    moves: bool = False
    """Whether anything is moved (see ``settle``)."""
    over: Table | None = None
    under: Floats | None = None
    """What ``over`` was written from."""

    @classmethod
    def on(cls, base: Table, rows: Iterable[int], known: Mapping[str, Primitive]) -> Layer:
        """Return a layer that moves nothing yet."""
        places = np.array(list(rows), np.int64)
        limits = np.array([bounds(base.reads[row], known) for row in places])
        same = np.ones((len(places), N_CELLS))
        return cls(base, places, same, np.zeros_like(same),
                   np.ascontiguousarray(limits[:, 0]), np.ascontiguousarray(limits[:, 1]))  # fmt: skip

    def settle(self) -> None:
        """Note whether the factors and shifts that now stand move anything."""
        self.moves = bool(np.any(self.factor != 1.0) or np.any(self.shift != 0.0))
        self.over = None

    def table(self, month: int) -> Table:
        """Return the table of a month as phases are to read it; the same one as long as nothing changes."""
        if not self.moves:
            return self.base
        base = self.base.at(month)
        if self.over is None or self.under is not base:
            room = np.empty((1, *base.shape))
            write(base, self.rows, self.factor, self.shift, self.low, self.high, room[0])
            self.over, self.under = Table(self.base.reads, room, constant=True), base
        return self.over
