"""Files and functions stay small enough to be read in one go."""

from __future__ import annotations

import ast
import re
from typing import Any

FILE_LINES, FUNCTION_LINES, KERNEL_LINES, PARAMETERS = 600, 60, 90, 7
# Where more parameters are right, with the reason. A folder stands for all its files.
MANY_PARAMETERS = {
    "src/tocsin/kernels/": "a kernel takes plain arrays and numbers: Numba's compiled code knows no objects of ours",
    "src/tocsin/cli/": "the parameters of a verb are its options on the command line",
}
FORBIDDEN_NAMES = re.compile(r"^(utils?|helpers?|common|misc|base|managers?|stuff|tools|.*_(old|new|v\d+))$")


def own_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring, which may be as long as it is useful."""
    first = node.body[0]
    text = ast.get_docstring(node, clean=False)
    doc = (first.end_lineno or 0) - first.lineno + 1 if text is not None else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - doc


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many parameters a caller has to think of."""
    a = node.args
    names = [x.arg for x in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
    return len(names) - (bool(names) and names[0] in ("self", "cls"))


def test_files_are_short(sources: Any, test_sources: Any) -> None:
    """Otherwise a newcomer could no longer read one file and know one thing."""
    long = [f"{s.name}: {n}" for s in (*sources, *test_sources) if (n := s.text.count("\n")) > FILE_LINES]
    assert not long, "\n".join(long)


def test_functions_are_short(sources: Any) -> None:
    """Otherwise rules of the model would hide in the middle of long functions."""
    long = [
        f"{s.name}:{f.lineno} {f.name}: {own_lines(f)} lines"
        for s in sources
        for f in s.functions()
        if own_lines(f) > (KERNEL_LINES if s.room == "kernels" else FUNCTION_LINES)
    ]
    assert not long, "\n".join(long)


def test_functions_take_few_parameters(sources: Any) -> None:
    """Otherwise two numbers get swapped in a call, and a country's dead become its wounded."""
    many = [
        f"{s.name}:{f.lineno} {f.name}: {parameters(f)} parameters"
        for s in sources
        if not s.name.startswith(tuple(MANY_PARAMETERS))
        for f in s.functions()
        if parameters(f) > PARAMETERS
    ]
    assert not many, "\n".join(many)


def test_files_are_named_after_what_they_hold(sources: Any, test_sources: Any) -> None:
    """Otherwise everything without a place would gather in one file called utils."""
    parts = {p for s in (*sources, *test_sources) for p in s.name.removesuffix(".py").split("/")}
    assert not [p for p in parts if FORBIDDEN_NAMES.match(p)]


def test_folder_inits_only_re_export(sources: Any) -> None:
    """Otherwise code would hide in a file that nobody opens; only the package's own, which is lazy, has one."""
    holding = [
        f"{s.name}:{n.lineno}"
        for s in sources
        if s.name.endswith("/__init__.py") and s.module != "tocsin"
        for n in s.tree.body
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    assert not holding, "\n".join(holding)
