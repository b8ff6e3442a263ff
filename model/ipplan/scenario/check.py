"""What the format alone cannot see: names against the schema, values against bounds, dates against the horizon."""

from __future__ import annotations

from typing import Any, NoReturn

from ipplan import clock, data, drivers, schema
from ipplan.errors import InputError, nearest
from ipplan.scenario.format import ScenarioFile
from ipplan.scenario.own import own_measures
from ipplan.scenario.reading import plain
from ipplan.scenario.sentence import Location, Taken, complain, where
from ipplan.schema import Indicator, Measure

MOST_FACTOR = 4.0
"""How far a scenario may move a dated path from the data; what lies beyond is a slip of the unit."""
SIGNED = ("standard deviations", "percentage points")
"""Units of indicators that may lie below zero."""
MAX_TARGET = 1e9
"""More than the nation counts of anything, in any unit."""
MAX_ENTRIES = 500
"""More entries than any plan has; overlaps are looked for in pairs."""


class Checker:
    """Holds one scenario file against the schema; ``table`` is the raw table, for naming places in messages."""

    def __init__(self, file: ScenarioFile, table: Any, name: str) -> None:
        self.file = file
        self.table = table
        self.name = name
        self.measures: dict[str, Measure] = dict(schema.measures())

    def refuse(self, location: Location, problem: str) -> NoReturn:
        """Raise the sentence that says ``problem`` about the key at ``location``."""
        raise complain(self.name, location, self.table, problem)

    def run(self) -> dict[str, Measure]:
        """Check everything; return the planner's own measures."""
        self._horizon()
        if self.file.evidenced and self.file.baseline is None:
            self.refuse(("evidenced",), "there is nothing to compare with; name a baseline, or leave the key out")
        own = own_measures(self.file.measure, self.refuse)
        self.measures |= own
        if len(self.file.measures) > MAX_ENTRIES:
            self.refuse(("measures",), f"there are {len(self.file.measures):,} entries; write at most {MAX_ENTRIES}")
        for place in range(len(self.file.measures)):
            self._entry(place)
        self._overlaps()
        for primitive in self.file.primitives:
            self._override(primitive)
        for driver in self.file.drivers:
            self._driver(driver)
        for place in range(len(self.file.targets)):
            self._target(place)
        self._history()
        return own

    def _horizon(self) -> None:
        file = self.file
        if file.start != clock.FIRST_MONTH:
            first = clock.label(clock.FIRST_MONTH)
            self.refuse(("from",), f'a run cannot start in {clock.label(file.start)}, because the start state is '
                                   f'derived for the end of 2016 only; write "{first}" (measures may start later)')
        if file.to <= file.start:
            self.refuse(("to",), f"the end {clock.label(file.to)} does not come after the start "
                                 f"{clock.label(file.start)}; write a later month, such as \"2031-01\"")
        if file.to > clock.LAST_END:
            last = clock.label(clock.LAST_END)
            self.refuse(("to",), f'the end {clock.label(file.to)} lies too far ahead; the latest end is "{last}"')

    def _entry(self, place: int) -> None:
        entry, at = self.file.measures[place], ("measures", place)
        if entry.measure not in self.measures:
            self.refuse((*at, "measure"), f"there is no measure '{plain(entry.measure)}'; \"ipplan list measures\" "
                                          f"prints them all.{nearest(entry.measure, self.measures)}")
        span = f"the horizon {clock.label(self.file.start)} to {clock.label(self.file.to)}"
        if not self.file.start <= entry.start < self.file.to:
            self.refuse((*at, "from"), f"{clock.label(entry.start)} lies outside {span}; write a month inside it")
        if entry.to is not None:
            if entry.to <= entry.start:
                self.refuse((*at, "to"), f"the end {clock.label(entry.to)} does not come after the start "
                                         f"{clock.label(entry.start)}; 'to' is the first month without the measure")
            if entry.to > self.file.to:
                self.refuse((*at, "to"), f"{clock.label(entry.to)} lies outside {span}; write a month inside it, or "
                                         "leave the key out to go on without an end")
        self._provinces(entry.provinces, (*at, "provinces"))
        addressed = self.addressed(entry.measure)
        if entry.applicants and addressed is not None:
            for kind in entry.applicants:
                if kind not in addressed:
                    self.refuse((*at, "applicants"), f"measure '{entry.measure}' does not act on '{kind}'; it acts on "
                                                     f"{', '.join(sorted(addressed))}")

    def addressed(self, name: str) -> set[str] | None:
        """Return the kinds a measure or any of its parts acts on; None for all."""
        found: set[str] = set()
        measure = self.measures[name]
        for part in [measure] * bool(measure.moves) + [self.measures[p] for p in measure.parts]:
            if part.applicants is None:
                return None
            found |= set(part.applicants)
        return found

    def _provinces(self, names: tuple[str, ...] | None, at: Location) -> None:
        seen: dict[int, str] = {}
        for name in names or ():
            try:
                index = data.province(name).index
            except InputError:
                known = [text for p in data.provinces() for text in (p.name_en, p.name_zh, str(p.code))]
                self.refuse(at, f"there is no province '{plain(name)}'; write an English or Chinese name or a code, "
                                f"such as \"Guangdong\", \"广东\" or \"44\".{nearest(name, known)}")
            if index in seen:
                self.refuse(at, f"'{plain(seen[index])}' and '{plain(name)}' are the same province; name it once")
            seen[index] = name

    def _atoms(self, name: str) -> set[str]:
        return {name, *self.measures[name].parts}

    def _overlaps(self) -> None:
        entries = self.file.measures
        areas = [{data.province(name).index for name in entry.provinces or ()} for entry in entries]
        kinds = [set(entry.applicants or ()) for entry in entries]
        ends = [clock.LAST_END if entry.to is None else entry.to for entry in entries]
        for later in range(len(entries)):
            for earlier in range(later):
                first, second = entries[earlier], entries[later]
                if first.additive or second.additive:
                    continue
                if not (first.start < ends[later] and second.start < ends[earlier]):
                    continue
                if areas[earlier] and areas[later] and not areas[earlier] & areas[later]:
                    continue
                if kinds[earlier] and kinds[later] and not kinds[earlier] & kinds[later]:
                    continue
                shared = self._atoms(first.measure) & self._atoms(second.measure)
                if not shared:
                    continue
                part = "" if first.measure == second.measure else f" (both hold '{min(shared)}')"
                until = "on" if first.to is None else f"to {clock.label(first.to)}"
                taken = isinstance(self.table["measures"][later], Taken)
                beside = where(("measures", earlier), self.table).removeprefix("measures ")
                self.refuse(("measures", later), f"overlaps with {beside}, from {clock.label(first.start)} {until}"
                            f"{part}; let one end where the other begins, or give them different provinces or "
                            "applicants, or say additive = true if strengths should add"
                            + (", or leave it out with 'without' under [[base]]" if taken else ""))

    def _override(self, name: str) -> None:
        known = schema.primitives()
        at: Location = ("primitives", name)
        if name not in known:
            several = sorted(key for key in known if key.startswith(name.rstrip("*.") + "."))
            if several:
                listed = ", ".join(several[:6]) + (", ..." if len(several) > 6 else "")
                self.refuse(at, f"this stands for several primitives; set each by its own id: {listed}")
            self.refuse(at, "there is no such primitive; \"ipplan list primitives\" prints them "
                            f"all.{nearest(name, known)}")
        primitive, given = known[name], self.file.primitives[name]
        if given.unit != primitive.unit:
            self.refuse((*at, "unit"), f"'{plain(given.unit)}' is the wrong unit; write unit = \"{primitive.unit}\"")
        if not primitive.admits(given.value):
            self.refuse((*at, "value"), f"{given.value:g} is out of range; write {primitive.feasible}")

    def _driver(self, name: str) -> None:
        at: Location = ("drivers", name)
        if name not in drivers.READ:
            self.refuse(at, f"there is no driver '{plain(name)}' that a run reads; \"ipplan list drivers\" prints them "
                            f"all.{nearest(name, drivers.READ)}")
        driver, given = drivers.drivers()[name], self.file.drivers[name]
        if given.unit != driver.unit:
            self.refuse((*at, "unit"), f"'{plain(given.unit)}' is the wrong unit; write unit = \"{driver.unit}\"")
        own = {point.year: point.value for point in driver.points}
        for year, value in given.values.items():
            low, high = own[year] / MOST_FACTOR, own[year] * MOST_FACTOR
            if not low <= value <= high:
                self.refuse((*at, "values"), f"{value:g} in {year} is out of range; the data have {own[year]:g} "
                                             f"{driver.unit}, write a value between {low:g} and {high:g}")

    def _target(self, place: int) -> None:
        target, at = self.file.targets[place], ("targets", place)
        known = schema.indicators()
        if target.indicator not in known:
            self.refuse((*at, "indicator"), f"there is no indicator '{plain(target.indicator)}'; \"ipplan list "
                                            f"indicators\" prints them all.{nearest(target.indicator, known)}")
        if known[target.indicator].kind == "displacement":
            self.refuse((*at, "indicator"), f"'{target.indicator}' compares a plan with its baseline, so it has no "
                                            "level that could be a target; name an indicator of another kind")
        self._level(target.value, known[target.indicator], (*at, "value"))
        unit = known[target.indicator].unit
        if target.unit is not None and target.unit != unit:
            self.refuse((*at, "unit"), f"'{plain(target.unit)}' is the wrong unit; write unit = \"{unit}\"")
        years = clock.full_years(self.file.start, self.file.to)
        if target.year not in years:
            span = f"{years[0]} to {years[-1]}" if years else "none"
            self.refuse((*at, "year"), f"{target.year} is not a full year of the horizon; the full years are {span}")

    def _level(self, value: float, indicator: Indicator, at: Location) -> None:
        """Refuse a target that no world could show: it is a slip of the unit."""
        if indicator.unit in SIGNED:
            return
        most = 100.0 if indicator.unit.startswith(("percent", "score")) else MAX_TARGET
        if not 0 <= value <= most:
            self.refuse(at, f"{value:g} is out of range; the unit of '{indicator.id}' is {indicator.unit}, write a "
                            f"value from 0 to {most:g}")

    def _history(self) -> None:
        for plan in self.file.history_without or ():
            known = sorted({entry.plan for entry in data.history_schedule()})
            if plan not in known:
                self.refuse(("history_without",), f"the history knows no plan '{plain(plan)}'; its plans are "
                                                  f"{', '.join(known)}.{nearest(plan, known)}")
