"""The tutorials' commands, as they stand on the pages, print what the pages show below them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tocsin.cli.main import main

PAGES = sorted((Path(__file__).parents[2] / "docs" / "tutorials").glob("*.md"))
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def commands() -> list[object]:
    """Each command with a line or more of output below it: its words, and those lines as one."""
    found = []
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for command in block.split("$ ")[1:]:
                words, *shown = command.strip().splitlines()
                if shown:
                    found.append(pytest.param(shlex.split(words)[1:], " ".join(shown), id=f"{page.stem}: {words}"))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("words", "shown"), commands())
def test_pages_show_what_is_printed(words, shown, tmp_path, monkeypatch, capsys):
    """If it failed, a class would see other numbers than the page that it reads."""
    monkeypatch.chdir(tmp_path)
    assert main(words) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert shown in said


def test_every_page_has_something_to_try():
    """If it failed, the test above could pass because it reads nothing."""
    shown = {str(p.id).split(":")[0] for p in commands()}
    assert shown == {page.stem for page in PAGES} - {"README"}
