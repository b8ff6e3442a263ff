"""What the plan changes: paired differences with their intervals, in percent of the baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ipplan import clock
from ipplan.analysis.compare import EffectRow
from ipplan.indicators import ALL, definitions
from ipplan.report import numbers
from ipplan.report.figures import panels, style
from ipplan.report.rundata import RunData

NAME = "paired_effects"
SHOWN = (
    "applications_invention", "applications_utility_model", "trademark_applications", "grants_invention",
    "grants_utility_model", "invention_grant_rate", "quality_of_grants", "invention_pendency_months",
    "examination_backlog", "bad_faith_share", "abnormal_share_of_filings", "detection_gap", "governance_precision",
    "governance_recall", "honest_filings_lost", "false_grant_rate", "false_refusal_rate", "agencies_volume",
    "valid_inventions_mainland", "hv_inventions_per_10k", "hv_inventions_per_10k_latent",
    "industrialization_rate_enterprise", "industrialization_rate_university", "patent_transfer_license_recordals",
    "univ_inst_recordals", "idle_share_of_inventions",
)  # fmt: skip
LINEAR_TO = 1.0
"""Percent up to which the axis is linear; beyond, it is logarithmic, so that small and large effects both show."""
NO_PERCENT = "standard deviations"
"""A unit whose zero is a mean: percentages of it say nothing."""


def draw(run: RunData) -> style.Page | None:
    """Return the page; None without a baseline or before the plan begins."""
    if run.baseline is None or not run.effects:
        return None
    years = _years(run)
    rows = {(row.indicator, row.year): row for row in run.effects if row.group == ALL}
    shown = [name for name in SHOWN if any(
        _relative(run, row) is not None or definitions()[name].unit == NO_PERCENT
        for year in years if (row := rows.get((name, year))) is not None
    )]  # fmt: skip
    if not shown or not years:
        return None
    many = run.plan.replicates > 1
    notes = [
        ("Dot: mean difference plan minus baseline over paired replicates, in percent of the baseline's mean; "
         "bar: 90 % t-interval. Hollow: the interval holds zero." if many else
         "Dot: difference plan minus baseline in percent of the baseline; one replicate has no interval."),
        (f"Number at the right: the effect in the unit in brackets. The axis is linear up to {LINEAR_TO:g} % and "
         f"logarithmic beyond; indicators in {NO_PERCENT} have no percentage. An effect is not good or bad by its sign "
         "alone."),
        panels.sources(observed=False),
    ]  # fmt: skip
    size = {name: numbers.scaled(_unit(name), max(abs(row.effect) for year in years if (row := rows.get((name, year)))))
            for name in shown}  # fmt: skip
    height = 0.29 * len(shown) + 0.3
    sheet = style.page("What the plan changes, by indicator and year", panels.subtitle(run), notes, 1, len(years),
                       panel_height=height, left=4.3, gap_x=1.05, right=1.05, width=4.3 + 3.5 * len(years))  # fmt: skip
    reach = max(abs(part) for name in shown for year in years
                for part in (_relative(run, rows.get((name, year))) or (0.0,)) if math.isfinite(part))  # fmt: skip
    for place, year in enumerate(years):
        axes = sheet.panel()
        _panel(axes, run, size, rows, year, max(reach, LINEAR_TO))
        axes.set_yticklabels([f"{definitions()[name].name} ({size[name][1]})" for name in shown] if place == 0 else [],
                             fontsize=8.8, color=style.INK)  # fmt: skip
    entries = [style.dots("official figure", style.BLUE, style.BLUE, 6),
               style.dots("latent truth, seen only in the model", style.PURPLE, style.PURPLE, 6)]  # fmt: skip
    hollow = style.dots("hollow: may be chance", style.GREY, "white", 6)
    sheet.legend([*entries, hollow] if many else entries)
    return sheet


def _unit(name: str) -> str:
    unit = definitions()[name].unit
    return unit if unit == NO_PERCENT else numbers.short_unit(unit)


def _years(run: RunData) -> list[int]:
    """Return up to three years to show: the first whole year of the plan, one in the middle, the last."""
    start = clock.year_of(run.plan_dates[0].month) if run.plan_dates else run.plan.years[0]
    years = [year for year in run.plan.years if year >= start]
    return sorted({years[0], years[len(years) // 2], years[-1]}) if years else []


def _relative(run: RunData, row: EffectRow | None) -> tuple[float, float, float] | None:
    """Return effect, low and high in percent of the baseline's mean; None where the baseline is zero."""
    if row is None or run.baseline is None or definitions()[row.indicator].unit == NO_PERCENT:
        return None
    values = run.baseline.by_year(row.indicator)[:, run.baseline.years.index(row.year)]
    values = values[np.isfinite(values)]
    level = abs(float(values.mean())) if len(values) else 0.0
    if level == 0.0:
        return None
    return 100 * row.effect / level, 100 * row.low / level, 100 * row.high / level


def _panel(
    axes: Axes, run: RunData, shown: Mapping[str, tuple[float, str]], rows: dict[tuple[str, int], EffectRow],
    year: int, reach: float,
) -> None:  # fmt: skip
    """Draw the effects of one year; ``shown`` has what each indicator's effect is divided by."""
    axes.axvline(0, color=style.GREY, linewidth=0.9, zorder=1)
    for place, (name, (divide, _)) in enumerate(shown.items()):
        if place % 2 == 0:
            axes.axhspan(place - 0.5, place + 0.5, color="#f4f5f6", linewidth=0, zorder=0)
        row = rows.get((name, year))
        relative = _relative(run, row)
        if row is None:
            continue
        axes.text(1.3, place, numbers.text(row.effect / divide, signed=True), fontsize=8.2, color=style.INK,
                  va="center", ha="right", transform=axes.get_yaxis_transform())  # fmt: skip
        if relative is None:
            continue
        color = style.PURPLE if definitions()[name].view == "latent" else style.BLUE
        effect, low, high = relative
        clear = not math.isfinite(low) or low > 0 or high < 0
        if math.isfinite(low):
            axes.plot([low, high], [place, place], color=color, linewidth=1.8, solid_capstyle="butt", zorder=3)
        axes.plot(effect, place, "o", ms=6, color=color, mfc=color if clear and effect else "white", mew=1.4, zorder=4)
    axes.set_xscale("symlog", linthresh=LINEAR_TO, linscale=0.7)
    edge = 2.0
    if reach > LINEAR_TO:
        decade = 10.0 ** math.floor(math.log10(reach * 1.05))
        edge = max(edge, next(part * decade for part in (2, 5, 10) if part * decade >= reach * 1.05))
    axes.set_xlim(-edge, edge)
    ticks = [10.0**power for power in range(round(math.log10(edge)) + 1) if 10.0**power <= edge]
    ticks = ticks if len(ticks) < 4 else ticks[1::2]  # labels side by side
    axes.xaxis.set_major_locator(FixedLocator([*(-tick for tick in reversed(ticks)), 0.0, *ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:+,.10g}".replace("-", numbers.MINUS) if value else "0")
    )
    style.dress(axes, str(year), "effect, % of baseline")
    axes.annotate("own unit", (1.3, 1.0), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points",
                  fontsize=8.4, color=style.GREY, ha="right", va="bottom")  # fmt: skip
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_yticks(range(len(shown)))
    axes.tick_params(axis="y", length=0)
