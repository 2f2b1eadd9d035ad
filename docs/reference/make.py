"""Writes the pages of this folder from the declarations: `python docs/reference/make.py`."""

from __future__ import annotations

from pathlib import Path

from tocsin.report.reference import pages


def main() -> None:
    """Write every page beside this file."""
    for name, text in pages().items():
        (Path(__file__).parent / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
