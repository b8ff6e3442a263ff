"""Step 9b: pools of complementary patents, field by field (Cournot 1838, Shapiro 2001, Lerner & Tirole 2004).

Who uses the technology of a field needs licences from each of k independent holders, and pays a transaction cost c for
each; willingness to pay is uniform up to 1, the choke price. With complements each holder sets its royalty against the
others', with substitutes the same holders compete (Cournot's duality: royalties and quantities change places):

    complements   royalty each = quantity = (1 - k c) / (k + 1),    total k (1 - k c) / (k + 1)
    substitutes   total royalty (1 - c) / (k + 1),                  quantity k (1 - c) / (k + 1)

A pool of m holders is one of the k. Pooling all n complements so sells (n + 1)/2 times as much at c = 0, and pooling
substitutes sells less. A holder who is approached joins where its share of what the pool earns beats standing alone,

    log(earned(k with it) / (m + 1)) + noise > log(e (p earned(n) + (1 - p) earned(k without it)))

e the part of its royalties that an outsider can enforce alone, p the chance it gives to the pool failing without it
(Brenner 2009). Outsiders free-ride on the pool's low price: they hold out. Holders whose patents nobody needs earn
nothing alone and join wherever the evaluation lets them: they stuff the pool, and thin the others' shares.

Holders are few and of the nation, whatever the scale of the run. What the pools sell moves the meetings of a field, by
the part of its dealings that draw on stacked patents. In money: of a field's N firms that would use its stack for
nothing, whole numbers pay, each the royalty times the choke price; what licensees pay is what holders receive, in a
pool shared by all its members. Research that pools may cost (Lampe & Moser 2016) is not here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ipplan.ledger import MARKET_GAUGES
from ipplan.streams import Stream, quantile_column, uniform_column
from ipplan.world import N_FIELDS

if TYPE_CHECKING:
    from ipplan.system import IPSystem

READS = (
    "pool.holders", "pool.complement_share", "pool.stacked_share", "pool.transaction_cost", "pool.approach",
    "pool.essential_share", "pool.screening", "pool.enforced_alone", "pool.pivotal", "pool.noise", "pool.users",
    "pool.choke_price",
)  # fmt: skip
(
    HOLDERS, COMPLEMENTS, STACKED, TRANSACTION, APPROACH, ESSENTIAL, SCREENING, ALONE, PIVOTAL, NOISE, USERS, CHOKE,
) = range(12)  # fmt: skip
STATES = MARKET_GAUGES[: MARKET_GAUGES.index("pool_takers")]
FLOWS_OF_MONEY = MARKET_GAUGES[MARKET_GAUGES.index("pool_takers") :]

NOBODY = 1e-6
"""A holder that is approached less often a year than this is not approached."""
PER_FIRMS = 1000.0
"""Users of a stack are counted per 1,000 firms of a field."""
MONTHS = 6
"""Holders are approached every so many months: a matter of work."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def quantity(sellers: Floats, cost: float, complement: bool = True) -> Floats:
    """Return what ``sellers`` independent holders sell, as a share of all who would use the technology for nothing."""
    sold: Floats = np.maximum(0.0, 1.0 - (sellers if complement else 1.0) * cost) / (sellers + 1.0)
    return sold if complement else sellers * sold


def stack(sellers: Floats, cost: float, complement: bool = True) -> Floats:
    """Return what a user pays in royalties in all, over the choke price."""
    sold: Floats = np.maximum(0.0, 1.0 - (sellers if complement else 1.0) * cost) / (sellers + 1.0)
    return sellers * sold if complement else sold


def paid(sellers: Floats, users: Floats, theta: Floats) -> tuple[Floats, Floats]:
    """Return the firms that take one seller's licence, and what they pay it, in choke prices; ``users`` are whole.

    Uses of complements draw on every seller at its royalty; uses in which the patents compete choose one of them.
    """
    share, cost = theta[COMPLEMENTS], float(theta[TRANSACTION])
    together = np.floor(share * users)
    apart = users - together
    whole, each = (np.floor(part * sold) for part, sold in (
        (together, quantity(sellers, cost)), (apart, quantity(sellers, cost, complement=False) / sellers)))  # fmt: skip
    royalty = stack(sellers, cost) / sellers, stack(sellers, cost, complement=False)
    return whole + each, whole * royalty[0] + each * royalty[1]


def earned(sellers: Floats, cost: float) -> Floats:
    """Return what each of ``sellers`` complementary holders earns: its royalty times the quantity, which are equal."""
    return quantity(sellers, cost) ** 2


@dataclass
class Pools:
    """Who holds patents of a field's stack, whether anybody needs them, and who is in the field's pool."""

    essential: Flags  # [field, holder]
    member: Flags  # [field, holder]
    licensing: Floats = field(default_factory=lambda: np.ones(N_FIELDS))
    """Factor on a field's meetings: what is sold against what would be with nobody in a pool."""
    levels: tuple[float, ...] = ()
    """The gauges: holders in pools, share of the needed ones in them and of members that nobody needs (percent),
    royalties a user pays over the choke price with nobody in a pool and as it is, and the mean factor."""

    @classmethod
    def start(cls, seed: int, theta: Floats) -> Pools:
        """Return the holders of each field, no pool among them; at least two of a field are needed."""
        n = max(2, round(float(theta[HOLDERS])))
        drawn = uniform_column(seed, Stream.POOL, np.arange(N_FIELDS * n), 0, 0, 0).reshape(N_FIELDS, n)
        needed = drawn < theta[ESSENTIAL]
        needed[:, :2] = True
        return cls(needed, np.zeros_like(needed))

    def sellers(self) -> Floats:
        """Return how many sell independently in each field: needed outsiders, and the pool if anybody needs it."""
        outside = (self.essential & ~self.member).sum(axis=1)
        found: Floats = outside + (self.essential & self.member).any(axis=1)
        return found.astype(np.float64)

    def approach(self, seed: int, month: int, theta: Floats) -> None:
        """Approach some holders: those outside join or not, members stay or leave, as it pays them at this time."""
        ids = np.arange(self.member.size)
        shape = self.member.shape
        asked = uniform_column(seed, Stream.POOL, ids, 0, month, 1).reshape(shape) < theta[APPROACH] * MONTHS / 12.0
        if not asked.any():
            return
        noise = quantile_column(uniform_column(seed, Stream.POOL, ids, 1, month, 1)).reshape(shape)
        passes = uniform_column(seed, Stream.POOL, ids, 2, month, 1).reshape(shape) >= theta[SCREENING]
        cost, n = float(theta[TRANSACTION]), self.essential.sum(axis=1, keepdims=True)
        others = (self.essential & self.member).sum(axis=1, keepdims=True) - (self.essential & self.member)
        outside = n - others - self.essential  # needed patents of those who neither are in the pool nor are asked
        inside = self.member.sum(axis=1, keepdims=True) - self.member
        with_it, without = earned(outside + 1.0, cost) / (inside + 1.0), earned(outside + 1.0 + (others > 0), cost)
        alone = theta[ALONE] * (theta[PIVOTAL] * earned(n.astype(np.float64), cost) + (1.0 - theta[PIVOTAL]) * without)
        pays = with_it * np.exp(theta[NOISE] * noise) > alone
        self.member = np.where(asked, np.where(self.essential, pays, passes & (others > 0)), self.member)

    def look(self, theta: Floats) -> None:
        """Take stock: the factor on meetings in each field, and the gauges."""
        now, alone = self.sellers(), self.essential.sum(axis=1)
        sold = self._mix(quantity, now, theta) / self._mix(quantity, alone, theta)
        self.licensing = 1.0 + theta[STACKED] * (sold - 1.0)
        members = int(self.member.sum())
        stuffed = int((self.member & ~self.essential).sum())
        self.levels = (
            float(members), 100.0 * (members - stuffed) / float(alone.sum()), 100.0 * stuffed / max(members, 1),
            float(self._mix(stack, alone, theta).mean()), float(self._mix(stack, now, theta).mean()),
            float(self.licensing.mean()),
        )  # fmt: skip

    def royalties(self, users: Floats, theta: Floats) -> tuple[float, float, float]:
        """Return firms that take a pool's licence, yuan a year that they pay the pools, and that outsiders get.

        ``users`` [field] are firms that would use a field's stack for nothing.
        """
        sellers = self.sellers()
        pooled = (self.essential & self.member).any(axis=1)
        takers, money = paid(sellers, np.floor(users), theta)
        yuan = money * theta[CHOKE]
        return float(takers @ pooled), float(yuan @ pooled), float(yuan @ (sellers - pooled))

    @staticmethod
    def _mix(of: Callable[..., Floats], k: NDArray[Any], theta: Floats) -> Floats:
        """Return a quantity or a stack over uses of complements and uses in which the patents compete."""
        share, cost, sellers = theta[COMPLEMENTS], float(theta[TRANSACTION]), k.astype(np.float64)
        found: Floats = share * of(sellers, cost) + (1.0 - share) * of(sellers, cost, complement=False)
        return found


def ease_licensing(system: IPSystem, month: int, rates: Floats) -> None:
    """Let holders be approached, scale each field's meetings (``rates``) by what its pool sells, note the gauges."""
    pools = system.pools
    if month % MONTHS == 0:
        theta = system.tables["pools"].at(month)[:, 0]
        if month == 0 or theta[APPROACH] > NOBODY:
            pools.approach(system.seed, month, theta)
            pools.look(theta)
            for name, level in zip(STATES, pools.levels, strict=True):
                system.ledger.gauges[name][month:] = level
        firms = system.firms / system.scale * float(system.drivers["enterprise_population"][month])
        takers, pooled, outside = pools.royalties(theta[USERS] * firms * system.field_shares / PER_FIRMS, theta)
        for name, flow in zip(FLOWS_OF_MONEY, (takers, pooled / 12.0, outside / 12.0), strict=True):
            system.ledger.gauges[name][month:] = flow
    rates *= pools.licensing
