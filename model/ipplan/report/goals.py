"""The table of a plan's goals: verdict, probability, and what each rests on."""

from __future__ import annotations

import math

from rich import box
from rich.table import Table

from ipplan.analysis.goals import Judged, Member, due, judge
from ipplan.indicators import definitions
from ipplan.report import numbers
from ipplan.report.rundata import RunData, plan_name

NOTE = (
    "Share of replicates that reach every outcome of the goal: chance within the model, not doubt about it. From 90 % "
    "on reached, to 10 % not reached. What a goal consists of is partly assumed (data/goals.csv)."
)


def goal_table(run: RunData) -> Table | None:
    """Return the goals that fall due once the plan has begun; None if there are none."""
    plans = list(dict.fromkeys(target.plan for target in run.aims))
    wanted = due(run.plan.years, plans)
    if not wanted:
        return None
    title = f"Goals of the {plan_name(wanted[0].plan)}, if these assumptions hold"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=NOTE,
                  caption_justify="left")  # fmt: skip
    table.add_column("goal, and its outcomes")
    table.add_column("wanted")
    for name in ("baseline", "plan") if run.baseline is not None else ("simulated",):
        table.add_column(name, justify="right")
    for goal in wanted:
        judged = [judge(goal, ensemble) for ensemble in run.ensembles]
        table.add_row(goal.title_en, f"in {goal.year}", *(_verdict(one) for one in judged), style="bold")
        for place, member in enumerate(goal.members):
            table.add_row(f"  {_name(member)}", _wanted(member), *(_share(one.members[place]) for one in judged))
    return table


def _verdict(one: Judged) -> str:
    return one.verdict if not math.isfinite(one.share) else f"{one.verdict} ({_share(one.share)})"


def _share(share: float) -> str:
    return f"{100 * share:.0f} %" if math.isfinite(share) else "not in this run"


def _name(member: Member) -> str:
    item = definitions().get(member.indicator)
    if item is None:
        return f"{member.indicator.replace('_', ' ')} (not in this version)"
    return item.name + (" (a given path)" if item.exogenous else "")


def _wanted(member: Member) -> str:
    sign = "\N{LESS-THAN OR EQUAL TO}" if member.direction == "at_most" else "\N{GREATER-THAN OR EQUAL TO}"
    if member.target is None:
        return f"{sign} its {member.base_year} (assumed)"
    item = definitions().get(member.indicator)
    value = f"{sign} {member.target:,.6g}"
    return numbers.with_unit(value, numbers.short_unit(item.unit)) if item else value

