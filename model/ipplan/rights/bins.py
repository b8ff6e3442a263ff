"""Bins: records that sleep until their month, written and read in order.

A bin is a chain of chunks of a few records; a record moves (16 or 24 bytes) to the bin where it sleeps next. So a month
reads its records one behind the other and writes at the ends of a few bins, where rows of a table that are linked into
lists would each cost a trip to memory: two thirds of the time of a large run. A chunk is given back when it is read.

Functions take any table with the columns of ``Bins`` (the docket and the register have more).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.columns import moved, roomy
from ipplan.compiled import fetch_ahead, inlined

# compiled-constants
CHUNK = 8
"""Records in a chunk: small, because many bins hold only a few; a power of two."""
WITHIN = CHUNK - 1
"""The bits of a record's number in its bin that are its place in a chunk."""
SPARE = 2048
"""Chunks kept ready beside those that are asked for: a month starts a new chunk in so many bins at most."""
FREE, USED_CHUNKS, FREED, LATEST = range(4)


class Bins(NamedTuple):
    """Columns of a set of bins."""

    records: NDArray[np.void]  # [chunk * CHUNK + place]
    follows: NDArray[np.int32]  # [chunk] the next chunk of its bin, or of the free ones; -1 at the end
    first: NDArray[np.int32]  # [bin] first chunk, -1 where there is none
    last: NDArray[np.int32]  # [bin]
    written: NDArray[np.int32]  # [bin] records that came since it was empty, if it is not
    book: NDArray[np.int64]  # first free chunk, chunks ever used, chunks freed, record added latest

    @classmethod
    def empty(cls, kind: np.dtype[np.void], n: int) -> Bins:
        """Return ``n`` empty bins for records of a kind."""
        none = np.full(n, -1, np.int32)
        return cls(np.zeros(0, kind), np.zeros(0, np.int32), none, none.copy(), np.zeros(n, np.int32),
                   np.array([-1, 0, 0, -1], np.int64))

    def with_room(self, extra: int) -> Bins:
        """Return bins with room for ``extra`` more records."""
        table: Bins = with_room(self, extra)
        return table


def with_room(bins: Any, extra: int) -> Any:
    """Return the table with room for ``extra`` more records."""
    need = int(bins.book[USED_CHUNKS] - bins.book[FREED]) + extra // CHUNK + SPARE
    if need <= len(bins.follows):
        return bins
    used, capacity = int(bins.book[USED_CHUNKS]), roomy(need, 0)
    return bins._replace(
        records=moved(bins.records, used * CHUNK, capacity * CHUNK), follows=moved(bins.follows, used, capacity)
    )


def room_of(bins: Any, where: int) -> int:
    """Return how many records lie in a bin, or more of a bin that is read in parts."""
    return int(bins.written[where]) if bins.first[where] >= 0 else 0


@inlined
def chunks_left(bins):
    """Return how many chunks there are to be used."""
    return len(bins.follows) - (bins.book[USED_CHUNKS] - bins.book[FREED])


@inlined
def fetch_chunk(bins, chunk):
    """Fetch a chunk that will be read or written soon."""
    fetch_ahead(bins.records, chunk * CHUNK)
    fetch_ahead(bins.records, chunk * CHUNK + CHUNK // 2)
    fetch_ahead(bins.records, chunk * CHUNK + CHUNK - 1)
    fetch_ahead(bins.follows, chunk)


@inlined
def add(bins, where):
    """Make room for one more record at the end of a bin and return its place in ``records``."""
    chunk = bins.last[where]
    n = bins.written[where] if chunk >= 0 else 0
    if n & WITHIN == 0:
        new = bins.book[FREE]
        if new >= 0:
            spare = bins.follows[new]
            bins.book[FREE] = spare
            bins.book[FREED] -= 1
            if spare >= 0:
                fetch_chunk(bins, spare)
        else:
            new = bins.book[USED_CHUNKS]
            bins.book[USED_CHUNKS] = new + 1
        bins.follows[new] = -1
        if chunk < 0:
            bins.first[where] = new
        else:
            bins.follows[chunk] = new
        bins.last[where] = new
        chunk = new
    bins.written[where] = n + 1
    place = chunk * CHUNK + (n & WITHIN)
    bins.book[LATEST] = place
    return place


@inlined
def read_on(bins, chunk, where):
    """Return (the chunk behind, records in this one); the one behind is fetched already."""
    behind = bins.follows[chunk]
    if behind < 0:
        return behind, ((bins.written[where] - 1) & WITHIN) + 1
    fetch_chunk(bins, behind)
    return behind, CHUNK


@inlined
def give_back(bins, chunk):
    """Give back a chunk that has been read."""
    bins.follows[chunk] = bins.book[FREE]
    bins.book[FREE] = chunk
    bins.book[FREED] += 1


@inlined
def take_out(bins, where):
    """Empty a bin and return its first chunk, which the caller reads and gives back before anything is added to it."""
    chunk = bins.first[where]
    bins.first[where] = -1
    bins.last[where] = -1
    return chunk
