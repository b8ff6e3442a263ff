"""The model: who there is, the month in order, and what is counted."""

from __future__ import annotations

from collections import Counter

import mesa
import numpy as np

from ipplan.phases import learning
from ipplan.system import IPSystem
from ipplan.world import KINDS, RIGHTS, SME, TRADEMARK
from mesa_model.filing import Agency, Applicant
from mesa_model.office import Examiner, Office
from mesa_model.rights import Right
from mesa_model.rules import primitives

FLOWS = ("filed", "bad", "flagged", "concluded", "waited", "granted", "lapsed", "use_started", "related_deals")
STOCKS = ("in_force", "used", "licensed_out")


class Peer(mesa.Model):
    """The month in order; ``system``, built and not run, says who there is and what happens around them."""

    def __init__(self, system: IPSystem):
        super().__init__(rng=system.seed)
        self.system, self.month, self.primitives = system, 0, primitives(system.paths)
        self.p = p = self.primitives[SME]  # what the nation shares
        self.staff, self.aims = system.staff.tolist(), system.aims.tolist()
        self.values, self.waiting = system.values.tolist(), system.waiting.tolist()  # of keeping a right, in yuan
        self.discount_of_wait = p["renewal.discount"] ** system.memory.wait_years
        self.remembered = 1.0 - p["belief.forgetting"]
        self.evidence = [tuple(system.memory.pseudo[:, channel, SME]) for channel in (0, 1)]  # (caught, cases)
        recent = system.memory.recent
        self.national = recent.last_month.tolist()
        self.filed, self.bad = recent.filed, recent.bad  # by kind, remembered for about a year
        self.seen_bad_share = system.memory.pull.tolist()
        a, g, x = system.applicants, system.agencies, system.examiners
        n = int(g.book[0])
        self.sizes = g.reach[:n].tolist()
        self.agencies = list(Agency.create_agents(self, n, *(c[:n].tolist() for c in (g.model, g.fee, g.quality))))
        columns = (np.arange(len(a)), a.kind, a.field, a.budget, a.capability, a.integrity, a.taste,
                   np.stack([a.ideas, a.designs, a.brands, a.occasions], axis=1))  # fmt: skip
        self.applicants = list(Applicant.create_agents(self, len(a), *(column.tolist() for column in columns)))
        self.office = Office(self)
        for desk, (first, present) in enumerate(zip(x.first.tolist(), x.present.tolist(), strict=True)):
            rows = slice(first, first + present)
            Examiner.create_agents(self, present, desk, x.skill[rows].tolist(), x.experience[rows].tolist())
        self.datacollector = mesa.DataCollector({
            name: lambda model, name=name: model.counted(name).sum(axis=1) for name in (*FLOWS, *STOCKS)
        })  # fmt: skip

    def step(self) -> None:
        self.count: Counter[tuple[str, int, int]] = Counter()
        self.look_around()
        self.agents_by_type[Applicant].shuffle_do("step")
        self.agents_by_type[Right].do("step")
        self.office.step()
        self.agents_by_type[Examiner].shuffle_do("step")
        self.agents_by_type[Agency].do("step")
        self.learn()
        self.take_stock()
        self.datacollector.collect(self)
        self.month += 1

    def look_around(self) -> None:
        """Set what all reckon with this month: arrivals, and chances that what was filed is flagged [channel][bad]."""
        system, month = self.system, self.month
        self.rates = system.rates[month].T[: len(KINDS)].tolist()
        chances = learning.detection_chances(system.tables["learning"].at(month), *self.national)
        self.flagged = [(share * flag).tolist() for share, flag in (chance[SME] for chance in chances)]

    def learn(self) -> None:
        """Peers' cases are heard of, and how common bad faith seems to be."""
        p, filed, bad = self.p, self.counted("filed") / self.system.scale, self.counted("bad") / self.system.scale
        weight = p["belief.peer_weight"] + p["belief.public_weight"]
        for channel, rights in enumerate((filed[:TRADEMARK], filed[TRADEMARK])):
            caught, cases = (self.remembered * evidence for evidence in self.evidence[channel])
            self.evidence[channel] = (caught + weight * self.flagged[channel][True], cases + weight)
            self.national[channel] += p["screening.planning_weight"] * (float(rights.sum()) - self.national[channel])
        self.filed = self.filed * 11.0 / 12.0 + filed.sum(axis=0)
        self.bad = self.bad * 11.0 / 12.0 + bad.sum(axis=0)
        self.seen_bad_share = learning.seen_bad_share(self.bad, self.filed, p["belief.national_weight"]).tolist()

    def take_stock(self) -> None:
        """Count rights in force, and patents used and licensed out, in one round."""
        held = Counter((right.right, right.owner.kind, right.used, right.licensed)
                       for right in self.agents_by_type[Right] if right.granted)  # fmt: skip
        for (right, kind, *flags), number in held.items():
            for stock, counts in zip(STOCKS, (True, *flags), strict=True):
                self.count[stock, right, kind] += number * counts

    def counted(self, name: str) -> np.ndarray:
        """Return this month's count of a flow or stock: [right, kind]."""
        return np.array([[self.count[name, right, kind] for kind in range(len(KINDS))] for right in range(len(RIGHTS))])
