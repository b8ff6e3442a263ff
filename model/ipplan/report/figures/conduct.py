"""Bad faith and agencies: what is filed, what is seen, who is hit, and who carries it."""

from __future__ import annotations

from ipplan.indicators import ALL
from ipplan.report.figures import lines, style
from ipplan.report.rundata import RunData

NAME = "bad_faith_and_agencies"
PANELS: lines.Panels = (
    ("Bad-faith patent filings: true and seen", (
        ("bad_faith_share", ALL, "filed in bad faith (latent)", style.PURPLE),
        ("abnormal_share_of_filings", ALL, "flagged as irregular", style.BLUE),
    )),
    ("Does a flag hit the right ones?", (
        ("governance_precision", ALL, "flagged filings that are in bad faith (precision)", style.GREEN),
        ("governance_recall", ALL, "filings in bad faith that are flagged (recall)", style.ORANGE),
    )),
    ("Honest patent filings flagged, by applicant", (
        ("honest_flag_rate", "applicant:large", "large", style.BLUE),
        ("honest_flag_rate", "applicant:sme", "medium, small, micro", style.ORANGE),
        ("honest_flag_rate", "applicant:individual", "individuals", style.GREEN),
        ("honest_flag_rate", "applicant:university", "universities", style.PURPLE),
    )),
    ("Where bad-faith filings go", (
        ("bad_faith_invention_filings", ALL, "inventions", style.BLUE),
        ("bad_faith_utility_model_filings", ALL, "utility models", style.ORANGE),
        ("bad_faith_patent_filings", "right:design", "designs", style.GREEN),
        ("bad_faith_trademark_filings", ALL, "trademarks", style.PURPLE),
    )),
    ("Chance of being caught: believed and true", (
        ("belief_detection_patent", ALL, "patents, believed", style.BLUE),
        ("detection_patent", ALL, "patents, true", style.SKY),
        ("belief_detection_trademark", ALL, "trademarks, believed", style.PURPLE),
        ("detection_trademark", ALL, "trademarks, true", style.ORANGE),
    )),
    ("Patent agencies by business model", (
        ("agencies_honest", ALL, "honest", style.GREEN),
        ("agencies_mixed", ALL, "mixed", style.ORANGE),
        ("agencies_volume", ALL, "volume", style.PURPLE),
    )),
    ("Agencies struck off and back under a new name", (
        ("agency_licences_revoked", ALL, "licences revoked", style.BLUE),
        ("agencies_reentered", ALL, "re-registered anew (latent)", style.PURPLE),
        ("agencies_suspended", ALL, "suspended", style.ORANGE),
    )),
    ("What examination lets through and turns away", (
        ("false_grant_rate", ALL, "flawed and granted (type II)", style.PURPLE),
        ("false_refusal_rate", ALL, "sound and refused (type I)", style.BLUE),
    )),
    ("Bad-faith trademarks: filed and acted against", (
        ("bad_faith_trademark_filings", ALL, "filed in bad faith (latent)", style.PURPLE),
        ("bad_faith_trademarks_struck", ALL, "acted against", style.BLUE),
    )),
)  # fmt: skip


def draw(run: RunData) -> style.Page | None:
    """Return the page; None if the run holds none of its series."""
    note = "Latent: known only inside the model; no office sees it. Medians over replicates; bands: 5-95 %."
    return lines.draw(run, "Bad faith and the agencies that carry it", note, PANELS)
