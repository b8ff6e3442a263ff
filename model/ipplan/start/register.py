"""Rights in force at the end of 2016: laid on owners by size, with ages, values and the use made of them.

Ages follow the thinning of grant years; a value is drawn from what would have been kept to that age.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ipplan.compiled import inlined, kernel
from ipplan.phases import filing, holdings, in_force, market, patent_year, renewal, stakes
from ipplan.phases.examination import around_mean
from ipplan.rights import bins
from ipplan.rights.register import R_LICENSED, R_TOUCHED, R_TRADED
from ipplan.start.reads import (
    BAD_IN_FORCE,
    BAD_SHARE,
    BRAND_SD,
    BRAND_SHARE,
    BRAND_VALUE,
    DEFENSIVE,
    DESIGN_SHARE,
    DESIGN_VALUE,
    EVER_LICENSED,
    EVER_TRADED,
    FAKE_DISCOUNT,
    FAKE_QUALITY,
    FAKE_QUALITY_SD,
    FAKE_VALUE_SD,
    GRANT_MONTHS,
    GRANT_SPREAD,
    HELD_INVENTION,
    LEEWAY,
    LOADING,
    MOST_YEARS_HELD,
    OWN_FIELD,
    SEI_FACTOR,
    SEI_SHARE,
    USED,
    VALIDITY,
    VALUE,
    VALUE_SD,
    YOUTH_FOREIGN,
    YOUTH_INVENTION,
    mean_quality,
)
from ipplan.streams import Stream, normal_quantile, uniforms
from ipplan.world import DESIGN, FOREIGN, INVENTION, N_KINDS, N_RIGHTS, TRADEMARK, UTILITY_MODEL

if TYPE_CHECKING:
    from ipplan.system import Block, IPSystem

# compiled-constants
_REGISTER = int(Stream.START_REGISTER)
GROWTH = 5
"""Room is laid for twice so many times a block's mean share of rights: until 2030 one comes to eight times that."""
TRIES = 10
"""Draws of a value until one would have been kept to the right's age: a bound on work."""


@inlined
def youth_of(theta, right, cell):
    """Return the yearly rate at which grant years thin out."""
    if right == INVENTION and cell % N_KINDS == FOREIGN:
        return theta[YOUTH_FOREIGN, cell]
    return theta[YOUTH_INVENTION + right, cell]


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
                            x, y, z, cell, force_theta, market_theta, rates, owners, register, tally)
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
def lay_register(seed, low, high, scale, owners, theta, force_theta, market_theta, rates, renewal_theta, traits,
                 waiting, register, tally):
    """Give the owners of a block the rights they hold at the end of 2016."""
    for owner in range(low, high):
        cell = owners.cell[owner]
        for right in range(N_RIGHTS):
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


def in_force_at_start(system: IPSystem, theta: np.ndarray) -> np.ndarray:
    """Return the table of rights in force as it lays them: in use as observed, not as at grant.

    Sets the market's rates to those of the rights to be laid: they sleep under a bound on their chances to be met.
    """
    force = system.tables["in_force"].at(0).copy("K")
    force[in_force.USE_AT_GRANT] = theta[USED]
    held = theta[HELD_INVENTION : HELD_INVENTION + TRADEMARK, :N_KINDS].sum(axis=0) * (1.0 - theta[USED, :N_KINDS])
    unused = (np.outer(system.field_shares, held) * system.scale).astype(np.int64)
    market.set_rates(
        system.tables["market"].at(0), unused, system.firms, system.field_shares, system.memory.rates
    )  # fmt: skip
    return force


def lay(system: IPSystem, block: Block, theta: np.ndarray, force: np.ndarray, traits: np.ndarray) -> None:
    """Lay the register of a block."""
    # Room for rights to come as well: what is not touched costs nothing, growing would copy.
    held = theta[HELD_INVENTION : HELD_INVENTION + N_RIGHTS, :N_KINDS].sum(axis=1) * (block.weight * system.scale)
    patents, marks = (int(share * GROWTH + 6 * math.sqrt(share + 1)) + 1000 + 4 * (block.high - block.low)
                      for share in (held[:TRADEMARK].sum(), held[TRADEMARK]))  # fmt: skip
    block.register = block.register.with_room(patents, marks)
    lay_register(system.seed, block.low, block.high, system.scale, system.applicants, theta, force,
                 system.tables["market"].at(0), system.memory.rates, system.tables["renewal"].at(0), traits,
                 system.waiting, block.register, block.tally)
