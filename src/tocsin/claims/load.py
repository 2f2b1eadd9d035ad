"""Claims by name or by file: from TOML to frozen claims. Every fault carries its line, all are shown together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from tocsin import quantities
from tocsin.claims import schema
from tocsin.claims.check import check
from tocsin.claims.claim import TAGS, TYPES, Claim, Estimand, Part, Rule
from tocsin.claims.documentary import until
from tocsin.claims.reading import Frame, entries_of, labels_of, read_part
from tocsin.claims.spot import Spot, line_of
from tocsin.errors import Place, QuantityError, ScenarioError, ScenarioErrors, TocsinError
from tocsin.scenario.draft import Reader, members, nearest, shortlist
from tocsin.scenario.load import load as load_scenario
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.text import Node, parse, read

__all__ = ["check", "checked", "load", "names"]
FOLDER = "claims"
_WRITTEN = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def load(name_or_path: str | Path) -> tuple[Claim, ...]:
    """The claims of a shipped register ("kazakhstan-2022") or of a file; raises all faults together."""
    node = _open(str(name_or_path))
    reader = Reader()
    claims = _claims(reader, node)
    reader.finish()
    return claims


def checked(name_or_path: str | Path) -> tuple[Claim, ...]:
    """The same, each also checked against its scenario."""
    claims = load(name_or_path)
    faults: list[TocsinError] = []
    for name, where in _scenarios(claims).items():
        try:
            check(claims, _scenario(name, where))
        except ScenarioErrors as several:
            faults += several.faults
        except TocsinError as fault:
            faults.append(fault)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ScenarioErrors(faults)
    return claims


def _scenarios(claims: tuple[Claim, ...]) -> dict[str, str]:
    """The scenarios of claims that are judged, and the line that names each first."""
    judged = [c for c in claims if c.type != "normative"]
    return {c.scenario: line_of(c.where, "scenario") for c in reversed(judged)}


def _scenario(name: str, where: str) -> Scenario:
    """The scenario of claims; if there is none of this name, the line that names it is at fault."""
    try:
        return load_scenario(name)
    except TocsinError as fault:
        if fault.where:
            raise
        raise ScenarioError(fault.found, where=where, expected=fault.expected, do=fault.do) from None


def names() -> dict[str, str]:
    """Name of every shipped register -> its title."""
    found = {}
    for name, file in _library().items():
        node = parse(file.read_text(encoding="utf-8"), f"{name}.toml")
        found[name] = str(node.value["register"].value["title"].value)
    return found


def _library() -> dict[str, Traversable]:
    folder = resources.files("tocsin.library").joinpath(FOLDER)
    files = sorted(folder.iterdir(), key=lambda f: f.name)
    return {f.name.removesuffix(".toml"): f for f in files if f.name.endswith(".toml")}


def _open(text: str) -> Node:
    library = _library()
    if text in library and not Path(text).is_file():
        return parse(library[text].read_text(encoding="utf-8"), f"{FOLDER}/{text}.toml")
    if not text.endswith(".toml") and "/" not in text and not Path(text).exists():
        raise ScenarioError(
            f"there is no register of claims {text!r}",
            expected=f"one of {shortlist(library)}, or a file",
            do=nearest(text, library, "name a file (.toml)"),
        )
    return read(Path(text))


def _claims(reader: Reader, node: Node) -> tuple[Claim, ...]:
    top = entries_of(reader, node, ("register", "changes", "claim"), ("register", "claim"))
    if "register" not in top or "claim" not in top:
        return ()
    head = entries_of(reader, top["register"], schema.REGISTER, ("title", "date"))
    frame = Frame(
        reader.text(head.get("scenario")),
        head.get("scenario", top["register"]).where,
        reader.text(head.get("source")),
        _date(reader, head.get("date")),
        dict(reader.entries(top.get("changes"))),
    )
    found = [_claim(reader, one, frame) for one in members(top["claim"])]
    _once(reader, members(top["claim"]), "claim")
    used = {label for claim in found for part in claim.parts for label in labels_of(part)}
    for label, change in frame.changes.items():
        if label not in used:
            reader.refuse(
                change,
                "no part uses these changes",
                "a part with this label in `worlds` or `factors`",
                "leave them out",
            )
    return tuple(found)


def _once(reader: Reader, nodes: Iterable[Node], what: str) -> None:
    """Names are given once."""
    seen: set[str] = set()
    for node in nodes:
        entry = node.value.get("name") if isinstance(node.value, dict) else None
        if entry is not None and str(entry.value) in seen:
            reader.refuse(entry, f"there are two {what}s {entry.value!r}", "a name of its own", "rename one of them")
        seen |= {str(entry.value)} if entry is not None else set()


def _date(reader: Reader, node: Node | None) -> date:
    """The day on which a register was closed."""
    try:
        found = quantities.parse_date(node.value) if node is not None else None
    except QuantityError:
        found = None
    if node is not None and found is None:
        reader.refuse(node, f"{node.value!r} is not a date", 'a date such as "2026-11-22"', "write the day")
    return found or date.max


def _claim(reader: Reader, node: Node, frame: Frame) -> Claim:
    kind = node.value.get("type") if isinstance(node.value, dict) else None
    normative = kind is not None and kind.value == "normative"
    entries = entries_of(reader, node, schema.CLAIM, schema.NEEDED_NORMATIVE if normative else schema.NEEDED)
    texts = {k: reader.text(entries[k]) for k in ("name", "text", "says", "against", "remark") if k in entries}
    type_ = reader.word(entries.get("type"), TYPES, "type of claim")
    spots: dict[str, Place] = {"": node.where, "scenario": frame.place, **{k: n.where for k, n in entries.items()}}
    if normative and "part" in entries:
        expected = "no part: it is listed, never judged"
        reader.refuse(entries["part"], "a normative claim has parts", expected, "leave them out")
    if not normative and "scenario" not in entries and not frame.scenario:
        reader.refuse(node, "'scenario' is missing", 'scenario = "kazakhstan-2022"', "add it here or to [register]")
    parts = tuple(read_part(reader, one, type_, frame, spots) for one in members(entries.get("part")))
    if not parts and not normative and "type" in entries:
        reader.refuse(node, "this claim has no part", "[[claim.part]] with a kind", "say what is to be judged")
    _once(reader, members(entries.get("part")), "part")
    reason = "a wish or a value, which no run and no source can decide"
    listed = (Part(texts.get("name", ""), "listed", Estimand("none", options={"reason": reason}), Rule()),)
    return Claim(
        texts.get("name", ""),
        texts.get("text", ""),
        texts.get("says", ""),
        _written(reader, entries, frame),
        reader.word(entries.get("tag"), TAGS, "tag"),
        type_,
        reader.text(entries.get("scenario"), frame.scenario),
        texts.get("against", ""),
        listed if normative else parts,
        texts.get("remark", ""),
        reader.source(node, frame.source),
        Spot(str(node.where), spots),
    )


def _written(reader: Reader, entries: Mapping[str, Node], frame: Frame) -> str:
    """When a claim was made: a day, a month or a year, not after the register."""
    node = entries.get("written")
    if node is None:
        return ""
    words = str(node.value)
    try:
        last = until(words) if _WRITTEN.fullmatch(words) else None
    except ValueError:
        last = None
    if last is None:
        reader.refuse(node, f"{words!r} is not a date", '"2022-01-06", "2022-01" or "2022"', "say when it was made")
    elif date.fromisoformat((words + "-01-01")[:10]) > frame.end:
        reader.refuse(
            node,
            f"{words} is after the date of the register",
            f"a date not after {frame.end}",
            "correct one of the two: a claim is registered before it is judged",
        )
    return words
