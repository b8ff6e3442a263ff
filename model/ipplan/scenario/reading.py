"""From a path to a TOML table: every way in which a file can be unreadable, said in one sentence."""

from __future__ import annotations

import tomllib
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Any

from ipplan.errors import InputError, nearest

MAX_BYTES = 1_000_000
"""A scenario is a page or two of text; a larger file is something else."""
MAX_DEPTH = 12
"""No key of the format lies deeper than six tables."""


def plain(text: object, limit: int = 80) -> str:
    """Return ``text`` on one line, printable, and not longer than ``limit`` characters."""
    try:
        whole = str(text)
    except ValueError:  # an integer of thousands of digits
        return "a huge number"
    shown = "".join(c if printable(c) else f"\\x{ord(c):02x}" for c in whole[: limit + 1])
    shown = shown.encode("utf-8", "backslashreplace").decode("utf-8")
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def printable(character: str) -> bool:
    """Return whether a character shows on a line: letters, signs, and spaces of any width, but no control."""
    return character.isprintable() or unicodedata.category(character) == "Zs"


def shown_path(path: Path) -> str:
    """Return a path as people see it: relative to the working folder where it lies below it."""
    with suppress(ValueError, OSError, RuntimeError):  # elsewhere on the disk, or a loop of links: shown as given
        path = path.resolve().relative_to(Path.cwd())
    return plain(path, 300)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a scenario file; raises InputError if it is absent, no file, unreadable or too large."""
    name = shown_path(path)
    try:
        if path.is_dir():
            raise InputError(f"{name}: this is a folder; name a scenario file such as scenarios/baseline.toml.")
        if not path.exists():
            raise InputError(f"{name}: there is no such file.{_neighbour(path)}")
        if not path.is_file():
            raise InputError(f"{name}: this is not a regular file; a scenario is a TOML text file.")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({plain(error.strerror or error)}).") from None
    except ValueError as error:  # a null character inside a name
        raise InputError(f"{name}: is not a usable file name ({plain(error)}).") from None
    if len(content) > MAX_BYTES:
        raise InputError(f"{name}: is larger than {MAX_BYTES:,} bytes; a scenario is a short text, so this must be "
                         "another file.")
    return content


def _neighbour(path: Path) -> str:
    """Suggest the scenario beside ``path``, or in the scenarios folder, whose name comes nearest."""
    folders = [path.parent, Path("scenarios")]
    stems: dict[str, Path] = {}
    for folder in folders:
        if folder.is_dir():
            for other in sorted(folder.glob("*.toml")):
                stems.setdefault(other.stem, other)
    hint = nearest(path.stem, stems)
    for stem, other in stems.items():
        if hint.endswith(f"'{stem}'?"):
            return f" Did you mean '{plain(other, 200)}'?"
    return ""


def parse(content: bytes, name: str) -> dict[str, Any]:
    """Return the table of a TOML file; ``name`` is how the file is called in messages."""
    if not content.strip():
        raise InputError(f"{name}: the file is empty; a scenario needs at least a title and an end ('to').")
    if b"\x00" in content:
        raise InputError(f"{name}: this is a binary file; a scenario is TOML text in UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{name}: line {line} is not UTF-8 text; save the file as UTF-8.") from None
    try:
        table = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: is not valid TOML: {_toml_reason(error, text)}") from None
    except RecursionError:
        raise InputError(f"{name}: is not valid TOML: it is nested too deeply.") from None
    except ValueError as error:  # such as an integer of thousands of digits
        raise InputError(f"{name}: is not valid TOML: {plain(error, 120)}.") from None
    if _depth(table, MAX_DEPTH) > MAX_DEPTH:
        raise InputError(f"{name}: is nested too deeply; a scenario needs at most six levels.")
    return table


def _toml_reason(error: Exception, text: str) -> str:
    """Return the parser's reason, with the fix for the most common slip: a month without quotes."""
    reason = plain(error, 160)
    place = reason.rpartition("at line ")[2].split(",")[0]
    if place.isdigit() and int(place) <= len(lines := text.splitlines()):
        key, equals, value = lines[int(place) - 1].partition("=")
        value = value.split("#")[0].strip()
        if equals and len(value) == 7 and value[4] == "-" and value.replace("-", "").isdigit():
            return f'{reason}; a month stands in quotes: {plain(key.strip(), 40)} = "{value}".'
        if equals and value and value[0] not in "\"'[{-+" and not value[0].isdigit() and value not in ("true", "false"):
            return f'{reason}; text stands in quotes: {plain(key.strip(), 40)} = "{plain(value, 40)}".'
    return f"{reason}."


def _depth(value: Any, limit: int) -> int:
    """Return the depth of nested tables and arrays, at most ``limit + 1``; without recursion."""
    level, depth = [value], 0
    while level and depth <= limit:
        following: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                following.extend(item.values())
            elif isinstance(item, list):
                following.extend(item)
        depth, level = depth + 1, following
    return depth
