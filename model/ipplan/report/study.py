"""The study of measures for readers: a page of Markdown, and an effect in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ipplan import schema
from ipplan.analysis.study.findings import CONTRARY, UNMOVED, Effect, Placebo
from ipplan.analysis.study.interactions import Interaction, Rank
from ipplan.indicators import definitions
from ipplan.levers import COMBINERS
from ipplan.report.numbers import short_unit, text, with_unit
from ipplan.schema import Expectation, Measure
from ipplan.schema.evidence import expectations, grounds

METHOD = (
    "Each measure alone: in a history without it, from January 2021 on, at five strengths. An effect is the mean "
    "paired difference over the years of the declared lag, with a 99 % interval. A sign that holds verifies the code "
    "against the declaration; it is no evidence about the world. Nothing here is tuned to hold."
)
NOT_EXPLAINED = "not explained: no reason is written yet"
OF_PAIRS = (
    "How many of all (pair, outcome) are what, under each combiner; the rows below are the clear ones under the "
    "overlap of measures in one channel, which is the model's own rule. One in a hundred looks clear by chance."
)


def effect_words(one: Effect) -> str:
    """Return an effect with its interval in words: ``2.1 % up (0.4 to 3.8), 2022-2024: holds``."""
    if not math.isfinite(one.effect):
        return one.verdict
    years = f"{one.first_year}" if one.first_year == one.last_year else f"{one.first_year}-{one.last_year}"
    size = with_unit(text(one.effect, True), short_unit(definitions()[one.indicator].unit))
    if one.effect == 0 and one.verdict == UNMOVED:
        return f"{UNMOVED} in {years}"
    interval = f" ({text(one.low, True)} to {text(one.high, True)})" if math.isfinite(one.low) else " (one run)"
    relative = f", {text(100 * one.effect / one.level, True)} % of its level" if one.level > 0 else ""
    return f"{size}{interval}{relative} in {years}: {one.verdict}"


def page(
    about: Mapping[str, Any], effects: Sequence[Effect], reversals: Mapping[str, Sequence[str]],
    placebos: Sequence[Placebo], pairs: Sequence[Interaction], ranked: Sequence[Rank], failures: Mapping[str, str],
    known: Mapping[str, Measure] | None = None,
) -> str:  # fmt: skip
    """Return the page about a study; ``known`` are the measures that can be in it."""
    table = schema.measures() if known is None else known
    scale, number = about["scale"], about["replicates"]
    made = (f"Made by `{about['command']}` ({number} seeds at scale {scale}, to {about['to']}, code "
            f"`{about['code'][:12]}`). Written by the command: do not edit.")
    lines = [
        "# The study of measures", "", made, "", METHOD, "",
        *_signs(effects), *_violations(effects, reversals, table), *_placebos(placebos), *_failures(failures),
        *_side_effects(effects, table), *_single(effects, table), *_pairs(pairs), *_ranks(ranked),
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), "|" + "---|" * len(cells)]


def _central(effects: Iterable[Effect]) -> list[Effect]:
    return [one for one in effects if one.strength == 1.0]


def _signs(effects: Sequence[Effect]) -> list[str]:
    counted = Counter(one.verdict.partition(" (")[0] for one in _central(effects))
    said = ", ".join(f"{number} {verdict}" for verdict, number in counted.most_common())
    return ["## Declared signs at central strength", "", f"{sum(counted.values())} declared: {said}.", ""]


def _declared(known: Mapping[str, Measure]) -> dict[tuple[str, str], Expectation]:
    return {(name, one.indicator): one for name, measure in known.items() for one in expectations(measure, known)}


def _violations(
    effects: Sequence[Effect], reversals: Mapping[str, Sequence[str]], known: Mapping[str, Measure]
) -> list[str]:
    declared = _declared(known)

    def order(one: Effect) -> tuple[str, bool, str]:
        return one.verdict, bool(declared[one.measure, one.indicator].note), one.measure

    wrong = sorted((one for one in _central(effects) if one.verdict in (CONTRARY, UNMOVED)), key=order)
    rows = [_row(f"`{one.measure}`", f"`{one.indicator}`", one.sign, effect_words(one),
                 declared[one.measure, one.indicator].note or NOT_EXPLAINED) for one in wrong]  # fmt: skip
    bare = [one for one in wrong if one.verdict == CONTRARY and not declared[one.measure, one.indicator].note]
    contrary = sum(one.verdict == CONTRARY for one in wrong)
    said = f"{contrary} contrary, {len(bare)} of them not explained; {len(wrong) - contrary} do not move."
    lines = ["## Violations, with their reasons", "", said, ""]
    lines += [*_head("measure", "indicator", "declared", "found", "reason"), *rows] if rows else ["None."]
    turned = [f"- `{name}`: {', '.join(found)}" for name, found in reversals.items() if found]
    lines += ["", "More of a measure clearly does less of what it declares (between two strengths):", ""]
    return [*lines, *(turned or ["Nowhere."]), ""]


def _placebos(placebos: Sequence[Placebo]) -> list[str]:
    rows = [_row(one.placebo, text(one.difference) or "-",
                 f"{text(one.low, True)} to {text(one.high, True)}" if math.isfinite(one.low) else "bit for bit",
                 one.verdict) for one in placebos]  # fmt: skip
    return ["## Placebos", "", *_head("placebo", "difference", "99 % interval", "verdict"), *rows, ""]


def _failures(failures: Mapping[str, str]) -> list[str]:
    if not failures:
        return ["No run failed.", ""]
    return ["## Runs that failed", "", *(f"- {run}: {reason}" for run, reason in failures.items()), ""]


def _side_effects(effects: Sequence[Effect], known: Mapping[str, Measure]) -> list[str]:
    declared = _declared(known)
    rows = [_row(f"`{one.measure}`", definitions()[one.indicator].name, one.sign, effect_words(one))
            for one in _central(effects) if declared[one.measure, one.indicator].side_effect]  # fmt: skip
    head = _head("measure", "indicator", "declared", "effect in the model") if rows else ["None is declared."]
    return ["## Side effects that can be seen", "", *head, *rows, ""]


def _single(effects: Sequence[Effect], known: Mapping[str, Measure]) -> list[str]:
    lines = ["## Each measure alone, at central strength", ""]
    lines += _head("measure", "what it stands on", "indicator", "declared", "effect in the model")
    before = ""
    for one in _central(effects):
        new = one.measure != before
        lines.append(_row(f"`{one.measure}`" if new else "", str(grounds(known[one.measure], known)) if new else "",
                          definitions()[one.indicator].name, one.sign, effect_words(one)))  # fmt: skip
        before = one.measure
    return [*lines, ""]


def _pairs(pairs: Sequence[Interaction]) -> list[str]:
    if not pairs:
        return []
    lines = ["## Interactions of the strongest", "", "![Interactions of pairs](interactions.png)", "", OF_PAIRS, "",
             *_head("combiner", "sub-additive", "super-additive", "opposed", "not seen or none")]
    for combiner in COMBINERS:
        counted = Counter(one.verdict for one in pairs if one.combiner == combiner)
        plain = ("sub-additive", "super-additive", "opposed")
        rest = sum(counted.values()) - sum(counted[verdict] for verdict in plain)
        lines.append(_row(combiner, *(str(counted[verdict]) for verdict in plain), str(rest)))
    others = {(one.first, one.second, one.outcome, one.combiner): one.verdict for one in pairs}
    lines += ["", *_head("pair", "outcome", "alone", "together", "interaction (99 %)", "verdict", *COMBINERS[1:])]
    for one in sorted(pairs, key=lambda one: -abs(one.relative)):
        if one.combiner == "overlap" and one.clear:
            lines.append(_row(
                f"`{one.first}` + `{one.second}`", definitions()[one.outcome].name,
                f"{text(one.first_alone, True)}, {text(one.second_alone, True)}", text(one.together, True),
                f"{text(one.interaction, True)} ({text(one.low, True)} to {text(one.high, True)})", one.verdict,
                *(others[one.first, one.second, one.outcome, combiner] for combiner in COMBINERS[1:]),
            ))  # fmt: skip
    return [*lines, ""]


def _ranks(ranked: Sequence[Rank]) -> list[str]:
    if not ranked:
        return []
    changed = [one for one in ranked if len(set(one.ranks)) > 1]
    said = (f"Of {len(ranked)} ranks (a measure on an outcome) {len(changed)} change with the combiner; such a rank "
            "is an assumption, not a finding. Those of the first three places:")
    lines = ["## What changes with the combiner", "", said, "",
             *_head("outcome", "measure", *(f"effect, {one}" for one in COMBINERS), "rank")]  # fmt: skip
    lines += [_row(definitions()[one.outcome].name, f"`{one.measure}`", *(text(value, True) for value in one.effects),
                   ", ".join(map(str, one.ranks))) for one in changed if min(one.ranks) <= 3]  # fmt: skip
    return [*lines, ""]
