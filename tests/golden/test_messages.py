"""One bad input per message, with the words that a person reads; run this file to write the words again."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from tocsin.cli.main import main

FOLDER = Path(__file__).parent / "invalid"
FILES = sorted(path.stem for path in FOLDER.glob("*.toml"))
COMMANDS = {
    "command-unknown": ["explian", "risk"],
    "command-option": ["check", "kazakhstan-2022", "--loud"],
    "command-argument": ["check"],
    "name-unknown": ["check", "kazakstan-2022"],
    "file-missing": ["check", "missing.toml"],
    "file-folder": ["check", "../invalid"],
    "own-no-file": ["check", "base.toml", "--mechanism", "frday.py"],
    "own-no-module": ["check", "base.toml", "--mechanism", "no.such.module"],
    "own-no-python": ["check", "base.toml", "--mechanism", "../base.toml"],
    "own-no-source": ["check", "base.toml", "--mechanism", "json"],
    "explain-unknown": ["explain", "grievence"],
    "variant-unknown": ["resolve", "kazakhstan-2022", "--variant", "no-reqest"],
    "replicate-workers": ["replicate", "--workers", "0"],
    "replicate-unknown": ["replicate", "epstien-2"],
    "play-unknown": ["play", "epsteen-1"],
    "play-whole": ["play", "epstein-2", "--set", "ratio=1.5"],
    "play-seed": ["play", "epstein-2", "--seed", "1.5"],
    "play-twice": ["play", "epstein-2", "--set", "cops=0.1", "--set", "cops=0.2"],
    "play-bare": ["play", "epstein-2", "--set", "legitimacy"],
    "play-knob": ["play", "epstein-2", "--set", "legitimcy=0.8"],
    "play-number": ["play", "epstein-2", "--set", "cops=many"],
    "play-range": ["play", "epstein-2", "--set", "cops=7"],
    "play-still": ["play", "regimes"],
}
"""Golden name -> the words of the command."""


def _said(words: Sequence[str]) -> tuple[int, str]:
    """The exit code and what stood on standard error."""
    heard = io.StringIO()
    with contextlib.chdir(FOLDER), contextlib.redirect_stderr(heard), contextlib.redirect_stdout(io.StringIO()):
        code = main(words)
    return code, heard.getvalue()


@pytest.mark.parametrize("name", FILES)
def test_bad_file(name: str) -> None:
    """A person with this mistake in a file would not learn where it is, what was expected or what to do."""
    code, text = _said(["check", f"{name}.toml"])
    assert code == 2
    assert text == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert "Traceback" not in text


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_bad_command(name: str) -> None:
    """A person who mistypes a command would be left without a hint."""
    code, text = _said(COMMANDS[name])
    assert code == 2
    assert text == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without permission would end in a traceback."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    code, text = _said(["check", "syntax.toml"])
    assert (code, text) == (2, (FOLDER / "file-unreadable.txt").read_text(encoding="utf-8"))


def test_stopped_ladder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who stops the full form would not learn that what is finished is kept, and how to go on."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tocsin.cli.replicate._climbed", interrupt)
    code, text = _said(["replicate", "--full", "--to", str(tmp_path)])
    assert (code, text) == (130, (FOLDER / "replicate-stopped.txt").read_text(encoding="utf-8"))


def test_debug_shows_where() -> None:
    """With --debug the developer would still not see where a fault arose."""
    _, text = _said(["check", "syntax.toml", "--debug"])
    assert "Traceback" in text


def test_every_text_has_its_file() -> None:
    """A message that no input produces any more would stay in the tree as if it were kept."""
    assert {p.stem for p in FOLDER.glob("*.txt")} == {*FILES, *COMMANDS, "file-unreadable", "replicate-stopped"}


def _rewrite() -> None:
    for name in FILES:
        (FOLDER / f"{name}.txt").write_text(_said(["check", f"{name}.toml"])[1], encoding="utf-8")
    for name, words in COMMANDS.items():
        (FOLDER / f"{name}.txt").write_text(_said(words)[1], encoding="utf-8")


if __name__ == "__main__":
    _rewrite()
