"""How kernels are compiled, and where the machine code is kept.

Numba's cache does not notice an edit in an imported file, so the cache folder is named by the digest of all sources
that are compiled. Must be imported before any of them; each does so for its decorators.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import platformdirs
from numba import config

_HERE = Path(__file__).parent


def sources() -> tuple[Path, ...]:
    """Every file of which something is compiled, and this one."""
    return _HERE / "compile.py", _HERE / "elementary.py", *sorted((_HERE / "kernels").glob("*.py"))


def sources_digest() -> str:
    """SHA-256 over all sources in name order."""
    h = hashlib.sha256()
    for path in sources():
        h.update(path.name.encode() + b"\0" + path.read_bytes())
    return h.hexdigest()


def _choose_folder() -> Path:
    name = f"kernels-{sources_digest()[:16]}"
    for base in (
        Path(platformdirs.user_cache_dir("tocsin", appauthor=False)),
        Path(tempfile.gettempdir()) / "tocsin-cache",
    ):
        folder = base / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return _HERE / "__pycache__"


CACHE_FOLDER = _choose_folder()
config.CACHE_DIR = str(CACHE_FOLDER)  # type: ignore[attr-defined]

_JIT: Any = numba.njit
inline: Callable[..., Any] = _JIT(forceinline=True, error_model="numpy", no_cfunc_wrapper=True)
"""For scalar functions inside kernels; without force-inlining the generator is not vectorised (a factor of five)."""
part: Callable[..., Any] = _JIT(forceinline=True, error_model="numpy", no_cfunc_wrapper=True, no_cpython_wrapper=True)
"""For parts of kernels that take tuples of arrays: no entry from Python, which would take a third of the time of all
compiling. So only kernels may call them: a call from Python ends the process."""
kernel: Callable[..., Any] = _JIT(cache=True, nogil=True, error_model="numpy", _nrt=False, no_cfunc_wrapper=True)
"""For block kernels: cached on disk, free of the interpreter lock (threads come from outside), and without reference
counting, so a kernel allocates nothing: it is handed its buffers."""
