"""Panels that several pictures share: fans over years, lines over months, dates of measures, targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size

from ipplan import clock
from ipplan.analysis.compare import Ensemble, summary
from ipplan.indicators import ALL, definitions
from ipplan.report import numbers
from ipplan.report.figures import style
from ipplan.report.rundata import OWN, RunData, bound

Floats = NDArray[np.float64]
CENTRE = 0.5
"""A calendar year is drawn in its middle."""
DATES = "a measure of the plan starts or ends"
TITLE_CELLS = 85
"""Letters of a scenario's title for which a line has room."""
MANY = 12
"""More dates than this would hide what is drawn as a line each: they are ticks."""
YEARS = "A point is a calendar year: flows add up over it, stocks are December's, rates are ratios of annual sums."


def has(run: RunData, indicator: str, group: str = ALL) -> bool:
    """Tell whether the run holds at least one value of a series."""
    try:
        return bool(np.isfinite(run.plan.by_year(indicator, group)).any())
    except KeyError:
        return False


def fan(
    axes: Axes, ensemble: Ensemble, indicator: str, group: str, color: str, divide: float,
    dashes: style.Dashes = "-", band: bool = True, years: range | None = None,
) -> None:  # fmt: skip
    """Draw the median and the 5-95 % band of a yearly series, for all complete years or those in ``years``."""
    keep = [place for place, year in enumerate(ensemble.years) if years is None or year in years]
    _, low, middle, high = (table[keep] / divide for table in summary(ensemble.by_year(indicator, group)))
    x = np.array(ensemble.years)[keep] + CENTRE
    if band and ensemble.replicates > 1:
        axes.fill_between(x, low, high, color=color, alpha=0.22, linewidth=0, zorder=2)
    axes.plot(x, middle, color=color, linestyle=dashes, linewidth=1.9 if band else 1.3, zorder=3,
              marker="" if len(x) > 1 else "D")  # fmt: skip


def observed_points(
    axes: Axes, run: RunData, indicator: str, divide: float, last: int | None = None, line: str = ""
) -> None:
    """Draw the published values of the years simulated; among several lines, filled with the colour of theirs."""
    points = {year: value for year, value in run.observed.get(indicator, {}).items() if year in run.plan.years}
    if last is not None:
        points = {year: value for year, value in points.items() if year <= last}
    axes.plot([year + CENTRE for year in points], [value / divide for value in points.values()], "o",
              ms=4.6 if line else 4.2, mfc=line or style.OBSERVED, mec=style.OBSERVED if line else "white",
              mew=0.9 if line else 0.6, zorder=6)  # fmt: skip


def target_lines(axes: Axes, run: RunData, indicator: str, divide: float) -> str:
    """Mark targets: a line from the plan's begin (or the run's) to the year due; return them in words."""
    words: dict[str, None] = {}
    begin = years_of(run.plan_dates[0].month if run.plan_dates else run.plan.months.start)
    for target in run.aims:
        if target.series != indicator or target.target_year not in run.plan.years:
            continue
        words[f"{bound(target, divide)} in {target.target_year}"] = None
        x, y = target.target_year + CENTRE, target.target / divide
        axes.plot([min(begin, x - 1), x], [y, y], color=style.GREEN, linewidth=1.2, linestyle="--", zorder=3.5)
        axes.plot(x, y, "D", color=style.GREEN, ms=5, mec="white", mew=0.6, zorder=5.5, clip_on=False)
    return f"target {', '.join(words)}" if words else ""


def dates(axes: Axes, run: RunData) -> None:
    """Mark when measures start: history as ticks on the floor, the plan's as lines; many are ticks too."""
    of_plan = sorted({date.month for date in run.plan_dates})
    _floor_ticks(axes, sorted({date.month for date in run.history_dates}), "#9aa0a6")
    if len(of_plan) > MANY:
        _floor_ticks(axes, of_plan, style.PLAN)
        return
    for month in of_plan:
        axes.axvline(years_of(month), color=style.PLAN, linestyle=(0, (2, 2)), linewidth=0.9, alpha=0.8, zorder=1)


def _floor_ticks(axes: Axes, months: Sequence[int], color: str) -> None:
    axes.plot([years_of(month) for month in months], [0.022] * len(months), "|", transform=axes.get_xaxis_transform(),
              color=color, ms=5, mew=1.0, zorder=1)  # fmt: skip


def dates_entry(run: RunData) -> Artist:
    """Return the legend entry of the plan's dates."""
    if len({date.month for date in run.plan_dates}) > MANY:
        return style.tick(DATES, style.PLAN)
    return style.line(DATES, style.PLAN, ":", 1.2)


def years_of(month: int) -> float:
    """Return a month's beginning as a decimal year."""
    return clock.EPOCH_YEAR + month / 12


def year_axis(axes: Axes, years: Sequence[int]) -> None:
    """Label calendar years in their middle, as many as fit; a tick is the first of January."""
    step = 1 if len(years) <= 7 else 2 if len(years) <= 12 else 3
    shown = [year for year in years if (years[-1] - year) % step == 0]
    axes.set_xlim(years[0], years[-1] + 1)
    axes.set_xticks([year + CENTRE for year in shown], [str(year) for year in shown])
    axes.set_xticks(range(years[0], years[-1] + 2), minor=True)
    axes.tick_params(axis="x", which="major", length=0, pad=5)
    axes.tick_params(axis="x", which="minor", length=3, width=0.7, color=style.GREY)


def value_axis(axes: Axes, from_zero: bool) -> None:
    """Label values shortly; the axis starts at zero unless that hides everything."""
    if from_zero:
        axes.set_ylim(bottom=0)
        top = axes.get_ylim()[1]
        axes.set_ylim(top=top * 1.06)
    axes.yaxis.set_major_locator(MaxNLocator(5, min_n_ticks=3, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))


def _tick(value: float) -> str:
    text = f"{value:,.10g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return text.replace("-", numbers.MINUS)


def largest(run: RunData, indicators: Iterable[tuple[str, str]]) -> float:
    """Return the largest value any of these series takes, 1 if there is none."""
    top = 0.0
    for indicator, group in indicators:
        for ensemble in run.ensembles:
            values = ensemble.by_year(indicator, group)
            top = max(top, float(np.nanmax(values, initial=0.0)))
    return top or 1.0


def indicator_panel(axes: Axes, run: RunData, indicator: str) -> None:
    """Draw one indicator whole: baseline and plan, observed points, target, dates of measures."""
    item = definitions()[indicator]
    divide, unit = numbers.scaled(item.unit, largest(run, [(indicator, ALL)]))
    if run.baseline is not None:
        fan(axes, run.baseline, indicator, ALL, style.BASELINE, divide)
    fan(axes, run.plan, indicator, ALL, style.PLAN, divide, years=_apart(run))
    observed_points(axes, run, indicator, divide)
    aims = target_lines(axes, run, indicator, divide)
    dates(axes, run)
    style.dress(axes, item.name + (" (latent)" if item.view == "latent" else ""), unit, aims)
    year_axis(axes, run.plan.years)
    value_axis(axes, from_zero=True)


def history_panel(axes: Axes, run: RunData, indicator: str, last: int) -> None:
    """Draw one observed indicator up to a year: what was published, and what the model says."""
    item = definitions()[indicator]
    ensemble = run.baseline or run.plan
    years = range(ensemble.years[0], min(last, ensemble.years[-1]) + 1)
    seen = [value for year, value in run.observed[indicator].items() if year in years]
    keep = [place for place, year in enumerate(ensemble.years) if year in years]
    top = max([*seen, float(np.nanmax(ensemble.by_year(indicator)[:, keep], initial=0.0))])
    divide, unit = numbers.scaled(item.unit, top)
    fan(axes, ensemble, indicator, ALL, style.BASELINE, divide, years=years)
    observed_points(axes, run, indicator, divide, last)
    style.dress(axes, item.name, unit)
    year_axis(axes, list(years))
    value_axis(axes, from_zero=True)


def _apart(run: RunData) -> range | None:
    """Return the years in which plan and baseline may differ, with the one before; else one line stands for both."""
    if run.baseline is None or not run.plan_dates:
        return None
    return range(clock.year_of(run.plan_dates[0].month) - 1, clock.year_of(clock.LAST_END))


def month_lines(axes: Axes, run: RunData, series: Sequence[tuple[str, str, str]], divide: float) -> None:
    """Draw medians by month of (indicator, group, colour): the plan's solid, the baseline's dashed.

    Flows are sums of the last 12 months: single months of few cases would show noise and season only.
    """
    for ensemble in run.ensembles:
        alone = run.baseline is None or ensemble is run.plan
        x = clock.EPOCH_YEAR + (np.arange(ensemble.months.start, ensemble.months.stop) + 0.5) / 12
        for indicator, group, color in series:
            values = ensemble.by_month(indicator, group)
            if definitions()[indicator].kind == "flow":
                values = last_twelve(values)
            middle = summary(values)[2] / divide
            if alone:
                axes.plot(x, middle, color=color, linewidth=1.5, zorder=3)
            else:
                axes.plot(x, middle, color=color, linewidth=1.1, linestyle=(0, (3, 1.6)), zorder=2.5, alpha=0.9)


def last_twelve(values: Floats) -> Floats:
    """Return the sum of the last 12 months [..., month]; NaN before there are twelve."""
    sums = np.full_like(values, np.nan)
    if values.shape[-1] >= 12:
        total = np.cumsum(np.concatenate([np.zeros_like(values[..., :1]), values], axis=-1), axis=-1)
        sums[..., 11:] = total[..., 12:] - total[..., :-12]
    return sums


def subtitle(run: RunData, one_side: bool = False) -> str:
    """Return the line under a headline: which scenario, how many replicates, at which scale."""
    n = run.plan.replicates
    against = "plan against its baseline, same random numbers" if run.baseline is not None else "one scenario"
    if one_side and run.baseline is not None:
        against = "its baseline alone"
    return f"{scenario_title(run)}  ·  {against}  ·  {n} replicate{'s' if n > 1 else ''} at scale {run.scale}"


def scenario_title(run: RunData) -> str:
    """Return the title of the scenario as far as a picture has room and letters for it."""
    title = style.drawable(run.title) or "(a title in letters that no font here has)"
    return title if cell_len(title) <= TITLE_CELLS else set_cell_size(title, TITLE_CELLS).rstrip() + " ..."


def common_legend(run: RunData) -> list[Artist]:
    """Return the legend of baseline, plan, observed points, targets and dates."""
    many = run.plan.replicates > 1
    entries: list[Artist] = []
    if run.baseline is not None:
        entries.append(style.line("baseline, median", style.BASELINE))
    entries.append(style.line("plan, median" if run.baseline is not None else "scenario, median", style.PLAN))
    if many:
        entries.append(style.band("5-95 % of replicates", style.GREY))
    entries.append(style.dots("observed"))
    aims = [target for target in run.aims if target.target_year in run.plan.years and has(run, target.series)]
    if aims:
        whose = " of the planner's own" if all(target.plan == OWN for target in aims) else ""
        entries.append(style.mark(f"target{whose}", style.GREEN))
    if run.plan_dates:
        entries.append(dates_entry(run))
    return entries


def date_notes(run: RunData, limit: int = 8) -> list[str]:
    """Return the key to the dates of the plan's measures, one line a date, and what the grey ticks are."""
    by_date: dict[tuple[int, bool], dict[str, None]] = {}
    for date in run.plan_dates:
        by_date.setdefault((date.month, date.ends), {})[date.label] = None
    notes = []
    for (month, ends), labels in list(by_date.items())[:limit]:
        more = [f"and {len(labels) - limit} more"] if len(labels) > limit else []
        what = "the plan ends" if ends else "the plan starts"
        notes.append(f"{clock.label(month)}, {what}: {'; '.join([*list(labels)[:limit], *more])}.")
    if len(by_date) > limit:
        notes.append(f"And {len(by_date) - limit} later dates of the plan, in scenario.toml beside the figures.")
    if run.history_dates:
        notes.append("Grey ticks on the time axis: start of measures of the past (scenario history).")
    return notes


def sources(observed: bool = True) -> str:
    """Return the source line."""
    seen = "Observed: data/observed.csv with the source of each value. " if observed else ""
    return f"{seen}Simulated: ipplan. {style.ASSUMPTION}"
