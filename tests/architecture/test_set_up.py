"""The set-up script, the locks and the tree that a newcomer gets."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement

LOCKS = ("requirements.lock", "requirements-dev.lock")
# Split so that this file does not find itself.
PRIVATE = re.compile("|".join(("/" + "work/", "/" + "root/", "/" + "home/[a-z]", "/" + "opt/", r"C:\\" + "Users")))
BINARY = (".png", ".gz", ".parquet", ".npz", ".ico")


@pytest.fixture(scope="module")
def go(repo: Path) -> ModuleType:
    """The set-up script as a module; importing it does nothing."""
    spec = importlib.util.spec_from_file_location("go", repo / "go.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pinned(text: str) -> dict[str, list[str]]:
    """Package -> the versions that a lock pins (one per branch of its markers)."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, flags=re.MULTILINE):
        found.setdefault(name.lower(), []).append(version)
    return found


@pytest.mark.parametrize(
    ("line", "lock", "end"),
    [
        (["run"], "use", ["run", "kazakhstan-2022"]),
        (["run", "--runs", "4"], "use", ["run", "kazakhstan-2022", "--runs", "4"]),
        (["run", "mine.toml", "--full"], "use", ["run", "mine.toml", "--full"]),
        (["run", "--help"], "use", ["run", "--help"]),
        (["tocsin", "scenarios"], "use", ["scenarios"]),
        (["test", "-k", "floors"], "develop", ["pytest", "-k", "floors"]),
        (["setup"], "develop", []),
    ],
)
def test_line_is_understood(go: Any, line: list[str], lock: str, end: list[str]) -> None:
    """Otherwise the one command in the README would run something else."""
    level, words = go.command(line)
    assert level == lock
    assert words[len(words) - len(end) :] == end


def test_unknown_word_is_refused(go: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise a slip of the hand would start an installation."""
    with pytest.raises(SystemExit, match="2"):
        go.command(["tset"])
    assert "does not know 'tset'" in capsys.readouterr().err


def test_unfinished_environment_is_not_ready(go: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise an installation cut off by Ctrl-C would be used for ever after, with parts missing."""
    monkeypatch.setattr(go, "STAMP", tmp_path / "stamp.json")
    assert not go.ready("use")
    (tmp_path / "stamp.json").write_text('{"base": ["another Python"]}')
    assert not go.ready("use")
    (tmp_path / "stamp.json").write_text("{half a stam")
    assert not go.ready("develop")


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_hashes_and_no_address(repo: Path, name: str) -> None:
    """Otherwise what is installed could differ from what was tested, or depend on somebody's own machine."""
    text = (repo / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "file:" not in text
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert all("--hash=sha256:" in b for b in blocks)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_follows_pyproject(repo: Path, name: str) -> None:
    """Otherwise the tests would run with packages that an ordinary installation would not accept."""
    project = tomllib.loads((repo / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    if "dev" in name:
        extras = project["project"]["optional-dependencies"]
        for line in extras["dev"]:
            own = Requirement(line)  # "tocsin[NAME]" stands for what that extra lists
            asked += [part for e in own.extras for part in extras[e]] if own.name == "tocsin" else [line]
    lock = pinned((repo / name).read_text(encoding="utf-8"))
    wrong = [
        line
        for line in asked
        if not (versions := lock.get(Requirement(line).name.lower()))
        or not all(Requirement(line).specifier.contains(v) for v in versions)
    ]
    assert not wrong, "make the locks again (CONTRIBUTING.md): " + ", ".join(wrong)


def test_dev_lock_holds_the_lock(repo: Path) -> None:
    """Otherwise tests and runs would use different versions of the same package, and not the same bits."""
    use, develop = (pinned((repo / name).read_text(encoding="utf-8")) for name in LOCKS)
    assert {k: v for k, v in develop.items() if k in use} == use


def test_nothing_private_is_tracked(repo: Path) -> None:
    """Otherwise the repository would tell about the machine that it was written on, and work only there."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=repo, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    files = [repo / f for f in listed.stdout.split("\0") if f and not f.endswith(BINARY)]
    found = [
        f"{f.relative_to(repo)}: {hit.group()}"
        for f in files
        if f.is_file() and (hit := PRIVATE.search(f.read_text(encoding="utf-8", errors="replace")))
    ]
    assert not found, "\n".join(found)
