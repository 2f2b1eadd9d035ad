"""The code of one's own mechanisms: found by path or module name, known by its digest, loaded where runs are made.

Nothing here runs because a file says so: a person names the code on the command line or in Python. Worker processes
load it again by the scenario that they are given, and refuse it if it is not the same.
"""

from __future__ import annotations

import hashlib
import re
import sys
import traceback
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib import util
from importlib.abc import ExecutionLoader
from inspect import isabstract
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from tocsin.declare import Mechanism
from tocsin.errors import Place, ScenarioError
from tocsin.scenario import own_faults
from tocsin.scenario.own import SHOWN, Extension, Extensions, Facts, file_of, shown
from tocsin.scenario.parts import Setpoint

if TYPE_CHECKING:
    from tocsin.scenario.scenario import Scenario

PRIVATE = "tocsin_own_"
"""How the modules are called that own mechanisms are loaded as."""
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def extensions_of(given: str | Path | Iterable[str | Path]) -> Extensions:
    """What the named files and modules declare, each judged against those before it. Runs their code."""
    names = [given] if isinstance(given, str | Path) else list(given)
    found: Extensions = ()
    for name in names:
        found = (*found, _extension(_origin(str(name)), found))
    return found


def own_mechanisms(extensions: Extensions) -> tuple[Mechanism, ...]:
    """The mechanisms themselves, in order; their code must be that with which the scenario was loaded."""
    for e in extensions:
        if not e.origin:
            raise ScenarioError(
                f"the mechanism {e.names[0]!r} is known by a record alone", where=e.file,
                expected=f"its code, sha256 {e.digest[:SHOWN]}",
                do=f"give it: --mechanism {e.file}, or scenario.with_mechanisms({e.file!r})",
            )  # fmt: skip
    return tuple(m for e in extensions for m in _instances(e.origin, e.digest))


def attached(scenario: Scenario, given: Iterable[str | Path]) -> Scenario:
    """The scenario with more mechanisms, on and with the priors that they declare; a record takes its code back."""
    for name in given:
        origin = _origin(str(name))
        held = next((e for e in scenario.extensions if origin == e.origin or file_of(origin) == e.recorded), None)
        found = _extension(origin, tuple(e for e in scenario.extensions if e is not held))
        scenario = _added(scenario, found) if held is None else _found_again(scenario, held, found)
    return scenario


def _added(scenario: Scenario, new: Extension) -> Scenario:
    priors = {f"{m.name}.{p.name}": Setpoint(p.prior, p.source) for m in new.mechanisms for p in m.params}
    switches = {f"{m.name}.{name}": True for m in new.mechanisms for name in m.switches}
    return replace(
        scenario, extensions=(*scenario.extensions, new), parameters={**scenario.parameters, **priors},
        mechanisms={**scenario.mechanisms, **dict.fromkeys(new.names, True)},
        switches={**scenario.switches, **switches},
    )  # fmt: skip


def _found_again(scenario: Scenario, held: Extension, found: Extension) -> Scenario:
    if held.digest != found.digest:
        raise ScenarioError(
            f"this is not the code that the scenario has: its sha256 is {found.digest[:SHOWN]}",
            where=shown(found.origin), expected=f"sha256 {held.digest[:SHOWN]}",
            do="give the file as it was, or load the scenario anew",
        )  # fmt: skip
    return replace(scenario, extensions=tuple(found if e is held else e for e in scenario.extensions))


def line_at_fault(fault: BaseException) -> Place | None:
    """The line of an own mechanism in which a fault arose, if it arose in one."""
    steps = [
        (f.f_globals.get("__name__", ""), f.f_code.co_filename, n) for f, n in traceback.walk_tb(fault.__traceback__)
    ]
    mine = [Place(shown(file), line) for name, file, line in steps if str(name).startswith(PRIVATE)]
    return mine[-1] if mine else None


def _extension(origin: str, before: Extensions) -> Extension:
    digest = hashlib.sha256(_source(origin)[1]).hexdigest()
    mechanisms = _instances(origin, digest)
    own_faults.refuse_misshapen(origin, mechanisms)
    found = Extension(file_of(origin), origin, digest, tuple(Facts.of(m) for m in mechanisms))
    own_faults.refuse_misfits(found, mechanisms, before)
    return found


def _origin(name: str) -> str:
    """The absolute path of a file, or the name of a module."""
    if name.endswith(".py"):
        return str(Path(name).expanduser().resolve())
    if not _MODULE.fullmatch(name):
        raise ScenarioError(
            "this is neither a Python file nor the name of a module", where=name,
            expected="a file that ends in .py, or a name such as mypackage.friday", do="check what --mechanism names",
        )  # fmt: skip
    return name


def _source(origin: str) -> tuple[Path, bytes]:
    """Where the code lies, and its bytes."""
    path = Path(origin) if origin.endswith(".py") else _path_of(origin)
    try:
        return path, path.read_bytes()
    except OSError as fault:
        gone = isinstance(fault, FileNotFoundError)
        raise ScenarioError(
            "there is no such file" if gone else f"the file cannot be read ({fault.strerror})", where=shown(path),
            expected="a Python file with mechanisms of your own",
            do="check the name; workers on other machines need the file at the same path",
        ) from None  # fmt: skip


def _path_of(module: str) -> Path:
    """The file of a module that Python would import by this name."""
    try:
        spec = util.find_spec(module)
    except (ImportError, ValueError):
        spec = None
    origin = spec.origin if spec is not None else None
    if spec is None or spec.submodule_search_locations is not None or not (origin or "").endswith(".py"):
        found = "there is no module of this name" if spec is None else "this is a package, or not written in Python"
        raise ScenarioError(
            found, where=module, expected="the name of one module that Python can import here, or a file (.py)",
            do="check the name; a file in this folder is given with its ending",
        )  # fmt: skip
    return Path(str(origin))


@cache
def _instances(origin: str, digest: str) -> tuple[Mechanism, ...]:
    """The mechanisms that a file defines, one of each class, loaded once in a process."""
    path, source = _source(origin)
    here = hashlib.sha256(source).hexdigest()
    if here != digest:
        raise ScenarioError(
            f"this code is not that with which the scenario was loaded: its sha256 is {here[:SHOWN]}",
            where=shown(origin), expected=f"sha256 {digest[:SHOWN]}",
            do="leave the file alone while runs are made, give all machines the same, then start again",
        )  # fmt: skip
    found = _loaded(path, source, f"{PRIVATE}{hashlib.sha256(f'{origin} {digest}'.encode()).hexdigest()[:SHOWN]}")
    if not found:
        raise ScenarioError(
            "no mechanism is defined here", where=shown(path),
            expected="a class that inherits from tocsin.declare.Mechanism and has a rule",
            do="see docs/how-to/write-a-mechanism.md",
        )  # fmt: skip
    return found


class _Text(ExecutionLoader):
    """Loads a module from source that was read already, so that what was hashed is what runs; writes no file."""

    def __init__(self, path: Path, source: bytes) -> None:
        self.path, self.source = path, source

    def get_filename(self, fullname: str) -> str:
        """The name in tracebacks."""
        return str(self.path)

    def get_source(self, fullname: str) -> str:
        """The text."""
        return util.decode_source(self.source)


def _loaded(path: Path, source: bytes, name: str) -> tuple[Mechanism, ...]:
    """One of each class of mechanisms that a file defines; a fault in it is told with its line."""
    spec = util.spec_from_file_location(name, path, loader=_Text(path, source))
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and the text of its documentation are found by it
    try:
        spec.loader.exec_module(module)
        return tuple(kind() for kind in _kinds(module))
    except (Exception, SystemExit) as fault:
        del sys.modules[name]
        where = line_at_fault(fault) or Place(shown(path), getattr(fault, "lineno", None))
        raise ScenarioError(
            f"this file cannot be imported: {type(fault).__name__}: {getattr(fault, 'msg', None) or fault}",
            where=where, expected="Python that can be imported", do="mend it; `python FILE` shows the same fault",
        ) from fault  # fmt: skip


def _kinds(module: ModuleType) -> list[type[Mechanism]]:
    """The classes in the order of their definition; what it imports from elsewhere does not count."""
    here = [k for k in vars(module).values() if isinstance(k, type) and k.__module__ == module.__name__]
    return [k for k in dict.fromkeys(here) if issubclass(k, Mechanism) and not isabstract(k)]
