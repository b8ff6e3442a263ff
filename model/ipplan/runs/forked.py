"""Jobs side by side on forked processes, their results in the order of the jobs.

Most of a small run is Python, which threads of one process do one after the other; processes do not. A fork starts at
once and has all that is loaded, compiled code too, so nothing is sent to a worker. Worker w does the jobs w, w + n,
w + 2n, ... of n workers, and its results wait in its pipe for their turn.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

Result = TypeVar("Result")


def in_order(
    number: int, workers: int, work: Callable[[int], Result], lost: Callable[[int], Result]
) -> Iterator[Result]:
    """Start the workers and return the results of the jobs 0 to ``number`` - 1 as they come, in that order.

    ``lost`` stands in for the result of a job whose process died; the jobs after it go to a new process. Where the
    system has no forks (Windows), the jobs run in this process.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        return map(work, range(number))
    running = [_Worker(work, range(first, number, workers)) for first in range(workers)]

    def results() -> Iterator[Result]:
        try:
            for job in range(number):
                place = job % workers
                try:
                    found = running[place].result()
                except EOFError:
                    found = lost(job)
                    running[place] = _Worker(work, range(job + workers, number, workers))
                yield found
        finally:
            for worker in running:
                worker.end()

    return results()


def as_they_end(number: int, workers: int, work: Callable[[int], Result]) -> Iterator[Result]:
    """Start the workers and return the results of the jobs 0 to ``number`` - 1 as they end; each takes the next job.

    Where a process dies, the result of its job is missing. This needs a system with forks.
    """
    next_job = multiprocessing.get_context("fork").Value("q", 0)

    def taken() -> Iterator[int]:
        while True:
            with next_job.get_lock():
                job = next_job.value
                next_job.value = job + 1
            if job >= number:
                return
            yield job

    running = [_Worker(work, taken()) for _ in range(min(workers, number))]
    pipes = {worker.pipe: worker for worker in running}
    try:
        while pipes:
            for pipe in connection.wait(list(pipes)):
                try:
                    yield pipes[pipe].result()  # type: ignore[index]
                except EOFError:
                    del pipes[pipe]  # type: ignore[arg-type]
    finally:
        for worker in running:
            worker.end()


class _Worker(Generic[Result]):
    """A forked process that does some jobs one after the other."""

    def __init__(self, work: Callable[[int], Result], jobs: Iterable[int]) -> None:
        fork = multiprocessing.get_context("fork")
        self.pipe, ours = fork.Pipe(duplex=False)
        self._process = fork.Process(target=_do, args=(work, jobs, ours), daemon=True)
        with warnings.catch_warnings():  # Python 3.12 warns where there are threads, such as BLAS's own, which wait
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        ours.close()

    def result(self) -> Result:
        """Wait for the next result; EOFError if there will be none."""
        found: Result = self.pipe.recv()
        return found

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _do(work: Callable[[int], Result], jobs: Iterable[int], results: Connection) -> None:
    gc.freeze()  # what was there before the fork stays: looking through it would copy its pages
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the first process ends the others
    _close_all_but(results.fileno())
    with suppress(BrokenPipeError):  # nobody waits for results any more
        for job in jobs:
            results.send(work(job))


def _close_all_but(ours: int) -> None:
    """Close inherited files: a lock, or the end of a pipe, must go with the process that opened it."""
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - a bare number is wanted
        if int(name) not in (0, 1, 2, ours):
            with suppress(OSError):
                os.close(int(name))
