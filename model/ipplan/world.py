"""The fixed vocabulary of the world: kinds of applicants, rights, fields, lanes, provinces and their codes.

Kernels index columns by these codes. A *cell* is one kind of applicant in one province: ``province * 6 + kind``.
"""

from __future__ import annotations

# compiled-constants
KINDS = ("large", "sme", "individual", "university", "institute", "foreign")
LARGE, SME, INDIVIDUAL, UNIVERSITY, INSTITUTE, FOREIGN = range(6)

FIRM_TIERS = ("micro", "small", "medium")
MICRO, MEDIUM = 1, 3
"""Tiers of the kind ``sme``, by size; code 0 is whoever is not told apart (the first tier has code 1)."""

RIGHTS = ("invention", "utility_model", "design", "trademark")
INVENTION, UTILITY_MODEL, DESIGN, TRADEMARK = range(4)

FIELDS = ("ict", "electronics", "machinery", "chemistry", "biomedicine", "energy", "transport", "consumer")
N_FIELDS = len(FIELDS)

LANES = ("fast", "priority", "normal", "deferred")
FAST, PRIORITY, NORMAL, DEFERRED = range(4)

N_PROVINCES = 31
ABROAD = 31
"""The 32nd 'province': where foreign applicants live."""
N_KINDS = len(KINDS)
N_CELLS = (N_PROVINCES + 1) * N_KINDS

DESTINATIONS = ("us", "ep", "jp", "kr", "belt_road", "brics", "other")
US, EP, JP, KR, BELT_ROAD, BRICS, OTHER = range(7)
"""Where families go: the four other large offices, Belt and Road members, the BRICS outside them, the rest."""
N_DESTINATIONS = len(DESTINATIONS)

# Queues of the docket: one a field and served lane for inventions (the deferred wait outside), one a right else.
SERVED_LANES = 3
N_QUEUES = N_FIELDS * SERVED_LANES + 3
UTILITY_MODEL_QUEUE = N_FIELDS * SERVED_LANES
DESIGN_QUEUE = UTILITY_MODEL_QUEUE + 1
TRADEMARK_QUEUE = UTILITY_MODEL_QUEUE + 2

# Groups of examiners: one a field for inventions, one a right else.
N_GROUPS = N_FIELDS + 3
N_RIGHTS = len(RIGHTS)
