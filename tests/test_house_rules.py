"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "model" / "ipplan").rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT / "model").as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_draws_come_from_the_keyed_streams_only(path: Path) -> None:
    """Neither mesa's generators (``model.rng``, ``agent.random``) nor numpy's: a shared one would misalign pairs."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("rng", "random", "default_rng"), f"line {node.lineno}: .{node.attr}"
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & {"random", "secrets"}, f"line {node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_error_is_swallowed(path: Path) -> None:
    handlers = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.ExceptHandler)]  # fmt: skip
    assert [one.lineno for one in handlers if all(isinstance(line, ast.Pass) for line in one.body)] == []


PLAIN = {0.0, 1.0, 2.0, 0.5, 12.0}
"""Numbers that need no word: nothing, one, twice, a half (rounding, the middle), months of a year."""
SMALL = "keeps a division or a logarithm finite"
EXPLAINED: dict[str, dict[float, str]] = {
    "agents/agencies.py": {0.6180339887498949: "golden ratio: evenly spread draws"},
    "agents/applicants.py": {
        0.6180339887498949: "golden ratio: evenly spread draws",
        **dict.fromkeys((1.5, 0.4, 0.3, 0.1, 0.2), "work that rows make: blocks are cut by it, no result is"),
    },
    "agents/examiners.py": {},
    "agents/holders.py": {},
    "agents/producers.py": {},
    "phases/adoption.py": {},
    "phases/agency_market.py": {1e-6: SMALL, 1e-9: SMALL},
    "phases/awareness.py": {},
    "phases/bad_faith.py": {600.0: "gains beyond are certainty"},
    "phases/brand_licences.py": {30.0: "log yuan beyond would not fit 64 bits"},
    "phases/burden.py": {0.01: "hours saved never make a filing pay", 1e-9: SMALL},
    "phases/chances.py": {1.25: "headroom of the bound: a matter of work"},
    "phases/conclusion.py": {},
    "phases/conduct.py": {},
    "phases/drafts.py": {},
    "phases/effort.py": {},
    "phases/examination.py": {24.0: "unit of search productivity: per hour of a case of 24 hours"},
    "phases/filing.py": {
        0.125: "step of the grid of returns", 1.001: "just inside the grid's last cell",
        25.0: "log returns beyond change no choice", 40.0: "logits beyond are certainty",
        1e6: "more than anybody would pay",
    },
    "phases/indications.py": {},
    "phases/intake.py": {30.0: "logits beyond are certainty", 1.01: "a geometric time has a mean above one"},
    "phases/invention.py": {},
    "phases/learning.py": {1e-9: SMALL},
    "phases/linkage.py": {},
    "phases/marks_abroad.py": {600.0: "gains beyond are certainty"},
    "phases/joint.py": {0.06: "share of joint patents in 2017: unit of the hazards of use"},
    "phases/market.py": {
        1e-9: SMALL, 20.0: "log returns beyond change no deal", 1000.0: "buyers are counted per 1,000 firms",
        0.15: "weight of conversions in 2017: unit of the effort for them",
    },
    "phases/gauges.py": {1e-9: SMALL, 100.0: "percent"},
    "phases/memory.py": {},
    "phases/lines.py": {100.0: "cases below which counts give way to shares", 6.0: "months of line that still hurry"},
    "phases/month.py": {},
    "phases/other_rights.py": {},
    "phases/registrations.py": {1e18: "more than any object is worth", 1e-9: SMALL},
    "phases/places.py": {},
    "phases/provinces.py": {0.01: "provinces act anew beyond this change: a matter of work", 100.0: "percent"},
    "phases/reckoning.py": {},
    "phases/cancellation.py": {},
    "phases/opposition.py": {},
    "phases/portfolio.py": {},
    "phases/prospects.py": {},
    "phases/new_field.py": {},
    "phases/norms.py": {},
    "phases/nominal.py": {0.85: "weight of counts in 2017: unit of what holding is worth"},
    "phases/open_licences.py": {1e-6: "attention below is none"},
    "phases/open_offer.py": {
        2.5066282746310002: "root of two pi", 0.6180339887498949: "golden section", 0.25: "step of the grid",
        6.0: "ends of the grid and of the search", 1.001: "just inside the grid's last cell", 1e-5: SMALL,
    },
    "phases/planning.py": {0.05: SMALL},
    "phases/pools.py": {
        100.0: "percent", 1e-6: "less often is never", 1000.0: "users are counted per 1,000 firms",
    },
    "phases/provincial.py": {100.0: "percent"},
    "phases/renewal.py": {},
    "phases/sleep.py": {0.25: "candidate months of a mark in bad faith: a bound"},
    "phases/squatting.py": {3.0: "years in which non-use is no ground (law)", 7.0: "the rest of a term (law)"},
    "phases/representation.py": {
        1e-6: SMALL, 1e18: "worse than any option", 1000.0: "prices count per 1000 yuan",
        5.0: "drafting counts per fifth of a standard deviation",
    },
    "phases/services.py": {},
    "phases/stakes.py": {0.95: "a chance at most"},
    "phases/talent.py": {},
    "start/docket.py": {7.0: "a uniform serves twice"},
    "start/reads.py": {},
    "start/register.py": {},
    "tables.py": {},
    "phases/tiers.py": {0.99: "a guarantee at most: leaves the bank something to lose"},
}  # fmt: skip
"""Numbers that are no behaviour, by module; whatever is behaviour is a primitive. Modules that are not named (the
life of a right, streams, rights) are not held to this yet."""


@pytest.mark.parametrize("module", EXPLAINED)
def test_no_number_in_the_code_is_unexplained(module: str) -> None:
    """Every number has a unit, a range, a source and a status, in the schema: a bare one in a kernel has none."""
    tree = ast.parse((ROOT / "model" / "ipplan" / module).read_text(encoding="utf-8"))
    found = {node.value: node.lineno for node in ast.walk(tree)
             if isinstance(node, ast.Constant) and isinstance(node.value, float)}  # fmt: skip
    bare = {f"line {line}": value for value, line in found.items() if value not in PLAIN | set(EXPLAINED[module])}
    assert not bare, f"make these primitives (or explain them in EXPLAINED): {bare}"
    assert not set(EXPLAINED[module]) - set(found), "explained, but gone"


COMPILED = {"kernel", "helper", "inlined_helper", "inlined", "called"}


def compiled_functions(path: Path) -> list[ast.FunctionDef]:
    functions = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(node, ast.FunctionDef)]  # fmt: skip
    return [node for node in functions if COMPILED & {ast.unparse(one) for one in node.decorator_list}]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_kernel_counts_from_the_end(path: Path) -> None:
    """Kernels take an index as it is (``quick_numba``): one below zero would read elsewhere.

    This finds constants; with ``NUMBA_BOUNDSCHECK=1`` any other is an error.
    """
    for function in compiled_functions(path):
        below = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Subscript)
                 for part in ast.walk(node.slice) if isinstance(part, ast.USub)]  # fmt: skip
        assert not below, f"{function.name}: lines {below}"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_source_of_compiled_code_names_the_cache(path: Path) -> None:
    """``compiled.sources_hash`` reads files by what they hold: an edit of another would run kernels of before."""
    text = path.read_text(encoding="utf-8")
    assert not compiled_functions(path) or "@kernel" in text or "# compiled-constants" in text


def test_versions_are_exact_and_no_index_is_named() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    pinned = [
        *project["project"]["dependencies"], *project["dependency-groups"]["dev"], *project["build-system"]["requires"],
        *project["tool"]["uv"]["constraint-dependencies"], *project["tool"]["uv"]["build-constraint-dependencies"],
    ]  # fmt: skip
    assert all("==" in requirement.split(";")[0] for requirement in pinned)
    assert "index" not in project["tool"]["uv"]
    assert "index-url" not in text
    assert "://" not in text
