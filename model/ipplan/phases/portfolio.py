"""An applicant's recent mark filings, and the refusal of what obviously exceeds the normal need of its business.

    p = 1 - exp(-severity (n / need - 1)+)

n are the marks it filed in about the last twelve months, need what the office takes a business of its size to need.
The office sees sizes, not needs: who has more brands than others of its size is asked like a hoarder, and refused
unless it can show its need.
"""

from __future__ import annotations

from ipplan.compiled import helper, inlined, inlined_helper
from ipplan.elementary import exp

# compiled-constants


@inlined
def recent(owners, owner, month):
    """Return the marks an applicant filed within twelve months, each weighed by how recent it is."""
    return owners.marks[owner] * max(0.0, 1.0 - (month - owners.marks_month[owner]) / 12.0)


@inlined
def add(owners, owner, month):
    """Add a mark to what an applicant filed."""
    owners.marks[owner] = recent(owners, owner, month) + 1.0
    owners.marks_month[owner] = month


@inlined_helper
def passes(n, need, severity):
    """Return the chance that a mark of an applicant with ``n`` recent ones is not refused for its portfolio."""
    return exp(-severity * max(0.0, n / need - 1.0))


@helper
def refusal(n, need, severity):
    """Return the chance that it is."""
    return 1.0 - passes(n, need, severity)


@inlined
def normal_need(owners, owner, need):
    """Return the marks a year the office takes as normal; ``need`` is that of a business of mean size or below."""
    return need * max(1.0, owners.size[owner])
