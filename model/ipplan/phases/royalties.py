"""Step 12b: licences across the border, and what is paid under them: the balance of payments counts nothing else.

**From abroad.** Contracts of domestic firms with foreign licensors are Poisson, a share of a national rate that rises
with R&D over GDP and with enforcement at home (both against 2017). **Abroad.** A family granted abroad is licensed
there, mostly within groups, with a chance of its own. The licensor gets its Nash share of what the licence is worth.

**Standard-essential patents** (fields of information and communication technology). The implementer has already chosen
the standard, so the threat of an injunction lets the holder ask for a part of the cost of leaving it (Lemley & Shapiro
2007): r = b (v + h s). The parties agree with probability Phi((v + s) / (v sigma)), sigma the noise of what they know
of each other; else they are in dispute, renewed year by year, and the implementer holds out: it pays only where the
forum enforces.

A contract wakes once a year, pays, and ends by chance. Payments grow with GDP: royalties run on sales. So that the few
contracts of a small run are not mere noise, at least one in ``LEAST`` of the nation's is drawn, of a smaller amount.
"""

from __future__ import annotations

import math

from ipplan.compiled import helper, inlined, kernel
from ipplan.ledger import (
    ROYALTIES_DISPUTED,
    ROYALTIES_EXPORTED,
    ROYALTIES_IMPORTED,
    ROYALTIES_SEP,
    ROYALTIES_WITHHELD,
    count,
)
from ipplan.rights import bins
from ipplan.rights.abroad import C_DISPUTED, C_SEP, FROM_ABROAD, PAST
from ipplan.rights.keys import filing_key
from ipplan.streams import Stream, normal_cdf, normal_quantile, poisson, uniforms
from ipplan.world import DESTINATIONS, INVENTION, LARGE, N_DESTINATIONS

# compiled-constants
_IN, _ABROAD, _YEAR = int(Stream.LICENCE_IN), int(Stream.LICENCE_ABROAD), int(Stream.ROYALTY_YEAR)

READS = (
    "royalties.contracts_per_year", "royalties.import_value", "royalties.value_log_sd", "royalties.years",
    "royalties.large_share", "royalties.holder_share", "royalties.supply_rd", "royalties.supply_enforcement",
    "foreign.enforcement", "royalties.abroad_share", "royalties.portfolio", "sep.share", "sep.switching",
    "sep.hold_up", "sep.information_noise", "sep.renegotiation", "sep.enforcement", "overseas.market_spread",
    *(f"overseas.market.{place}" for place in DESTINATIONS),
    *(f"overseas.enforcement.{place}" for place in DESTINATIONS),
)  # fmt: skip
(
    PER_YEAR, IMPORT_VALUE, VALUE_SD, YEARS, LARGE_SHARE, HOLDER_SHARE, SUPPLY_RD, SUPPLY_ENFORCEMENT, ENFORCEMENT,
    ABROAD_SHARE, PORTFOLIO, SEP_SHARE, SWITCHING, HOLD_UP, NOISE, RENEGOTIATION, SEP_ENFORCEMENT, SPREAD, MARKET,
) = range(19)  # fmt: skip
FORUM = MARKET + N_DESTINATIONS

LEAST = 40
"""At least one in so many of the nation's contracts from abroad is drawn, whatever the scale of the run."""
LAST_FIELD_OF_STANDARDS = 1
"""Fields 0 and 1, information technology and electronics, have essential patents."""
MOST_CONTRACTS = 4096
"""Contracts a firm can make in a year, at the scale of the run."""


@helper
def royalty(value, share, hold_up, switching):
    """Return the yearly royalty in yuan: the holder's share of the value and of the part of switching it holds up."""
    return share * value * (1.0 + hold_up * switching)


@helper
def agreement(switching, noise):
    """Return the chance that holder and implementer agree: the surplus v + s against the noise, in units of v."""
    return normal_cdf((1.0 + switching) / noise)


@helper
def new_contracts(ideas, large_share, is_large, per_year, supply, drawn, u):
    """Return how many contracts from abroad a firm makes in a year; ``ideas`` is its share of its kind's ideas."""
    share = large_share if is_large else 1.0 - large_share
    return min(MOST_CONTRACTS, poisson(u, ideas * share * per_year * supply * drawn))


@inlined
def add(contracts, where, owner, yearly, origin, start, serial, place, flags):
    """Write a contract into the bin of its next payment."""
    contract = contracts.records[bins.add(contracts, where)]
    contract.owner = owner
    contract.royalty = yearly
    contract.origin = origin
    contract.start = start
    contract.serial = serial
    contract.place = place
    contract.flags = flags


@inlined
def standard(field, u, theta, cell):
    """Return the flag of a contract on standard-essential patents, or nothing."""
    return C_SEP if field <= LAST_FIELD_OF_STANDARDS and u < theta[SEP_SHARE, cell] else 0


@inlined
def yearly_royalty(value, flags, theta, cell):
    """Return the royalty a year of a licence worth ``value`` yuan a year to the licensee."""
    hold_up = theta[HOLD_UP, cell] if flags & C_SEP else 0.0
    return royalty(value, theta[HOLDER_SHARE, cell], hold_up, theta[SWITCHING, cell])


@kernel
def license_in(seed, month, low, high, drawn, weight, supply, owners, theta, contracts):
    """Let the firms whose month of the year it is make contracts with licensors abroad.

    ``drawn`` is the share of the nation's contracts that is drawn and ``weight`` what one of them counts, ``supply``
    what licensors offer, against 2017. Returns how many firms before ``high`` are left, for want of room.
    """
    for owner in range(low + (month - low) % 12, high, 12):
        cell = owners.cell[owner]
        u = uniforms(seed, _IN, owner, 0, month, 0)[0]
        n = new_contracts(owners.ideas[owner], theta[LARGE_SHARE, cell], owners.kind[owner] == LARGE,
                          theta[PER_YEAR, cell], supply, drawn, u)
        if bins.chunks_left(contracts) <= 12 + n // bins.CHUNK:  # they are paid for in twelve months of the year
            return high - owner
        for j in range(n):
            a, b, c, _ = uniforms(seed, _IN, owner, 1 + j, month, 0)
            sd = theta[VALUE_SD, cell]
            value = theta[IMPORT_VALUE, cell] * math.exp(sd * normal_quantile(a) - 0.5 * sd * sd)
            flags = standard(owners.field[owner], b, theta, cell)
            add(contracts, month + 1 + int(12.0 * c) + PAST, owner,
                yearly_royalty(value, flags, theta, cell) * weight, month, month, j, FROM_ABROAD, flags)
    return 0


@inlined
def license_abroad(seed, month, family, fit, cell, theta, gdp, contracts):
    """License a family granted abroad to a user there, by chance; its yearly worth there is v m_c exp(sd fit)."""
    second = filing_key(family.serial, family.filed)
    u, v, w, _ = uniforms(seed, _ABROAD, family.owner, second, 0, family.place)
    if u >= theta[ABROAD_SHARE, cell]:
        return
    value = theta[PORTFOLIO, cell] * theta[MARKET + family.place, cell] * math.exp(
        family.log_value + theta[SPREAD, cell] * fit)
    flags = standard(family.field, v, theta, cell)
    add(contracts, month + 1 + int(12.0 * w) + PAST, family.owner, yearly_royalty(value, flags, theta, cell) / gdp,
        family.filed, month, family.serial, family.place, flags)


@kernel
def pay(seed, month, contracts, cells, theta, gdp, tally):
    """Wake the contracts that pay this month; those that do not end wake again in a year. ``cells`` [owner]."""
    where = month + PAST
    chunk = bins.take_out(contracts, where)
    while chunk >= 0:
        behind, n = bins.read_on(contracts, chunk, where)
        for row in range(chunk * bins.CHUNK, chunk * bins.CHUNK + n):
            contract = contracts.records[row]
            cell = cells[contract.owner]
            u = pay_year(seed, month, contract, cell, theta, gdp, tally)
            if u * theta[YEARS, cell] >= 1.0:
                contracts.records[bins.add(contracts, where + 12)] = contract
        bins.give_back(contracts, chunk)
        chunk = behind


@inlined
def pay_year(seed, month, contract, cell, theta, gdp, tally):
    """Count a contract's year; returns the uniform by which it ends or goes on."""
    second = filing_key(contract.serial, contract.origin)
    u, v, w, x = uniforms(seed, _YEAR, contract.owner, second, month, contract.place)
    amount = int(contract.royalty * gdp + 0.5)
    if contract.flags & C_SEP:
        agrees = agreement(theta[SWITCHING, cell], theta[NOISE, cell])
        if contract.flags & C_DISPUTED:
            if v < agrees:
                contract.flags &= ~C_DISPUTED
        elif (v < theta[RENEGOTIATION, cell] or month - contract.start <= 12) and x >= agrees:
            contract.flags |= C_DISPUTED
        if contract.flags & C_DISPUTED:
            count(tally, ROYALTIES_DISPUTED, INVENTION, cell, amount)
            forum = SEP_ENFORCEMENT if contract.place == FROM_ABROAD else FORUM + contract.place
            if w >= theta[forum, cell]:
                count(tally, ROYALTIES_WITHHELD, INVENTION, cell, amount)
                return u
        count(tally, ROYALTIES_SEP, INVENTION, cell, amount)
    count(tally, ROYALTIES_IMPORTED if contract.place == FROM_ABROAD else ROYALTIES_EXPORTED, INVENTION, cell, amount)
    return u
