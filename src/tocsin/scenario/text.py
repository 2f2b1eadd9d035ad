"""Scenario text to a tree of nodes that know their file and line.

tomllib judges the syntax; a second walk finds the positions, because tomllib keeps none.
"""

from __future__ import annotations

import bisect
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.errors import Place, ScenarioError

Path_ = tuple[str | int, ...]
_KEY = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([A-Za-z0-9_-]+))\s*')
LIMIT = 16_000_000


@dataclass(frozen=True)
class Node:
    """One value of a scenario file. value: dict[str, Node], list[Node] or a plain value; name: its key path."""

    value: Any
    where: Place
    name: str

    def children(self) -> Iterator[tuple[str, Node]]:
        """The entries of a table, in the order of the file."""
        yield from self.value.items()


def read(path: Path, shown: str = "") -> Node:
    """The tree of a scenario file; `shown` is its name in messages. Refuses what cannot be read, with the reason."""
    shown = shown or str(path)
    if path.is_dir():
        raise ScenarioError("this is a folder", where=shown, expected="a scenario file (.toml)", do="name a file in it")
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ScenarioError(
            "there is no such file", where=shown, expected="a scenario file", do="check the name"
        ) from None
    except OSError as fault:
        raise ScenarioError(
            f"the file cannot be read ({fault.strerror})",
            where=shown,
            expected="a file that you may read",
            do="check its permissions",
        ) from None
    return parse(_decode(raw, shown), shown)


def _decode(raw: bytes, shown: str) -> str:
    if len(raw) > LIMIT:
        raise ScenarioError("the file is larger than 16 MB", where=shown, expected="a scenario", do="check the name")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise ScenarioError(
            f"byte {fault.start} is not text (UTF-8)",
            where=Place(shown, line),
            expected="a text file in UTF-8",
            do="check that this is a scenario, and save it as UTF-8",
        ) from None
    if "\0" in text:
        raise ScenarioError("this is a binary file", where=shown, expected="a scenario in TOML", do="check the name")
    if not text.strip():
        raise ScenarioError(
            "the file is empty", where=shown, expected="a scenario in TOML", do="see `tocsin scenarios`"
        )
    return text


def parse(text: str, shown: str) -> Node:
    """The tree of a scenario text; syntax faults carry their line and column."""
    text = text.replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise _syntax(str(fault), text, shown) from None
    except RecursionError:
        raise ScenarioError("tables are nested too deeply", where=shown, expected="a scenario", do="check it") from None
    places = {path: Place(shown, *spot) for path, spot in _Walk(text).run().items()}
    return _node(data, (), places, Place(shown, 1, 1))


def _syntax(message: str, text: str, shown: str) -> ScenarioError:
    spot = re.search(r"\s*\(at line (\d+), column (\d+)\)", message)
    reason = message[: spot.start()] if spot else re.sub(r"\s*\(at end of document\)", "", message)
    where = Place(shown, int(spot[1]), int(spot[2])) if spot else Place(shown, len(text.splitlines()))
    ends = spot is None or int(spot[1]) > len(text.splitlines())
    return ScenarioError(
        f"not valid TOML: {reason[:1].lower()}{reason[1:]}",
        where=where,
        expected="a key, a table or a value that is complete",
        do="the file seems cut off: restore its end" if ends else "correct this line",
    )


def _node(value: Any, path: Path_, places: dict[Path_, Place], above: Place) -> Node:
    where = places.get(path, above)
    name = "".join(f"[{k + 1}]" if isinstance(k, int) else f".{k}" for k in path).lstrip(".")
    if isinstance(value, dict):
        return Node({k: _node(v, (*path, k), places, where) for k, v in value.items()}, where, name)
    if isinstance(value, list):
        return Node([_node(v, (*path, k), places, where) for k, v in enumerate(value)], where, name)
    return Node(value, where, name)


class _Walk:
    """One walk over a valid TOML text that notes where each key path stands."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self.found: dict[Path_, tuple[int, int]] = {}
        self.last: dict[Path_, int] = {}

    def run(self) -> dict[Path_, tuple[int, int]]:
        """Key path -> (line, column)."""
        prefix: Path_ = ()
        while self._skip("\r\n") < len(self.text):
            start = self.at
            if self.text.startswith("[[", start):
                self.at += 2
                prefix = self._table_of_many(self._keys("]"), start)
                self.at += 1
            elif self.text[start] == "[":
                self.at += 1
                prefix = self._within(self._keys("]"))
                self._note(prefix, start)
            else:
                self._pair(prefix)
        return self.found

    def _note(self, path: Path_, offset: int) -> None:
        line = bisect.bisect_right(self.starts, offset) - 1
        self.found.setdefault(path, (line + 1, offset - self.starts[line] + 1))

    def _skip(self, more: str) -> int:
        """Past blanks, the characters in `more`, and comments where `more` allows a new line."""
        while self.at < len(self.text):
            c = self.text[self.at]
            if c == "#" and "\n" in more:
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif c in " \t" or c in more:
                self.at += 1
            else:
                break
        return self.at

    def _keys(self, stop: str) -> list[str]:
        keys = []
        while match := _KEY.match(self.text, self.at):
            keys.append(_unquoted(match))
            self.at = match.end() + 1
            if self.text[match.end()] == stop:
                break
        return keys

    def _within(self, keys: list[str]) -> Path_:
        path: Path_ = ()
        for key in keys:
            path = (*path, key)
            if path in self.last:
                path = (*path, self.last[path])
        return path

    def _table_of_many(self, keys: list[str], start: int) -> Path_:
        base = (*self._within(keys[:-1]), keys[-1])
        self.last[base] = self.last.get(base, -1) + 1
        self._note(base, start)
        self._note((*base, self.last[base]), start)
        return (*base, self.last[base])

    def _pair(self, prefix: Path_) -> None:
        start = self.at
        path = prefix
        for key in self._keys("="):
            path = (*path, key)
            self._note(path, start)
        self._value(path)

    def _value(self, path: Path_) -> None:
        self._skip("")
        self._note(path, self.at)
        quotes = self.text[self.at : self.at + 3]
        if quotes in ('"""', "'''"):
            self._long_text(quotes)
        elif quotes[0] in "\"'":
            self._short_text(quotes[0])
        elif quotes[0] == "[":
            self._list(path)
        elif quotes[0] == "{":
            self._inline(path)
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}\n#":
                self.at += 1

    def _long_text(self, quotes: str) -> None:
        self.at += 3
        while not self.text.startswith(quotes, self.at):
            self.at += 2 if quotes[0] == '"' and self.text[self.at] == "\\" else 1
        self.at += 3
        while self.at < len(self.text) and self.text[self.at] == quotes[0]:
            self.at += 1

    def _short_text(self, quote: str) -> None:
        self.at += 1
        while self.text[self.at] != quote:
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += 1

    def _list(self, path: Path_) -> None:
        self.at += 1
        index = 0
        while self._skip(",\r\n") < len(self.text) and self.text[self.at] != "]":
            self._value((*path, index))
            index += 1
        self.at += 1

    def _inline(self, path: Path_) -> None:
        self.at += 1
        while self._skip(",\r\n") < len(self.text) and self.text[self.at] != "}":
            self._pair(path)
        self.at += 1


def _unquoted(match: re.Match[str]) -> str:
    if match[1] is not None:
        return str(next(iter(tomllib.loads(f'"{match[1]}" = 0'))))
    return match[2] if match[2] is not None else match[3]
