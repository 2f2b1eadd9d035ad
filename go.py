#!/usr/bin/env python3
"""Set up tocsin and hand over: `python3 go.py run` is the main job, `python3 go.py test` the tests.

Needs only Python 3.11 or newer. Everything goes into `.venv` beside this file, from a lock in which every
package has a hash; it is done once, and again only when pyproject.toml or the lock changes. Works with uv,
with pip in an environment of its own, and with a distribution's Python that bars pip outside environments
or comes without ensurepip. Why a script: docs/decisions/0007-set-up-script.md.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import NoReturn

ROOT = pathlib.Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOCSIN = VENV / "bin" / "tocsin"
STAMP = VENV / "tocsin-set-up.json"
OLDEST = (3, 11)
LOCKS = {"use": "requirements.lock", "develop": "requirements-dev.lock"}
HELP = """python3 go.py run [SCENARIO] [OPTIONS]   the main job; without a scenario: kazakhstan-2022
python3 go.py test [PYTEST OPTIONS]      all tests
python3 go.py tocsin VERB ...            any other verb (try: python3 go.py tocsin --help)
python3 go.py setup                      only set up .venv, with the tools for development"""


def command(words: list[str]) -> tuple[str, list[str]]:
    """What a line asks for: the lock that it needs and the words to hand over ([] for nothing)."""
    verb, rest = words[0], words[1:]
    if verb == "setup":
        return "develop", []
    if verb == "test":
        return "develop", [str(PYTHON), "-m", "pytest", *rest]
    if verb == "tocsin":
        return "use", [str(TOCSIN), *rest]
    if verb != "run":
        refuse(f"go.py does not know {verb!r}", HELP)
    complete = (rest and not rest[0].startswith("-")) or "--help" in rest or "-h" in rest
    return "use", [str(TOCSIN), "run", *([] if complete else ["kazakhstan-2022"]), *rest]


def refuse(found: str, do: str) -> NoReturn:
    """Say what is wrong and what to do, and stop."""
    sys.stdout.flush()
    print(f"{found}\n{do}", file=sys.stderr)
    sys.exit(2)


def version() -> str:
    """The number of this Python."""
    return sys.version.split()[0]


def digest(level: str) -> str:
    """What an environment of this level is made from, as one word."""
    content = (ROOT / "pyproject.toml").read_bytes() + (ROOT / LOCKS[level]).read_bytes()
    return hashlib.sha256(content).hexdigest()


def base() -> list[str]:
    """What an environment cannot outlive: its interpreter and its folder."""
    return [sys.version, sys.base_prefix, str(ROOT)]


def stamp() -> dict[str, object]:
    """What the last finished set-up left; {} if there is none, or if it belongs to another Python or folder."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if PYTHON.exists() and found.get("base") == base() else {}


def ready(level: str) -> bool:
    """Whether `.venv` is whole and up to date for this level; the tools for development include the rest."""
    return stamp().get("made_from") in {digest(level), digest("develop")}


def call(*words: object) -> None:
    """Run one step of the set-up; nothing of the caller's Python leaks into it."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    try:
        subprocess.run([str(w) for w in words], check=True, cwd=ROOT, env=env)
    except (subprocess.CalledProcessError, OSError) as error:
        refuse(
            f"setting up .venv failed at: {' '.join(map(str, words))}\n  {error}",
            "  do: read the installer's words above; the usual causes are no way to the package index, a full disk,\n"
            f"      or a Python for which a package is not built yet (this is {version()}). Then start again.",
        )


def usable_uv() -> str | None:
    """The path of uv, if it is there and starts (a version manager's stand-in may not)."""
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
        return uv
    return None


def has(module: str) -> bool:
    """Whether this Python, which may be a distribution's with parts left out, has a module."""
    return importlib.util.find_spec(module) is not None


def make_environment(uv: str | None) -> None:
    """An empty `.venv`; what an interrupted set-up or another Python left there goes first."""
    if VENV.exists():
        print("removing .venv: unfinished, or made by another Python or in another folder", flush=True)
        shutil.rmtree(VENV) if VENV.is_dir() and not VENV.is_symlink() else VENV.unlink()
    if uv:
        call(uv, "venv", "--quiet", "--python", sys.executable, VENV)
    elif has("venv") and (has("ensurepip") or has("pip")):
        call(sys.executable, "-m", "venv", *([] if has("ensurepip") else ["--without-pip"]), VENV)
    else:
        refuse(
            f"this Python ({sys.executable}) can make no environment: it has neither ensurepip nor pip",
            "  do: install your distribution's package for environments (Debian, Ubuntu: apt install python3-venv)\n"
            "      or uv, then start again",
        )


def installer(uv: str | None) -> list[object]:
    """The words that install into `.venv`."""
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", PYTHON]
    pip: list[str | os.PathLike[str]] = [PYTHON, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode != 0:
        pip = [sys.executable, "-m", "pip", "--python", PYTHON]
    return [*pip, "install", "--quiet", "--disable-pip-version-check", "--no-input"]


def set_up(level: str) -> None:
    """Make `.venv` whole for this level, from hashed packages only, and stamp it when all is done."""
    uv = usable_uv()
    print(f"setting up .venv ({'uv' if uv else 'pip'}; once, a minute or two) ...", flush=True)
    if not stamp():
        make_environment(uv)
    STAMP.unlink(missing_ok=True)
    install = installer(uv)
    call(*install, "--require-hashes", "--only-binary", ":all:", "-r", LOCKS[level])
    call(*install, "--no-deps", "--no-build-isolation", "-e", ROOT)
    STAMP.write_text(json.dumps({"base": base(), "made_from": digest(level)}), encoding="utf-8")
    print("set up.", flush=True)


def ensure(level: str) -> None:
    """Set up if needed; of two at once, the second waits for the first."""
    if ready(level):
        return
    import fcntl  # after the check for Windows, which has none

    with open(__file__, encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready(level):
            set_up(level)


def main(words: list[str]) -> None:
    """Set up, then become the command that was asked for, so that signals and exit status are its own."""
    if sys.version_info < OLDEST:
        refuse(
            f"tocsin needs Python 3.11 or newer; this is {version()}",
            "  do: start it with a newer one, for example: python3.12 go.py run",
        )
    if os.name != "posix":
        refuse("tocsin runs on Linux and macOS", "  do: on Windows, start it in the Windows Subsystem for Linux")
    if not words or words[0] in ("-h", "--help", "help"):
        print(HELP)
        sys.exit(0 if words else 2)
    level, line = command(words)
    ensure(level)
    if words[0] == "test":
        os.chdir(ROOT)
    if line:
        sys.stdout.flush()
        os.execv(line[0], line)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        print("\nstopped; the next start makes the set-up anew", file=sys.stderr)
        sys.exit(130)
