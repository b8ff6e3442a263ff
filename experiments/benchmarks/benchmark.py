"""How fast the model is: against mesa agents on the same rules, by scale, by phase, in memory, at the start.

    uv run python experiments/benchmarks/benchmark.py [--quick | --full | --measures SCALE] [--out FILE]

Every measurement runs in a process of its own, on warm kernels, and is the best of some repeats; ratios come from one
run of this script. ``--quick`` (a minute) meets mesa at 1/1000, otherwise at 1/100; ``--full`` adds the whole nation.
``--measures SCALE`` only compares all measures on with none, at that scale (1 is the nation), and keeps nothing.
Prints a table and writes it, with the machine, to ``latest.json`` beside this file: a measurement, never a test.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MONTHS = 168
Numbers = dict[str, Any]

HAPPENINGS = (
    "ideas", "opportunities", "filed", "flagged", "concluded", "reexam_concluded", "never_requested", "renewals_due",
    "used_started", "used_stopped", "meetings", "related_transfer", "invalidated",
)  # fmt: skip
"""Flows that count as an event of someone; a candidate month in which nothing happens does not."""


BEYOND_CORE = ("serve", "govern", "lend", "protect", "go_abroad", "note", "grow", "other_rights", "report",
               "note_provinces")  # fmt: skip
"""Phases of the month that came with the outcomes: without them a right is filed, examined, kept, used and licensed."""

FAINT = 1e-9
"""A strength at which every lever is evaluated and nothing else changes."""


# --- what a child process measures -----------------------------------------------------------------------------------
def measure_run(scale: str, threads: str, repeats: str, what: str = "all") -> Numbers:
    """Whole model, 2017-2030, several times in one process: seconds, filings, events, phases, peak memory.

    ``what`` = "core" leaves out the phases beyond the core, and infringement.
    """
    import resource

    import mesa_peer

    from ipplan.ledger import FLOWS
    from ipplan.levers import PrimitivePaths
    from ipplan.phases import month as steps
    from ipplan.runs.batch import keep_freed_memory
    from ipplan.system import IPSystem, Settings

    keep_freed_memory()  # as `ipplan run` and the study do
    phases = tuple(phase for phase in steps.PHASES if what == "all" or phase.__name__ not in BEYOND_CORE)
    spent = {phase.__name__: 0.0 for phase in phases}

    def timed(phase):
        def run(system, month):
            start = time.perf_counter()
            phase(system, month)
            spent[phase.__name__] += time.perf_counter() - start

        return run

    steps.PHASES = tuple(timed(phase) for phase in phases)
    paths = PrimitivePaths(values=mesa_peer.NOBODY_INFRINGES if what == "core" else {})
    IPSystem(Settings(paths, scale=1e-4, end=2, blocks=2)).run()  # loads the kernels
    best: Numbers = {"run": float("inf"), "build": float("inf")}
    for _ in range(int(repeats)):
        spent.update(dict.fromkeys(spent, 0.0))
        start = time.perf_counter()
        system = IPSystem(Settings(paths, scale=float(Fraction(scale)), end=MONTHS, threads=int(threads)))
        built, busy = time.perf_counter(), time.process_time()
        ledger = system.run()
        ended, busy = time.perf_counter(), time.process_time() - busy
        best["build"] = min(best["build"], built - start)
        if ended - built < best["run"]:
            flows = dict(zip(FLOWS, ledger.flows_monthly.sum(axis=(0, 2, 3)).tolist(), strict=True))
            best |= {"run": ended - built, "processor": busy, "phases": dict(spent), "filings": flows["filed"],
                     "events": sum(flows[name] for name in HAPPENINGS)}  # fmt: skip
        system.close()
        del system, ledger
    return {**best, "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def measure_levers(scale: str, threads: str, repeats: str) -> Numbers:
    """All measures on from the first month against none, by turns in one process: processor time, filings, events.

    ``faint`` has all of them at a strength that changes nothing to speak of: what is left is the price of levers.
    """
    from ipplan import schema
    from ipplan.ledger import FLOWS
    from ipplan.levers import Entry, PrimitivePaths
    from ipplan.system import IPSystem, Settings

    IPSystem(Settings(PrimitivePaths(), scale=1e-4, end=2, blocks=2)).run()
    names = [one.id for one in schema.measures().values() if not one.parts]
    schedules = {"none": (), **{key: tuple(Entry(name, 0, None, strength) for name in names)
                                for key, strength in (("faint", FAINT), ("all", 1.0))}}  # fmt: skip
    best: Numbers = {name: {"run": float("inf"), "build": float("inf")} for name in schedules}
    for _ in range(int(repeats)):
        for name, schedule in schedules.items():
            start, settings = time.process_time(), {"end": MONTHS, "threads": int(threads)}
            system = IPSystem(Settings(PrimitivePaths(schedule), float(Fraction(scale)), **settings))
            built = time.process_time()
            ledger = system.run()
            ended = time.process_time()
            flows = dict(zip(FLOWS, ledger.flows_monthly.sum(axis=(0, 2, 3)).tolist(), strict=True))
            seconds = {"run": min(best[name]["run"], ended - built), "build": min(best[name]["build"], built - start)}
            best[name] = {**seconds, "filings": flows["filed"], "events": sum(flows[one] for one in HAPPENINGS)}
            system.close()
            del system, ledger
    return {"scale": scale, "measures": len(names), **best}


def measure_peer(scale: str, months: str) -> Numbers:
    """Mesa agents, and our kernels on the same start with 1 and 2 threads: seconds of the months."""
    import mesa_peer

    mesa_peer.emptied(1e-4, 2).run()
    ours: dict[str, float] = {}
    totals = []
    for run, threads in enumerate((1, 1, 1, 2, 2, 2)):  # wall-clock time on both sides
        system = mesa_peer.emptied(float(Fraction(scale)), int(months), draws=run + 1, threads=threads)
        start = time.perf_counter()
        ledger = system.run()
        ours[str(threads)] = min(ours.get(str(threads), float("inf")), time.perf_counter() - start)
        totals.append(mesa_peer.of_ledger(ledger))
    peer, seconds = mesa_peer.run_peer(float(Fraction(scale)), int(months))
    filings = sum(int(number) for (name, _), number in peer.items() if name == "filed")
    return {"peer": seconds, "ours": ours, "filings": filings,
            "differ": [row[:-1] for row in mesa_peer.compare(peer, totals) if not row[-1]]}  # fmt: skip


def measure_first_month() -> Numbers:
    """The wall-clock time at which this fresh process has run its first month (1/1000)."""
    from ipplan.levers import PrimitivePaths
    from ipplan.system import IPSystem, Settings

    IPSystem(Settings(PrimitivePaths(), scale=1e-3, end=MONTHS)).step()
    return {"at": time.time()}


def measure_all_kernels() -> Numbers:
    """Processor seconds of a process in which every kernel has run once (months in two blocks)."""
    from ipplan.levers import PrimitivePaths
    from ipplan.system import IPSystem, Settings

    IPSystem(Settings(PrimitivePaths(), scale=1e-4, end=2, blocks=2)).run()
    return {"seconds": time.process_time()}


# --- the parent ------------------------------------------------------------------------------------------------------
def child(*what: str, **environment: str) -> Numbers:
    """Run one of the measurements above in a fresh process and return what it found."""
    found = subprocess.run(
        [sys.executable, __file__, "--child", *what], capture_output=True, text=True, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip
    if found.returncode != 0:
        raise SystemExit(f"measurement {' '.join(what)} failed:\n{found.stderr}")
    numbers: Numbers = json.loads(found.stdout.splitlines()[-1])
    return numbers


def machine() -> Numbers:
    """Return what the numbers were measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = [line.split(":")[1].strip() for line in lines if "model name" in line]
    return {
        "date": time.strftime("%Y-%m-%d"), "processor": model[0] if model else platform.processor(),
        "processors": len(os.sched_getaffinity(0)), "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load_before": os.getloadavg()[0], "python": platform.python_version(), "system": platform.platform(),
        "packages": {name: version(name) for name in ("numpy", "numba", "llvmlite", "mesa")},
    }  # fmt: skip


def first_month() -> float:
    """Return the seconds from starting a process to its first simulated month, kernels cached; the best of five."""
    best = float("inf")
    for _ in range(5):
        start = time.time()
        best = min(best, child("first_month")["at"] - start)
    return best


def measure(quick: bool, full: bool) -> Numbers:
    """Take all measurements."""
    found: Numbers = {"machine": machine(), "months": MONTHS}
    with tempfile.TemporaryDirectory() as empty:
        cold = child("all_kernels", IPPLAN_CACHE=empty, NUMBA_CACHE_DIR="")["seconds"]
    child("all_kernels")  # from here on the kernels are on disk
    found["cold_compile"] = cold - child("all_kernels")["seconds"]
    found["first_month"] = first_month()
    scale, months = ("1/1000", 60) if quick else ("1/100", 168 if full else 60)
    found["peer"] = {"scale": scale, "months": months, **child("peer", scale, str(months))}
    found["levers"] = child("levers", "1/100", "1", "3")
    found["runs"] = {}
    scales = [("1/1000", 7), ("1/100", 3)] + ([] if quick else [("1/10", 1)]) + ([("1", 1)] if full else [])
    for scale, repeats in scales:
        for threads in (1, 2):
            if threads == 2 and scale == "1/1000":  # one block: nothing to share
                continue
            name = f"{scale}, {threads} thread{'s' * (threads > 1)}"
            found["runs"][name] = child("run", scale, str(threads), str(repeats))
    found["runs"]["1/1000, core"] = child("run", "1/1000", "1", "7", "core")
    if full:
        found["runs"]["1, 2 threads, core"] = child("run", "1", "2", "1", "core")
    return found


def show_levers(found: Numbers) -> None:
    """Print what all measures cost against none."""
    print(f"\n{found['measures']} measures on against none, {found['scale']}, one process by turns (processor time)")
    for name in ("none", "faint", "all"):
        run = found[name]
        filing, event = (run["run"] / run[unit] * 1e9 for unit in ("filings", "events"))
        print(f"  {name:5s} build {run['build']:6.2f} s  run {run['run']:8.2f} s  {filing:8,.0f} ns a filing  "
              f"{event:8,.0f} ns an event")
    none = found["none"]
    for name, what in (("faint", "the levers alone (all at no strength to speak of)"), ("all", "all at strength 1")):
        run = found[name]
        ratios = {unit: run["run"] / run[unit] / (none["run"] / none[unit]) for unit in ("filings", "events")}
        print(f"  {what}, over none: {run['run'] / none['run']:.3f} in all, {ratios['filings']:.3f} a filing, "
              f"{ratios['events']:.3f} an event")


def show(found: Numbers) -> None:
    """Print the table."""
    about = found["machine"]
    print(f"{about['processor']}, {about['processors']} processors, load {about['load_before']:.1f} before; "
          f"Python {about['python']}, {', '.join(f'{k} {v}' for k, v in about['packages'].items())}\n")
    peer = found["peer"]
    print(f"Same rules, {peer['scale']}, {peer['months']} months, {peer['filings']:,} filings")
    print(f"  mesa agents {peer['peer']:9.2f} s  {peer['peer'] / peer['filings'] * 1e9:9,.0f} ns a filing")
    for threads, seconds in peer["ours"].items():
        print(f"  ours, {threads} thread{'s' * (threads != '1'):1s} {seconds:8.3f} s  "
              f"{seconds / peer['filings'] * 1e9:9,.0f} ns a filing   1/{peer['peer'] / seconds:.0f} of mesa")
    for row in peer["differ"]:
        print(f"  totals differ: {row}")
    print(f"\nWhole model, 2017-2030 ({found['months']} months)")
    print(f"  {'scale':20s} {'build s':>8s} {'run s':>8s} {'CPU s':>8s} {'ns/filing':>10s} {'events/s':>12s} "
          f"{'peak MB':>8s}")
    for name, run in found["runs"].items():
        print(f"  {name:20s} {run['build']:8.2f} {run['run']:8.2f} {run['processor']:8.2f} "
              f"{run['run'] / run['filings'] * 1e9:10,.0f} {run['events'] / run['run']:12,.0f} "
              f"{run['peak_memory'] / 1e6:8,.0f}")
    show_levers(found["levers"])
    print("\nShare of time by phase")
    for name, run in found["runs"].items():
        shares = "  ".join(f"{phase} {seconds / run['run']:.0%}" for phase, seconds in run["phases"].items())
        print(f"  {name:20s} {shares}")
    print(f"\nFresh process to its first month {found['first_month']:.2f} s; "
          f"cold compile {found['cold_compile']:.1f} s of processor time")


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(globals()[f"measure_{sys.argv[2]}"](*sys.argv[3:])))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="mesa at 1/1000, no scale above 1/100")
    size.add_argument("--full", action="store_true", help="also the whole nation, and mesa over 168 months")
    size.add_argument("--measures", metavar="SCALE", help="only all measures on against none, such as 1/10")
    parser.add_argument("--out", type=Path, default=HERE / "latest.json", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.measures:
        show_levers(child("levers", arguments.measures, "1", "3"))
        return 0
    found = measure(arguments.quick, arguments.full)
    show(found)
    arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
