"""What a right in force counts as: the stocks it belongs to, and the official high-value mark.

A flag of a right is a stock of the ledger, in the same order, so a right that changes moves only what changed.
"""

from __future__ import annotations

from ipplan.compiled import inlined
from ipplan.ledger import IN_FORCE, IN_FORCE_BAD, move
from ipplan.rights import keys
from ipplan.rights.register import (
    R_AWARD,
    R_HIGH_VALUE,
    R_OVER_10Y,
    R_OVERSEAS,
    R_PLEDGED_HIGH,
    R_SEI,
    R_USED,
    STOCK_FLAGS,
)
from ipplan.world import FOREIGN, INVENTION, N_KINDS, TRADEMARK

# compiled-constants
CATEGORIES = R_SEI | R_OVERSEAS | R_OVER_10Y | R_PLEDGED_HIGH | R_AWARD
"""The five official categories of high-value inventions."""
TEN_YEARS, HALF_YEAR = 120, 6
N_STOCK_FLAGS = STOCK_FLAGS.bit_length()


@inlined
def hold(right, field, flags, cell, n, tally):
    """Add (n = 1) or take away (n = -1) a right from every stock it belongs to."""
    move(tally, IN_FORCE, right, cell, n)
    if right != TRADEMARK:
        if flags & R_USED == 0:
            tally.unused[field, cell % N_KINDS] += n
        else:
            tally.in_use[field, cell % N_KINDS] += n
    move_flags(right, flags & STOCK_FLAGS, flags, cell, n, tally)


@inlined
def move_flags(right, which, flags, cell, n, tally):
    """Move the stocks of the flags in ``which``: up by ``n`` where ``flags`` has them, down where not.

    The others move by nothing: adding to all costs less than asking for each.
    """
    for flag in range(N_STOCK_FLAGS):
        up = ((flags >> flag) & 1) * 2 - 1
        move(tally, IN_FORCE_BAD + flag, right, cell, ((which >> flag) & 1) * up * n)


@inlined
def exchange(right, field, old, new, cell, tally):
    """Move the stocks in which a right that stays with its owner differs from before."""
    if (old ^ new) & R_USED:
        started = -1 if old & R_USED else 1
        tally.unused[field, cell % N_KINDS] -= started
        tally.in_use[field, cell % N_KINDS] += started
    move_flags(right, (old ^ new) & STOCK_FLAGS, new, cell, 1, tally)


@inlined
def over_ten_years(month, record, from_grant):
    """Tell whether an invention has been kept over ten years: from filing, or (by the switch) from grant.

    Anniversaries are those of the filing, so ten years from grant are told to the nearest half-year.
    """
    if from_grant > 0.5:
        return month - record.granted + HALF_YEAR >= TEN_YEARS
    return month - record.filed >= TEN_YEARS


@inlined
def counts_abroad(families, owner, serial, filed, when_filed):
    """Tell whether an invention's family abroad counts: once it is granted, or (by the switch) once it is filed."""
    return keys.holds(families, owner, serial, filed + keys.FAMILY_FILED if when_filed > 0.5 else filed)


@inlined
def official_value(record, cell):
    """Set the official high-value mark: a union of five categories, domestic inventions only, each counted once."""
    if record.right == INVENTION and cell % N_KINDS != FOREIGN and record.flags & CATEGORIES:
        record.flags |= R_HIGH_VALUE
    else:
        record.flags &= ~R_HIGH_VALUE
