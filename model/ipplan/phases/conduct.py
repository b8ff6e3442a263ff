"""What provinces read: whether a measure of theirs works (``ON_READS``), and how they go about it (``READS``)."""

from __future__ import annotations

from ipplan.phases.effort import N_TARGETS, TARGETS

ON_READS = (
    "provinces.stake", "provinces.demonstration_gain", "provinces.demonstration_quality", "provinces.passing",
    "linkage.navigated_share",
)  # fmt: skip
STAKE, GAIN, QUALITY, PASSING, NAVIGATED = range(5)
"""Nought in all cells where no measure of provinces works."""

PER_TARGET = ("weight", "growth", "cost_ratio", "audit", "real", "cosmetic")
READS = (
    *(f"provinces.{what}.{target}" for what in PER_TARGET for target in TARGETS),
    "provinces.response", "provinces.budget", "provinces.audit_weight", "provinces.split_scale", "provinces.lean_sd",
    "provinces.audit_memory", "provinces.ratchet", "provinces.window", "provinces.december_pull",
    "provinces.most_pulled", "provinces.protectionism", "provinces.learning", "provinces.copying",
    "provinces.credible", "provinces.relocation", "provinces.places", "provinces.selection",
    "provinces.dispute_cut", "provinces.moving", "provinces.home_recognition", "provinces.error_passing",
    "provinces.bias_cut", "linkage.duplication", "linkage.navigation_power", "linkage.navigation_quality",
    "linkage.duplicate_loss", "linkage.herding", "invention.december_surge", "linkage.state_funded.*",
)  # fmt: skip
WEIGHT, GROWTH, COST_RATIO, AUDIT, REAL, COSMETIC = (
    slice(step * N_TARGETS, (step + 1) * N_TARGETS) for step in range(len(PER_TARGET))
)
(
    RESPONSE, BUDGET, AUDIT_WEIGHT, SPLIT_SCALE, LEAN_SD, AUDIT_MEMORY, RATCHET, WINDOW, DECEMBER_PULL, MOST_PULLED,
    PROTECTIONISM, LEARNING, COPYING, CREDIBLE, RELOCATION, PLACES, SELECTION, DISPUTE_CUT, MOVING, HOME_RECOGNITION,
    ERROR_PASSING, BIAS_CUT, DUPLICATION, NAVIGATION_POWER, NAVIGATION_QUALITY, DUPLICATE_LOSS, HERDING, SURGE,
    STATE_FUNDED,
) = range(len(PER_TARGET) * N_TARGETS, len(READS))  # fmt: skip
"""Read once, for the nation, except ``STATE_FUNDED`` (by cell); slices hold one row a target."""
