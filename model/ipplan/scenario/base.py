"""``[[base]]``: what a scenario takes over from other files, so that variants of a plan repeat nothing.

Entries of the other file are selected (``plans``, ``without``), cut to a span (``from``, ``to``), scaled (``strength``)
and held to provinces; its own measures, primitives, drivers, targets and the keys at its top come along unless the
scenario says otherwise. The join is made on the tables as written, so everything is then checked as if it stood in one
file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from ipplan import clock, data
from ipplan.errors import InputError, nearest
from ipplan.scenario.format import Base
from ipplan.scenario.reading import plain
from ipplan.scenario.sentence import Taken
from ipplan.scenario.values import MAX_STRENGTH

Refuse = Callable[[str, str], NoReturn]
"""Raises the sentence about a key of the ``[[base]]`` table."""
Table = dict[str, Any]

INHERITED = ("from", "to", "scale", "replicates", "seed", "baseline", "evidenced", "history", "history_without")
NAMED = ("primitives", "drivers", "measure")


def entries(base: Base, other: Mapping[str, Any], label: str, refuse: Refuse) -> list[Table]:
    """Return the ``[[measures]]`` of ``other`` that ``base`` takes over; ``label`` is the plan of those without one."""
    given = [{"plan": label, **entry} for entry in other.get("measures", ())]
    _named("plans", base.plans, {entry["plan"] for entry in given}, refuse)
    _named("without", base.without, {entry[key] for entry in given for key in ("plan", "measure")}, refuse)
    kept = [entry for entry in given if (base.plans is None or entry["plan"] in base.plans)
            and not {entry["plan"], entry["measure"]} & set(base.without or ())]
    _span(base, refuse)
    found = [_scaled(entry, base.strength, refuse) for entry in kept if _cut(entry, base)]
    if kept and not found:
        refuse("from" if base.start is not None else "to", "no entry there is left in this span; widen it")
    held = [entry for entry in found if _held(entry, base.provinces, refuse)]
    if found and not held:
        refuse("provinces", "no entry there works in these provinces; name others")
    return [Taken(entry, label) for entry in held]


def _span(base: Base, refuse: Refuse) -> None:
    for key, month in (("from", base.start), ("to", base.to)):
        if month is not None and not clock.FIRST_MONTH <= month <= clock.LAST_END:
            refuse(key, f"{clock.label(month)} lies outside what can be run; write a month from "
                        f"{clock.label(clock.FIRST_MONTH)} to {clock.label(clock.LAST_END)}")
    if base.start is not None and base.to is not None and base.to <= base.start:
        refuse("to", f"the end {clock.label(base.to)} does not come after the start {clock.label(base.start)}; 'to' is "
                     "the first month without the entries")


def _named(key: str, names: Sequence[str] | None, known: set[str], refuse: Refuse) -> None:
    for name in names or ():
        if name not in known:
            what = "label" if key == "plans" else "label or measure"
            refuse(key, f"no entry there has the {what} '{plain(name)}'; there are {', '.join(sorted(known))}."
                        f"{nearest(name, known)}")


def _cut(entry: Table, base: Base) -> bool:
    """Cut an entry to the span of the base; tell whether anything is left."""
    start = max(clock.month(entry["from"]), clock.FIRST_MONTH if base.start is None else base.start)
    ends = [clock.month(entry["to"])] if "to" in entry else []
    ends += [] if base.to is None else [base.to]
    entry["from"] = clock.label(start)
    if ends:
        entry["to"] = clock.label(min(ends))
    return not ends or start < min(ends)


def _scaled(entry: Table, factor: float, refuse: Refuse) -> Table:
    strength = factor * entry.get("strength", 1.0)
    if strength > MAX_STRENGTH:
        most = MAX_STRENGTH / entry.get("strength", 1.0)
        refuse("strength", f"{factor:g} makes {strength:g} of '{plain(entry['measure'])}', and strength goes to "
                           f"{MAX_STRENGTH:g}; write at most {most:.3g}")
    return {**entry, "strength": strength}


def _held(entry: Table, names: Sequence[str] | None, refuse: Refuse) -> bool:
    """Hold an entry to provinces; tell whether any is left."""
    if names is None:
        return True
    try:
        wanted = {data.province(name).index: name for name in names}
    except InputError as error:
        refuse("provinces", str(error))
    if "provinces" in entry:
        own = {data.province(name).index for name in entry["provinces"]}
        wanted = {index: name for index, name in wanted.items() if index in own}
    entry["provinces"] = list(wanted.values())
    return bool(wanted)


def join(table: Table, others: Sequence[tuple[Mapping[str, Any], list[Table], Path]], folder: Path) -> Table:
    """Return the table with what it takes over: (the other table, its entries that count, its path) each.

    Of entries and targets taken over, those that lie beyond the end of this scenario are left out.
    """
    whole = dict(table)
    for other, _, path in others:
        for key in INHERITED:
            if key in other and key not in whole:
                outside = key == "baseline" and path.parent.resolve() != folder.resolve()
                whole[key] = str((path.parent / other[key]).resolve()) if outside else other[key]
    for key in NAMED:
        own = table.get(key, {})
        if isinstance(own, dict):
            joined = {name: row for other, _, _ in others for name, row in other.get(key, {}).items()} | own
            whole |= {key: joined} if joined else {}
    end = _end(whole)
    if isinstance(table.get("measures", []), list):
        entries = [entry for _, taken, _ in others for entry in taken if _before(entry, end)]
        whole["measures"] = [*table.get("measures", []), *entries]
    if "targets" not in table:
        targets = [Taken(target, path.stem) for other, _, path in others for target in other.get("targets", ())]
        due = [one for one in targets if one["year"] in clock.full_years(clock.FIRST_MONTH, end)]
        whole["targets"] = [one for place, one in enumerate(due) if one not in due[:place]]
    return whole


def _end(table: Table) -> int:
    """Return the end of a scenario; the latest there is where what is written is no month (refused later)."""
    try:
        return clock.month(table["to"])
    except (KeyError, TypeError, ValueError):
        return clock.LAST_END


def _before(entry: Table, end: int) -> bool:
    """Let an entry go on where it ends beyond the horizon; tell whether it begins before."""
    if "to" in entry and clock.month(entry["to"]) > end:
        del entry["to"]
    return clock.month(entry["from"]) < end
