"""Running scenarios: keys, seeds, ensembles over processes, and the folders in which results land."""

from ipplan.runs.batch import (
    BASELINE,
    EVIDENCED,
    PLAN,
    Batch,
    Done,
    Failed,
    processors,
    simulate,
)
from ipplan.runs.compiling import is_compiled
from ipplan.runs.keys import KEY_DIGITS, replicate_seed, run_key
from ipplan.runs.manifest import command, manifest
from ipplan.runs.store import Draft, clean, holds, is_whole, read_manifest

__all__ = [
    "BASELINE",
    "EVIDENCED",
    "KEY_DIGITS",
    "PLAN",
    "Batch",
    "Done",
    "Draft",
    "Failed",
    "clean",
    "command",
    "holds",
    "is_compiled",
    "is_whole",
    "manifest",
    "processors",
    "read_manifest",
    "replicate_seed",
    "run_key",
    "simulate",
]
