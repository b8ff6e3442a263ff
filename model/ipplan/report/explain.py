"""A measure in plain words: what it does in the model, on what evidence, what should follow when, what may go wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

import numpy as np

from ipplan import schema
from ipplan.levers import EXACT, moved
from ipplan.report.numbers import text
from ipplan.schema import Cost, Expectation, Measure, Move, Primitive
from ipplan.schema.evidence import expectations, grounds, parts, push
from ipplan.world import KINDS

WIDTH = 110
SIGNS = {"+": "up", "-": "down", "+/-": "up or down", "0": "not"}
WHO = {
    "national": "A rule of the nation: it holds everywhere at once (a scenario may still name provinces).",
    "provincial": "Provinces carry it out: a scenario may name some of them, or give each its own strength.",
    "abroad": "It depends on partners abroad; strength says how far they go along.",
}
CAVEAT = ("All of this follows if these assumptions hold. That a measure moves what it should in the model is a check "
          "of the code, not evidence about the world.")  # fmt: skip


def explain(
    measure: Measure,
    known: Mapping[str, Measure],
    schedule: Sequence[str] = (),
    measured: Mapping[str, str] | None = None,
) -> str:
    """Return the text about a measure.

    ``known`` are the measures its parts may name, ``schedule`` how a scenario uses it (a sentence each), ``measured``
    what the stored study found (indicator -> words).
    """
    lines = [f"{measure.id}: {measure.title_en}" + (f" ({measure.title_zh})" * (measure.title_zh != measure.title_en))]
    lines += _item(f"From {measure.source}.", "", "")
    if measure.sentence:
        lines += _item(f"What the plan says: {measure.sentence}", "", "")
    for line in schedule:
        lines += _item(line, "", "")
    for part in parts(measure, known):
        name = f" (part {part.id})" if part.id != measure.id else ""
        lines += ["", f"What it does in the model at strength 1{name}"]
        for move in part.moves:
            lines += _item(_effect(move), "  - ")
            lines += _item(_ground(move), "    ")
        lines += _item(_timing(part), "  ")
    lines += ["", "Whom it reaches", *_item(_whom(measure, known), "  ")]
    lines += ["", "What should follow", *_following(measure, known, measured or {})]
    lines += ["", "What may go wrong"]
    for part in dict.fromkeys((measure, *parts(measure, known))):
        lines += _item(part.side_effects or "Nothing is on record; that is no sign that nothing will.", "  - ")
    seen = [one.indicator for one in expectations(measure, known) if one.side_effect]
    lines += _item(f"Of this a run shows: {', '.join(seen)}.", "  ") if seen else []
    lines += ["", "What it costs (no cost enters a mechanism)", *_costs(measure, known)]
    lines += ["", "How sure"]
    lines += _item(str(grounds(measure, known)).capitalize() + ".", "  ")
    lines += _assumptions(measure, known)
    lines += _item(CAVEAT, "  ")
    return "\n".join(lines) + "\n"


def _item(sentence: str, first: str, later: str | None = None) -> list[str]:
    return wrap(sentence, WIDTH, initial_indent=first, subsequent_indent=" " * len(first) if later is None else later)


def after(move: Move, primitive: Primitive) -> float:
    """Return a primitive's value under one move alone at strength 1."""
    if move.switch_to is not None:
        return move.switch_to
    total = np.array([move.effect])
    return float(moved(primitive.value, primitive.low, primitive.high, primitive.scale, total)[0])


def _effect(move: Move) -> str:
    primitives = [schema.primitives()[name] for name in move.primitives]
    values = [(one.value, after(move, one)) for one in primitives]
    one = primitives[0]
    title = one.title_en[0].lower() + one.title_en[1:] if one.title_en[1:2].islower() else one.title_en
    verb = "Sets" if move.switch_to is not None else "Raises" if values[0][1] > values[0][0] else "Lowers"
    if len(primitives) > 1:
        ratios = [new / old for old, new in values if old]
        span = f"by {text(100 * (min(ratios) - 1), True)} to {text(100 * (max(ratios) - 1), True)} %"
        title = title.rpartition(", ")[0] or title  # without the one it is said of
        return f"{verb} {title} ({move.primitive}, {len(primitives)} values) {span}. [{move.status}]"
    old, new = values[0]
    change = f", {text(100 * (new / old - 1), True)} %" if old > 0 and verb != "Sets" else ""
    return f"{verb} {title} ({one.id}) from {text(old)} to {text(new)}{_unit(one)}{change}. [{move.status}]"


def _unit(primitive: Primitive) -> str:
    return "" if primitive.unit == "-" else f" {primitive.unit}"


def _ground(move: Move) -> str:
    primitive = schema.primitives()[move.primitives[0]]
    unit = " log points" if primitive.scale == "log" else _unit(primitive)
    size = "" if move.switch_to is not None else (
        f" The effect, {text(move.effect)}{unit}, may lie between {text(move.range[0])} and {text(move.range[1])}"
        f"{_ends(move)}.")
    if move.switch_to is None and push(move, schema.primitives()) > EXACT:
        size += " It is larger than the room to the bound of what it moves, so less of it comes about."
    evidence = move.evidence.rstrip(".")
    return f"Ground: {evidence} (known since {move.known_from}).{size}"


def _ends(move: Move) -> str:
    """Return the values that the ends of the range would lead to, where the move is on one primitive."""
    if len(move.primitives) > 1:
        return ""
    one = schema.primitives()[move.primitives[0]]
    low, high = (after(move.model_copy(update={"effect": end}), one) for end in move.range)
    return f": it would come out between {text(min(low, high))} and {text(max(low, high))}"


def _timing(measure: Measure) -> str:
    begins = f"{_months(measure.delay)} after it is announced" if measure.delay else "in the month it is announced"
    if not measure.build_up:
        return f"It is in force {begins}, at once in full, and ends as it began."
    return (f"It is in force {begins}, has two thirds of its effect {_months(measure.build_up)} later, and fades at "
            "the same pace once it ends.")


def _months(number: float) -> str:
    return f"{number:g} month" + ("" if number == 1 else "s")


def _whom(measure: Measure, known: Mapping[str, Measure]) -> str:
    groups = [part.applicants for part in parts(measure, known)]
    kinds = "all kinds" if any(group is None for group in groups) else (
        ", ".join(kind for kind in KINDS if any(kind in (group or ()) for group in groups)))
    who = f"{measure.target_group.rstrip('.')}. " if measure.target_group else ""
    return f"{who}Applicants whose conditions change: {kinds}. {WHO.get(measure.adoption or '', '')}".strip()


def _following(measure: Measure, known: Mapping[str, Measure], measured: Mapping[str, str]) -> list[str]:
    expects = expectations(measure, known)
    if not expects:
        return ["  Nothing is declared: run a scenario and see."]
    lines = []
    for one in expects:
        lines += _item(_expectation(one), "  - ")
        if one.indicator in measured:
            lines += _item(measured[one.indicator], "    ")
        if one.note:
            lines += _item(f"Note: {one.note}", "    ")
    return lines


def _expectation(one: Expectation) -> str:
    known = schema.indicators()
    title = known[one.indicator].title_en if one.indicator in known else one.indicator
    return f"{title} ({one.indicator}): {SIGNS[one.sign]}, {one.lag[0]} to {one.lag[1]} months after it is announced."


def _costs(measure: Measure, known: Mapping[str, Measure]) -> list[str]:
    rows = measure.costs or tuple(cost for part in parts(measure, known) for cost in part.costs)
    lines = [line for cost in rows for line in _item(_cost(cost), "  - ")]
    return lines or ["  Not on record."]


def _cost(cost: Cost) -> str:
    times = "x " if (cost.unit or "")[:1].isdigit() else ""  # a unit such as 100 million yuan
    size = "" if cost.range is None else f": {cost.range[0]:,g} to {cost.range[1]:,g} {times}{cost.unit}"
    counted = f"; a run counts it as {cost.indicator}" if cost.indicator else ""
    return f"{cost.kind.capitalize()}, {cost.what}{size}{counted}. [{cost.status}: {cost.source}]"


def _assumptions(measure: Measure, known: Mapping[str, Measure]) -> Iterator[str]:
    assumed = [move.primitive for part in parts(measure, known) for move in part.moves if move.status == "assumed"]
    if assumed:
        yield from _item(f"Assumed are the effects on {', '.join(dict.fromkeys(assumed))}.", "  ")
    timed = [part for part in parts(measure, known) if part.delay or part.build_up]
    if timed and not math.isclose(sum(part.build_up for part in timed), 0.0):
        yield from _item("How long it takes to build up is assumed in all measures.", "  ")
