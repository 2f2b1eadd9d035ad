"""The pages tell the truth: their code runs, their scenarios load, their commands exist, their links lead somewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tocsin.declare import Mechanism
from tocsin.scenario.load import load
from tocsin.state import Clock, View

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`((?:[a-z_-]+/)+[A-Za-z_0-9.-]*\.(?:py|md|toml))`")
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")


@dataclass(frozen=True)
class Block:
    """One piece of code on a page."""

    page: Path
    line: int
    language: str
    text: str


def blocks(language: str) -> list[Block]:
    """All pieces of code in a language, page by page."""
    texts = {page: page.read_text(encoding="utf-8") for page in PAGES}
    found = [
        Block(page, text[: m.start()].count("\n") + 1, m.group(1), m.group(2))
        for page, text in texts.items()
        for m in FENCE.finditer(text)
    ]
    return [b for b in found if b.language == language]


def name(block: Block) -> str:
    """How a test case is called."""
    return f"{block.page.relative_to(ROOT)}:{block.line}"


def programs() -> list[Any]:
    """The Python of each page as one program, as a reader would type it."""
    pages: dict[Path, str] = {}
    for b in blocks("python"):
        pages[b.page] = pages.get(b.page, "") + b.text + "\n"
    return [pytest.param(text, id=str(page.relative_to(ROOT))) for page, text in pages.items()]


@pytest.mark.parametrize("program", programs())
def test_python_runs(program: str, tmp_path: Path) -> None:
    """Otherwise the first thing that a reader copies would fail."""
    file = tmp_path / "page.py"
    file.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, file.name], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", [b for b in blocks("toml") if "[scenario]" in b.text], ids=name)
def test_scenario_loads(block: Block, tmp_path: Path) -> None:
    """Otherwise somebody's first scenario would start from a wrong example."""
    file = tmp_path / "two-towns.toml"
    file.write_text(block.text, encoding="utf-8")
    scenario = load(file)
    assert scenario.population > 0
    assert scenario.variants


def lines() -> list[tuple[str, list[str]]]:
    """Every command on the pages: where it stands and its words."""
    return [
        (name(b), shlex.split(text[2:], comments=True))
        for b in blocks("console")
        for text in b.text.splitlines()
        if text.startswith("$ ")
    ]


def test_commands_exist() -> None:
    """Otherwise a page would send its reader to a verb that is not there."""
    spec = importlib.util.spec_from_file_location("go", ROOT / "go.py")
    assert spec
    assert spec.loader
    go = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(go)
    verbs = set()
    for _, words in lines():
        if words[:2] == ["python3", "go.py"]:
            go.command(words[2:])
            verbs |= {words[3]} if words[2] == "tocsin" else set()
        elif words[0] == "tocsin":
            verbs.add(words[1])
    env = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    program = "from tocsin.cli.main import main; import sys; sys.argv = ['tocsin', '--help']; main()"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, check=False).stdout
    assert verbs
    assert not {v for v in verbs - {"--help"} if not re.search(rf"\b{v}\b", shown)}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Otherwise a reader would end on a page that does not exist."""
    links = [m.group(1) for m in LINK.finditer(page.read_text(encoding="utf-8"))]
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_named_are_there(page: Path) -> None:
    """Otherwise the map of the house would show rooms that were moved long ago."""
    named = {m.group(1) for m in FILE.finditer(page.read_text(encoding="utf-8"))}
    assert not {
        f for f in named if not any((base / f).exists() for base in (ROOT, ROOT / "src", ROOT / "src" / "tocsin"))
    }


def test_every_page_is_linked() -> None:
    """Otherwise a page would rot unread."""
    linked = {
        (page.parent / m.group(1)).resolve()
        for page in PAGES
        for m in LINK.finditer(page.read_text(encoding="utf-8"))
        if "://" not in m.group(1)
    }
    assert not {p.name for p in PAGES if p.resolve() not in linked and p.name != "README.md"}


def example() -> Mechanism:
    """The mechanism that the how-to writes."""
    (block,) = (b for b in blocks("python") if b.page.name == "add-a-mechanism.md")
    space: dict[str, Any] = {"__name__": "example"}
    exec(compile(block.text, name(block), "exec"), space)  # the page's own code
    mechanism = space["Funerals"]()
    assert isinstance(mechanism, Mechanism)
    return mechanism


def test_example_mechanism_works() -> None:
    """Otherwise everybody's first mechanism would be built on a fault: deaths counted twice or mourned for ever."""
    mechanism = example()
    setting: Any = SimpleNamespace(days=0.25)
    state = {"killed": np.array([[10.0, 0.0]]), "mourned": np.zeros((1, 2)), "counted": np.zeros((1, 2))}
    parameters = {"pull": np.array([[0.1]]), "length": np.array([[3.0]])}
    assert set(state) == set(mechanism.reads)
    mourned = []
    for tick in range(3):
        view = View(setting, Clock(tick, tick / 4, 3.0), parameters, state, lambda _: np.zeros((1, 2)))
        effect = mechanism.rule(view)
        assert effect.add["gamma"].shape == (1, 2)
        state = {**state, **effect.columns}
        mourned.append(float(state["mourned"][0, 0]))
    assert mourned[0] == 10.0
    assert 0 < mourned[2] < mourned[1] < 10.0
    assert state["mourned"][0, 1] == 0.0
