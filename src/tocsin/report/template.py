"""Filling a page from its template, and putting a file in place as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

from tocsin.errors import StoreError


def fill(name: str, content: dict[str, Any]) -> str:
    """The page as text; the same content gives the same bytes."""
    loader = jinja2.FunctionLoader(lambda file: resources.files(__package__).joinpath(file).read_text(encoding="utf-8"))
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(name).render(**content)


ELSEWHERE = "give another place with --to"


def save(text: str, path: Path, *, what: str = "the page", do: str = ELSEWHERE) -> Path:
    """Write the whole text, or nothing, and return where it is. what: it is called; do: what helps if it fails."""

    def write(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8")

    return put(path, write, what=what, do=do)


def put(path: Path, write: Callable[[Path], None], *, what: str, do: str) -> Path:
    """Let `write` fill a file beside the path, then move it there; after a fault nothing is left of it."""
    temporary = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        os.replace(temporary, path)
    except OSError as fault:
        with suppress(OSError):
            temporary.unlink()
        raise StoreError(
            f"{what} cannot be written: {fault.strerror or fault}",
            where=str(path),
            expected="a folder in which files can be written, with some megabytes free",
            do=do,
        ) from None
    return path
