"""The state at the end of 2016, derived from observed stocks and flows; what has no observation is a primitive.

Nothing is warmed up from zero. Rights in force are laid on owners by size, their ages follow the thinning of grant
years, and their values are drawn from what would have been kept to that age. The docket holds the filings of the
last months, thinned to its derived size; the oldest are already with an examiner.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ipplan.columns import whole
from ipplan.compiled import inlined, kernel
from ipplan.ledger import PENDING_DECISION, PENDING_EXAM, PENDING_REEXAM, PENDING_REQUEST, move
from ipplan.phases import filing, holdings, in_force, market, patent_year, pipeline, renewal, stakes
from ipplan.phases.conclusion import REEXAMINED
from ipplan.phases.examination import around_mean
from ipplan.phases.intake import REQUEST_TERM, request_delay
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
    FIELDS,
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
"""Draws of a value until one would have been kept to the right's age: a bound on work."""
FIRST_SERIAL = (0, 8192, 16384, 32768)
"""Ordinals of an owner's filings of the start docket by right, so that rights never share a draw."""

READS = (
    *(f"start.in_force.{right}.*" for right in RIGHTS), "start.youth.invention", "start.youth.utility_model",
    "start.youth.design", "start.youth.trademark", "start.youth.foreign", "start.bad_share", "start.ever_traded",
    "start.licensed", "start.used.*", "start.docket.invention", "start.docket.utility_model", "start.docket.design",
    "start.docket.trademark", "start.docket_months.invention", "start.filings_per_month.invention",
    "examination.request_immediate", "examination.request_months", "examination.never_requested",
    "examination.prosecution_months.normal", "start.docket.reexamination", "examination.reexam_months",
    *(f"start.grant_months.{right}" for right in RIGHTS), *(f"start.most_years.{right}" for right in RIGHTS),
    *(f"start.allowed.{right}" for right in RIGHTS), "start.allowed_foreign", "start.grant_spread",
    "start.bad_ratio.in_force", "start.bad_ratio.docket", "applicants.brand_share.*", "applicants.design_share.*",
)  # fmt: skip
(
    HELD_INVENTION, HELD_UM, HELD_DESIGN, HELD_TM, YOUTH_INVENTION, YOUTH_UM, YOUTH_DESIGN, YOUTH_TM, YOUTH_FOREIGN,
    BAD_SHARE, EVER_TRADED, EVER_LICENSED, USED, DOCKET_INVENTION, DOCKET_UM, DOCKET_DESIGN, DOCKET_TM, DOCKET_MONTHS,
    FILINGS_INVENTION, REQUEST_NOW, REQUEST_MONTHS, NEVER, LAG, DOCKET_REEXAM, REEXAM_MONTHS,
) = range(25)  # fmt: skip
GRANT_MONTHS, MOST_YEARS_HELD, ALLOWED_SHARE, ALLOWED_FOREIGN = 25, 29, 33, 37
GRANT_SPREAD, BAD_IN_FORCE, BAD_ON_DOCKET, BRAND_SHARE, DESIGN_SHARE = range(38, 43)
"""The first three by right."""

DOCKET_READS = (
    *(f"start.filer_share.{right}.*" for right in RIGHTS[:2]),
    *(f"start.docket_months.{right}" for right in RIGHTS[1:]),
    *(f"start.decision_months.{right}" for right in RIGHTS[1:]),
)  # fmt: skip
FILER_SHARE, BACK, DECIDING = 0, 2, 5
"""By right, the months without inventions, which have their own; read once, to lay the docket."""

TRAITS = (
    "invention.quality_mean.*", "fabrication.quality_mean", "invention.value_log_median",
    "fabrication.value_discount", "design.value_log_median", "invention.value_quality_loading",
    "invention.value_log_sd", "filing.utility_model_validity", "invention.capability_sd", "tagging.sei_share",
    "brand.value_log_median", "start.quality_gain", "start.kept_leeway", "brand.value_log_sd", "fabrication.quality_sd",
    "fabrication.value_log_sd", "invention.own_field", *(f"tagging.sei_factor.{field}" for field in FIELDS),
    "squatting.defensive_response",
)  # fmt: skip
(
    QUALITY, FAKE_QUALITY, VALUE, FAKE_DISCOUNT, DESIGN_VALUE, LOADING, VALUE_SD, VALIDITY, CAPABILITY, SEI_SHARE,
    BRAND_VALUE, GAIN, LEEWAY, BRAND_SD, FAKE_QUALITY_SD, FAKE_VALUE_SD, OWN_FIELD, SEI_FACTOR,
) = range(18)  # fmt: skip
DEFENSIVE = SEI_FACTOR + len(FIELDS)
"""What filings of the start are like; the one before the last of eight, by field."""

GROWTH = 5
"""Room is laid for twice so many times a block's mean share of rights: until 2030 one comes to eight times that."""

REUSE = 7.0
"""A uniform times this, less whole numbers, serves once more: a draw, not a quantity."""


@inlined
def youth_of(theta, right, cell):
    """Return the yearly rate at which grant years thin out."""
    if right == INVENTION and cell % N_KINDS == FOREIGN:
        return theta[YOUTH_FOREIGN, cell]
    return theta[YOUTH_INVENTION + right, cell]


@inlined
def mean_quality(owners, owner, cell, traits):
    """Return the mean quality of what an owner filed in good faith."""
    return traits[QUALITY, cell] + traits[GAIN, cell] + traits[CAPABILITY, cell] * owners.capability[owner]


@inlined
def kept_value(seed, owner, key, right, age, bad, mean, cell, theta, traits, waiting, fee):
    """Draw (quality, log value) of a right that was kept for ``age`` years, by trying again what would have lapsed."""
    kind = cell % N_KINDS
    quality, log_value = 0.0, 0.0
    decay = theta[renewal.DECAY_INVENTION + right, cell]
    hold = renewal.holding(theta, cell, right)
    for attempt in range(TRIES):
        a, b, _, _ = uniforms(seed, _REGISTER, owner, key, -1, 10 + attempt)
        y, z = normal_quantile(a), normal_quantile(b)
        if bad:
            quality = traits[FAKE_QUALITY, cell] + traits[FAKE_QUALITY_SD, cell] * y
            log_value = traits[VALUE, cell] - traits[FAKE_DISCOUNT, cell] + traits[FAKE_VALUE_SD, cell] * z
        else:
            quality = mean + y
            median = traits[DESIGN_VALUE, cell] if right == DESIGN else traits[VALUE, cell]
            log_value = median + traits[LOADING, cell] * quality + traits[VALUE_SD, cell] * z
            if right == UTILITY_MODEL:
                log_value += math.log(traits[VALIDITY, cell])
        table = (kind * 3 + right) * renewal.MOST_YEARS + min(age, renewal.MOST_YEARS - 1)
        need = fee - hold - filing.keeping_value(waiting, table, log_value)
        if need <= 0.0 or log_value + age * math.log(1.0 - decay) >= math.log(need) - traits[LEEWAY, cell]:
            break
    return quality, log_value


@kernel
def lay_register(seed, low, high, scale, owners, theta, force_theta, market_theta, rates, renewal_theta, traits,
                 waiting, register, tally):
    """Give the owners of a block the rights they hold at the end of 2016."""
    for owner in range(low, high):
        cell = owners.cell[owner]
        for right in range(4):
            if right == TRADEMARK:
                share = owners.brands[owner] / theta[BRAND_SHARE, cell]
            elif right == DESIGN:
                share = owners.designs[owner] / theta[DESIGN_SHARE, cell]
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
    span = theta[MOST_YEARS_HELD + right, cell]
    held = -math.log(1.0 - u * (1.0 - math.exp(-youth * span))) / youth
    granted = -1 - int(held * 12.0)
    filed = granted - int(theta[GRANT_MONTHS + right, cell] * around_mean(theta[GRANT_SPREAD, cell], v))
    longest = renewal.term_years(right, filed) * 12 if right != TRADEMARK else 10_000
    filed = max(filed, -longest + 1 + int(12.0 * v))
    granted = max(granted, filed + 1)
    share = theta[BAD_SHARE, cell] * (theta[BAD_IN_FORCE, cell] if right == INVENTION else 1.0)
    bad = 1 if f < share and kind != FOREIGN else 0
    quality, log_value = 0.0, 0.0
    age = (-1 - filed) // 12
    if right != TRADEMARK:
        fee = renewal.annuity(right, age + 1, held, kind, renewal_theta[renewal.FEE_LEVEL, cell],
                              renewal_theta[renewal.RELIEF, cell], renewal_theta[renewal.RELIEF_YEARS, cell])
        quality, log_value = kept_value(seed, owner, key, right, age, bad, mean_quality(owners, owner, cell, traits),
                                        cell, renewal_theta, traits, waiting, fee)
    else:  # a brand's value, as of one that is filed
        drawn = normal_quantile(uniforms(seed, _REGISTER, owner, key, -1, 10)[0])
        log_value = traits[BRAND_VALUE, cell] + traits[BRAND_SD, cell] * drawn
    field = stakes.drawn_field(owners.field[owner], w, traits[OWN_FIELD, cell])
    labelled = 1 if e < stakes.emerging_chance(traits[SEI_SHARE, cell], traits[SEI_FACTOR + field, cell]) else 0
    if right == TRADEMARK:  # filed in defence, as the share of brand needs has it that 2017 begins with
        labelled = 1 if e < traits[DEFENSIVE, cell] / (1.0 + traits[DEFENSIVE, cell]) else 0
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
    patent_year.new_year(-1, record, kind, cell, b, c, force_theta, tally)
    holdings.hold(right, field, record.flags, cell, 1, tally)


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
            a, b, c, d = uniforms(seed, _DOCKET, owner, number, month, 4 + right)
            due = month
            if right == INVENTION:
                if u < theta[NEVER, cell]:
                    lay_case(seed, month, month + REQUEST_TERM, owner, number, right, cell, a, b, c, d, owners, theta,
                             traits, 0, 0, docket, tally)
                    continue
                due = month + request_delay(v, theta[REQUEST_NOW, cell], theta[REQUEST_MONTHS, cell])
            if due < 0 and (due < oldest or w >= keep):
                continue
            place = 1 if due >= 0 else (2 if due >= oldest + lag else 3)
            if right != INVENTION and place == 1:
                place = 2
            lay_case(seed, month, due, owner, number, right, cell, a, b, c, d, owners, theta, traits, place,
                     due - oldest, docket, tally)
            if place == 3:
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
            a, b, c, d = uniforms(seed, _DOCKET, owner, j, month, 8)
            u = uniforms(seed, _DOCKET, owner, j, month, 9)[0]
            lay_case(seed, -REQUEST_TERM, -REQUEST_TERM + 6, owner, j, INVENTION, cell, a, b, c, d, owners, theta,
                     traits, 4, int(u * months), docket, tally)


@inlined
def lay_case(seed, month, due, owner, number, right, cell, a, b, c, d, owners, theta, traits, place, ends, docket,
             tally):
    """Write one case of the start docket.

    ``place`` 0 never requested, 1 to be requested, 2 waits, 3 in examination, 4 in re-examination till ``ends``.
    """
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
    labels = stakes.emerging_chance(traits[SEI_SHARE, cell], traits[SEI_FACTOR + field, cell])
    labelled = right == INVENTION and (c * REUSE) % 1.0 < labels
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


def lay(system: IPSystem) -> None:
    """Lay the start state on every block of the system, and forget the events of doing so."""
    theta = system.tables["start"].at(0).copy()
    for row in (BRAND_SHARE, DESIGN_SHARE):
        theta[row] = np.tile(whole(theta[row, :N_KINDS]), N_CELLS // N_KINDS)
    traits = np.ascontiguousarray(system.paths.table(TRAITS, 1).at(0))
    force_theta = system.tables["in_force"].at(0).copy()
    force_theta[in_force.USE_AT_GRANT] = theta[USED]
    renewal_theta, market_theta = system.tables["renewal"].at(0), system.tables["market"].at(0)
    # The market as it should be once the rights are laid: they sleep under a bound on their chances to be met.
    held = theta[HELD_INVENTION : HELD_INVENTION + 3, :N_KINDS].sum(axis=0) * (1.0 - theta[USED, :N_KINDS])
    unused = (np.outer(system.field_shares, held) * system.scale).astype(np.int64)
    market.set_rates(market_theta, unused, system.firms, system.field_shares, system.memory.rates)

    def lay_block(block: Block) -> None:
        expected = sum(float((theta[HELD_INVENTION + r, :N_KINDS]).sum()) for r in range(4)) * system.scale
        share = block.weight * expected
        # room for rights to come as well: what is not touched costs nothing, growing would copy
        block.register = block.register.with_room(int(share * GROWTH + 6 * math.sqrt(share + 1)) + 1000 +
                                                  4 * (block.high - block.low))
        lay_register(system.seed, block.low, block.high, system.scale, system.applicants, theta, force_theta,
                     market_theta, system.memory.rates, renewal_theta, traits, system.waiting, block.register,
                     block.tally)
        _lay_docket(system, block, theta, traits)
        _lay_refused(system, block, theta, traits)
        pipeline.lay(system, block)
        block.tally.flows[:] = 0

    system.each_block(lay_block)


def _lay_refused(system: IPSystem, block: Block, theta: np.ndarray, traits: np.ndarray) -> None:
    """Lay the re-examinations of a block."""
    rates = np.zeros((4, N_CELLS))
    shares = np.tile(whole(system.tables["docket"].at(0)[FILER_SHARE, :N_KINDS]), N_CELLS // N_KINDS)
    rates[0] = shares * float(theta[DOCKET_REEXAM, 0]) * system.scale
    hits, arrived = block.arrive(system, -900, rates)
    block.docket = block.docket.with_room(arrived)
    lay_refused(system.seed, -900, hits, block.hit_owner, block.hit_number, float(theta[REEXAM_MONTHS, 0]),
                system.applicants, theta, traits, block.docket, block.tally)


def _lay_docket(system: IPSystem, block: Block, theta: np.ndarray, traits: np.ndarray) -> None:
    """Lay the docket of a block, month by month from the oldest, so that queues are in order."""
    lag = max(1.0, float(theta[LAG, 0]))
    back = int(theta[DOCKET_MONTHS, 0])
    monthly = float(theta[FILINGS_INVENTION, 0])
    requested = monthly * (1.0 - float(theta[NEVER, 0])) * back
    plans = [(INVENTION, REQUEST_TERM, monthly, -back, float(theta[DOCKET_INVENTION, 0]) / requested, lag)]
    docket = system.tables["docket"].at(0)
    for right in (UTILITY_MODEL, DESIGN, TRADEMARK):
        months = max(1, int(docket[BACK + right - 1, 0]))
        total = float(theta[DOCKET_INVENTION + right, 0])
        plans.append((right, months, total / months, -months, 1.0, float(docket[DECIDING + right - 1, 0])))
    for right, months, per_month, oldest, keep, with_examiner in plans:
        base = FIRST_SERIAL[right]
        kinds = whole(docket[FILER_SHARE + right, :N_KINDS])
        if right >= DESIGN:
            kinds = theta[DESIGN_SHARE if right == DESIGN else BRAND_SHARE, :N_KINDS]
        # The arrival kernel serves as the lot: who filed how many in a month; draws of another month than any run's.
        stream = 2 if right == TRADEMARK else (1 if right == DESIGN else 0)
        per_weight = kinds.copy()
        if stream == 2:
            per_weight = kinds / theta[BRAND_SHARE, :N_KINDS]
        elif stream == 1:
            per_weight = kinds / theta[DESIGN_SHARE, :N_KINDS]
        rates = np.zeros((4, N_CELLS))
        rates[stream] = np.tile(per_weight, N_CELLS // N_KINDS) * per_month * min(1.0, max(keep, 1.0)) * system.scale
        kept = min(1.0, keep)
        rates[stream] *= max(1.0, keep)
        for past in range(-months, 0):
            hits, arrived = block.arrive(system, past - 100 * (right + 1), rates)
            block.docket = block.docket.with_room(arrived)
            lay_cases(system.seed, past, hits, block.hit_owner, block.hit_number, right, base, oldest, kept,
                      with_examiner, system.applicants, theta, traits, block.docket, block.tally)
