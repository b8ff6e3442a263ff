"""Room in which decisions of many applicants are reckoned side by side.

Random numbers, normals and exponentials of one decision after the other keep the processor waiting; of a batch of
them, column by column in loops that do nothing else, eight are done at once. So a kernel lays out a batch of
decisions, reckons in such loops what each would come to, and then settles them one by one, in the order of applicants.
A loop stays of that kind while it only reads and writes columns of one draft, at ``i``, and calls no library.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import called, inlined
from ipplan.phases import stakes as st
from ipplan.streams import philox

# compiled-constants
BATCH = 256
VECTOR = 16

DRAFT = np.dtype(
    [
        ("owner", "u4", BATCH), ("ordinal", "u4", BATCH), ("agency", "u4", BATCH), ("field", "u4", BATCH),
        ("words", "u4", (8, BATCH)), ("outcome", "u4", BATCH),
        ("fee", "f8", BATCH),  # of the agency, yuan
        ("standing", "f8", BATCH),  # 0 under a sanction, else 1
        ("capability", "f8", BATCH), ("quality", "f8", BATCH),
        ("judged", "f8", BATCH),  # quality as the applicant judges it before filing
        ("log_value", "f8", BATCH), ("kept", "f8", BATCH),  # log first-year return; value of keeping the right, yuan
        ("worth", "f8", BATCH), ("cost", "f8", BATCH),  # of the filing, yuan
        ("log_value_um", "f8", BATCH), ("kept_um", "f8", BATCH), ("worth_um", "f8", BATCH), ("cost_um", "f8", BATCH),
    ]
)  # fmt: skip
"""Decisions of one kind that are at hand, in columns (``um``: as a utility model)."""

CONDUCT = np.dtype(
    [
        ("fee", "f8", BATCH), ("standing", "f8", BATCH),  # as in DRAFT
        ("volume", "f8", BATCH),  # 1 where the agency lives by volume, else 0
        ("months", "f8", BATCH),  # since the applicant last learned something
        ("caught", "f8", (2, BATCH)), ("tried", "f8", (2, BATCH)),  # as remembered then, [patents | marks]
        ("taste", "f8", BATCH), ("integrity", "f8", BATCH),
        ("hoard", "f8", BATCH), ("need", "f8", BATCH),  # marks with those of this occasion, and what is normal
        ("believed", "f8", (2, BATCH)),  # chance to be caught, [patents | marks]
        ("moral", "f8", BATCH),  # cost of a filing in bad faith to the applicant's conscience, yuan
        ("weights", "f8", (4, BATCH)),  # of a made-up filing by right, where that of doing nothing is one
    ]
)  # fmt: skip
"""What applicants with an occasion for bad faith reckon with, and what they come to, in columns."""


class Drafts(NamedTuple):
    """A batch of decisions at hand, of applicants of one cell."""

    kinds: NDArray[np.void]  # [stream of arrivals] of DRAFT
    conduct: NDArray[np.void]  # [1] of CONDUCT
    ready: NDArray[np.int64]  # [stream] how many there are
    turns: NDArray[np.uint8]  # streams of the decisions in the order of applicants

    @classmethod
    def empty(cls) -> Drafts:
        """Return room for a batch."""
        return cls(np.zeros(4, DRAFT), np.zeros(1, CONDUCT), np.zeros(4, np.int64), np.zeros(BATCH, np.uint8))


@inlined
def lay_out(drafts, n, stream, owner, first, behind, agency, fee, owners, month):
    """Lay out an owner's decisions ``first`` to ``behind`` of a stream, at turn ``n``; returns the next turn."""
    draft, at = drafts.kinds[stream], drafts.ready[stream] - first
    drafts.ready[stream] = at + behind
    standing = st.standing(owners, owner, month)
    field, capability = owners.field[owner], owners.capability[owner]
    for ordinal in range(first, behind):
        i = at + ordinal
        draft.owner[i] = owner
        draft.ordinal[i] = ordinal
        draft.agency[i] = agency
        draft.field[i] = field
        draft.fee[i] = fee
        draft.standing[i] = standing
        draft.capability[i] = capability
        drafts.turns[n] = stream
        n += 1
    return n


@inlined
def whole_vectors(n):
    """Return ``n`` rounded up to whole vectors; what stands behind ``n`` is left over, and nobody reads it."""
    return (n + VECTOR - 1) & -VECTOR


@called
def draw(draft, n, words, seed, stream, serial, month):
    """Draw a stream's four words for ``n`` decisions into ``words`` and the rows behind.

    Ordinals in that stream start at ``serial``.
    """
    for i in range(n):
        a, b, c, d = philox(draft.owner[i], serial + draft.ordinal[i], month + 65536, 0, seed, stream)
        draft.words[words, i] = a
        draft.words[words + 1, i] = b
        draft.words[words + 2, i] = c
        draft.words[words + 3, i] = d
