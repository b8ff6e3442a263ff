"""What the plan changes: paired differences with their intervals, in percent of the baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence

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


def draw(run: RunData) -> style.Page | None:
    """Return the page; None without a baseline or before the plan begins."""
    if run.baseline is None or not run.effects:
        return None
    years = _years(run)
    rows = {(row.indicator, row.year): row for row in run.effects if row.group == ALL}
    shown = [name for name in SHOWN if any(_relative(run, rows.get((name, year))) is not None for year in years)]
    if not shown or not years:
        return None
    many = run.plan.replicates > 1
    notes = [
        ("Dot: mean difference plan minus baseline over paired replicates, in percent of the baseline's mean; "
         "bar: 90 % t-interval. Hollow: the interval holds zero." if many else
         "Dot: difference plan minus baseline in percent of the baseline; one replicate has no interval."),
        (f"Beside each dot: the effect in the indicator's own unit. The axis is linear up to {LINEAR_TO:g} % and "
        "logarithmic beyond. An effect is not good or bad by its sign alone."),
        panels.sources(observed=False),
    ]  # fmt: skip
    height = 0.29 * len(shown) + 0.3
    sheet = style.page("What the plan changes, by indicator and year", panels.subtitle(run), notes, 1, len(years),
                       panel_height=height, left=4.1, gap_x=1.0, right=1.0, width=4.1 + 3.4 * len(years))  # fmt: skip
    reach = max(abs(part) for name in shown for year in years
                for part in (_relative(run, rows.get((name, year))) or (0.0,)) if math.isfinite(part))  # fmt: skip
    for place, year in enumerate(years):
        _panel(sheet.panel(), run, shown, rows, year, max(reach, LINEAR_TO), labels=place == 0)
    truth = style.line("latent truth, seen only in the model", style.PURPLE)
    sheet.legend([style.line("official figure", style.BLUE), truth])
    return sheet


def _years(run: RunData) -> list[int]:
    """Return up to three years to show: the first whole year of the plan, one in the middle, the last."""
    start = clock.year_of(run.plan_dates[0].month) if run.plan_dates else run.plan.years[0]
    years = [year for year in run.plan.years if year >= start]
    return sorted({years[0], years[len(years) // 2], years[-1]}) if years else []


def _relative(run: RunData, row: EffectRow | None) -> tuple[float, float, float] | None:
    """Return effect, low and high in percent of the baseline's mean; None where the baseline is zero."""
    if row is None or run.baseline is None:
        return None
    values = run.baseline.by_year(row.indicator)[:, run.baseline.years.index(row.year)]
    values = values[np.isfinite(values)]
    level = abs(float(values.mean())) if len(values) else 0.0
    if level == 0.0:
        return None
    return 100 * row.effect / level, 100 * row.low / level, 100 * row.high / level


def _panel(
    axes: Axes, run: RunData, shown: Sequence[str], rows: dict[tuple[str, int], EffectRow], year: int, reach: float,
    labels: bool,
) -> None:  # fmt: skip
    axes.axvline(0, color=style.GREY, linewidth=0.9, zorder=1)
    for place, name in enumerate(shown):
        if place % 2 == 0:
            axes.axhspan(place - 0.5, place + 0.5, color="#f4f5f6", linewidth=0, zorder=0)
        row = rows.get((name, year))
        relative = _relative(run, row)
        if row is None or relative is None:
            continue
        color = style.PURPLE if definitions()[name].view == "latent" else style.BLUE
        effect, low, high = relative
        clear = not math.isfinite(low) or low > 0 or high < 0
        if math.isfinite(low):
            axes.plot([low, high], [place, place], color=color, linewidth=1.8, solid_capstyle="butt", zorder=3)
        axes.plot(effect, place, "o", ms=6, color=color, mfc=color if clear and effect else "white", mew=1.4, zorder=4)
        axes.text(1.27, place, numbers.text(row.effect, signed=True), fontsize=8.2, color=style.INK, va="center",
                  ha="right", transform=axes.get_yaxis_transform())  # fmt: skip
    axes.set_xscale("symlog", linthresh=LINEAR_TO, linscale=0.7)
    edge = 10 ** math.ceil(math.log10(reach * 1.05)) if reach > LINEAR_TO else 2.0
    axes.set_xlim(-edge, edge)
    ticks = [tick for tick in (1.0, 10.0, 100.0, 1000.0, 10000.0) if tick <= edge]
    axes.xaxis.set_major_locator(FixedLocator([*(-tick for tick in reversed(ticks)), 0.0, *ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:+g}".replace("-", numbers.MINUS) if value else "0")
    )
    style.dress(axes, str(year), "effect, % of baseline")
    axes.annotate("own unit", (1.27, 1.0), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points",
                  fontsize=8.4, color=style.GREY, ha="right", va="bottom")  # fmt: skip
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_yticks(range(len(shown)))
    axes.tick_params(axis="y", length=0)
    if labels:
        axes.set_yticklabels([_label(name) for name in shown], fontsize=8.8, color=style.INK)
    else:
        axes.set_yticklabels([])


def _label(name: str) -> str:
    item = definitions()[name]
    return f"{item.name} ({numbers.short_unit(item.unit)})"
