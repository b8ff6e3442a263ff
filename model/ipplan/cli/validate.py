"""``ipplan validate --patterns``: which observed patterns the model reproduces, failures included."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.console import Console

from ipplan.cli.numbers import scale_given, seeds_given
from ipplan.errors import InputError

if TYPE_CHECKING:
    from ipplan.analysis.patterns import Judged


def execute(given: argparse.Namespace) -> int:
    """Run the history and its arms, and print the verdicts."""
    if not given.patterns:
        raise InputError("ipplan validate: say what to validate: --patterns.")
    scale = scale_given(given.scale, "--scale")
    seeds = seeds_given(given.seeds, "--seeds")
    from ipplan.analysis import patterns

    console = Console(stderr=True)
    with console.status("history") as status:
        found = patterns.judge(scale, seeds, status.update)
    if given.json:
        print(json.dumps([_row(judged) for judged in found], indent=2, ensure_ascii=False))
    else:
        show(found, given.scale, given.seeds)
    return 0


def _row(judged: Judged) -> dict[str, object]:
    pattern = judged.pattern
    return {
        "id": pattern.id, "title": pattern.title, "observed": pattern.observed, "verdict": judged.verdict,
        "gap": pattern.gap,
        "checks": [{"what": a.check.what, "simulated": None if a.missing else a.value, "low": a.check.low,
                    "high": a.check.high, "basis": a.check.basis, "holds": a.holds} for a in judged.answers],
    }  # fmt: skip


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def show(found: Sequence[Judged], scale: str, seeds: str) -> None:
    """Print each pattern with its verdict, then its checks, a line each; and how many patterns hold."""
    print(f"Patterns in the history 2017-2025 and in arms of it (mean of seeds {seeds}, scale {scale}); "
          "x marks what lies outside its range, ? what these runs had no case of\n")
    from ipplan.analysis.patterns import VERDICTS

    verdicts: Counter[str] = Counter()
    for judged in found:
        pattern = judged.pattern
        verdicts[judged.verdict] += 1
        print(f"{pattern.id:<4}{judged.verdict:<11}{pattern.title}")
        for answer in judged.answers:
            check = answer.check
            spread = f"{check.low:,.4g} to {check.high:,.4g}"
            value = "no cases" if answer.missing else _shown(answer.value)
            mark = " " if answer.holds else "?" if answer.missing else "x"
            print(f"  {mark} {check.what:<68} {value:>9}  in {spread}")
        for line in wrap(pattern.gap, 108):
            print(f"    {line}")
    print(f"\n{', '.join(f'{verdicts[name]} {name}' for name in VERDICTS)} of "
          f"{len(found)} patterns. The ranges are observations with tolerances of our own choosing.")
