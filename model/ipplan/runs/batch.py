"""Runs of a scenario and its baseline over seeds, side by side on threads, delivered in one fixed order.

Compiled kernels release the GIL, so threads suffice; every draw is keyed, so nothing depends on who runs when.
A run that fails is reported and the others go on.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ipplan.errors import InputError
from ipplan.levers import PrimitivePaths
from ipplan.runs.keys import replicate_seed
from ipplan.scenario import Resolved
from ipplan.scenario.reading import plain

if TYPE_CHECKING:
    from ipplan.indicators import IndicatorFrame

BASELINE, PLAN, EVIDENCED = "baseline", "plan", "evidenced"
_POLL_SECONDS = 0.1
_MEMORY_OF_NATION = 4e9
_MEMORY_OF_ANY = 1.5e8

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


class Stopped(Exception):
    """Raised inside a run when the ensemble is being given up."""


def simulate(
    resolved: Resolved,
    seed: int,
    paths: PrimitivePaths | None = None,
    threads: int = 1,
    tick: Tick | None = None,
    stop: threading.Event | None = None,
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
            if stop is not None and stop.is_set():
                raise Stopped
            system.step()
            if tick is not None:
                tick(1)
        ledger = system.ledger
    finally:
        system.close()
    return evaluate(ledger, drivers.path("population", range(resolved.end), resolved.drivers))


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

    def __init__(self, resolved: Resolved, workers: int | None = None, tick: Tick | None = None) -> None:
        self.resolved = resolved
        self.workers = processors() if workers is None else workers
        self.tick = tick
        sides = [(PLAN, resolved)] if resolved.baseline is None else [(BASELINE, resolved.baseline), (PLAN, resolved)]
        if resolved.evidenced:
            sides.append((EVIDENCED, resolved.with_evidence_only()))
        self.runs = tuple(run for run, _ in sides)
        shared = [(run, side, side.paths()) for run, side in sides]
        self._jobs = [_Job(run, r, side, paths) for r in range(resolved.replicates) for run, side, paths in shared]

    @property
    def months(self) -> int:
        """Return how many months all runs have together."""
        return len(self._jobs) * self.resolved.months

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self._jobs)

    def __iter__(self) -> Iterator[Done | Failed]:
        """Run everything; results come in the order of replicates, baseline before plan, as early as that allows."""
        runs, threads = side_by_side(float(self.resolved.scale), len(self._jobs), self.workers)
        stop = threading.Event()
        waiting = iter(self._jobs)
        pool = ThreadPoolExecutor(runs, thread_name_prefix="ipplan")
        try:
            # a few jobs ahead of the workers: finished frames that wait for their turn stay few
            queue: list[Future[Done | Failed]] = [
                pool.submit(self._run, job, threads, stop) for job in islice(waiting, 4 * runs)
            ]
            while queue:
                first = queue.pop(0)
                while not first.done():  # short waits, so that Ctrl-C is heard at once
                    wait([first], timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
                queue += [pool.submit(self._run, job, threads, stop) for job in islice(waiting, 1)]
                yield first.result()
        finally:
            stop.set()  # runs end at their next month; nobody waits for one that is being compiled
            pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, job: _Job, threads: int, stop: threading.Event) -> Done | Failed:
        seed = replicate_seed(self.resolved.seed, job.replicate)
        try:
            frame = simulate(job.resolved, seed, job.paths, threads, self.tick, stop)
        except Stopped:
            return Failed(job.run, job.replicate, "stopped")
        except Exception as error:  # noqa: BLE001 - a sweep must not lose its other runs; the manifest lists this one
            return Failed(job.run, job.replicate, one_line(error))
        return Done(job.run, job.replicate, frame)


def one_line(error: BaseException) -> str:
    """Return an error as one line: its kind and what it says."""
    said = plain(error, 300)
    return said if isinstance(error, InputError) else f"{type(error).__name__}: {said}"
