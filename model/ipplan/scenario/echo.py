"""Writes a resolved scenario as a scenario file: every value with its unit, and its source beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ipplan import clock, data, drivers, schema, world
from ipplan.scenario.reading import plain
from ipplan.scenario.resolved import Resolved, Scheduled
from ipplan.schema import Cost, Expectation, Measure


def text(value: str) -> str:
    """Return a string in TOML's spelling (JSON's escapes are all TOML's too; the delete sign is TOML's alone)."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def texts(values: Iterable[str]) -> str:
    """Return a list of strings in TOML's spelling."""
    return "[" + ", ".join(text(value) for value in values) + "]"


def number(value: float) -> str:
    """Return a number that reads back as the same double."""
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def to_toml(resolved: Resolved) -> str:
    """Return the text of the file; loaded again it resolves to the same scenario (same key under the same code)."""
    lines = [
        "# A scenario as resolved for a run: every value, and where it came from. It is a scenario file itself.",
        *_head(resolved),
    ]
    for scheduled in resolved.schedule:
        if scheduled.entry.origin == "plan":
            lines += ["", "[[measures]]", *_entry(scheduled)]
    for target in resolved.targets:
        lines += ["", "[[targets]]  # the planner's own, not official", f"indicator = {text(target.indicator)}",
                  f"value = {number(target.value)}", f"year = {target.year}", f"direction = {text(target.direction)}"]
        lines += [f"{key} = {text(value)}" for key in ("unit", "source") if (value := getattr(target, key))]
    for name, measure in resolved.own_measures.items():
        lines += ["", *_own(name, measure)]
    for name, path in resolved.drivers.items():
        pairs = ", ".join(f"{year} = {number(value)}" for year, value in path.items())
        lines += ["", f"[drivers.{name}]", f"unit = {text(drivers.drivers()[name].unit)}", f"values = {{ {pairs} }}"]
    lines += ["", *_primitives(resolved)]
    lines += ["", "# What follows is an echo for readers: it is not read when this file is run again.", "[resolved]",
              f"name = {text(resolved.name)}"]
    for scheduled in resolved.schedule:
        if scheduled.entry.origin == "history":
            lines += ["", "[[resolved.history]]", *_entry(scheduled), f"source = {text(scheduled.source)}"]
    for measure in _scheduled_measures(resolved):
        lines += ["", *_own(measure.id, measure, "resolved.measure")]
    return "\n".join(lines) + "\n"


def _head(resolved: Resolved) -> Iterator[str]:
    yield f"title = {text(resolved.title)}"
    if resolved.description:
        yield f"description = {text(resolved.description)}"
    yield f'from = "{clock.label(resolved.start)}"'
    yield f'to = "{clock.label(resolved.end)}"  # the first month that is not run'
    yield f'scale = "{resolved.scale.numerator}/{resolved.scale.denominator}"'
    yield f"replicates = {resolved.replicates}"
    yield f"seed = {resolved.seed}"
    if resolved.baseline is not None:
        yield 'baseline = "baseline"  # the file beside this one'
    if resolved.evidenced:
        yield "evidenced = true"
    yield f"history = {text(resolved.history)}"
    if resolved.history_without:
        yield f"history_without = {texts(resolved.history_without)}"


def _entry(scheduled: Scheduled) -> Iterator[str]:
    entry = scheduled.entry
    yield f"measure = {text(entry.measure)}"
    yield f'from = "{clock.label(entry.start)}"'
    if entry.end is not None:
        yield f'to = "{clock.label(entry.end)}"'
    yield f"strength = {number(entry.strength)}"
    if entry.build_up is not None:
        yield f'build_up = "{int(entry.build_up)} months"'
    if entry.provinces is not None:
        yield f"provinces = {texts(data.provinces()[index].name_en for index in sorted(entry.provinces))}"
    if entry.applicants is not None:
        yield f"applicants = {texts(world.KINDS[kind] for kind in sorted(entry.applicants))}"
    if scheduled.additive:
        yield "additive = true"
    yield f"plan = {text(scheduled.plan)}"


def _scheduled_measures(resolved: Resolved) -> list[Measure]:
    """Return the schema's measures that are in the schedule, and their parts: what they move, on what evidence."""
    known = schema.measures()
    named = {scheduled.entry.measure for scheduled in resolved.schedule}
    named |= {part for one in (*resolved.own_measures.values(), *(known[n] for n in named & set(known)))
              for part in one.parts}
    return [known[name] for name in sorted(named & set(known))]


def _own(name: str, measure: Measure, table: str = "measure") -> Iterator[str]:
    yield f"[{table}.{name}]"
    yield f"title = {{ en = {text(measure.title_en)}, zh = {text(measure.title_zh)} }}"
    yield f"source = {text(measure.source)}"
    yield from _texts_of(measure, ("sentence", "adoption", "target_group"))
    yield f'delay = "{int(measure.delay)} months"'
    yield f'build_up = "{int(measure.build_up)} months"'
    if measure.applicants is not None:
        yield f"applicants = {texts(measure.applicants)}"
    if measure.parts:
        yield f"parts = {texts(measure.parts)}"
    yield from _texts_of(measure, ("side_effects",))
    for move in measure.moves:
        yield f"[[{table}.{name}.moves]]"
        yield f"primitive = {text(move.primitive)}"
        yield f"channel = {text(move.channel)}"
        if move.switch_to is None:
            yield f"effect = {number(move.effect)}"
            yield f"range = [{number(move.range[0])}, {number(move.range[1])}]"
        else:
            yield f"switch_to = {number(move.switch_to)}"
        if move.unit is not None:
            yield f"unit = {text(move.unit)}"
        yield f"evidence = {text(move.evidence)}"
        yield f"known_from = {text(move.known_from)}"
        yield f"status = {text(move.status)}"
    for one in measure.expects:
        yield f"[[{table}.{name}.expects]]"
        yield from _texts_of(one, ("indicator", "sign"))
        yield f"lag = [{one.lag[0]}, {one.lag[1]}]"
        yield from _texts_of(one, ("note",))
        if one.side_effect:
            yield "side_effect = true"
    for cost in measure.costs:
        yield f"[[{table}.{name}.costs]]"
        yield from _texts_of(cost, ("kind", "what", "unit", "indicator", "source", "status"))
        if cost.range is not None:
            yield f"range = [{number(cost.range[0])}, {number(cost.range[1])}]"


def _texts_of(row: Measure | Expectation | Cost, keys: Iterable[str]) -> Iterator[str]:
    """Write some keys of a row that hold text, if they hold any."""
    for key in keys:
        if value := getattr(row, key):
            yield f"{key} = {text(value)}"


def _primitives(resolved: Resolved) -> Iterator[str]:
    yield "[primitives]"
    for name, value in resolved.primitives.items():
        ground = plain(f"{value.origin}, {value.status}: {value.source}", 300)
        yield f"{text(name)} = {{ value = {number(value.value)}, unit = {text(value.unit)} }}  # {ground}"
