"""Step 10: loans secured by patents and marks, month by month.

A bank lends where its profit a year per yuan is not negative,

    (1 - PD) (r - rf) - PD (1 - rec) (1 - g) - c_m >= 0,

with PD the borrower's chance of default, rec what the security fetches, g the guaranteed share of a loss. It lends
min(demand, LTV x appraised value), where the value of keeping the rights is scaled to an income appraisal and met
with an error exp(e); the claim that is registered is a multiple of the loan. The security fetches a price only if it
finds a buyer, so rec follows the patent market's liquidity (Hochberg, Serrano & Ziedonis 2018). More firms ask where
banks widen credit to small firms at large.
"""

from __future__ import annotations

import math

from ipplan import ledger as L
from ipplan.agents.borrowers import NO_CONTRACT
from ipplan.compiled import helper, inlined, kernel
from ipplan.ledger import count, move
from ipplan.phases import tiers
from ipplan.phases.filing import keeping_value
from ipplan.phases.renewal import MOST_YEARS
from ipplan.rights import bins
from ipplan.rights.keys import filing_key
from ipplan.rights.loans import BEFORE, LONGEST
from ipplan.rights.register import R_CHALLENGED, R_IDLE, R_PLEDGED, R_PLEDGED_HIGH, R_TOUCHED
from ipplan.streams import Stream, normal_quantile, poisson, uniforms
from ipplan.world import LARGE, MICRO, N_KINDS, SME, TRADEMARK

# compiled-constants
_BORROWER, _SEEKING = int(Stream.BORROWER), int(Stream.LOAN_SEEKING)
_APPRAISAL, _MATURITY = int(Stream.APPRAISAL), int(Stream.LOAN_MATURITY)
SOUGHT_MICRO, REFUSED_MICRO, NEW_MICRO = (
    L.flow(name) for name in ("loans_sought_micro", "loans_refused_micro", "contracts_micro")
)

READS = (
    "finance.seek_rate", "finance.demand", "finance.demand_ratio", "finance.demand_log_sd",
    "finance.trademark_share", "finance.offered_share", "finance.appraisal_multiple",
    "finance.appraisal_sd", "finance.loan_to_value", "finance.registered_multiple", "finance.smallest_loan",
    "finance.default_rate", "finance.default_spread", "finance.margin", "finance.cost", "finance.resale_price",
    "finance.guarantee", "finance.term", "finance.rollover", "finance.higher_amount", "renewal.use_premium",
    "brand.value_log_median", "brand.value_log_sd", "finance.stop_line", "finance.cycle_sd",
    "finance.credit_elasticity", "finance.guarantee_tilt",
)  # fmt: skip
(
    SEEK_RATE, DEMAND, DEMAND_RATIO, DEMAND_SD, MARK_SHARE, OFFERED, MULTIPLE, APPRAISAL_SD, LTV,
    REGISTERED, SMALLEST, DEFAULT, DEFAULT_SD, MARGIN, COST, RESALE, GUARANTEE, TERM, ROLLOVER, HIGHER, USE_PREMIUM,
    MARK_VALUE, MARK_SD, STOP_LINE, CYCLE_SD, CREDIT, TILT,
) = range(27)  # fmt: skip

BOOKS = (L.CONTRACTS_SETTLED, L.CONTRACTS_DEFAULTED, L.LOANS_SETTLED, L.LOANS_DEFAULTED, L.LOANS_EXPECTED_BAD)
"""Flows that banks look back on."""
SETTLED, DEFAULTED, PAID_BACK, GONE_BAD, EXPECTED_BAD = range(5)
CREDIBLE = 1000.0
"""Contracts due in a year at which a bank's own losses weigh as much as those it expected (assumed)."""
SEEKING_MONTHS = 12
"""Who seeks a loan brings its rights as their anniversaries come round."""
BARRED_MONTHS = 60
"""After a default no bank lends: five years, as a bad credit record is kept in China."""
SMALL = 10_000_000
"""Yuan up to which a registered contract counts as inclusive finance (CNIPA reports the share)."""
DEMAND_ELASTICITY = 0.7
"""Elasticity of the demand for credit to a firm's size (assumed)."""
ONE_YEAR = 12.0


@helper
def profit(default, margin, recovered, guaranteed, cost):
    """Return a bank's expected profit a year per yuan lent; all arguments are shares of the loan."""
    return (1.0 - default) * margin - default * (1.0 - recovered) * (1.0 - guaranteed) - cost


@helper
def shifted(chance, logits):
    """Return a probability shifted by logits."""
    odds = chance / (1.0 - chance) * math.exp(logits)
    return odds / (1.0 + odds)


@kernel
def review(books, theta, banking):
    """Let the banks of each province look back on the loans due last year, and withdraw or renew the public guarantee.

    ``books`` [of ``BOOKS``, province] has the nation in its last column. The share that went bad is what happened, held
    towards what lenders of the nation expected, in the province's credit cycle of that year, by how few contracts there
    are (Buehlmann 1967): so the guarantee does not stop by chance in a small sample of a nation where it would go on in
    the nation.
    """
    nation = books.shape[1] - 1
    all_due = books[PAID_BACK, nation] + books[GONE_BAD, nation]
    expected = books[EXPECTED_BAD, nation] / max(1, all_due)
    for province in range(nation):
        contracts = books[SETTLED, province] + books[DEFAULTED, province]
        due = books[PAID_BACK, province] + books[GONE_BAD, province]
        own = contracts / (contracts + CREDIBLE)
        here = shifted(expected, banking.cycle[province]) if expected > 0.0 else expected
        share = own * (books[GONE_BAD, province] / max(1, due)) + (1.0 - own) * here
        banking.bad_share[province] = share
        banking.guaranteed[province] = 0.0 if share > theta[STOP_LINE, province * N_KINDS + SME] else 1.0


@inlined
def guarantee(cell, tier, theta, guaranteed):
    """Return the part of a loss that the public guarantee pays to the lender of a firm of this tier."""
    return tiers.guaranteed(theta[GUARANTEE, cell], theta[TILT, cell], tier) * guaranteed[cell // N_KINDS]


@inlined
def lends(default, field, cell, tier, theta, sold, guaranteed):
    """True where the province's bank expects no loss; ``sold`` [field] chance of a buyer, ``guaranteed`` [province]."""
    recovered = theta[RESALE, cell] * sold[field]
    share = guarantee(cell, tier, theta, guaranteed)
    return profit(default, theta[MARGIN, cell], recovered, share, theta[COST, cell]) >= 0.0


@inlined
def demand(kind, cell, size, u, theta):
    """Return the yuan that a firm wants to borrow."""
    median = theta[DEMAND, cell] * (theta[DEMAND_RATIO, cell] if kind == LARGE else 1.0)
    return median * size**DEMAND_ELASTICITY * math.exp(theta[DEMAND_SD, cell] * normal_quantile(u))


@inlined
def secure(seed, month, owner, key, right, value, cell, borrowers, theta):
    """Add a security whose keeping is worth ``value`` yuan; it is appraised with an error of its own."""
    u = uniforms(seed, _APPRAISAL, owner, key, month, right)[0]
    worth = theta[MULTIPLE, cell] * value
    borrowers.worth[owner] += int(worth)
    borrowers.appraised[owner] += int(worth * math.exp(theta[APPRAISAL_SD, cell] * normal_quantile(u)))


@inlined
def ask(seed, month, owner, right, field, cell, owners, borrowers, loans, theta, sold, guaranteed, tally):
    """Ask for a loan on the security brought so far: a contract is signed, raised, refused, or it is too early.

    The bank knows that appraisals err and lends as much less as they are too high on average.
    """
    u, v, _, _ = uniforms(seed, _BORROWER, owner, 0, 0, 0)
    spread = theta[APPRAISAL_SD, cell]
    most = theta[LTV, cell] * borrowers.appraised[owner] * math.exp(-0.5 * spread * spread)
    loan = int(min(demand(cell % N_KINDS, cell, owners.size[owner], v, theta), most))
    truth = borrowers.worth[owner] / max(borrowers.appraised[owner], 1)
    if borrowers.contract[owner] != NO_CONTRACT:
        contract = loans.records[borrowers.contract[owner]]
        if loan > contract.loan:
            more = loan - contract.loan
            move(tally, L.CONTRACTS_SMALL, contract.right, cell, -1 if contract.registered <= SMALL else 0)
            extra = int(more * theta[REGISTERED, cell])
            contract.loan += more
            contract.registered += extra
            contract.truth = truth
            count(tally, L.LOANS_NEW, contract.right, cell, more)
            count(tally, L.REGISTERED_NEW, contract.right, cell, extra)
            move(tally, L.LOANS_OUTSTANDING, contract.right, cell, more)
            move(tally, L.CONTRACTS_SMALL, contract.right, cell, 1 if contract.registered <= SMALL else 0)
        return
    if loan < theta[SMALLEST, cell]:
        return
    tier = owners.tier[owner]
    micro = 1 if tier == MICRO else 0
    count(tally, L.LOANS_SOUGHT, right, cell, 1)
    count(tally, SOUGHT_MICRO, right, cell, micro)
    default = shifted(theta[DEFAULT, cell], theta[DEFAULT_SD, cell] * normal_quantile(u))
    if not lends(default, field, cell, tier, theta, sold, guaranteed):
        count(tally, L.LOANS_REFUSED, right, cell, 1)
        count(tally, REFUSED_MICRO, right, cell, micro)
        borrowers.seeks_until[owner] = month
        return
    place = sign(month, owner, right, field, cell, loan, int(loan * theta[REGISTERED, cell]), default, truth, borrowers,
                 loans, theta, tally)
    count(tally, L.CONTRACTS_NEW, right, cell, 1)
    count(tally, NEW_MICRO, right, cell, micro)
    count(tally, L.LOANS_NEW, right, cell, loan)
    count(tally, L.REGISTERED_NEW, right, cell, loans.records[place].registered)


@inlined
def sign(month, owner, right, field, cell, loan, registered, default, truth, borrowers, loans, theta, tally):
    """Put a contract to sleep until it falls due; returns its place."""
    due = month + max(1, min(LONGEST, int(theta[TERM, cell] + 0.5)))
    place = bins.add(loans, due + BEFORE)
    contract = loans.records[place]
    contract.owner = owner
    contract.signed = month
    contract.right = right
    contract.field = field
    contract.loan = loan
    contract.registered = registered
    contract.default = default
    contract.truth = truth
    borrowers.contract[owner] = place
    move(tally, L.CONTRACTS_OPEN, right, cell, 1)
    move(tally, L.CONTRACTS_SMALL, right, cell, 1 if registered <= SMALL else 0)
    move(tally, L.LOANS_OUTSTANDING, right, cell, loan)
    return place


@inlined
def fall_due(seed, month, contract, owners, borrowers, loans, theta, sold, guaranteed, cycle, tally):
    """A contract falls due: the borrower defaults, repays, or repays out of a new loan on the same security."""
    owner, right, field, loan = contract.owner, contract.right, contract.field, contract.loan
    cell = owners.cell[owner]
    registered, default, truth = contract.registered, contract.default, contract.truth
    borrowers.contract[owner] = NO_CONTRACT
    move(tally, L.CONTRACTS_OPEN, right, cell, -1)
    move(tally, L.CONTRACTS_SMALL, right, cell, -1 if registered <= SMALL else 0)
    move(tally, L.LOANS_OUTSTANDING, right, cell, -loan)
    years = (month - contract.signed) / ONE_YEAR
    count(tally, L.LOANS_EXPECTED_BAD, right, cell, int(loan * (1.0 - (1.0 - default) ** years)))
    chance = 1.0 - (1.0 - shifted(default, cycle[cell // N_KINDS])) ** years
    u, v, _, _ = uniforms(seed, _MATURITY, owner, contract.signed + 1024, month, 0)
    if u < chance:
        recovered = int(loan * min(1.0, theta[RESALE, cell] * sold[field] * truth))
        count(tally, L.CONTRACTS_DEFAULTED, right, cell, 1)
        count(tally, L.LOANS_DEFAULTED, right, cell, loan)
        count(tally, L.LOANS_RECOVERED, right, cell, recovered)
        paid = int((loan - recovered) * guarantee(cell, owners.tier[owner], theta, guaranteed))
        count(tally, L.GUARANTEE_PAID, right, cell, paid)
        borrowers.barred_until[owner] = month + BARRED_MONTHS
        borrowers.seeks_until[owner] = month
        release(owner, borrowers)
        return
    count(tally, L.CONTRACTS_SETTLED, right, cell, 1)
    count(tally, L.LOANS_SETTLED, right, cell, loan)
    if v < theta[ROLLOVER, cell] and lends(default, field, cell, owners.tier[owner], theta, sold, guaranteed):
        sign(month, owner, right, field, cell, loan, registered, default, truth, borrowers, loans, theta, tally)
        count(tally, L.CONTRACTS_ROLLED, right, cell, 1)
        count(tally, L.LOANS_ROLLED, right, cell, loan)
        count(tally, L.REGISTERED_ROLLED, right, cell, registered)
    else:
        release(owner, borrowers)


@inlined
def release(owner, borrowers):
    """Forget the security that an owner without a contract had brought."""
    borrowers.appraised[owner] = 0
    borrowers.worth[owner] = 0


@inlined
def seek(seed, month, owner, marks, weights, owners, borrowers, loans, theta, sold, guaranteed, tally):
    """A firm's yearly decision to seek a loan, on its patents as they come round, or on its marks at once.

    Marks wake only every ten years, so a firm holds as many as its share of the nation's ``marks`` in good faith.
    """
    cell = owners.cell[owner]
    kind = cell % N_KINDS
    u, v, w, x = uniforms(seed, _SEEKING, owner, 0, month, 0)
    rate = theta[SEEK_RATE, cell] * math.sqrt(owners.size[owner]) * weights[kind]
    if u >= rate or month < borrowers.barred_until[owner]:
        return
    has_contract = borrowers.contract[owner] != NO_CONTRACT
    if not has_contract:
        release(owner, borrowers)
    if v >= theta[MARK_SHARE, cell]:
        borrowers.seeks_until[owner] = month + 1 + SEEKING_MONTHS  # from next month on
        return
    held = poisson(w, theta[OFFERED, cell] * owners.brands[owner] * marks)
    if has_contract or held == 0:
        return
    value = held * math.exp(theta[MARK_VALUE, cell] + theta[MARK_SD, cell] * normal_quantile(x))
    secure(seed, month, owner, 0, TRADEMARK, value, cell, borrowers, theta)
    ask(seed, month, owner, TRADEMARK, owners.field[owner], cell, owners, borrowers, loans, theta, sold, guaranteed,
        tally)
    if borrowers.contract[owner] != NO_CONTRACT:
        count(tally, L.PLEDGED_FLOW, TRADEMARK, cell, held)


@inlined
def bring(seed, month, offer, owners, borrowers, loans, theta, sold, guaranteed, waiting, tally):
    """A right comes up at its anniversary: its owner brings it as security, or a pledge on it goes on or ends."""
    owner, right = offer.owner, offer.right
    cell = owners.cell[owner]
    kind = cell % N_KINDS
    flags = offer.flags & ~R_PLEDGED_HIGH
    if borrowers.contract[owner] == NO_CONTRACT:
        flags &= ~R_PLEDGED
    fit = flags & (R_PLEDGED | R_CHALLENGED) == 0  # no pledge is registered on a patent whose validity is challenged
    if fit and kind <= SME and month < borrowers.seeks_until[owner]:
        age = min((month - offer.filed) // 12, MOST_YEARS - 1)
        table = (kind * 3 + right) * MOST_YEARS + age
        value = keeping_value(waiting, table, offer.log_value + theta[USE_PREMIUM, cell])
        key = filing_key(offer.serial, offer.filed)
        secure(seed, month, owner, key, right, value, cell, borrowers, theta)
        ask(seed, month, owner, right, offer.field, cell, owners, borrowers, loans, theta, sold, guaranteed, tally)
        if borrowers.contract[owner] != NO_CONTRACT:
            flags = (flags | R_PLEDGED | R_TOUCHED) & ~R_IDLE
            count(tally, L.PLEDGED_FLOW, right, cell, 1)
    if flags & R_PLEDGED and loans.records[borrowers.contract[owner]].registered >= theta[HIGHER, cell]:
        flags |= R_PLEDGED_HIGH
    offer.flags = flags


@kernel
def lend(seed, month, low, high, offers, mine, marks, weights, owners, borrowers, loans, theta, sold, guaranteed,
         cycle, waiting, tally):
    """A month of the owners ``low`` to ``high``: loans fall due, firms seek loans, rights come up as security.

    Each owner decides in one month of the year. ``mine`` says which ``offers`` are theirs, in the order of identity;
    their flags are brought up to date. ``weights`` [kind] is how many firms of the scale a row stands for, ``marks``
    the nation's.
    """
    where = month + BEFORE
    chunk = bins.take_out(loans, where)
    while chunk >= 0:
        behind, n = bins.read_on(loans, chunk, where)
        for place in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
            fall_due(seed, month, loans.records[place], owners, borrowers, loans, theta, sold, guaranteed, cycle, tally)
        bins.give_back(loans, chunk)
        chunk = behind
    for owner in range(low + (month - low) % 12, high, 12):
        if owners.kind[owner] <= SME:
            seek(seed, month, owner, marks, weights, owners, borrowers, loans, theta, sold, guaranteed, tally)
    for i in range(len(mine)):
        bring(seed, month, offers[mine[i]], owners, borrowers, loans, theta, sold, guaranteed, waiting, tally)
