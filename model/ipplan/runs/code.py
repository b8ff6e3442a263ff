"""Which code and which packages produced a run: half of its key."""

from __future__ import annotations

import hashlib
import platform
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import ipplan

COMPUTING = ("numpy", "scipy", "numba", "llvmlite", "mesa")
"""Packages whose version may change a number; they are part of a run's key."""
SHOWING = ("matplotlib", "pyarrow", "pydantic", "rich")
"""Packages that only read files and write tables and pictures; named in the manifest, no part of the key."""
_SUFFIXES = (".py", ".toml", ".csv")


@cache
def code_hash() -> str:
    """Return a hash (32 hexadecimal digits) over all sources and tables of the package.

    Pictures and the command line are in it too: a folder that is reused must be what this code would have written.
    """
    package = Path(ipplan.__file__).parent
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(package.rglob("*"), key=lambda found: found.relative_to(package).as_posix()):
        name = path.relative_to(package)
        if path.suffix in _SUFFIXES and path.is_file():
            content = path.read_bytes()
            digest.update(f"{name.as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def versions(names: tuple[str, ...]) -> dict[str, str]:
    """Return name -> version of installed packages; ``absent`` for one that is not installed."""
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def environment() -> dict[str, str]:
    """Return what else decides the last bit of a number: Python, the computing packages, the kind of processor."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"python": python, "machine": platform.machine(), **versions(COMPUTING)}
