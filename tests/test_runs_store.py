"""Run folders: whole or not there, whoever dies when."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ipplan.errors import InputError
from ipplan.runs import Draft, clean, holds, is_whole
from ipplan.runs.store import read_manifest

KEY = "a" * 32


def finish(target: Path, key: str = KEY, text: str = "1", replace: bool = False) -> Path:
    with Draft(target, key, replace) as draft:
        (draft.folder / "annual.csv").write_text(text)
        (draft.folder / "figures").mkdir()
        (draft.folder / "figures" / "a.png").write_bytes(b"png")
        return draft.commit({"scenario": "x"})


def test_a_committed_folder_is_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    folder = finish(tmp_path / "results" / "x-1")
    assert is_whole(folder)
    assert holds(folder, KEY)
    assert not holds(folder, "b" * 32)
    manifest = read_manifest(folder)
    assert manifest is not None
    assert set(manifest["files"]) == {"annual.csv", "figures/a.png"}
    assert [path.name for path in folder.parent.iterdir()] == ["x-1"]
    assert not (folder / ".lock").exists()


def test_what_is_not_committed_vanishes(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Draft(tmp_path / "x", KEY) as draft:
        (draft.folder / "annual.csv").write_text("1")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", ["manifest", "file", "size", "flag"])
def test_a_damaged_folder_is_not_whole_and_is_written_again(tmp_path: Path, harm: str) -> None:
    folder = finish(tmp_path / "x")
    if harm == "manifest":
        (folder / "manifest.json").write_text('{"key": "')
        assert not is_whole(folder)
        with pytest.raises(InputError, match="no run"):  # it could be anybody's by now
            Draft(folder, KEY)
        return
    if harm == "file":
        (folder / "annual.csv").unlink()
    elif harm == "size":
        (folder / "annual.csv").write_text("cut")
    else:
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps(manifest | {"complete": False}))
    assert not is_whole(folder)
    assert is_whole(finish(folder, text="2"))


def test_foreign_folders_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("x")
    for name in ("mine", "file"):
        for replace in (False, True):
            with pytest.raises(InputError, match="new or empty"):
                Draft(tmp_path / name, KEY, replace)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "mine"]


def test_another_run_is_replaced_only_by_force(tmp_path: Path) -> None:
    finish(tmp_path / "x")
    with pytest.raises(InputError, match="another run"):
        Draft(tmp_path / "x", "b" * 32)
    assert holds(finish(tmp_path / "x", "b" * 32, replace=True), "b" * 32)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert is_whole(finish(tmp_path / "x"))


@pytest.mark.parametrize("name", ["file/below", "/proc/none/x", "n" * 300])
def test_unwritable_places_are_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written here") as caught:
        Draft(tmp_path / name, KEY)
    assert "\n" not in str(caught.value)


def test_two_at_once_leave_one_whole_folder(tmp_path: Path) -> None:
    with Draft(tmp_path / "x", KEY) as draft:
        (draft.folder / "annual.csv").write_text("1")
        later = draft.folder.rename(tmp_path / ".x.partial-1")  # as if the first were another process
        draft.folder = later
        finish(tmp_path / "x")
        draft.commit({})
    assert holds(tmp_path / "x", KEY)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


_WRITER = """
import sys, time
from pathlib import Path
from ipplan.runs import Draft
with Draft(Path(sys.argv[1]), "a" * 32) as draft:
    (draft.folder / "annual.csv").write_text("1")
    print("ready", flush=True)
    time.sleep(60)
"""


def test_a_killed_writer_leaves_nothing_whole_and_is_cleaned_away(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path / "x")], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    hidden = tmp_path / f".x.partial-{writer.pid}"
    assert hidden.is_dir()
    assert clean(tmp_path) == []  # it is alive
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    assert not (tmp_path / "x").exists()
    assert not is_whole(hidden)
    assert clean(tmp_path) == [hidden]
    assert list(tmp_path.iterdir()) == []


def test_folders_of_others_are_not_cleaned(tmp_path: Path) -> None:
    for name in (".x.partial-abc", ".y.partial-999999", "z.partial-999999"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "note.txt").write_text("mine")
    (tmp_path / ".empty.partial-999999").mkdir()
    assert [path.name for path in clean(tmp_path)] == [".empty.partial-999999"]
