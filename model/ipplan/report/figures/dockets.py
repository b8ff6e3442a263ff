"""Dockets and pendency: how many wait, how long, in which lane."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from ipplan import clock
from ipplan.indicators import ALL, definitions
from ipplan.report import numbers
from ipplan.report.figures import lines, panels, style
from ipplan.report.rundata import RunData

NAME = "dockets_and_pendency"
LANES = (
    ("lane:fast", "fast", style.GREEN), ("lane:priority", "priority", style.ORANGE),
    ("lane:normal", "normal", style.BLUE), ("lane:deferred", "deferred", style.PURPLE),
)  # fmt: skip
RIGHTS = (
    ("right:invention", "inventions", style.BLUE), ("right:utility_model", "utility models", style.ORANGE),
    ("right:design", "designs", style.GREEN), ("right:trademark", "trademarks", style.PURPLE),
)  # fmt: skip
PANELS: lines.Panels = (
    ("Waiting for an examiner, by right", tuple(("examination_backlog", *entry) for entry in RIGHTS)),
    ("Invention examination by lane, mean", tuple(("invention_pendency_months", *entry) for entry in LANES)),
    ("Invention examination by lane, 90th percentile", tuple(("invention_pendency_p90", *entry) for entry in LANES)),
    ("Invention examination time, all lanes", (
        ("invention_pendency_months", ALL, "mean", style.BLUE),
        ("invention_pendency_p90", ALL, "90th percentile", style.ORANGE),
    )),
    ("Invention docket in months of work", (("invention_backlog_months", ALL, "docket over throughput", style.BLUE),)),
    ("Trademark examination time", (
        ("trademark_exam_months", ALL, "mean", style.BLUE),
        ("trademark_exam_p90", ALL, "90th percentile", style.ORANGE),
    )),
    ("Requested and concluded, inventions", (
        ("examination_requests", ALL, "requested", style.ORANGE),
        ("invention_applications_concluded", ALL, "concluded", style.BLUE),
    )),
    ("Entering the quick lanes", (
        ("fast_lane_entries", ALL, "fast", style.GREEN),
        ("priority_lane_entries", ALL, "priority", style.ORANGE),
    )),
    ("Utility model and design examination time", (
        ("utility_model_pendency_months", ALL, "utility models", style.ORANGE),
        ("design_pendency_months", ALL, "designs", style.GREEN),
    )),
)  # fmt: skip


def draw(run: RunData) -> style.Page | None:
    """Return the page; None if the run holds none of its series."""
    note = ("Medians over replicates. Waits by calendar year, in months from the request for examination (inventions) "
            "or filing to the conclusion, over the cases concluded; deferment counts as waiting. Dockets at the end of "
            "each month, cases entering and leaving in the last 12 months.")  # fmt: skip
    return lines.draw(run, "Dockets and pendency: how many wait, and how long", note, PANELS, _panel)


def _panel(axes: Axes, run: RunData, title: str, drawn: Sequence[lines.Line]) -> None:
    item = definitions()[drawn[0][0]]
    if item.kind in ("mean", "quantile"):
        lines.panel(axes, run, title, drawn)
        return
    divide, unit = numbers.scaled(item.unit, panels.largest(run, [(line[0], line[1]) for line in drawn]))
    panels.month_lines(axes, run, [(line[0], line[1], line[3]) for line in drawn], divide)
    for indicator, group, _, color in drawn:
        if group == ALL:
            panels.observed_points(axes, run, indicator, divide, line=color)
    panels.dates(axes, run)
    style.dress(axes, title, unit)
    first, last = run.plan.months.start, run.plan.months.stop - 1
    panels.year_axis(axes, list(range(clock.year_of(first), clock.year_of(last) + 1)))
    panels.value_axis(axes, from_zero=True)
    lines.name_lines(axes, [(label, color) for _, _, label, color in drawn])
