"""Pages of yearly series, several in one panel, each named where it ends: what such pages share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from ipplan.indicators import ALL, definitions
from ipplan.report import numbers
from ipplan.report.figures import panels, style
from ipplan.report.rundata import RunData

Line = tuple[str, str, str, str]
"""Indicator, group, label, colour."""
Panels = tuple[tuple[str, tuple[Line, ...]], ...]
"""Title of a panel, and its lines."""
COLUMNS = 3


def legend(run: RunData) -> list[Artist]:
    """Return the legend of line styles."""
    entries: list[Artist] = []
    if run.baseline is not None:
        entries = [style.line("plan, median", style.INK), style.line("baseline, median", style.INK, (0, (3, 1.6)), 1.4)]
    entries.append(style.dots("observed, in the colour of its line", fill=style.FAINT))
    if run.plan_dates:
        entries.append(panels.dates_entry(run))
    return entries


def panel(axes: Axes, run: RunData, title: str, lines: Sequence[Line]) -> None:
    """Draw several yearly series in one panel, each named where its line ends."""
    unit = common_unit([line[0] for line in lines])
    divide, unit = numbers.scaled(unit, panels.largest(run, [(line[0], line[1]) for line in lines]))
    for indicator, group, _, color in lines:
        if run.baseline is not None:
            panels.fan(axes, run.baseline, indicator, group, color, divide, (0, (3, 1.6)), band=False)
        panels.fan(axes, run.plan, indicator, group, color, divide)
        if group == ALL:
            panels.observed_points(axes, run, indicator, divide, line=color)
    panels.dates(axes, run)
    latent = all(definitions()[line[0]].view == "latent" for line in lines)
    style.dress(axes, title, f"{unit} (latent)" if latent else unit)
    panels.year_axis(axes, run.plan.years)
    panels.value_axis(axes, from_zero=True)
    name_lines(axes, [(label, color) for _, _, label, color in lines])


def common_unit(indicators: Sequence[str]) -> str:
    """Return the unit that indicators in one panel share, or all of theirs."""
    units = list(dict.fromkeys(definitions()[name].unit for name in indicators))
    if len(units) > 1 and all(unit.startswith("percent") for unit in units):
        return "percent"
    if len(units) > 1 and all(unit.endswith(" per year") for unit in units):
        return " or ".join(unit.removesuffix(" per year") for unit in units) + " per year"
    return " or ".join(units)


def name_lines(axes: Axes, names: Sequence[tuple[str, str]]) -> None:
    """Name the lines of a panel in their colours, above them; long names stand one below the other."""
    low, high = axes.get_ylim()
    columns = 1 if len(names) == 1 or max(len(label) for label, _ in names) > 30 else 2
    axes.set_ylim(low, high + (high - low) * (0.12 + 0.105 * -(-len(names) // columns)))
    handles = [style.line(label, color) for label, color in names]
    axes.legend(handles=handles, loc="upper left", ncols=columns, frameon=True, facecolor="white",
                edgecolor="none", framealpha=0.92, fancybox=False, borderpad=0.2, fontsize=8, handlelength=1.2,
                columnspacing=1.0, labelspacing=0.3, borderaxespad=0.1, handletextpad=0.5,
                labelcolor=style.INK)  # fmt: skip


def draw(
    run: RunData, title: str, note: str, every: Panels,
    paint: Callable[[Axes, RunData, str, Sequence[Line]], None] = panel,
) -> style.Page | None:  # fmt: skip
    """Return a page of those panels that the run has series for, painted by ``paint``; None without any."""
    shown = [(name, [line for line in lines if panels.has(run, line[0], line[1])]) for name, lines in every]
    shown = [(name, lines) for name, lines in shown if lines]
    if not shown:
        return None
    notes = [*panels.date_notes(run), note, panels.sources()]
    sheet = style.page(title, panels.subtitle(run), notes, -(-len(shown) // COLUMNS), COLUMNS)
    for name, lines in shown:
        paint(sheet.panel(), run, name, lines)
    sheet.legend(legend(run))
    return sheet
