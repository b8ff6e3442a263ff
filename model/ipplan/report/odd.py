"""The tables of ``model/README.md``, written from the schema and the code, so that the description cannot drift.

``python -m ipplan.report.odd`` (in the project's root folder) rewrites them between their markers,

    <!-- generated: NAME -->
    <!-- end -->

and ``--runs`` also runs the commands whose output this and the root ``README.md`` show, and puts it there. Text outside
the markers is written by hand and left alone.
"""

from __future__ import annotations

import argparse
import inspect
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from ipplan import drivers, ledger, schema, streams, system, world
from ipplan.agents.agencies import Agencies
from ipplan.agents.applicants import Applicants
from ipplan.agents.banks import Banks
from ipplan.agents.borrowers import Borrowers
from ipplan.agents.examiners import Examiners
from ipplan.data import crosswalk
from ipplan.phases import month
from ipplan.report import dictionary
from ipplan.report.dictionary import code, number, table
from ipplan.rights.disputes import DISPUTE
from ipplan.rights.docket import CASE
from ipplan.rights.loans import LOAN
from ipplan.rights.register import MARK, PATENT
from ipplan.schema import Measure, Primitive

ODD = Path("model/README.md")
FRONT = Path("README.md")
DICTIONARY = Path("model/INDICATORS.md")
_BLOCK = re.compile(r"(<!-- generated: ([\w.]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_FIELD = re.compile(r"^    (\w+): NDArray\[np\.(\w+)\](?:\s+# (.+))?$", re.MULTILINE)


def words() -> Mapping[str, Mapping[str, object]]:
    """Return the words for names of the engine (report/words.toml)."""
    return tomllib.loads(files("ipplan.report").joinpath("words.toml").read_text(encoding="utf-8"))


def spelled(section: Mapping[str, object], names: Iterable[str], where: str) -> dict[str, str]:
    """Return name -> words; ValueError where words are missing, or stand for a name the code does not know."""
    known = list(names)
    missing = [name for name in known if name not in section]
    extra = [name for name in section if name not in known]
    if missing or extra:
        raise ValueError(f"words.toml, {where}: no words for {missing}; no such name {extra}")
    return {name: str(section[name]) for name in known}


def columns(kind: type) -> str:
    """Return the table of a column table: name, type and meaning of each column."""
    section = words()["columns"][kind.__name__]
    found = _FIELD.findall(inspect.getsource(kind))
    bare = [name for name, _, comment in found if not comment]
    assert isinstance(section, Mapping)
    said = spelled(section, bare, f"columns.{kind.__name__}")
    return table(("column", "type", "what it is"), ((code(n), t, c or said[n]) for n, t, c in found))


def record(name: str) -> str:
    """Return the table of a record: CASE (docket), PATENT or MARK (register), LOAN or DISPUTE."""
    layout = {"CASE": CASE, "PATENT": PATENT, "MARK": MARK, "LOAN": LOAN, "DISPUTE": DISPUTE}[name]
    section = words()["records"][name]
    assert isinstance(section, Mapping)
    assert layout.names is not None
    assert layout.fields is not None
    said = spelled(section, layout.names, f"records.{name}")
    return table(("field", "type", "what it is"), ((code(f), layout.fields[f][0].name, said[f]) for f in layout.names))


def named(section: str, names: Iterable[str], head: str) -> str:
    """Return the table of a list of names and their words."""
    said = spelled(words()[section], names, section)
    return table((head, "what it is"), ((code(name), text) for name, text in said.items()))


def stream_table() -> str:
    """Return the named random streams."""
    said = spelled(words()["streams"], (stream.name for stream in streams.Stream), "streams")
    rows = ((str(stream.value), code(stream.name.lower()), said[stream.name]) for stream in streams.Stream)
    return table(("number", "stream", "what it decides"), rows)


def phase_table() -> str:
    """Return the month in order: the phases with the first sentence of what they say they do."""
    rows = []
    for place, phase in enumerate(month.PHASES, 1):
        said = (inspect.getdoc(phase) or "").split("\n\n")[0].replace("\n", " ")
        rows.append((str(place), code(phase.__name__), said))
    return table(("", "phase", "what happens"), rows)


def reads_table() -> str:
    """Return which primitives each part of the month reads."""
    return table(("part", "primitives it reads"), (
        (code(name), " ".join(code(read) for read in reads)) for name, reads in system.READS.items()
    ))  # fmt: skip


def family(name: str) -> str:
    """Return the id that stands for a primitive in the table: kinds of applicants share a row."""
    stem, _, last = name.rpartition(".")
    return f"{stem}.*" if last in world.KINDS else name


def _shared(values: Sequence[str], kinds: Sequence[str]) -> str:
    if len(set(values)) == 1:
        return values[0]
    return ", ".join(f"{kind} {value}" for kind, value in zip(kinds, values, strict=True))


def primitive_row(name: str, members: Sequence[Primitive]) -> tuple[str, ...]:
    """Return the row of one primitive, or of a family by kind of applicant."""
    kinds = [member.id.rpartition(".")[2] for member in members]
    first = members[0]
    ranges = [f"{number(member.range_low)} to {number(member.range_high)}" for member in members]
    status = sorted({member.status for member in members})
    return (
        code(name), first.title_en.split(" (")[0] if len(members) > 1 else first.title_en, first.unit,
        _shared([number(member.value) for member in members], kinds), _shared(ranges, kinds),
        f"{number(first.low)} to {number(first.high)}",
        ", ".join(status) + (", fitted" if any(member.fit for member in members) else ""),
        "; ".join(dict.fromkeys(member.source for member in members)),
    )  # fmt: skip


def primitive_table() -> str:
    """Return all primitives, by the phase they belong to."""
    parts = []
    by_area = sorted(schema.primitives().values(), key=lambda primitive: primitive.id.split(".")[0])
    for area, inside in groupby(by_area, key=lambda primitive: primitive.id.split(".")[0]):
        rows: dict[str, list[Primitive]] = {}
        for primitive in inside:
            rows.setdefault(family(primitive.id), []).append(primitive)
        head = ("primitive", "what it is", "unit", "value", "plausible", "feasible", "status", "source")
        parts.append(f"#### {area}\n\n" + table(head, (primitive_row(*item) for item in rows.items())))
    return "\n".join(parts)


def moves(measure: Measure) -> str:
    """Return what a measure moves, in one cell."""
    said = [f"parts {', '.join(code(part) for part in measure.parts)}"] if measure.parts else []
    for move in measure.moves:
        how = f"{move.effect:+.3g} ({number(move.range[0])} to {number(move.range[1])})"
        if move.switch_to is not None:
            how = f"switch to {number(move.switch_to)}"
        said.append(f"{code(move.primitive)} {how}, {move.status}{', fitted' if move.fit else ''}")
    return "; ".join(said)


def measure_table() -> str:
    """Return all measures with what they move."""
    rows = []
    for name, measure in schema.measures().items():
        whom = ", ".join(measure.applicants) if measure.applicants else "all"
        timing = f"{measure.delay:g} + {measure.build_up:g}"
        rows.append((code(name), measure.title_en, timing, whom, moves(measure), measure.source))
    return table(("measure", "what it is", "delay + build-up, months", "applicants", "moves", "source"), rows)


def driver_table() -> str:
    """Return the dated paths: their years and how much of them is assumed."""
    rows = []
    for name, driver in drivers.drivers().items():
        seen = [point.year for point in driver.points if point.status != "assumed"]
        known = f"{min(seen)}-{max(seen)}, {len(seen)} years" if seen else "none"
        rows.append((code(name), driver.kind, driver.unit, known, f"to {driver.points[-1].year}",
                     "yes" if name in drivers.READ else "no, kept for comparison"))
    return table(("driver", "kind", "unit", "published", "assumed", "read by the engine"), rows)


def history_table() -> str:
    """Return what becomes of the dated policies of 2015-2026: how many act as a measure, how many are context."""
    counted: dict[str, int] = {}
    for row in crosswalk():
        counted[row.measure or "context"] = counted.get(row.measure or "context", 0) + 1
    return table(("measure", "dated policies"), ((code(name), str(n)) for name, n in sorted(counted.items())))


BLOCKS: Mapping[str, Callable[[], str]] = {
    "phases": phase_table,
    "reads": reads_table,
    "applicants": lambda: columns(Applicants),
    "agencies": lambda: columns(Agencies),
    "examiners": lambda: columns(Examiners),
    "case": lambda: record("CASE"),
    "patent": lambda: record("PATENT"),
    "mark": lambda: record("MARK"),
    "loan": lambda: record("LOAN"),
    "borrowers": lambda: columns(Borrowers),
    "banks": lambda: columns(Banks),
    "dispute": lambda: record("DISPUTE"),
    "streams": stream_table,
    "drivers": driver_table,
    "history": history_table,
    "flows": lambda: named("flows", ledger.FLOWS, "flow"),
    "stocks": lambda: named("stocks", ledger.STOCKS, "stock"),
    "gauges": lambda: named("gauges", ledger.GAUGES, "gauge"),
    "measures": measure_table,
    "primitives": primitive_table,
}


DICTIONARY_BLOCKS: Mapping[str, Callable[[], str]] = {
    name: partial(dictionary.theme, name) for name in schema.load.indicator_themes()
}


@cache
def output(*arguments: str) -> str:
    """Run an ``ipplan`` command and return what it prints; CalledProcessError where it fails."""
    wide = {**os.environ, "COLUMNS": "120"}
    done = subprocess.run([sys.executable, "-m", "ipplan", *arguments], stdout=subprocess.PIPE, env=wide, check=True)
    return "\n".join(line.rstrip() for line in done.stdout.decode("utf-8").strip("\n").splitlines())


def screen(text: str) -> str:
    """Return what a command printed as a block of a document."""
    return f"```text\n{text}\n```\n"


FRONT_RUNS: Mapping[str, Callable[[], str]] = {
    "run": lambda: screen(output("run", "scenarios/fifteenth_plan.toml")),
    "score": lambda: screen(output("hindcast").split("\n\n")[-1]),
}
ODD_RUNS: Mapping[str, Callable[[], str]] = {
    "hindcast": lambda: screen(output("hindcast")),
    "patterns": lambda: screen(output("validate", "--patterns")),
}


def filled(text: str, blocks: Mapping[str, Callable[[], str]]) -> str:
    """Return a document with the blocks of these names written anew; ValueError where one has no place in it."""
    missing = set(blocks) - {match[2] for match in _BLOCK.finditer(text)}
    if missing:
        raise ValueError(f"no '<!-- generated: NAME -->' ... '<!-- end -->' for {sorted(missing)}")

    def block(match: re.Match[str]) -> str:
        return match[1] + (blocks[match[2]]() if match[2] in blocks else match[3]) + match[4]

    return _BLOCK.sub(block, text)


def rewrite(document: Path, blocks: Mapping[str, Callable[[], str]]) -> bool:
    """Write a document anew where its blocks have changed; tells whether they had."""
    before = document.read_text(encoding="utf-8")
    after = filled(before, blocks)
    if after != before:
        document.write_text(after, encoding="utf-8")
    return after != before


def main(arguments: Sequence[str] | None = None) -> int:
    """Refresh the documents below the current folder."""
    parser = argparse.ArgumentParser(prog="python -m ipplan.report.odd", description=__doc__.split("\n")[0])
    parser.add_argument("--runs", action="store_true", help="run the README's commands and show their output in it")
    given = parser.parse_args(arguments)
    if not ODD.is_file():
        print(f"{ODD} is not here: run this in the project's root folder.", file=sys.stderr)
        return 2
    runs = ({**BLOCKS, **ODD_RUNS}, FRONT_RUNS) if given.runs else (BLOCKS, {})
    for document, blocks in zip((ODD, FRONT, DICTIONARY), (*runs, DICTIONARY_BLOCKS), strict=True):
        print(f"{document}: {'rewritten' if rewrite(document, blocks) else 'as it was'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
