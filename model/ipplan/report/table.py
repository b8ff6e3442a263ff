"""The short table at the end of a run, in the terminal: main indicators in the last full year, and targets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from ipplan import clock
from ipplan.analysis.compare import EffectRow, Ensemble, attainment
from ipplan.indicators import ALL, Definition, definitions
from ipplan.report import numbers
from ipplan.report.goals import goal_table
from ipplan.report.grounds import beside_table, grounds_table, in_words, world_in_words
from ipplan.report.rundata import AimLike, RunData, bound, plan_name

HEADLINES = (
    "applications_invention", "grants_invention", "invention_grant_rate", "invention_pendency_months",
    "bad_faith_share", "abnormal_share_of_filings", "governance_precision", "honest_filings_lost",
    "false_grant_rate", "patent_agencies", "hv_inventions_per_10k", "hv_inventions_per_10k_latent",
    "industrialization_rate_enterprise", "industrialization_rate_university", "patent_transfer_license_recordals",
    "idle_share_of_inventions", "ip_pledge_financing", "protection_satisfaction", "overseas_invention_grants",
)  # fmt: skip


def indicator_table(run: RunData, indicators: Iterable[str] = HEADLINES) -> Table | None:
    """Return the table of indicators at the last full year; None if the run holds no full year.

    Where the last year has no published value, the column shows the newest one with its year.
    """
    if not run.plan.years:
        return None
    year = run.plan.years[-1]
    table = Table(title=f"{run.title} (year {year})", title_justify="left", caption=_caption(run),
                  caption_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))  # fmt: skip
    table.add_column("indicator")
    table.add_column("unit", style="dim")
    for name in ("observed", *(("baseline", "plan") if run.baseline is not None else ("simulated",))):
        table.add_column(name, justify="right", no_wrap=name != "observed")
    further = ("effect", "90 % interval") if run.baseline is not None else ("5-95 %",)
    for name in further if run.plan.replicates > 1 else further[:-1]:
        table.add_column(name, justify="right", no_wrap=True)
    effects = {row.indicator: row for row in run.effects if row.group == ALL and row.year == year}
    for indicator in indicators:
        if (indicator, ALL) in run.plan.keys:
            table.add_row(*_row(run, definitions()[indicator], effects.get(indicator)))
    return table


def _caption(run: RunData) -> str:
    n = run.plan.replicates
    text = f"Mean of {n} replicates at scale {run.scale}."
    if n == 1:
        text = f"One replicate at scale {run.scale}: no interval."
    if run.baseline is not None and n > 1:
        text += " Effect: mean paired difference plan minus baseline; * the interval leaves out zero."
    return text + " \N{DAGGER} latent: known only inside the model. All of it if the model's assumptions hold."


def _row(run: RunData, item: Definition, effect: EffectRow | None) -> list[str]:
    levels = [_mean(ensemble, item.id) for ensemble in run.ensembles]
    largest = max((abs(level) for level in levels if math.isfinite(level)), default=0.0)
    divide, unit = numbers.scaled(numbers.short_unit(item.unit), largest)
    means = [numbers.text(level / divide) or "-" for level in levels]
    cells = [item.name + _mark(item), unit, _observed(run, item.id, divide), *means]
    if run.baseline is not None:
        cells += _effect(effect, divide)
    elif run.plan.replicates > 1:
        cells += [_spread(run.plan, item.id, divide)]
    return cells if run.plan.replicates > 1 or run.baseline is None else cells[:-1]


def _mark(item: Definition) -> str:
    return " \N{DAGGER}" if item.view == "latent" else ""


def _observed(run: RunData, indicator: str, divide: float) -> str:
    year = run.plan.years[-1]
    points = {at: value for at, value in run.observed.get(indicator, {}).items() if at <= year}
    if not points:
        return ""
    newest = max(points)
    return numbers.text(points[newest] / divide) + ("" if newest == year else f" ({newest})")


def _last(ensemble: Ensemble, indicator: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = ensemble.by_year(indicator)[:, -1]
    known: np.ndarray[tuple[int], np.dtype[np.float64]] = values[np.isfinite(values)]
    return known


def _mean(ensemble: Ensemble, indicator: str) -> float:
    values = _last(ensemble, indicator)
    return float(values.mean()) if len(values) else math.nan


def _spread(ensemble: Ensemble, indicator: str, divide: float) -> str:
    values = _last(ensemble, indicator) / divide
    if len(values) < 2:
        return ""
    low, high = np.quantile(values, (0.05, 0.95))
    return f"{numbers.text(float(low))} to {numbers.text(float(high))}"


def _effect(row: EffectRow | None, divide: float) -> list[str]:
    """Return effect and interval; a star where the interval leaves out zero."""
    if row is None:
        return ["-", ""]
    if row.effect == 0 and not (row.low < 0 or row.high > 0):
        return ["0", ""]
    effect, low, high = (numbers.text(value / divide, signed=True) for value in (row.effect, row.low, row.high))
    star = "*" if row.low > 0 or row.high < 0 else " "
    return [effect, f"{low} to {high}{star}" if math.isfinite(row.low) else ""]


def target_table(run: RunData) -> Table | None:
    """Return the table of targets that fall due inside the run once the plan has begun; None if there is none."""
    rows = [row for same in _same(run.aims) if (row := _target_row(run, same))]
    if not rows:
        return None
    title = "Targets: median in the year due, and the share of replicates that reach them"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("indicator")
    table.add_column("unit", style="dim")
    table.add_column("due")
    table.add_column("target", justify="right", no_wrap=True)
    table.add_column("set by")
    for name in ("baseline", "plan") if run.baseline is not None else ("simulated",):
        table.add_column(name, justify="right")
        table.add_column("reached", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _same(targets: Iterable[AimLike]) -> list[list[AimLike]]:
    """Return targets in their order, those that several plans set alike together."""
    found: dict[tuple[str, int, float, str], list[AimLike]] = {}
    for target in targets:
        found.setdefault((target.series, target.target_year, target.target, target.direction), []).append(target)
    return list(found.values())


def _target_row(run: RunData, same: Sequence[AimLike]) -> list[str]:
    """Return the cells of a target; empty if the run does not cover it."""
    target = same[0]
    results = attainment(run.ensembles, [target])
    if not results:
        return []
    item = definitions()[target.series]
    levels = [abs(level) for level in (target.target, *(result.median for result in results)) if math.isfinite(level)]
    divide, unit = numbers.scaled(numbers.short_unit(item.unit), max(levels))
    cells = [item.name + _mark(item), unit, str(target.target_year), bound(target, divide),
             ", ".join(dict.fromkeys(plan_name(one.plan) for one in same))]  # fmt: skip
    for result in results:
        cells += [numbers.text(result.median / divide) or "-", f"{100 * result.share:.0f} %"]
    return cells


def already_due(run: RunData) -> str:
    """Return one line on targets of earlier plans that fell due before this plan's first measure; empty if none did."""
    parts = []
    for same in _same(run.already_due):
        plans = ", ".join(dict.fromkeys(plan_name(one.plan) for one in same))
        parts.append(f"{definitions()[same[0].series].name} {_bound(same[0])} in {same[0].target_year} ({plans})")
    if not parts:
        return ""
    return f"Already due before the plan's first measure ({clock.label(run.plan_dates[0].month)}): {'; '.join(parts)}."


def _bound(target: AimLike) -> str:
    return numbers.with_unit(bound(target), numbers.short_unit(definitions()[target.series].unit))


def show(run: RunData, console: Console) -> None:
    """Print the tables; what goes to a file or pipe gets a line long enough."""
    wide = console if console.is_terminal else Console(file=console.file, width=max(console.width, 110))
    beside = (beside_table(run, HEADLINES), grounds_table(run))
    for table in (indicator_table(run), target_table(run), goal_table(run), *beside):
        if table is not None:
            wide.print(table)
    for line in (already_due(run), in_words(run.basis), world_in_words(run.changed)):
        if line:
            wide.print(line + "\n", style="dim", highlight=False)
