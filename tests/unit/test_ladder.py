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
from tocsin.classics.judged import Terms, counted, decides, within
from tocsin.classics.kept import Kept, code_digest
from tocsin.cli.main import main
from tocsin.cli.rungs import Pace, in_words
from tocsin.errors import RunError, StoreError, UsageError
from tocsin.experiments.executors import HandedIn
from tocsin.report import curves
from tocsin.report import ladder as page
from tocsin.report.film import Showing, pack, render


def check(effort: Effort) -> Iterator[Finding]:
    """Three findings, one of each verdict; the first needs a piece of work."""
    size = effort.choose(2, 20)
    piece = effort.keep(f"double of {size}", lambda: {"twice": 2 * size})
    doubled = piece["twice"] == 4
    yield Finding("double", "4", str(piece["twice"]), "exact", doubled, origin="derived", basis="plan")
    yield Finding("half", "<1>", "3", "exact", False, "three times too much", origin="paper", basis="plan")
    yield Finding("colour", "red", "blue", "", None, origin="paper", why="not at hand")


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
    assert "0 of 1 numbers and statements from papers met. Others: 1 of 1 (derived 1 of 1). No verdict: 1 not" in text
    assert "three times too much" in text
    assert "&lt;1&gt;" in text
    assert all(f">{f.verdict}<" in text for f in last.findings)
    assert all(f'<td data-is="origin">{f.origin}</td>' in text for f in last.findings)
    assert text.count('<div class="note">plan</div>') == 2
    assert "half: paper &lt;1&gt;, ours 3." in text
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
    assert "changed: trust 0.25 (usually 0.5)" in text
    assert text.count('<tr class="changed">') == 1
    assert ".strips .c0 { --c: #d50; }" in text
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
        (["play", "toy", "--set", "trust"], "trust: no number\n  expected: knob=value with trust, size"),
        (["play", "toy", "--set", "trust=0.1", "--set", "trust=0.2"], "trust is set twice"),
        (["play", "toy", "--seed", "1.5"], "expected: a whole number from 0"),
        (["play", "stil"], "expected: one of toy\n"),
        (["play", "toy", "--set", "trust=much"], "expected: a number after the ="),
        (["play", "toy", "--set", "trust=2"], "expected: 0 to 1 (share)"),
        (["play", "toy", "--set", "trust=0.75"], "cannot be run with trust=0.75, size=3: nothing moves"),
        (["play", "toy", "--set", "size=1.5"], "expected: a whole number from 1 to 9 (people)"),
        (["play", "toy", "--seed", "-1"], "expected: a whole number from 0 to 2**64 - 1"),
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
    assert "What is not met\n- toy: half: paper <1>, ours 3 (three times too much)" in said
    assert "0 of 2 numbers and statements from papers met. Others: 2 of 2" in " ".join(said.split())
    assert "paper red" not in said
    assert main(["replicate", "--rows", "--to", str(tmp_path / "out")]) == 0
    assert "paper red" in capsys.readouterr().out
    assert main(["play", "toy", "--set", "trust=0.1", "--to", str(tmp_path / "toy.html")]) == 0
    assert (tmp_path / "toy.html").is_file()
    assert main(["play"]) == 0
    assert "--set trust=0.5" in capsys.readouterr().out


@pytest.mark.usefixtures("toys")
def test_pages_of_other_questions_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, looking at one model would cost the page of the whole ladder, or one society that of another."""
    monkeypatch.chdir(tmp_path)
    for words in ([], ["toy"], ["still", "toy"], ["toy", "still"]):
        assert main(["replicate", *words, "--to", "out"]) == 0
    assert {p.name for p in (tmp_path / "out").glob("*.html")} == {
        "ladder.html",
        "ladder-toy.html",
        "ladder-still-toy.html",
    }
    for words in ([], ["--set", "trust=0.25"], ["--set", "trust=0.25", "--seed", "2"], ["--set", "trust=0.5"]):
        assert main(["play", "toy", *words]) == 0
    assert {p.name for p in tmp_path.glob("*.html")} == {
        "tocsin-play-toy.html",
        "tocsin-play-toy-trust-0.25.html",
        "tocsin-play-toy-trust-0.25-seed-2.html",
    }


def test_a_verdict_says_what_it_rests_on() -> None:
    """If it failed, a bound could be chosen after the result and nobody would see; or a verdict be lost in counting."""
    with pytest.raises(ValueError, match="where its tolerance comes from"):
        Finding("x", "1", "1", "exact", True, origin="paper")
    with pytest.raises(ValueError, match="would be lost"):
        Finding("x", "1", "1", "exact", np.bool_(False), origin="paper", basis="plan")  # type: ignore[arg-type]


def test_numbers_from_papers_are_counted_apart() -> None:
    """If it failed, what is derived, or met by another reading, would pass for a success with the paper's model."""

    def of(met: bool | None, **more: Any) -> Finding:
        return Finding("x", "1", "1", "exact", met, basis="plan", **more)

    found = [
        of(False, origin="paper"), of(True, origin="paper"), of(True, origin="paper", variant=True),
        of(True, origin="derived"), of(True, origin="audit"), of(False, origin="audit"),
        of(None, origin="paper", why="too few runs to tell"), of(None, origin="paper", why="counted above"),
        of(None, origin="audit"),
    ]  # fmt: skip
    assert page.summary(found) == (
        "1 of 2 numbers and statements from papers met. Others: 2 of 3 (derived 1 of 1, audit 1 of 2). Variants, "
        "counted apart: 1 of 1. No verdict: 1 too few runs to tell; 1 counted above; 1 seen, not judged."
    )
    assert [f.verdict for f in found[:3]] == ["not met", "met", "variant: met"]
    assert page.summary(found[3:4]).startswith("No number from a paper is judged. Others: 1 of 1")


def test_every_model_says_what_came_of_it() -> None:
    """If it failed, a reader would take what the paper says for what the program shows."""
    assert all(c.says and c.here for c in ladder.classics())


@pytest.mark.parametrize(
    ("good", "runs", "least", "decided"),
    [
        (5, 10, 0.7, False),  # chance of five or fewer good ones: 15 %
        (10, 10, 0.7, True),  # 2.8 %
        (2, 10, 0.5, False),  # 5.5 %
        (1, 10, 0.5, True),  # 1.1 %
        (6, 6, 0.9, False),
        (6, 6, 1.0, True),
        (0, 6, 1.0, True),
    ],
)
def test_few_seeds_do_not_decide(good: int, runs: int, least: float, decided: bool) -> None:
    """If it failed, the quick form would give a verdict that the full one turns by chance; binomial tails by hand."""
    assert decides(good, runs, least) is decided
    quick, full = (Effort(whole, lambda _, make: make()) for whole in (False, True))
    terms = Terms("paper", "plan")
    found = counted(("x", "y"), good, runs, least, quick, terms)
    assert (found.met is not None) is decided
    assert (found.verdict == "too few runs to tell") is not decided
    asked = np.ceil(least * runs)
    assert counted(("x", "y"), good, runs, least, full, terms).met is bool(good >= asked)
    assert (f"{good}, {asked:.0f} needed" in found.note) is bool(good < asked)


def test_a_mean_near_its_bound_is_not_decided_by_few_runs() -> None:
    """If it failed, a mean one standard error inside its interval would be called met, and the full form turn it."""
    terms = Terms("paper", "plan", variant=True)
    for value, error, verdict in (
        (503.0, 16.5, "too few runs to tell"), (503.0, 0.0, "variant: met"), (457.0, 0.0, "variant: not met"),
        (457.0, 10.0, "variant: not met"),
    ):  # fmt: skip
        assert within(("x", "708"), value, (478, 938), terms, error=error).verdict == verdict


def test_a_label_keeps_its_colour_in_neighbouring_figures() -> None:
    """If it failed, a reading would be blue in one figure and red in the next, and be taken for another."""
    x = np.arange(3.0)
    first, second, third = (
        Picture(title, "x", "y", tuple(Line(label, x, x) for label in labels))
        for title, labels in (("1", "abc"), ("2", "cbd"), ("3", "e"))
    )
    at = curves.places([first, second, third])
    assert at[0]["b"] == at[1]["b"]
    assert at[0]["c"] == at[1]["c"]
    assert all(len(set(one.values())) == len(one) for one in at)
    assert at[2] == {"e": 0}


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        ("run 2, floor, seeds 1-6", "run 2, floor, seeds 1-6"),
        ("Campaign(activists=0.008, aim=0) seed 2022 runs 16", "seed 2022 runs 16"),
        ("Society(cops=0.04), Reading(name='as printed', late=False), seeds 1-20", "as printed, seeds 1-20"),
        ("regime failed state Law(join=0.5, seen=0.3)", "regime failed state"),
    ],
)
def test_progress_speaks_no_code(piece: str, said: str) -> None:
    """If it failed, a teacher would be shown `Campaign(activists=...)` and ask what went wrong."""
    assert in_words(piece) == said


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
    yield Finding("sum of squares", "14", str(last), "exact", last == 14, origin="derived", basis="plan")


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
