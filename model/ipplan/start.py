"""The state at the end of 2016, derived from observed stocks and flows; what has no observation is a primitive.

Nothing is warmed up from zero. Rights in force are laid on owners by size, their ages follow the thinning of grant
years, and their values are drawn from what would have been kept to that age. The docket holds the filings of the
last months, thinned to its derived size; the oldest are already with an examiner.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ipplan.agents.applicants import FIELD_SHARES
from ipplan.compiled import inlined, kernel
from ipplan.ledger import PENDING_DECISION, PENDING_EXAM, PENDING_REEXAM, PENDING_REQUEST, move
from ipplan.phases import filing, holdings, in_force, market, pipeline, renewal
from ipplan.phases.conclusion import REEXAMINED
from ipplan.phases.intake import request_delay
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
from ipplan.rights.register import R_LICENSED, R_TOUCHED, R_TRADED
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import (
    DESIGN,
    DESIGN_QUEUE,
    FOREIGN,
    INVENTION,
    N_CELLS,
    N_KINDS,
    NORMAL,
    RIGHTS,
    SERVED_LANES,
    TRADEMARK,
    TRADEMARK_QUEUE,
    UTILITY_MODEL,
    UTILITY_MODEL_QUEUE,
)

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

# compiled-constants
_REGISTER, _DOCKET = int(Stream.START_REGISTER), int(Stream.START_DOCKET)
TRIES = 10
"""Draws of a value until one would have been kept to the right's age."""

READS = (
    *(f"start.in_force.{right}.*" for right in RIGHTS), "start.youth.invention", "start.youth.utility_model",
    "start.youth.design", "start.youth.trademark", "start.youth.foreign", "start.bad_share", "start.ever_traded",
    "start.licensed", "start.used.*", "start.docket.invention", "start.docket.utility_model", "start.docket.design",
    "start.docket.trademark", "start.docket_months.invention", "start.filings_per_month.invention",
    "examination.request_immediate", "examination.request_months", "examination.never_requested",
    "examination.prosecution_months.normal", "start.docket.reexamination", "examination.reexam_months",
)  # fmt: skip
(
    HELD_INVENTION, HELD_UM, HELD_DESIGN, HELD_TM, YOUTH_INVENTION, YOUTH_UM, YOUTH_DESIGN, YOUTH_TM, YOUTH_FOREIGN,
    BAD_SHARE, EVER_TRADED, EVER_LICENSED, USED, DOCKET_INVENTION, DOCKET_UM, DOCKET_DESIGN, DOCKET_TM, DOCKET_MONTHS,
    FILINGS_INVENTION, REQUEST_NOW, REQUEST_MONTHS, NEVER, LAG, DOCKET_REEXAM, REEXAM_MONTHS,
) = range(25)  # fmt: skip

GRANT_AFTER = np.array([34.0, 8.0, 6.0, 12.0])
"""Months from filing to grant of rights already in force, by right (assumed)."""
MOST_YEARS_HELD = np.array([17.0, 9.0, 9.0, 10.0])


@inlined
def youth_of(theta, right, cell):
    """Return the yearly rate at which grant years thin out."""
    if right == INVENTION and cell % N_KINDS == FOREIGN:
        return theta[YOUTH_FOREIGN, cell]
    return theta[YOUTH_INVENTION + right, cell]


@inlined
def kept_value(seed, owner, key, right, age, bad, quality_mean, capability, cell, theta, start_theta, waiting, fee):
    """Draw (quality, log value) of a right that was kept for ``age`` years, by trying again what would have lapsed."""
    kind = cell % N_KINDS
    quality, log_value = 0.0, 0.0
    decay = theta[renewal.DECAY_INVENTION + right, cell]
    hold = renewal.holding(theta, cell, right)
    for attempt in range(TRIES):
        a, b, _, _ = uniforms(seed, _REGISTER, owner, key, -1, 10 + attempt)
        y, z = normal_quantile(a), normal_quantile(b)
        if bad:
            quality = start_theta[1, cell] + 0.5 * y
            log_value = start_theta[2, cell] - start_theta[3, cell] + 0.8 * z
        else:
            quality = quality_mean + capability + y
            median = start_theta[4, cell] if right == DESIGN else start_theta[2, cell]
            log_value = median + start_theta[5, cell] * quality + start_theta[6, cell] * z
            if right == UTILITY_MODEL:
                log_value += math.log(start_theta[7, cell])
        table = (kind * 3 + right) * renewal.MOST_YEARS + min(age, renewal.MOST_YEARS - 1)
        need = fee - hold - filing.keeping_value(waiting, table, log_value)
        if need <= 0.0 or log_value + age * math.log(1.0 - decay) >= math.log(need) - 0.25:
            break
    return quality, log_value


@kernel
def lay_register(seed, low, high, scale, owners, theta, force_theta, market_theta, rates, renewal_theta, traits,
                 waiting, register, tally):
    """Give the owners of a block the rights they hold at the end of 2016."""
    for owner in range(low, high):
        cell = owners.cell[owner]
        kind = owners.kind[owner]
        for right in range(4):
            if right == TRADEMARK:
                share = owners.brands[owner] / BRAND_SHARES[kind]
            elif right == DESIGN:
                share = owners.designs[owner] / DESIGN_SHARES[kind]
            else:
                share = owners.ideas[owner]
            u = uniforms(seed, _REGISTER, owner, right, -1, 0)[0]
            for j in range(int(share * theta[HELD_INVENTION + right, cell] * scale + u)):
                lay_right(seed, owner, j, right, cell, owners, theta, force_theta, market_theta, rates, renewal_theta,
                          traits, waiting, register, tally)


@inlined
def lay_right(seed, owner, j, right, cell, owners, theta, force_theta, market_theta, rates, renewal_theta, traits,
              waiting, register, tally):
    """Lay one right of the start state on its owner."""
    key = right + 4 * j
    kind = owners.kind[owner]
    u, v, w, x = uniforms(seed, _REGISTER, owner, key, -1, 1)
    y, z, e, f = uniforms(seed, _REGISTER, owner, key, -1, 2)
    youth = youth_of(theta, right, cell)
    span = MOST_YEARS_HELD[right]
    held = -math.log(1.0 - u * (1.0 - math.exp(-youth * span))) / youth
    granted = -1 - int(held * 12.0)
    filed = granted - int(GRANT_AFTER[right] * (0.6 + 0.8 * v))
    longest = renewal.term_years(right, filed) * 12 if right != TRADEMARK else 10_000
    filed = max(filed, -longest + 1 + int(12.0 * v))
    granted = max(granted, filed + 1)
    bad = 1 if f < theta[BAD_SHARE, cell] * (0.6 if right == INVENTION else 1.0) and kind != FOREIGN else 0
    quality, log_value = 0.0, 0.0
    age = (-1 - filed) // 12
    if right != TRADEMARK:
        fee = renewal.annuity(right, age + 1, held, kind, renewal_theta[renewal.FEE_LEVEL, cell],
                              renewal_theta[renewal.RELIEF, cell], renewal_theta[renewal.RELIEF_YEARS, cell])
        quality, log_value = kept_value(
            seed, owner, key, right, age, bad, traits[0, cell] + 0.3, traits[8, cell] * owners.capability[owner], cell,
            renewal_theta, traits, waiting, fee)
    field = filing.drawn_field(owners.field[owner], w)
    labelled = 1 if e < min(0.95, traits[9, cell] * SEI_FACTORS[field]) else 0
    in_force.enter_register(-1, owner, filed, granted, key % 65536, right, field, bad, labelled, quality, log_value,
                            x, y, z, cell, force_theta, market_theta, rates, register, tally)
    if right == TRADEMARK or age < 1:
        return
    # The record just written is the one added latest: bring its yearly status up to date.
    row = register.book[bins.LATEST]
    record = register.records[row]
    a, b, c, _ = uniforms(seed, _REGISTER, owner, key, -1, 3)
    holdings.hold(right, field, record.flags, cell, -1, tally)
    if a < theta[EVER_TRADED, cell]:
        record.flags |= R_TOUCHED | R_TRADED
    elif a > 1.0 - theta[EVER_LICENSED, cell]:
        record.flags |= R_TOUCHED | R_LICENSED
    in_force.new_year(-1, record, kind, cell, b, c, force_theta, tally)
    holdings.hold(right, field, record.flags, cell, 1, tally)


@kernel
def lay_cases(seed, month, hits, hit_owner, hit_stream, hit_number, right, serial, oldest, keep, lag, owners, theta,
              traits, labels, docket, tally):
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
            a, b, c, d = uniforms(seed, _DOCKET, owner, number, month, 4 + right)
            due = month
            if right == INVENTION:
                if u < theta[NEVER, cell]:
                    lay_case(seed, month, month + 36, owner, number, right, cell, a, b, c, d, owners, theta, traits,
                             labels, 0, 0, docket, tally)
                    continue
                due = month + request_delay(v, theta[REQUEST_NOW, cell], theta[REQUEST_MONTHS, cell])
            if due < 0 and (due < oldest or w >= keep):
                continue
            place = 1 if due >= 0 else (2 if due >= oldest + lag else 3)
            if right != INVENTION and place == 1:
                place = 2
            lay_case(seed, month, due, owner, number, right, cell, a, b, c, d, owners, theta, traits, labels, place,
                     due - oldest, docket, tally)
            if place == 3:
                allowed = FOREIGN_ALLOWED if right == INVENTION and cell % N_KINDS == FOREIGN else labels[10 + right]
                docket.records[docket.book[bins.LATEST]].flags |= ALLOWED | SOUND if x < allowed else 0


@kernel
def lay_refused(seed, month, hits, hit_owner, hit_number, months, owners, theta, traits, labels, docket, tally):
    """Put refused inventions under re-examination, to be decided over the next ``months``."""
    for i in range(hits):
        owner = hit_owner[i]
        cell = owners.cell[owner]
        for j in range(hit_number[i]):
            a, b, c, d = uniforms(seed, _DOCKET, owner, j, month, 8)
            u = uniforms(seed, _DOCKET, owner, j, month, 9)[0]
            lay_case(seed, -36, -30, owner, j, INVENTION, cell, a, b, c, d, owners, theta, traits, labels, 4,
                     int(u * months), docket, tally)


@inlined
def lay_case(seed, month, due, owner, number, right, cell, a, b, c, d, owners, theta, traits, labels, place, ends,
             docket, tally):
    """Write one case of the start docket.

    ``place`` 0 never requested, 1 to be requested, 2 waits, 3 in examination, 4 in re-examination till ``ends``.
    """
    bad = 1 if d < theta[BAD_SHARE, cell] * (0.8 if right == INVENTION else 1.0) and cell % N_KINDS != FOREIGN else 0
    y, z = normal_quantile(a), normal_quantile(b)
    quality = traits[0, cell] + 0.3 + traits[8, cell] * owners.capability[owner] + y
    if bad:
        quality = traits[1, cell] + 0.5 * y
    median = traits[4, cell] if right == DESIGN else (traits[10, cell] if right == TRADEMARK else traits[2, cell])
    log_value = median + traits[5, cell] * quality + traits[6, cell] * z
    if bad:
        log_value = traits[2, cell] - traits[3, cell] + 0.8 * z
    field = filing.drawn_field(owners.field[owner], c)
    queue = field * SERVED_LANES + NORMAL
    if right == UTILITY_MODEL:
        queue = UTILITY_MODEL_QUEUE
    elif right == DESIGN:
        queue = DESIGN_QUEUE
    elif right == TRADEMARK:
        queue = TRADEMARK_QUEUE
    if place == 0:
        row = bins.add(docket, EXPIRING + due + BEFORE)
    elif place >= 3:
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
    labelled = right == INVENTION and (c * 7.0) % 1.0 < min(0.95, traits[9, cell] * SEI_FACTORS[field])
    case.flags = BAD * bad + (LABELLED if labelled else 0)
    if place == 0:
        move(tally, PENDING_REQUEST, right, cell, 1)
        return
    if place == 3:
        move(tally, PENDING_DECISION, right, cell, 1)
        return
    if place == 4:
        case.lane = NORMAL + REEXAMINED + 1
        case.flags |= REFUSED | TO_REEXAM
        move(tally, PENDING_REEXAM, right, cell, 1)
        return
    if place == 1:
        docket.requests[due + BEFORE, cell] += 1
        move(tally, PENDING_REQUEST, right, cell, 1)
    else:
        move(tally, PENDING_EXAM, right, cell, 1)


# Filled by ``lay`` below; kept as module constants so that kernels see them as such.
BRAND_SHARES = np.array([0.12, 0.5, 0.31, 0.005, 0.005, 0.06])
DESIGN_SHARES = np.array([0.15, 0.5, 0.27, 0.045, 0.005, 0.03])
SEI_FACTORS = np.array(filing.SEI_FACTORS)

TRAITS = (
    "invention.quality_mean.*", "fabrication.quality_mean", "invention.value_log_median",
    "fabrication.value_discount", "design.value_log_median", "invention.value_quality_loading",
    "invention.value_log_sd", "filing.utility_model_validity", "invention.capability_sd", "tagging.sei_share",
    "brand.value_log_median",
)  # fmt: skip

KIND_SHARES = {
    INVENTION: (0.27, 0.28, 0.08, 0.15, 0.06, 0.16), UTILITY_MODEL: (0.22, 0.5, 0.2, 0.06, 0.015, 0.005),
    DESIGN: tuple(DESIGN_SHARES), TRADEMARK: tuple(BRAND_SHARES),
}  # fmt: skip
"""Kinds of the filers of the start docket (assumed, near the filings of 2017-18)."""
FOREIGN_ALLOWED = 0.8
"""The same for foreign inventions: 22 % of the grants of 2017 came from a tenth of the filings."""
ALLOWED_SHARES = np.array([0.48, 0.9, 0.9, 0.72])
"""Share of the cases with an examiner at the start that end in a grant (near the rates of 2017-18)."""


def lay(system: IPSystem) -> None:
    """Lay the start state on every block of the system, and forget the events of doing so."""
    theta = system.tables["start"].at(0)
    traits = np.ascontiguousarray(system.paths.table(TRAITS, 1).at(0))
    force_theta = system.tables["in_force"].at(0).copy()
    force_theta[in_force.USE_AT_GRANT] = theta[USED]
    renewal_theta, market_theta = system.tables["renewal"].at(0), system.tables["market"].at(0)
    # The market as it should be once the rights are laid: they sleep under a bound on their chances to be met.
    held = theta[HELD_INVENTION : HELD_INVENTION + 3, :N_KINDS].sum(axis=0) * (1.0 - theta[USED, :N_KINDS])
    unused = (np.outer(FIELD_SHARES, held) * system.scale).astype(np.int64)
    market.set_rates(market_theta, unused, system.firms, FIELD_SHARES, system.memory.rates)
    labels = np.concatenate([np.zeros(10), ALLOWED_SHARES])

    def lay_block(block: Block) -> None:
        expected = sum(float((theta[HELD_INVENTION + r, :N_KINDS]).sum()) for r in range(4)) * system.scale
        share = block.weight * expected
        # room for rights to come as well: what is not touched costs nothing, growing would copy
        block.register = block.register.with_room(int(share * 2.5 + 6 * math.sqrt(share + 1)) + 1000 +
                                                  4 * (block.high - block.low))
        lay_register(system.seed, block.low, block.high, system.scale, system.applicants, theta, force_theta,
                     market_theta, system.memory.rates, renewal_theta, traits, system.waiting, block.register,
                     block.tally)
        _lay_docket(system, block, theta, traits, labels)
        _lay_refused(system, block, theta, traits, labels)
        pipeline.lay(system, block)
        block.tally.flows[:] = 0

    system.each_block(lay_block)


def _lay_refused(system: IPSystem, block: Block, theta: np.ndarray, traits: np.ndarray, labels: np.ndarray) -> None:
    """Lay the re-examinations of a block."""
    rates = np.zeros((4, N_CELLS))
    shares = np.tile(np.array(KIND_SHARES[INVENTION]), N_CELLS // N_KINDS)
    rates[0] = shares * float(theta[DOCKET_REEXAM, 0]) * system.scale
    hits, arrived = block.arrive(system, -900, rates)
    block.docket = block.docket.with_room(arrived)
    lay_refused(system.seed, -900, hits, block.hit_owner, block.hit_number, float(theta[REEXAM_MONTHS, 0]),
                system.applicants, theta, traits, labels, block.docket, block.tally)


def _lay_docket(system: IPSystem, block: Block, theta: np.ndarray, traits: np.ndarray, labels: np.ndarray) -> None:
    """Lay the docket of a block, month by month from the oldest, so that queues are in order."""
    lag = max(1.0, float(theta[LAG, 0]))
    back = int(theta[DOCKET_MONTHS, 0])
    monthly = float(theta[FILINGS_INVENTION, 0])
    requested = monthly * (1.0 - float(theta[NEVER, 0])) * back
    plans = [(INVENTION, 36, monthly, -back, float(theta[DOCKET_INVENTION, 0]) / requested, lag, 0)]
    for right, months, oldest_lag, base in ((UTILITY_MODEL, 6, 3.0, 8192), (DESIGN, 5, 2.0, 16384),
                                            (TRADEMARK, 10, 3.0, 32768)):
        total = float(theta[DOCKET_INVENTION + right, 0])
        plans.append((right, months, total / months, -months, 1.0, oldest_lag, base))
    for right, months, per_month, oldest, keep, with_examiner, base in plans:
        kinds = np.array(KIND_SHARES[right])
        # The arrival kernel serves as the lot: who filed how many in a month; draws of another month than any run's.
        stream = 2 if right == TRADEMARK else (1 if right == DESIGN else 0)
        per_weight = kinds.copy()
        if stream == 2:
            per_weight = kinds / BRAND_SHARES
        elif stream == 1:
            per_weight = kinds / DESIGN_SHARES
        rates = np.zeros((4, N_CELLS))
        rates[stream] = np.tile(per_weight, N_CELLS // N_KINDS) * per_month * min(1.0, max(keep, 1.0)) * system.scale
        kept = min(1.0, keep)
        rates[stream] *= max(1.0, keep)
        for past in range(-months, 0):
            hits, arrived = block.arrive(system, past - 100 * (right + 1), rates)
            block.docket = block.docket.with_room(arrived)
            lay_cases(system.seed, past, hits, block.hit_owner, block.hit_stream, block.hit_number, right, base,
                      oldest, kept, with_examiner, system.applicants, theta, traits, labels, block.docket, block.tally)
