"""The main indicators as fan charts, with observed points, targets and the dates of measures."""

from __future__ import annotations

from ipplan.report.figures import panels, style
from ipplan.report.rundata import RunData

NAME = "main_indicators"
SHOWN = (
    "applications_invention", "grants_invention", "valid_inventions_mainland",
    "hv_inventions_per_10k", "invention_grant_rate", "invention_pendency_months",
    "abnormal_share_of_filings", "bad_faith_share", "grants_utility_model",
    "industrialization_rate_enterprise", "industrialization_rate_university", "patent_transfer_license_recordals",
    "trademark_applications", "valid_trademarks_total", "patent_agencies",
    "ip_pledge_financing", "protection_satisfaction", "overseas_invention_grants",
)  # fmt: skip


def draw(run: RunData) -> style.Page | None:
    """Return the page; None if the run holds no complete year."""
    shown = [name for name in SHOWN if panels.has(run, name)]
    if not shown:
        return None
    years = run.plan.years
    title = f"China's IP system {years[0]}-{years[-1]}: main indicators"
    if run.baseline is not None:
        title += ", plan against baseline"
    notes = [
        *panels.date_notes(run),
        panels.YEARS,
        panels.sources(),
    ]
    sheet = style.page(title, panels.subtitle(run), notes, -(-len(shown) // 3), 3)
    for name in shown:
        panels.indicator_panel(sheet.panel(), run, name)
    sheet.legend(panels.common_legend(run))
    return sheet
