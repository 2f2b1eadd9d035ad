"""Climbing the ladder, keeping finished pieces, and its two pages."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
import types
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.classics import ladder
from tocsin.classics.declare import Classic, Effort, Film, Finding, Knob, Line, Part, Picture
from tocsin.classics.kept import Kept, code_digest
from tocsin.cli.main import main
from tocsin.cli.rungs import Pace
from tocsin.errors import RunError, StoreError, UsageError
from tocsin.experiments.executors import HandedIn
from tocsin.report import curves
from tocsin.report import ladder as page
from tocsin.report.film import Showing, pack, render


def check(effort: Effort) -> Iterator[Finding]:
    """Three findings, one of each verdict; the first needs a piece of work."""
    size = effort.choose(2, 20)
    piece = effort.keep(f"double of {size}", lambda: {"twice": 2 * size})
    yield Finding("double", "4", str(piece["twice"]), "exact", piece["twice"] == 4)
    yield Finding("half", "<1>", "3", "exact", False, "three times too much")
    yield Finding("colour", "-", "blue", "", None)


def pictures(_: Effort) -> tuple[Picture, ...]:
    """One figure with a band, points and a gap in its line."""
    x = np.arange(5.0)
    line = Line("curve", x, np.array([1.0, 2.0, np.nan, 4.0, 5.0]), low=x, high=x + 2)
    return (Picture("Growth", "day", "people", (line, Line("seen", x, x, points=True))),)


def film(knobs: Mapping[str, float], seed: int) -> Film:
    """Two frames of three sites."""
    if knobs["trust"] == 0.75:
        raise ValueError("nothing moves")
    frames = np.array([[[0, 1, 2]], [[2, 1, seed]]], np.uint8)
    return Film(
        "Moving", frames, (("empty", "#fff"), ("calm", "#abc"), ("angry", "#d50")), {"angry": np.array([1.0, 2.0])}
    )


TOY = Classic(
    "toy", 1, "A toy", "Nobody 2000", "Things double.", "by hand", check, pictures, film,
    {
        "trust": Knob(0.5, 0, 1, "share", "who trusts", "assumed"),
        "size": Knob(3, 1, 9, "people", "everybody", "assumed", whole=True),
    },
)  # fmt: skip


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ladder of one file with two models."""
    module: Any = types.ModuleType("tocsin.classics.toys")
    still = Classic("still", 2, "A still", "Nobody 2001", "Nothing moves.", "by hand", check)
    module.CLASSICS = (TOY, still)
    monkeypatch.setitem(sys.modules, "tocsin.classics.toys", module)
    monkeypatch.setattr(ladder, "MODULES", ("toys",))


@pytest.mark.usefixtures("toys")
def test_findings_come_as_they_are_made(tmp_path: Path) -> None:
    """If it failed, a reader would wait for the whole ladder before the first number."""
    terms = ladder.Terms(False, tmp_path)
    events = list(ladder.climb(["toy"], terms))
    assert isinstance(events[0], ladder.Begun)
    assert [e.met for e in events if isinstance(e, Finding)] == [True, False, None]
    last = events[-1]
    assert isinstance(last, ladder.Replication)
    assert (last.made, last.found, len(last.pictures)) == (1, 0, 1)
    again = list(ladder.climb(["toy"], terms))[-1]
    assert isinstance(again, ladder.Replication)
    assert (again.made, again.found) == (0, 1)
    assert again.findings == last.findings


@pytest.mark.usefixtures("toys")
def test_full_form_is_another_piece(tmp_path: Path) -> None:
    """If it failed, the full form would show what the quick form had computed."""
    for full, ours in ((False, "4"), (True, "40")):
        events = list(ladder.climb(["toy"], ladder.Terms(full, tmp_path)))
        assert isinstance(events[1], Finding)
        assert events[1].ours == ours


def test_all_classics_have_one_name_each() -> None:
    """If it failed, `tocsin replicate NAME` would run one model and show another."""
    names = [c.name for c in ladder.classics()]
    assert len(set(names)) == len(names)
    assert [c.rung for c in ladder.classics()] == sorted(c.rung for c in ladder.classics())


def test_missing_file_fails_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, a broken installation would end in a traceback."""
    monkeypatch.setattr(ladder, "MODULES", ("nowhere",))
    with pytest.raises(RunError, match=r"nowhere\.py is missing"):
        ladder.find("toy")


@pytest.mark.usefixtures("toys")
def test_unknown_model_is_refused() -> None:
    """If it failed, a mistyped name would reproduce nothing and call it success."""
    with pytest.raises(UsageError, match="did you mean 'still'"):
        ladder.find("stil")


def test_kept_piece_is_not_made_again(tmp_path: Path) -> None:
    """If it failed, Ctrl-C in the last minute of the full form would cost the whole hour."""
    calls: list[int] = []

    def make() -> dict[str, Any]:
        calls.append(1)
        return {"wait": (1.5, 2.0), "inf": float("inf")}

    first = Kept(tmp_path, "toy", "a")("seed 1", make)
    assert Kept(tmp_path, "toy", "a")("seed 1", make) == first == {"wait": [1.5, 2.0], "inf": float("inf")}
    assert len(calls) == 1
    Kept(tmp_path, "toy", "b")("seed 1", make)
    Kept(tmp_path, "toy", "b")("seed 2", make)
    Kept(tmp_path, "toy-2", "b")("seed 2", make)
    assert len(calls) == 4


def test_torn_piece_is_made_again(tmp_path: Path) -> None:
    """If it failed, a power cut would leave a file on which every later start fails."""
    Kept(tmp_path, "toy", "a")("seed 1", lambda: {"x": 1})
    (path,) = tmp_path.glob("toy/*.json")
    for text in ("", path.read_text(encoding="utf-8")[:-4], "[]", json.dumps({"piece": "seed 1", "digest": "a"})):
        path.write_text(text, encoding="utf-8")
        assert Kept(tmp_path, "toy", "a")("seed 1", lambda: {"x": 2}) == {"x": 2}


def test_pieces_hold_plain_values(tmp_path: Path) -> None:
    """If it failed, a fresh start and a restart would hand different things to the same check."""
    with pytest.raises(RunError, match="cannot be kept"):
        Kept(tmp_path, "toy", "a")("seed 1", lambda: {"x": np.zeros(2)})
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        Kept(tmp_path / "file", "toy", "a")("seed 1", lambda: {"x": 1})


def test_digest_follows_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, an edited kernel would leave yesterday's findings standing."""
    monkeypatch.setattr("tocsin.classics.kept._PACKAGE", tmp_path)
    for name, text in (
        ("classics/a.py", "def f():\n    from tocsin.kernels import b\n"),
        ("kernels/__init__.py", ""),
        ("kernels/b.py", "import tocsin.kernels.c\n"),
        ("kernels/c.py", "X = 1\n"),
        ("kernels/d.py", "X = 1\n"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = code_digest("tocsin.classics.a")
    (tmp_path / "kernels/d.py").write_text("X = 2\n", encoding="utf-8")
    assert code_digest("tocsin.classics.a") == before
    (tmp_path / "kernels/c.py").write_text("X = 2\n", encoding="utf-8")
    assert code_digest("tocsin.classics.a") != before


@pytest.mark.usefixtures("toys")
def test_page_shows_every_verdict(tmp_path: Path) -> None:
    """If it failed, a criterion that is not met could vanish from the page."""
    (*_, last) = ladder.climb(["toy"], ladder.Terms(False, tmp_path))
    assert isinstance(last, ladder.Replication)
    text = page.render([(TOY, last.findings, last.pictures)], facts=[("command", "tocsin")], full=False)
    assert "1 of 2 published numbers and statements comes out within tolerance; 1 does not; for 1" in text
    assert "three times too much" in text
    assert "&lt;1&gt;" in text
    assert all(f">{word}<" in text for word in page.VERDICTS.values())
    assert "http" not in text.replace("http://www.w3.org", "")


def test_frames_survive_the_packing() -> None:
    """If it failed, the animation would show another history than the model's."""
    for colours in (1, 5, 40):
        frames = (np.arange(7 * 3 * 5).reshape(7, 3, 5) ** 2 % colours).astype(np.uint8)
        raw = np.frombuffer(zlib.decompress(base64.b64decode(pack(frames, colours))), np.uint8)
        if colours <= 16:
            raw = np.stack((raw & 15, raw >> 4), axis=1).ravel()[: frames.size]
        assert (np.cumsum(raw.reshape(frames.shape), axis=0) % colours == frames).all()


def test_film_page_stands_alone() -> None:
    """If it failed, the page would be blank for somebody without a network, or say nothing of its numbers."""
    text = render(
        Showing(TOY, film({"trust": 0.25}, 1), {"trust": 0.25, "size": 3}, 7), command="tocsin play toy --seed 7"
    )
    assert "0.25" in text
    assert "who trusts (0 to 1; share; usually 0.5; assumed)" in text
    assert "tocsin play toy --seed 7" in text
    assert not [word for word in ("http:", "https:", "src=", "@import") if word in text]


def test_axes_enclose_the_data() -> None:
    """If it failed, a curve would leave its frame or an axis would lie about its numbers."""
    plain = [[0.0, 7.3], [-3.1, 2.0], [5.0, 5.0], [36.0, 66.0], [1e-9, 3e-9], [-1e6, 99.0]]
    plain += [[float(low), low + 1.37**wide] for low in range(-40, 80, 7) for wide in range(-5, 20)]
    for values, log in (*((v, False) for v in plain), ([2e-6, 0.4], True), ([3.0, 4.0], True), ([], True)):
        axis = curves.Axis.over(np.array(values), 0.0, 100.0, log)
        slack = 1e-9 * (axis.high - axis.low)
        assert axis.low <= min(values, default=axis.low) + slack
        assert axis.high >= max(values, default=axis.high) - slack
        ticks = axis.ticks()
        assert 2 <= len(ticks) <= 12, values
        assert min(ticks) >= axis.low - slack
        assert max(ticks) <= axis.high + slack
        assert (np.diff(axis(np.array(ticks))) > 0).all()


def test_long_curves_keep_their_peaks() -> None:
    """If it failed, the one outburst of a long run could be missing from its figure."""
    y = np.zeros(100_000)
    y[31_416] = 9.0
    _, thin = curves._thin(np.arange(y.size, dtype=float), y)
    assert thin.max() == 9.0
    assert thin.size <= curves.MOST + 2


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["replicate", "tou"], "no published model is called 'tou'"),
        (["replicate", "--workers", "0"], "expected: 1 or more"),
        (["replicate", "--to", "FILE"], "cannot be written"),
        (["play", "still"], "still has nothing to animate"),
        (["play", "toy", "--set", "trsut=1"], "did you mean 'trust'?"),
        (["play", "toy", "--set", "trust"], "expected: knob=value with trust, size"),
        (["play", "toy", "--set", "trust=much"], "expected: a number after the ="),
        (["play", "toy", "--set", "trust=2"], "expected: 0 to 1 (share)"),
        (["play", "toy", "--set", "trust=0.75"], "cannot be run with trust=0.75, size=3: nothing moves"),
        (["play", "toy", "--set", "size=1.5"], "expected: a whole number from 1 to 9 (people)"),
        (["play", "toy", "--seed", "-1"], "expected: 0 to 2**64 - 1"),
        (["play", "toy", "--to", "FILE/page.html"], "cannot be written"),
    ],
)
def test_bad_input_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    """If it failed, a person with this mistake would get a traceback, or a page of something else."""
    (tmp_path / "FILE").write_text("", encoding="utf-8")
    code = main([w.replace("FILE", str(tmp_path / "FILE")) for w in words])
    err = capsys.readouterr().err
    assert code in (2, 3)
    assert said in err
    assert "fault of tocsin" not in err


@pytest.mark.usefixtures("toys")
def test_verbs_write_their_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, the command would end well with nothing to look at; unmet criteria are no fault of the command."""
    assert main(["replicate", "--to", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "ladder.html").is_file()
    said = capsys.readouterr().out
    assert "not met" in said
    assert "2 of 4 published numbers" in said
    assert main(["play", "toy", "--set", "trust=0.1", "--to", str(tmp_path / "toy.html")]) == 0
    assert (tmp_path / "toy.html").is_file()
    assert main(["play"]) == 0
    assert "--set trust=0.5" in capsys.readouterr().out


FILMS = [c for c in ladder.classics() if c.film]


@pytest.mark.parametrize("classic", FILMS, ids=lambda c: c.name)
def test_every_knob_says_what_it_is_and_can_be_turned_to_its_ends(classic: Classic) -> None:
    """If it failed, a number that the page offers would end in a traceback, or nobody could say where it is from."""
    assert classic.film is not None
    values = {name: knob.default for name, knob in classic.knobs.items()}
    assert all(knob.fits(values[name]) for name, knob in classic.knobs.items())
    if "periods" in values:
        values["periods"] = 3.0
    for name, knob in classic.knobs.items():
        assert knob.unit
        assert knob.meaning
        assert knob.source
        for end in (knob.low, knob.high) if name != "periods" else (knob.low,):
            shown = classic.film(values | {name: end}, 1)
            assert shown.frames.shape[0] > 0
            assert shown.frames.max() < len(shown.colours)


SHARED = 4


def parts(effort: Effort) -> list[Part]:
    """The squares of small numbers, one a part."""
    return [lambda k=k: square(effort, k) for k in range(SHARED)]  # type: ignore[misc]


def square(effort: Effort, k: int) -> int:
    """A piece of work."""
    return int(effort.keep(f"square of {k}", lambda: {"square": k * k})["square"])


def squares(effort: Effort) -> Iterator[Finding]:
    """All squares, and one more piece that is in no part."""
    found = [square(effort, k) for k in range(SHARED)]
    last = effort.keep("the sum", lambda: {"sum": sum(found)})["sum"]
    yield Finding("sum of squares", "14", str(last), "exact", last == 14)


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ladder with a model whose work is shared, between a shorter and a longer one."""
    module: Any = types.ModuleType("tocsin.classics.toys")
    say = ("Nobody 2002", "Things are.", "by hand")
    module.CLASSICS = (
        Classic("short", 1, "Short", *say, check, seconds=5.0),
        Classic("shared", 2, "Shared", *say, squares, seconds=40.0, parts=parts),
        Classic("long", 3, "Long", *say, check, seconds=20.0),
    )
    monkeypatch.setitem(sys.modules, "tocsin.classics.toys", module)
    monkeypatch.setattr(ladder, "MODULES", ("toys",))


@pytest.mark.usefixtures("shared")
def test_the_longest_goes_first(tmp_path: Path) -> None:
    """If it failed, one worker would idle at the end while the other does what should have been begun first."""
    tasks = ladder.tasks_of(["short", "shared", "long"], ladder.Terms(True, tmp_path))
    assert [(t.name, t.part) for t in tasks] == [
        ("long", None),
        *(("shared", k) for k in range(SHARED)),
        ("short", None),
    ]
    assert [t.seconds for t in tasks] == [20.0, 10.0, 10.0, 10.0, 10.0, 5.0]
    assert str(tasks[1]) == "the replication of shared, part 1"


@pytest.mark.usefixtures("shared")
def test_shared_work_is_counted_once(tmp_path: Path) -> None:
    """If it failed, a first start would say that its pieces had been kept, or a second that they had not."""
    for made, found in ((SHARED + 1, 0), (0, SHARED + 1)):
        with ThreadPoolExecutor(2) as threads:
            events = list(ladder.climb(["short", "shared"], ladder.Terms(True, tmp_path), HandedIn(threads, 2)))
        portions = [e for e in events if isinstance(e, ladder.Portion)]
        whole = next(e for e in events if isinstance(e, ladder.Replication) and e.name == "shared")
        assert len(portions) == SHARED
        assert sum(len(p.made) for p in portions) == made - bool(made)
        assert (whole.made, whole.found) == (made, found)
        assert [f.ours for f in whole.findings] == ["14"]
    alone = list(ladder.climb(["shared"], ladder.Terms(True, tmp_path / "alone")))[-1]
    assert isinstance(alone, ladder.Replication)
    assert (alone.findings, alone.made) == (whole.findings, SHARED + 1)


@pytest.mark.usefixtures("shared")
def test_time_left_is_learned_from_what_was_made() -> None:
    """If it failed, a reader would wait for an hour that was said to be a minute; kept pieces must not look fast."""
    pace = Pace(ladder.classics(), 2)
    assert pace.left(0.0) == 65 / 2
    pace.done("short", 0.0, np.inf, fresh=False)
    assert pace.left(0.0) == 60 / 2
    pace.done("shared", 30.0, 10.0, fresh=True)
    assert pace.left(20.0) == (30 + 3 * 50) / 2 - 20
    assert pace.left(1000.0) == 0.0


@pytest.mark.slow
def test_killed_ladder_goes_on(tmp_path: Path) -> None:
    """If it failed, a power cut would cost what was finished, or what came after it would be other numbers."""
    words = ["replicate", "granovetter", "sequences", "--workers", "2", "--to"]
    program = f"from tocsin.cli.main import main; main({[*words, str(tmp_path / 'cut')]!r})"
    victim = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pieces = tmp_path / "cut" / "pieces"
    while len(list(pieces.glob("*/*.json"))) < 3:
        assert victim.poll() is None
        time.sleep(0.05)
    victim.kill()
    victim.wait()
    kept = {path: path.stat().st_mtime_ns for path in pieces.glob("*/*.json")}
    again, fresh = (
        list(ladder.climb(["granovetter"], ladder.Terms(False, at)))[-1] for at in (pieces, tmp_path / "new")
    )
    assert isinstance(again, ladder.Replication)
    assert isinstance(fresh, ladder.Replication)
    assert again.found == len(kept) >= 3
    assert again.made + again.found == fresh.made
    assert again.findings == fresh.findings
    assert all(path.stat().st_mtime_ns == written for path, written in kept.items())
