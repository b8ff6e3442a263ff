"""What the compiled kernels are measured against: ``mesa_model`` beside this file, and how well the two agree.

Both start from the same people, with nothing filed yet, and live by the same values of the primitives. Rules that the
mesa model leaves out are as good as off in our kernels too (``CORE``), which go through them all the same.

    uv run python experiments/benchmarks/mesa_peer.py [--scale 1/1000] [--months 60]

prints totals of both side by side, fails where the mesa model lies outside the range of our runs, and tells its time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from fractions import Fraction

import mesa
import numpy as np
from mesa_model import Peer

from ipplan import ledger as lg
from ipplan.ledger import Ledger, Tally
from ipplan.levers import PrimitivePaths
from ipplan.phases import month as steps
from ipplan.rights.docket import Docket
from ipplan.rights.register import Register
from ipplan.system import IPSystem, Settings
from ipplan.world import KINDS, RIGHTS, TRADEMARK

NOBODY_INFRINGES = {f"infringement.occasions.{right}": 0.00101 for right in RIGHTS}

CORE = {
    # agencies as they stand: as good as none opens, closes, grows, changes, is inspected, or turns a client away
    "agencies.entry_rate": 0.00501, "agencies.exit_rate": 0.000501, "agencies.growth_rate": 0.000501,
    "agencies.imitation_rate": 0.000501, "agencies.inspections_per_month": 0.501, "agencies.fixed_cost": 1001.0,
    "agencies.capacity_per_agent.honest": 99.0, "agencies.capacity_per_agent.mixed": 199.0,
    "agencies.capacity_per_agent.volume": 999.0,
    # at the office: one lane, a flag stands, no screening by the agency's record, no re-examination
    **{f"examination.fast_coverage.{kind}": 0.00101 for kind in KINDS}, "examination.deferred_share": 0.000101,
    "screening.contest_cost": 49_999.0, "screening.contest_scale": 101.0, "screening.targeting": 1e-6,
    "examination.reexam_request": 0.00101,
    # marks: none for a status, for defence or abroad, none refused for a portfolio; no errors of form
    "fabrication.driver_elasticity": 0.0, "squatting.defensive_response": 0.0101, "squatting.abroad_reach": 0.000101,
    "examination.portfolio_severity": 0.000101, **{f"formality.error.{kind}": 0.000501 for kind in KINDS},
    # preliminary examination plans by the line of the month, not by that of the past ones
    "examination.planning_months": 1.001,
    # nobody is awarded, lists, meets buyers on the market (related parties still license), infringes or files abroad
    "tagging.award_rate": 0.0000101, "market.listing_share": 0.00101, "market.efficiency": 0.0101,
    **NOBODY_INFRINGES, "finance.seek_rate": 0.000501,
}  # fmt: skip
OUTSIDE = ("lend", "protect", "go_abroad", "grow")
"""Phases of the month that are no part of the peer's rules; our side leaves them out."""

NOT_OF_THE_PEER = {(name, "trademark") for name in ("used", "licensed_out", "lapsed", "months to conclude")}
"""Marks of the peer are registered and renewed, no more (some of ours are cancelled or struck before their term); their
months end with the decision, ours before opposition."""

Totals = dict[tuple[str, str], float]


def emptied(scale: float, months: int, draws: int = 1, threads: int = 1) -> IPSystem:
    """Return our system with nothing filed yet; ``draws`` is the seed of what happens, people are always the same."""
    steps.PHASES = tuple(phase for phase in steps.PHASES if phase.__name__ not in OUTSIDE)
    system = IPSystem(Settings(PrimitivePaths(values=CORE), scale=scale, end=months, threads=threads))
    for block in system.blocks:
        block.docket, block.register, block.tally = Docket.empty(), Register.empty(), Tally.empty()
    system.seed = draws
    return system


def ratios(flows: Mapping[str, Sequence[float]], stocks: Mapping[str, Sequence[float]]) -> Totals:
    """Return what is compared, by (total, right), from sums of flows and last stocks by right."""
    by_right = {
        **{name: flows[name] for name in ("filed", "granted", "lapsed")}, **stocks,
        "grants a conclusion": np.divide(flows["granted"], np.maximum(flows["concluded"], 1)),
        "months to conclude": np.divide(flows["waited"], np.maximum(flows["concluded"], 1)),
    }  # fmt: skip
    found = {(name, right): float(values[k]) for name, values in by_right.items() for k, right in enumerate(RIGHTS)
             if (name, right) not in NOT_OF_THE_PEER}  # fmt: skip
    found["bad-faith share", "all"] = sum(flows["bad"]) / sum(flows["filed"])
    for name in ("flagged", "use_started", "related_deals"):
        found[name, "all"] = float(sum(flows[name][:TRADEMARK]))
    return found


def of_ledger(ledger: Ledger) -> Totals:
    flows, stocks = ledger.flows_monthly.sum(axis=(0, 3)), ledger.stocks_monthly[-1].sum(axis=2)
    places = {"filed": lg.FILED, "bad": lg.FILED_BAD, "flagged": lg.FLAGGED, "concluded": lg.CONCLUDED,
              "granted": lg.GRANTED, "lapsed": lg.LAPSED, "use_started": lg.USED_STARTED,
              "related_deals": lg.RELATED_TRANSFER}  # fmt: skip
    waited = ledger.waits[:, : lg.FORUM_LANES].sum(axis=0) @ np.arange(lg.MAX_WAIT)
    return ratios(
        {**{name: flows[place] for name, place in places.items()}, "waited": [waited[:4].sum(), *waited[4:]]},
        {"in_force": stocks[lg.IN_FORCE], "used": stocks[lg.USED], "licensed_out": stocks[lg.LICENSED_OUT]},
    )


def of_peer(peer: Peer) -> Totals:
    months = {name: np.array(values) for name, values in peer.datacollector.model_vars.items()}
    return ratios({name: months[name].sum(axis=0) for name in months}, {
        name: months[name][-1] for name in ("in_force", "used", "licensed_out")})  # fmt: skip


def compare(peer: Totals, ours: Sequence[Totals]) -> list[tuple[str, str, float, float, float, bool]]:
    """Return (total, right, ours, peer's, difference allowed, agree).

    ``ours`` are runs with different draws: four standard deviations of them are allowed, and 2 % for what orders agents
    differently (who is served first, who chooses first).
    """
    rows = []
    for (name, right), theirs in peer.items():
        sample = [totals[name, right] for totals in ours]
        mean, allowed = float(np.mean(sample)), 4.0 * float(np.std(sample, ddof=1)) + 0.02 * float(np.mean(sample))
        if mean > 0.0:
            rows.append((name, right, mean, theirs, allowed, abs(theirs - mean) <= allowed))
    return rows


def run_peer(scale: float, months: int) -> tuple[Totals, float]:
    """Return the mesa model's totals, and the seconds its months took."""
    peer = Peer(emptied(scale, months))
    start = time.perf_counter()
    for _ in range(months):
        peer.step()
    seconds = time.perf_counter() - start
    return of_peer(peer), seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=Fraction, default=Fraction(1, 1000))
    parser.add_argument("--months", type=int, default=60)
    arguments = parser.parse_args()
    scale, months = float(arguments.scale), arguments.months
    peer, seconds = run_peer(scale, months)
    rows = compare(peer, [of_ledger(emptied(scale, months, draws).run()) for draws in range(1, 9)])
    print(f"{'total':20s} {'right':14s} {'ours':>10s} {'mesa':>10s} {'differ by':>10s} {'allowed':>8s}")
    for name, right, ours, theirs, allowed, agree in rows:
        print(f"{name:20s} {right:14s} {ours:10.5g} {theirs:10.5g} {theirs / ours - 1:+10.1%} {allowed / ours:8.1%}"
              f"{'' if agree else '  DIFFERS'}")
    print(f"mesa {mesa.__version__} took {seconds:.1f} s for {months} months")
    return 0 if all(row[-1] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
