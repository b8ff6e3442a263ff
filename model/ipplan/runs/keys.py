"""The key of a run, and the seeds of its replicates: pure functions of what decides the numbers."""

from __future__ import annotations

import hashlib
import json

from ipplan.runs.code import code_hash, environment
from ipplan.scenario import Resolved

KEY_DIGITS = 12
"""Digits of the key in a folder's name; the manifest holds the whole key."""


def run_key(resolved: Resolved) -> str:
    """Return the key of a run, 32 hexadecimal digits.

    It covers the code and tables of the package, Python and the packages that compute, and the scenario as resolved:
    horizon, scale, seed, replicates, every primitive, the schedule, own measures, targets, and all of that for the
    baseline. Not the name of the file, comments, the number of workers, or the versions of packages that only draw.
    """
    digest = hashlib.blake2b(digest_size=16, person=b"ipplan run")
    digest.update(json.dumps([code_hash(), environment()], sort_keys=True).encode())
    digest.update(resolved.canonical())
    return digest.hexdigest()


def replicate_seed(seed: int, replicate: int) -> int:
    """Return the 32-bit seed of a replicate; baseline and plan share it (common random numbers).

    For one ``seed`` the map is a bijection of 32-bit numbers (a keyed offset, then the finaliser of MurmurHash3), so
    no two replicates ever share a seed; replicate r has the same seed however many replicates are run.
    """
    key = hashlib.blake2b(seed.to_bytes(8, "little"), digest_size=4, person=b"ipplan seed").digest()
    x = (int.from_bytes(key, "little") + replicate * 0x9E3779B9) & 0xFFFFFFFF
    x ^= x >> 16
    x = (x * 0x85EBCA6B) & 0xFFFFFFFF
    x ^= x >> 13
    x = (x * 0xC2B2AE35) & 0xFFFFFFFF
    return x ^ (x >> 16)
