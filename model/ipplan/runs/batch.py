"""Runs of a scenario and its baseline over seeds, side by side on processes, delivered in one fixed order.

Every draw is keyed, so nothing depends on who runs when. A run that fails is reported and the others go on.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ipplan.errors import InputError
from ipplan.levers import PrimitivePaths
from ipplan.runs import forked
from ipplan.runs.compiling import compile_all, run_small_world
from ipplan.runs.keys import replicate_seed
from ipplan.scenario import Resolved
from ipplan.scenario.reading import plain

if TYPE_CHECKING:
    from ipplan.indicators import IndicatorFrame

BASELINE, PLAN, EVIDENCED = "baseline", "plan", "evidenced"
_MEMORY_OF_NATION = 4e9
_MEMORY_OF_ANY = 1.5e8
_KEPT_TABLE = 32 * 2**20
_MALLOC_GIVE_BACK, _MALLOC_FROM_SYSTEM = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h

Tick = Callable[[int], None]
"""Called with the number of months that have been simulated since the last call."""


@dataclass(frozen=True)
class Done:
    """A run that came to its end."""

    run: str
    replicate: int
    frame: IndicatorFrame


@dataclass(frozen=True)
class Failed:
    """A run that did not, and why, in one line."""

    run: str
    replicate: int
    reason: str


def simulate(
    resolved: Resolved,
    seed: int,
    paths: PrimitivePaths | None = None,
    threads: int = 1,
    tick: Tick | None = None,
) -> IndicatorFrame:
    """Return the indicators of one run of a scenario (without its baseline).

    ``seed`` is the seed of the world itself (see ``replicate_seed``); ``paths`` may be shared between runs of the
    same scenario. The result does not depend on ``threads``.
    """
    from ipplan import drivers  # compiled code takes a second to load: only when there is something to run
    from ipplan.indicators import evaluate
    from ipplan.system import IPSystem, Settings

    settings = Settings(
        paths=resolved.paths() if paths is None else paths,
        scale=float(resolved.scale),
        seed=seed,
        end=resolved.end,
        threads=threads,
        drivers=resolved.drivers,
    )
    system = IPSystem(settings)
    try:
        for _ in range(resolved.months):
            system.step()
            if tick is not None:
                tick(1)
        ledger = system.ledger
    finally:
        system.close()
    return evaluate(ledger, drivers.path("population", range(resolved.end), resolved.drivers))


def load() -> None:
    """Load the compiled code, or compile it the first time, by running a small world for a year and a month.

    From here on the process keeps the memory that it has freed.
    """
    from ipplan import indicators  # noqa: F401

    keep_freed_memory()
    compile_all(processors())
    run_small_world()


def keep_freed_memory() -> None:
    """Keep what a run has freed for the next run of this process, where the system's allocator can be told to (glibc).

    Otherwise it goes back to the system and comes again page by page, cleared: an eighth of the time of runs at 1/1000.
    Tables of large runs (above ``_KEPT_TABLE``) still go back.
    """
    import ctypes

    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    set_option(_MALLOC_FROM_SYSTEM, _KEPT_TABLE)
    set_option(_MALLOC_GIVE_BACK, 8 * _KEPT_TABLE)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _free_memory() -> float:
    """Return the bytes of memory that may be used without swapping, or a cautious guess."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return 4e9


def side_by_side(scale: float, jobs: int, workers: int) -> tuple[int, int]:
    """Return (runs at a time, threads a run): many small runs side by side, one large run over all processors."""
    need = _MEMORY_OF_ANY + _MEMORY_OF_NATION * scale
    fitting = int(0.8 * _free_memory() / need)
    runs = max(1, min(workers, jobs, fitting))
    return runs, max(1, workers // runs)


@dataclass(frozen=True)
class _Job:
    run: str
    replicate: int
    resolved: Resolved
    paths: PrimitivePaths


class Batch:
    """All runs of a scenario and its baseline: iterate for one ``Done`` or ``Failed`` each, replicate by replicate."""

    def __init__(self, resolved: Resolved, workers: int | None = None) -> None:
        self.resolved = resolved
        self.workers = processors() if workers is None else workers
        sides = [(PLAN, resolved)] if resolved.baseline is None else [(BASELINE, resolved.baseline), (PLAN, resolved)]
        if resolved.evidenced:
            sides.append((EVIDENCED, resolved.with_evidence_only()))
        self.runs = tuple(run for run, _ in sides)
        shared = [(run, side, side.paths()) for run, side in sides]
        self._jobs = [_Job(run, r, side, paths) for r in range(resolved.replicates) for run, side, paths in shared]
        self._at_once, self._threads = side_by_side(float(resolved.scale), len(self._jobs), self.workers)
        self._told = np.frombuffer(mmap.mmap(-1, 8 * self._at_once), np.int64)  # [worker], shared with forks

    @property
    def months(self) -> int:
        """Return how many months all runs have together."""
        return len(self._jobs) * self.resolved.months

    @property
    def simulated(self) -> int:
        """Return how many months have been simulated so far."""
        return int(self._told.sum())

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self._jobs)

    def __iter__(self) -> Iterator[Done | Failed]:
        """Start all runs; results come in the order of replicates, baseline before plan, as early as that allows."""
        load()  # or every process would
        self._told[:] = 0
        self._parent = os.getpid()
        return forked.in_order(len(self._jobs), self._at_once, self._run, self._lost)

    def _run(self, number: int) -> Done | Failed:
        job = self._jobs[number]

        def tick(months: int) -> None:
            self._told[number % self._at_once] += months
            if os.getppid() != self._parent:  # it was killed: nobody wants this run any more
                os._exit(1)

        try:
            frame = simulate(
                job.resolved, replicate_seed(self.resolved.seed, job.replicate), job.paths, self._threads, tick
            )
        except Exception as error:  # noqa: BLE001 - a sweep must not lose its other runs; the manifest lists this one
            return Failed(job.run, job.replicate, one_line(error))
        return Done(job.run, job.replicate, frame)

    def _lost(self, number: int) -> Failed:
        job = self._jobs[number]
        return Failed(job.run, job.replicate, "its process was ended from outside (memory may have run out)")


def one_line(error: BaseException) -> str:
    """Return an error as one line: its kind and what it says."""
    said = plain(error, 300)
    return said if isinstance(error, InputError) else f"{type(error).__name__}: {said}"
