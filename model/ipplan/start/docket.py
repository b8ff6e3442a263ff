"""Cases on their way at the end of 2016: filings of the last months, thinned to the docket's derived size.

Queues are in the order of request; the oldest cases are already with an examiner, some refusals under re-examination.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ipplan.columns import whole
from ipplan.compiled import inlined, kernel
from ipplan.ledger import PENDING_DECISION, PENDING_EXAM, PENDING_REEXAM, PENDING_REQUEST, move
from ipplan.phases import stakes
from ipplan.phases.conclusion import REEXAMINED
from ipplan.phases.intake import REQUEST_TERM, request_delay
from ipplan.phases.invention import BRAND_NEED, DESIGN_NEED, IDEA
from ipplan.rights import bins
from ipplan.rights.docket import (
    ALLOWED,
    BAD,
    BEFORE,
    DECIDED,
    EXPIRING,
    LABELLED,
    REFUSED,
    SLOTS,
    SOUND,
    TO_REEXAM,
    enqueue,
)
from ipplan.start.reads import (
    ALLOWED_FOREIGN,
    ALLOWED_SHARE,
    BACK,
    BAD_ON_DOCKET,
    BAD_SHARE,
    BRAND_VALUE,
    DECIDING,
    DESIGN_VALUE,
    DOCKET_INVENTION,
    DOCKET_MONTHS,
    DOCKET_REEXAM,
    FAKE_DISCOUNT,
    FAKE_QUALITY,
    FAKE_QUALITY_SD,
    FAKE_VALUE_SD,
    FILER_SHARE,
    FILINGS_INVENTION,
    LAG,
    LOADING,
    NEVER,
    OWN_FIELD,
    REEXAM_MONTHS,
    REQUEST_MONTHS,
    REQUEST_NOW,
    SEI_FACTOR,
    SEI_SHARE,
    VALUE,
    VALUE_SD,
    mean_quality,
)
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import (
    DESIGN,
    DESIGN_QUEUE,
    FOREIGN,
    INVENTION,
    N_CELLS,
    N_KINDS,
    NORMAL,
    SERVED_LANES,
    TRADEMARK,
    TRADEMARK_QUEUE,
    UTILITY_MODEL,
    UTILITY_MODEL_QUEUE,
)

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

# compiled-constants
_DOCKET = int(Stream.START_DOCKET)
FIRST_SERIAL = (0, 8192, 16384, 32768)
"""Ordinals of an owner's filings of the start docket by right, so that rights never share a draw."""
STREAM_OF = (IDEA, IDEA, DESIGN_NEED, BRAND_NEED)
"""What filings of a right come from, for the lot of who filed how many."""
NOT_REQUESTED, TO_BE_REQUESTED, WAITING, WITH_EXAMINER, IN_REEXAMINATION = range(5)
"""Where a case of the start docket stands; the first lapses when its term is over."""
REUSE = 7.0
"""A uniform times this, less whole numbers, serves once more: a draw, not a quantity."""
DRAWN_APART = 100
"""Lots are drawn as of months this far back, per right: months that no run draws."""
REFUSED_MONTH = -900
"""Likewise, for the refusals under re-examination."""


@inlined
def lay_case(month, due, owner, number, right, cell, draws, owners, theta, traits, stands, ends, docket, tally):
    """Write one case of the start docket; with an examiner or in re-examination it ``ends`` in that month."""
    a, b, c, d = draws
    share = theta[BAD_SHARE, cell] * (theta[BAD_ON_DOCKET, cell] if right == INVENTION else 1.0)
    bad = 1 if d < share and cell % N_KINDS != FOREIGN else 0
    y, z = normal_quantile(a), normal_quantile(b)
    quality = mean_quality(owners, owner, cell, traits) + y
    if bad:
        quality = traits[FAKE_QUALITY, cell] + traits[FAKE_QUALITY_SD, cell] * y
    median = traits[VALUE, cell]
    if right >= DESIGN:
        median = traits[DESIGN_VALUE, cell] if right == DESIGN else traits[BRAND_VALUE, cell]
    log_value = median + traits[LOADING, cell] * quality + traits[VALUE_SD, cell] * z
    if bad:
        log_value = traits[VALUE, cell] - traits[FAKE_DISCOUNT, cell] + traits[FAKE_VALUE_SD, cell] * z
    field = stakes.drawn_field(owners.field[owner], c, traits[OWN_FIELD, cell])
    queue = field * SERVED_LANES + NORMAL
    if right == UTILITY_MODEL:
        queue = UTILITY_MODEL_QUEUE
    elif right == DESIGN:
        queue = DESIGN_QUEUE
    elif right == TRADEMARK:
        queue = TRADEMARK_QUEUE
    if stands == NOT_REQUESTED:
        row = bins.add(docket, EXPIRING + due + BEFORE)
    elif stands >= WITH_EXAMINER:
        row = bins.add(docket, DECIDED + right * SLOTS + ends + BEFORE)
    else:
        row = enqueue(docket, queue, due + BEFORE)
    case = docket.records[row]
    case.owner = owner
    case.filed = month
    case.due = due
    case.serial = number
    case.agency = 0
    case.quality = quality
    case.log_value = log_value
    case.right = right
    case.field = field
    case.lane = NORMAL
    labels = stakes.emerging_chance(traits[SEI_SHARE, cell], traits[SEI_FACTOR + field, cell])
    labelled = right == INVENTION and (c * REUSE) % 1.0 < labels
    case.flags = BAD * bad + (LABELLED if labelled else 0)
    if stands == IN_REEXAMINATION:
        case.lane = NORMAL + REEXAMINED + 1
        case.flags |= REFUSED | TO_REEXAM
        move(tally, PENDING_REEXAM, right, cell, 1)
    elif stands == WITH_EXAMINER:
        move(tally, PENDING_DECISION, right, cell, 1)
    elif stands == WAITING:
        move(tally, PENDING_EXAM, right, cell, 1)
    else:
        move(tally, PENDING_REQUEST, right, cell, 1)
    if stands == TO_BE_REQUESTED:
        docket.requests[due + BEFORE, cell] += 1


@kernel
def lay_cases(seed, month, hits, hit_owner, hit_number, right, serial, oldest, keep, lag, owners, theta, traits,
              docket, tally):
    """Put filings of a past month on the docket: still to be requested, waiting, or already with an examiner.

    ``oldest`` is the earliest request month still undecided, ``keep`` the share of requested cases that are kept so
    that the docket has its derived size, ``lag`` the months a case spends with the examiner.
    """
    for i in range(hits):
        owner = hit_owner[i]
        cell = owners.cell[owner]
        for j in range(hit_number[i]):
            number = serial + j
            u, v, w, x = uniforms(seed, _DOCKET, owner, number, month, right)
            draws = uniforms(seed, _DOCKET, owner, number, month, 4 + right)
            due = month
            if right == INVENTION:
                if u < theta[NEVER, cell]:
                    lay_case(month, month + REQUEST_TERM, owner, number, right, cell, draws, owners, theta, traits,
                             NOT_REQUESTED, 0, docket, tally)
                    continue
                due = month + request_delay(v, theta[REQUEST_NOW, cell], theta[REQUEST_MONTHS, cell])
            if due < 0 and (due < oldest or w >= keep):
                continue
            stands = WAITING if due >= oldest + lag else WITH_EXAMINER
            if due >= 0:
                stands = TO_BE_REQUESTED if right == INVENTION else WAITING
            lay_case(month, due, owner, number, right, cell, draws, owners, theta, traits, stands, due - oldest, docket,
                     tally)
            if stands == WITH_EXAMINER:
                allowed = theta[ALLOWED_SHARE + right, cell]
                if right == INVENTION and cell % N_KINDS == FOREIGN:
                    allowed = theta[ALLOWED_FOREIGN, cell]
                docket.records[docket.book[bins.LATEST]].flags |= ALLOWED | SOUND if x < allowed else 0


@kernel
def lay_refused(seed, month, hits, hit_owner, hit_number, months, owners, theta, traits, docket, tally):
    """Put refused inventions under re-examination, to be decided over the next ``months``."""
    for i in range(hits):
        owner = hit_owner[i]
        cell = owners.cell[owner]
        for j in range(hit_number[i]):
            draws = uniforms(seed, _DOCKET, owner, j, month, 8)
            u = uniforms(seed, _DOCKET, owner, j, month, 9)[0]
            lay_case(-REQUEST_TERM, -REQUEST_TERM + 6, owner, j, INVENTION, cell, draws, owners, theta, traits,
                     IN_REEXAMINATION, int(u * months), docket, tally)


class Backlog(NamedTuple):
    """The cases of one right that are on their way."""

    right: int
    months: int  # of filings that may still be undecided
    filings: float  # a month, nation
    oldest: int  # month of the earliest request still undecided
    kept: float  # cases per requested filing of these months
    with_examiner: float  # months from taking up to decision


def backlogs(theta: np.ndarray, docket: np.ndarray) -> list[Backlog]:
    """Return what is on its way by right; ``theta`` and ``docket`` are the tables ``start`` and ``docket``."""
    back, monthly = int(theta[DOCKET_MONTHS, 0]), float(theta[FILINGS_INVENTION, 0])
    requested = monthly * (1.0 - float(theta[NEVER, 0])) * back
    kept = float(theta[DOCKET_INVENTION, 0]) / requested
    found = [Backlog(INVENTION, REQUEST_TERM, monthly, -back, kept, max(1.0, float(theta[LAG, 0])))]
    for right in (UTILITY_MODEL, DESIGN, TRADEMARK):
        months = max(1, int(docket[BACK + right - 1, 0]))
        filings = float(theta[DOCKET_INVENTION + right, 0]) / months
        found.append(Backlog(right, months, filings, -months, 1.0, float(docket[DECIDING + right - 1, 0])))
    return found


def lay(system: IPSystem, block: Block, theta: np.ndarray, traits: np.ndarray) -> None:
    """Lay the docket of a block, month by month from the oldest, so that queues are in order."""
    docket = system.tables["docket"].at(0)
    filers = [np.tile(whole(row[:N_KINDS]), N_CELLS // N_KINDS) for row in docket[FILER_SHARE:BACK]]
    for one in backlogs(theta, docket):
        # The arrival kernel serves as the lot; who needs brands and designs is in the owners' own weights.
        rates = np.zeros((4, N_CELLS))
        shares = filers[one.right] if one.right < DESIGN else 1.0
        rates[STREAM_OF[one.right]] = shares * one.filings * system.scale * max(1.0, one.kept)
        for past in range(-one.months, 0):
            hits, arrived = block.arrive(system, past - DRAWN_APART * (one.right + 1), rates)
            block.docket = block.docket.with_room(arrived)
            lay_cases(system.seed, past, hits, block.hit_owner, block.hit_number, one.right, FIRST_SERIAL[one.right],
                      one.oldest, min(1.0, one.kept), one.with_examiner, system.applicants, theta, traits,
                      block.docket, block.tally)
    rates = np.zeros((4, N_CELLS))
    rates[IDEA] = filers[INVENTION] * float(theta[DOCKET_REEXAM, 0]) * system.scale
    hits, arrived = block.arrive(system, REFUSED_MONTH, rates)
    block.docket = block.docket.with_room(arrived)
    lay_refused(system.seed, REFUSED_MONTH, hits, block.hit_owner, block.hit_number, float(theta[REEXAM_MONTHS, 0]),
                system.applicants, theta, traits, block.docket, block.tally)
