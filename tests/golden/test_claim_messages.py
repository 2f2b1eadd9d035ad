"""One bad claim per message, with the words that a person reads; run this file to write the words again."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tocsin.claims.load import checked
from tocsin.errors import TocsinError

FOLDER = Path(__file__).parent / "claims"
FILES = sorted(path.stem for path in FOLDER.glob("*.toml"))
NAMES = {"register-unknown": "kazakstan-2022", "file-missing": "missing.toml"}
"""Golden name -> what was asked for, where no file is at fault."""


def _said(name: str) -> str:
    """The message of a refusal; nothing if there is none."""
    with contextlib.chdir(FOLDER):
        try:
            checked(name)
        except TocsinError as fault:
            return fault.message() + "\n"
    return ""


@pytest.mark.parametrize("name", FILES)
def test_bad_claim(name: str) -> None:
    """If it failed, a claim that cannot be judged would be run, or its author not told which line is at fault."""
    text = _said(f"{name}.toml")
    assert text == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert text.startswith(f"{name}.toml:")
    assert "do:" in text


@pytest.mark.parametrize("name", sorted(NAMES))
def test_bad_name(name: str) -> None:
    """If it failed, a person who mistypes a register would be left without a hint."""
    assert _said(NAMES[name]) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_every_text_has_its_file() -> None:
    """If it failed, a message that no claim produces any more would stay in the tree as if it were kept."""
    assert {p.stem for p in FOLDER.glob("*.txt")} == {*FILES, *NAMES}


def _rewrite() -> None:
    for name in FILES:
        (FOLDER / f"{name}.txt").write_text(_said(f"{name}.toml"), encoding="utf-8")
    for name, asked in NAMES.items():
        (FOLDER / f"{name}.txt").write_text(_said(asked), encoding="utf-8")


if __name__ == "__main__":
    _rewrite()
