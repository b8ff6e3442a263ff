"""``ipplan explain``: a measure in plain words."""

from __future__ import annotations

import argparse
from pathlib import Path

from ipplan import clock, schema
from ipplan.errors import InputError, nearest
from ipplan.scenario import Scenario, load, resolve
from ipplan.scenario.format import MeasureEntry
from ipplan.scenario.reading import plain


def execute(given: argparse.Namespace) -> int:
    """Print the text about a measure of the model, or of the planner's own in a scenario file."""
    from ipplan.analysis.study import stored
    from ipplan.analysis.study.running import world_of
    from ipplan.report.explain import explain
    from ipplan.report.study import effect_words

    scenario = load(Path(given.scenario)) if given.scenario else None
    known = {**schema.measures(), **(scenario.own_measures if scenario else {})}
    if given.measure not in known:
        where = f"in the model or in {plain(given.scenario, 200)}" if scenario else "in the model"
        more = "" if scenario else ("; \"ipplan list measures\" prints them, a measure of your own is found with "
                                    "--scenario FILE")
        raise InputError(f"ipplan explain: there is no measure '{plain(given.measure)}' {where}{more}."
                         f"{nearest(given.measure, known)}")
    own = scenario is not None and given.measure in scenario.own_measures
    study = stored.read(stored.own_home(scenario.name) if scenario and own else stored.home())
    effects = study.central(given.measure) if study else {}
    measured = {name: f"In the study of measures, at strength 1: {effect_words(one)}." for name, one in effects.items()}
    print(explain(known[given.measure], known, _schedule(scenario, given.measure), measured), end="")
    if effects and study:
        print(f"  {study.made(world_of(resolve(scenario)) if scenario and own else '')}")
    elif own:
        print("  Not studied yet: `ipplan measures study --scenario FILE` measures what it moves.")
    return 0


def _schedule(scenario: Scenario | None, name: str) -> list[str]:
    """Return how a scenario uses a measure, a sentence for each entry."""
    if scenario is None:
        return []
    entries = [entry for entry in scenario.file.measures if entry.measure == name]
    return [_entry(entry) for entry in entries] or ["The scenario does not schedule it."]


def _entry(entry: MeasureEntry) -> str:
    until = "on" if entry.to is None else f"to the end of {clock.label(entry.to - 1)}"
    where = f", in {', '.join(entry.provinces)}" if entry.provinces else ""
    whom = f", for {', '.join(entry.applicants)}" if entry.applicants else ""
    return (f"In the scenario: from {clock.label(entry.start)} {until}, at strength {entry.strength:g}{where}{whom}.")
