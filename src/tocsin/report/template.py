"""Filling a page from its template, and putting it in place as one file."""

from __future__ import annotations

import os
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


def save(text: str, path: Path) -> Path:
    """Write the whole page, or nothing, and return where it is."""
    temporary = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except OSError as fault:
        with suppress(OSError):
            temporary.unlink()
        raise StoreError(
            f"the page cannot be written: {fault.strerror or fault}",
            where=str(path),
            expected="a folder in which files can be written, with some megabytes free",
            do="give another place with --to",
        ) from None
    return path
