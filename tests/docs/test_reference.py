"""The pages made from the declarations are those that the declarations make now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.mechanisms import MECHANISMS
from tocsin.report.markdown import cell, docstring, fence, table
from tocsin.report.reference import pages

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
SYMBOLS = {"α": "alpha", "β": "beta", "γ": "gamma", "σ_h, σ_w": "sigma_h", "ρ": "rho", "ν": "rate"}  # noqa: RUF001


@pytest.mark.parametrize("name", sorted(pages()))
def test_page_is_up_to_date(name: str) -> None:
    """If it failed, a reader would look up a prior, a unit or a step that the model does not have."""
    text = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert text == pages()[name], "make it again: python docs/reference/make.py"


def test_every_declared_name_stands_on_a_page() -> None:
    """If it failed, a parameter or kind of event could be used and nowhere looked up."""
    made = pages()
    for m in MECHANISMS:
        assert all(f"| {m.name}.{p.name} |" in made["parameters.md"] for p in m.params)
        assert all(f"| {cell(c.name)} |" in made["mechanisms.md"] for c in m.columns)
        assert all(f"| {e.name} |" in made["events.md"] for e in m.events)
        assert f"| {m.name} |" in made["tick.md"]


def test_tables_are_whole() -> None:
    """If it failed, a mark in a source would break a table, and numbers would stand under another heading."""
    for text in pages().values():
        for block in text.split("\n\n"):
            rows = [line for line in block.splitlines() if line.startswith("|")]
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) <= 1
    assert table(("a", "b"), [("x|y", "<b>_it_</b>")]).splitlines()[2] == r"| x\|y | \<b\>\_it\_\</b\> |"
    assert table(("a",), []) == "None."
    assert cell("a_b `code` and one `") == r"a_b \`code\` and one \`"
    assert fence("  x\n") == "```text\nx\n```"


def test_docstrings_are_read_without_importing() -> None:
    """If it failed, the description of a model would need the compiler that runs it, or miss its law."""
    assert "P(act)" in docstring("tocsin.kernels.law")
    assert docstring("tocsin.no_such_module") == ""


def test_person_law_names_who_sets_its_coefficients() -> None:
    """If it failed, the page on the law would leave out a mechanism that bends what people do."""
    text = (DOCS / "explanation" / "person-law.md").read_text(encoding="utf-8")
    for symbol, coefficient in SYMBOLS.items():
        (row,) = (line for line in text.splitlines() if line.startswith(f"| {symbol} |"))
        said = {word.strip().split(":")[0] for word in row.split("|")[3].split(",")}
        assert said == {m.name for m in MECHANISMS if coefficient in m.sets}, symbol
