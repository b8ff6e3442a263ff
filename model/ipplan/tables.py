"""What phases read of primitives in a month: the schedule's table, and what the state of the system lays over it.

A layer changes some rows of a table: ``row <- row x factor + shift``, kept within bounds. Layers lie in one order,
whoever comes first in a run: public services prepare the month, provinces act on that, and filers of marks reckon with
the outcome. What is under all layers, and tables without a layer that moves something, are the schedule's own arrays:
a state that is at rest changes no bit, and runs share the schedule's values but never a layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import kernel
from ipplan.schema import Primitive
from ipplan.world import KINDS, N_CELLS, N_KINDS

Floats = NDArray[np.float64]
Drawn = TypeVar("Drawn")

SERVICES, PROVINCES, MARK_FILERS, STATUS_SEEKERS = range(4)
"""Whose layer it is, in the order in which they lie."""


@kernel
def move(table, rows, factor, shift, low, high):
    """Move some ``rows`` of a table [read, cell] in place: x factor + shift, within ``low`` and ``high``."""
    for i in range(len(rows)):
        for cell in range(table.shape[1]):
            value = table[rows[i], cell] * factor[i, cell] + shift[i, cell]
            table[rows[i], cell] = min(high[i, cell], max(low[i, cell], value))


@kernel
def rests(factor, shift):
    """Tell whether nothing is moved."""
    for i in range(factor.shape[0]):
        for cell in range(factor.shape[1]):
            if factor[i, cell] != 1.0 or shift[i, cell] != 0.0:
                return False
    return True


def bounds(read: str, known: Mapping[str, Primitive]) -> tuple[Floats, Floats]:
    """Return the bounds of a read by cell."""
    names = [f"{read[:-1]}{kind}" for kind in KINDS] if read.endswith(".*") else [read] * N_KINDS
    low, high = (np.tile([float(getattr(known[name], end)) for name in names], N_CELLS // N_KINDS)
                 for end in ("low", "high"))  # fmt: skip
    return low, high


@dataclass
class Layer:
    """What one state of the system makes of some rows of a table; whoever sets factors or shifts settles it then."""

    rows: NDArray[np.int64]
    factor: Floats  # [row of the layer, cell]
    shift: Floats
    low: Floats
    high: Floats
    moves: bool = False
    """Whether anything is moved."""
    changed: bool = True
    """Whether it was settled since the table was made."""

    def settle(self) -> None:
        """Let the factors and shifts that now stand hold from the next reading on."""
        self.moves = not rests(self.factor, self.shift)
        self.changed = True


@dataclass
class Table:
    """The primitives a phase reads: ``values[month or 0, row, cell]`` as the schedule has them, and layers over them.

    Rows are in the order of ``reads``. Layers hold for the month that is run; a table with layers belongs to one run.
    """

    reads: tuple[str, ...]
    values: Floats
    constant: bool
    _months: list[Floats] = field(init=False, repr=False, compare=False)
    layers: dict[int, Layer] = field(init=False, repr=False, compare=False, default_factory=dict)
    """Whose layer -> layer, from the lowest up."""
    _made: tuple[Floats, Floats] | None = field(init=False, repr=False, compare=False, default=None)
    """The schedule's values, and what the layers made of them."""
    _drawn: dict[tuple[Callable[[Floats], Any], int], Any] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """What was drawn up from the schedule's values, by whom and from which; runs share it as they share the values."""
    _drawn_here: dict[Callable[[Floats], Any], tuple[Floats, Any]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """What was drawn up last from values that layers made."""

    def __post_init__(self) -> None:
        """Slice the table once; months that do not differ share a slice."""
        months: list[Floats] = []
        for values in self.values:
            months.append(months[-1] if months and np.array_equal(values, months[-1]) else values)
        self._months = months

    def scheduled(self, month: int) -> Floats:
        """Return the values of a month under all layers, as ``at`` does."""
        return self._months[0 if self.constant else month]

    def at(self, month: int) -> Floats:
        """Return the values of a month, [n_reads, 192], with the reads of a cell side by side; read only.

        It is the same array as the month before (``is``) where nothing changed.
        """
        given = self._months[0 if self.constant else month]
        if not self.layers:
            return given
        if self._made is not None and self._made[0] is given:
            for layer in self.layers.values():
                if layer.changed:
                    break
            else:
                return self._made[1]
        self._made = given, self._moved(given)
        return self._made[1]

    def drawn_up(self, month: int, draw: Callable[[Floats], Drawn]) -> Drawn:
        """Return what ``draw`` makes of a month's values; nobody may write to it.

        What it makes of the schedule's own values is made once for all runs, as these are the same arrays (two threads
        may make the same at once).
        """
        values = self.at(month)
        found: Drawn
        if values is self.scheduled(month):
            key = draw, id(values)
            if key not in self._drawn:
                self._drawn[key] = draw(values)
            found = self._drawn[key]
            return found
        last = self._drawn_here.get(draw)
        if last is None or last[0] is not values:
            last = self._drawn_here[draw] = values, draw(values)
        found = last[1]
        return found

    def _moved(self, given: Floats) -> Floats:
        made = given
        for layer in self.layers.values():
            layer.changed = False
            if layer.moves:
                made = given.copy("K") if made is given else made
                move(made, layer.rows, layer.factor, layer.shift, layer.low, layer.high)
        return made

    def lay(self, whose: int, rows: Iterable[int], known: Mapping[str, Primitive] | None = None) -> Layer:
        """Lay a layer over some rows that moves nothing yet; it keeps within the bounds of ``known`` primitives."""
        places = np.array(list(rows), np.int64)
        same = np.ones((len(places), N_CELLS))
        low, high = np.full_like(same, -np.inf), np.full_like(same, np.inf)
        if known is not None:
            for place, row in enumerate(places):
                low[place], high[place] = bounds(self.reads[row], known)
        layer = Layer(places, same, np.zeros_like(same), low, high)
        self.layers = dict(sorted({**self.layers, whose: layer}.items()))
        return layer

    def lift(self, whose: int) -> None:
        """Take a layer away."""
        del self.layers[whose]
        self._made = None

    def for_a_run(self) -> Table:
        """Return this table without layers, for one run: the schedule's values are shared, not copied."""
        own = copy(self)
        own.layers, own._made, own._drawn_here = {}, None, {}
        return own

    def with_rows(self, paths: Mapping[int, Floats]) -> Table:
        """Return a table with some rows replaced by ``paths`` [month, cell]; itself where there are none."""
        if not paths:
            return self
        found = self.for_a_run()
        found.constant, found._months, found._drawn = False, [], {}
        for month in range(len(next(iter(paths.values())))):
            values = self.scheduled(month).copy("K")
            for row, path in paths.items():
                values[row] = path[month]
            found._months.append(values)
        return found

    def row(self, name: str) -> int:
        """Return the row of a read."""
        return self.reads.index(name)
