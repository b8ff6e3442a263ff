"""What was done in 2017-2026, as a schedule: the policy timeline through the crosswalk.

``crosswalk.csv`` has one row for every row of ``policy_timeline.csv`` (key: date, timeline id, event) and says what the
model makes of it: a measure with its strength and span, or ``context`` with the reason why it is no lever here. A
timeline row that moves two measures stands twice. Spans of one measure follow each other and never overlap; a
strength that rises is a chain of half-open spans.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from ipplan import clock
from ipplan.data.tables import Event, read, timeline
from ipplan.errors import InputError, nearest

CONTEXT = "context"
PLANS = ("13th", "14th", "none")


@dataclass(frozen=True)
class Crossing:
    """One row of the crosswalk; ``start`` and ``end`` are months (``end`` None: no end, both None for context)."""

    event: Event
    measure: str
    strength: float
    plan: str
    start: int | None
    end: int | None
    reason: str


@dataclass(frozen=True)
class HistoryEntry:
    """An entry of the history schedule: ``strength`` over ``[start, end)`` in months, for everybody everywhere."""

    measure: str
    start: int
    end: int | None
    strength: float
    plan: str
    what: str
    source: str
    reason: str


@cache
def crosswalk() -> tuple[Crossing, ...]:
    """Return the crosswalk, joined with the timeline; InputError if the two do not fit."""
    events = {(event.date, event.measure, event.event): event for event in timeline()}
    rows = []
    for row in read("crosswalk.csv"):
        key = (row["date"], row["timeline_measure"], row["event"])
        if key not in events:
            raise InputError(f"crosswalk.csv: {' '.join(key)} is not in policy_timeline.csv.")
        if row["plan"] not in PLANS or not row["reason"]:
            raise InputError(f"crosswalk.csv: {' '.join(key)}: needs a plan ({', '.join(PLANS)}) and a reason.")
        active = row["measure"] != CONTEXT
        rows.append(Crossing(
            events[key], row["measure"], float(row["strength"]) if active else 0.0, row["plan"],
            clock.month(row["from"]) if active else None, clock.month(row["to"]) if row["to"] else None, row["reason"],
        ))
    missing = set(events) - {(row.event.date, row.event.measure, row.event.event) for row in rows}
    if missing:
        raise InputError(f"crosswalk.csv: nothing is said of {' '.join(min(missing))}.")
    return tuple(rows)


@cache
def history_schedule(without: frozenset[str] = frozenset()) -> tuple[HistoryEntry, ...]:
    """Return the history as schedule entries, by measure and date; InputError if spans of a measure overlap.

    ``without`` are plans whose entries are left out. Where an entry was followed without a gap by one that is left out,
    it goes on: without the 14th plan, what the 13th had begun continues at its own strength.
    """
    for plan in without:
        if plan not in PLANS:
            raise InputError(f"unknown plan '{plan}'.{nearest(plan, PLANS)}")
    entries = _entries()
    kept: list[HistoryEntry] = []
    for place, entry in enumerate(entries):
        if entry.plan in without:
            continue
        end = entry.end
        for later in entries[place + 1:]:
            if later.measure != entry.measure or later.start != end or later.plan not in without:
                break
            end = later.end
        kept.append(replace(entry, end=end))
    return tuple(kept)


def _entries() -> tuple[HistoryEntry, ...]:
    entries = [
        HistoryEntry(row.measure, row.start, row.end, row.strength, row.plan, row.event.what,
                     row.event.source_url or row.event.source, row.reason)
        for row in crosswalk() if row.start is not None
    ]
    entries.sort(key=lambda entry: (entry.measure, entry.start))
    for one, two in pairwise(entries):
        if one.measure == two.measure and (one.end is None or one.end > two.start):
            raise InputError(f"crosswalk.csv: entries of '{one.measure}' overlap at {clock.label(two.start)}.")
    return tuple(entries)


def history_toml() -> str:
    """Return the text of scenarios/history.toml, as the crosswalk generates it."""
    lines = [
        "# What was done in 2017-2026. Generated from model/ipplan/data/crosswalk.csv, which says for every row of the",
        "# policy timeline what the model makes of it; edit the crosswalk, then: ipplan.data.history_toml().",
        "# Strength 1 is a measure's central effect; a rising strength is a chain of half-open spans; campaigns end.",
        "# `plan` says which five-year plan brought the measure (13th, 14th or none): `history_without` leaves it out.",
        "",
        'title = "History 2017-2026"',
        'history = "none"  # this file is the history itself',
        'from = "2017-01"',
        'to = "2027-01"',
    ]
    for entry in history_schedule():
        lines += ["", *_wrapped(f"{entry.what} {entry.reason}"), f"# {entry.source}", "[[measures]]",
                  f'measure = "{entry.measure}"', f'from = "{clock.label(entry.start)}"']
        if entry.end is not None:
            lines.append(f'to = "{clock.label(entry.end)}"')
        lines += [f"strength = {entry.strength:g}", f'plan = "{entry.plan}"']
    return "\n".join(lines) + "\n"


def _wrapped(text: str, width: int = 116) -> list[str]:
    lines, line = [], "#"
    for word in text.split():
        if len(line) + 1 + len(word) > width:
            lines.append(line)
            line = "#"
        line += " " + word
    return [*lines, line]
