"""Where a run lands: a folder that is either whole or not there.

Everything is written into a hidden folder beside the target, ``.<name>.partial-<pid>``, the manifest last, and the
folder is renamed when it is complete. A process that dies leaves only the hidden one; its lock dies with it, so
the next run knows that nobody is writing there and removes it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from ipplan.errors import InputError
from ipplan.scenario.reading import plain, shown_path

MANIFEST = "manifest.json"
_LOCK = ".lock"
_PARTIAL = re.compile(r"\..+\.partial-(\d+)(-old)?")


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a run folder, None if there is none that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "key" in found else None


def is_whole(folder: Path) -> bool:
    """Return whether a folder holds a complete run: the manifest says so, and every file it lists has its size."""
    manifest = read_manifest(folder)
    if manifest is None or manifest.get("complete") is not True or not isinstance(manifest.get("files"), dict):
        return False
    for name, about in manifest["files"].items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != about.get("bytes"):
            return False
    return True


def holds(folder: Path, key: str) -> bool:
    """Return whether a folder holds the complete run with this key."""
    manifest = read_manifest(folder)
    return manifest is not None and manifest["key"] == key and is_whole(folder)


class Draft:
    """A run folder in the making. Use it as a context: what is not committed is removed again."""

    def __init__(self, target: Path, key: str, replace: bool = False) -> None:
        """Claim ``target`` for the run ``key``; raises InputError if it cannot be written or belongs to others.

        ``replace`` allows another finished run in its place to be replaced; files of other origin are never touched.
        """
        self.target = target
        self.key = key
        self.replace = replace
        self.folder = self.target.with_name(f".{target.name}.partial-{os.getpid()}")
        self._lock: int | None = None
        self._made = False
        self._check_target()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            clean(target.parent)
            self.folder.mkdir()
            self._made = True
            self._lock = os.open(self.folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o644)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.discard()
            blocked = isinstance(error, FileExistsError | NotADirectoryError)
            reason = "a file stands in the way" if blocked else plain(error.strerror or error)
            raise InputError(f"{shown_path(target.parent)}: results cannot be written here ({reason}); name another "
                             "folder with --results or --out.") from None

    def _check_target(self) -> None:
        name, target = shown_path(self.target), self.target
        try:
            if not target.exists() and not target.is_symlink():
                return
            if not target.is_dir():
                raise InputError(f"{name}: this is a file; name a folder that is new or empty.")
            if not any(target.iterdir()):
                return
        except OSError as error:
            raise InputError(f"{name}: results cannot be written here ({plain(error.strerror or error)}).") from None
        manifest = read_manifest(target)
        if manifest is None or "files" not in manifest:
            raise InputError(f"{name}: this folder holds files that are no run; name a folder that is new or empty.")
        if manifest["key"] != self.key and not self.replace:
            raise InputError(f"{name}: this folder holds another run; name a folder that is new or empty, or let "
                             "--force replace it.")

    def __enter__(self) -> Self:
        """Return the draft; files go into ``folder``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what was not committed."""
        self.discard()

    def commit(self, manifest: Mapping[str, Any]) -> Path:
        """Write the manifest with the list of files, give the folder its name, and return it.

        If another process finished the same run meanwhile, its folder stays and this one is dropped.
        """
        files = {path.relative_to(self.folder).as_posix(): path for path in sorted(self.folder.rglob("*"))
                 if path.is_file() and path.name != _LOCK}
        about = {name: {"bytes": path.stat().st_size, "blake2b": _file_hash(path)} for name, path in files.items()}
        whole = {**manifest, "key": self.key, "files": about, "complete": True}
        text = json.dumps(whole, indent=2, ensure_ascii=True) + "\n"
        (self.folder / MANIFEST).write_text(text, encoding="utf-8")
        (self.folder / _LOCK).unlink()
        if not self.replace and holds(self.target, self.key):
            self.discard()
            return self.target
        old = self.target.with_name(f".{self.target.name}.partial-{os.getpid()}-old")
        if self.target.is_dir() and any(self.target.iterdir()):
            self.target.rename(old)
        self.folder.rename(self.target)
        self._made = False
        shutil.rmtree(old, ignore_errors=True)
        self._release()
        return self.target

    def discard(self) -> None:
        """Remove the hidden folder if it is still there."""
        if self._made:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._made = False
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def clean(parent: Path) -> list[Path]:
    """Remove the hidden folders in ``parent`` that dead processes left; return them."""
    removed = []
    for path in sorted(parent.glob(".*.partial-*")):
        match = _PARTIAL.fullmatch(path.name)
        if match and path.is_dir() and not path.is_symlink() and _abandoned(path, int(match.group(1))):
            shutil.rmtree(path, ignore_errors=True)
            removed.append(path)
    return removed


def _abandoned(path: Path, pid: int) -> bool:
    """Return whether nobody writes here any more: the lock is free, or there is none and the process is gone."""
    try:
        lock = os.open(path / _LOCK, os.O_RDWR)
    except FileNotFoundError:  # between two steps of a living process, or of one that died there
        ours = not any(path.iterdir()) or (path / MANIFEST).is_file()
        return ours and not _alive(pid)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
