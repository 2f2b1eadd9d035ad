"""Mechanisms of one's own: they act everywhere or are refused, and they run only where a person named them."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tocsin
from tocsin.cli.main import main
from tocsin.declare import PEOPLE_COLUMNS
from tocsin.engine.digest import run_key
from tocsin.engine.plan import Plan
from tocsin.engine.run import simulate, simulate_all
from tocsin.errors import RunError, ScenarioError, ScenarioErrors, TocsinError
from tocsin.experiments.causes import cause_tick
from tocsin.report.page import write as write_report
from tocsin.scenario import declared
from tocsin.scenario.load import load
from tocsin.scenario.own_code import extensions_of
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.write import to_toml
from tocsin.world.build import World
from tocsin.world.parameters import draw_parameters

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/how-to/write-a-mechanism.md").read_text(encoding="utf-8")
FRIDAY, IN_PYTHON = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
IN_A_FILE = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]
BASE = f'[scenario]\nextends = "{ROOT / "tests/golden/base.toml"}"\n'
SMALL = {"people_per_agent": 5, "days": 7}
PANIC = """
    events = (EventKind("panic", "friday", "flag", 0.0, 1.0, "Everybody takes it for a Friday."),)
    reads = ("friday",)
    sets = """


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the file of the page, in which one works."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "friday.py").write_text(FRIDAY, encoding="utf-8")
    (tmp_path / "small.toml").write_text(BASE, encoding="utf-8")
    return tmp_path


def plain() -> Scenario:
    return load("small.toml").vary(SMALL)


def own() -> Scenario:
    return load("small.toml", mechanisms=["friday.py"]).vary(SMALL)


def rewritten(*changes: tuple[str, str], name: str = "friday.py") -> str:
    """The file of the page with some words changed; its name."""
    text = FRIDAY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    Path(name).write_text(text, encoding="utf-8")
    return name


def digests(scenario: Scenario, workers: int) -> list[str]:
    return [run.digest for run in tocsin.ensemble(scenario, 4, workers=workers).runs()]


def test_acts_in_every_worker() -> None:
    """If it failed, a finding about Fridays would depend on how many processes looked for it, or Fridays on nothing."""
    alone = digests(own(), 1)
    assert alone == digests(own(), 2)
    assert alone != digests(plain(), 1)
    assert alone != digests(own().vary({"friday.strength": 5.0}), 1)


def test_a_world_in_company_is_the_world_alone() -> None:
    """If it failed, what a Friday does would depend on how many worlds are stepped with it."""
    worlds = [World(own().vary({"friday.strength": s}), 1, seed) for s, seed in ((1.0, 1), (5.0, 1), (5.0, 2))]
    made = [run.digest for run in simulate_all(worlds)]
    assert made == [simulate(*world).digest for world in worlds]
    assert len(set(made)) == 3


@pytest.mark.parametrize("off", ["friday", "friday.meeting"])
def test_off_is_as_if_it_were_not_there(off: str) -> None:
    """If it failed, a mechanism would act while it is switched off, and no contrast would tell what it does."""
    assert digests(own().vary({off: False}), 1) == digests(plain(), 1)


@pytest.mark.parametrize("turned", [False, True])
def test_compared_with_a_world_without_it(turned: bool) -> None:
    """If it failed, nobody could ask what a mechanism of their own changes."""
    worlds = (plain(), own()) if turned else (own(), plain())
    made = tocsin.contrast(*(world.vary({"days": 2}) for world in worlds), 2, workers=1)
    assert cause_tick(made.base.scenario, made.variant.scenario) == 0.0
    assert len(made) == 2
    assert write_report(made, "report.html").exists()


def test_page_in_python() -> None:
    """If it failed, the first thing that a reader copies would not run where the file is."""
    done = subprocess.run(
        [sys.executable, "-c", IN_PYTHON], capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0


def test_named_by_its_code_alone(folder: Path) -> None:
    """If it failed, old runs would be taken for those of edited code, or those of one machine unknown on the next."""
    (folder / "elsewhere").mkdir()
    moved = rewritten(name="elsewhere/friday.py")
    assert load("small.toml", moved).hash == load("small.toml", "friday.py").hash
    before = own()
    rewritten(("% 7 == 0", "% 7 == 1"))
    assert own().hash != before.hash
    assert run_key(own(), 1, 1) != run_key(before, 1, 1)
    assert "own mechanisms" not in plain().canonical()


def test_attached_later_is_the_same() -> None:
    """If it failed, the two ways to name a mechanism would make two sets of runs of one world."""
    assert plain().with_mechanisms("friday.py").hash == own().hash
    assert own().with_mechanisms("friday.py") == own()


def test_no_other_parameter_moves() -> None:
    """If it failed, adding a mechanism would draw another country, and its effect could not be told from chance."""
    before, after = draw_parameters(plain(), 3), draw_parameters(own(), 3)
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {"friday.strength", "friday.first"}


def test_acts_after_the_shipped_ones() -> None:
    """If it failed, the order of products would hang on the order of files, and the plan would show another."""
    names = [m.name for m in Plan(own()).phase("coefficients")]
    assert names == [*(m.name for m in Plan(plain()).phase("coefficients")), "friday"]


def test_set_in_a_file_and_in_sweeps() -> None:
    """If it failed, a number of one's own could not be set, swept or switched like those that come with tocsin."""
    Path("set.toml").write_text(BASE + IN_A_FILE, encoding="utf-8")
    scenario = load("set.toml", "friday.py")
    assert scenario.parameters["friday.strength"].prior.a == 2.0
    assert not scenario.switches["friday.meeting"]
    swept = tocsin.sweep(own().vary({"days": 2}), {"friday.strength": "prior"}, points=2, seeds=1, workers=1)
    assert len({swept.world(point).hash for point in range(2)}) == 2
    assert swept.axes[0].unit == "ratio"
    with pytest.raises(TocsinError, match="out of range"):
        scenario.vary({"friday.strength": 11.0})


def test_its_events_happen() -> None:
    """If it failed, a script could name an event of one's own and nothing would follow, or only without workers."""
    name = rewritten(
        ("fixed, lognormal", "fixed, lognormal, EventKind"), ("\n    sets = ", PANIC),
        ("today & ", "(see['friday'] > 0) & "), ('columns={"friday": np.where(today, 1.0, 0.0)}, ', ""),
    )  # fmt: skip
    event = '[[event]]\nat = "12 hours"\nkind = "panic"\nvalue = 1\nsource = "assumed"\n'
    Path("panic.toml").write_text(BASE + event, encoding="utf-8")
    panic, calm = load("panic.toml", name).vary(SMALL), load("small.toml", name).vary(SMALL)
    assert digests(panic, 1) == digests(panic, 2)
    assert digests(panic, 1) != digests(calm, 1)
    Path("panic-resolved.toml").write_text(to_toml(panic), encoding="utf-8")
    assert load("panic-resolved.toml", name).hash == panic.hash


def test_resolved_file_needs_the_same_code() -> None:
    """If it failed, somebody's printed scenario would run other code than theirs, or run code by being read."""
    Path("printed.toml").write_text(to_toml(own()), encoding="utf-8")
    assert load("printed.toml", "friday.py").hash == own().hash
    with pytest.raises(ScenarioError, match=r"--mechanism friday\.py"):
        load("printed.toml")
    digest = own().extensions[0].digest
    rewritten(("assumed; an example", "assumed"))
    with pytest.raises(ScenarioError) as refused:
        load("printed.toml", "friday.py")
    assert digest[:16] in str(refused.value)
    assert own().extensions[0].digest[:16] in str(refused.value)


def test_stored_runs_are_read_without_the_code() -> None:
    """If it failed, results would die with a file, or reading a stranger's store would run the stranger's code."""
    made = tocsin.ensemble(own(), 2, store="runs", workers=1)
    Path("friday.py").unlink()
    reopened = tocsin.open_store("runs")
    assert [run.digest for run in reopened.runs()] == [run.digest for run in made.runs()]
    text = write_report(reopened, "report.html").read_text(encoding="utf-8")
    assert "Rate on a Friday against other days." in text
    assert "sha256" in text
    with pytest.raises(ScenarioError, match="known by a record alone"):
        tocsin.run(reopened.scenario, 1)
    rewritten()
    again = reopened.scenario.with_mechanisms("friday.py")
    assert tocsin.run(again, 1).digest == tocsin.run(own(), 1).digest


def test_a_pickle_runs_nothing() -> None:
    """If it failed, a scenario that travels or is cached could run code where nobody asked for a run."""
    rewritten(("class Friday", 'open("ran", "a").close()\n\n\nclass Friday'))
    Path("pickled").write_bytes(pickle.dumps(own()))
    Path("ran").unlink()
    code = "import pickle; print(pickle.load(open('pickled', 'rb')).vary({'friday.strength': 2}).hash)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == own().vary({"friday.strength": 2}).hash
    assert not Path("ran").exists()


@pytest.mark.parametrize("gone", [False, True])
def test_workers_refuse_other_code(gone: bool) -> None:
    """If it failed, half of an ensemble would be made by other code than the other half, under one name."""
    scenario = own()
    rewritten(("% 7 == 0", "% 7 == 1"))
    now = own().extensions[0].digest
    if gone:
        Path("friday.py").unlink()
    with pytest.raises(ScenarioError) as refused:
        tocsin.ensemble(scenario, 2, workers=2)
    said = str(refused.value)
    assert "friday.py: there is no such file" in said if gone else {now[:16], scenario.extensions[0].digest[:16]} <= {
        *re.findall(r"[0-9a-f]{16}", said)
    }  # fmt: skip


def test_a_module_by_name(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """If it failed, an installed mechanism could be named only by wherever it was put."""
    rewritten(name="friday_as_module.py")
    monkeypatch.syspath_prepend(folder)
    scenario = load("small.toml", "friday_as_module").vary(SMALL)
    assert scenario.hash == own().hash
    assert tocsin.run(scenario, 1).digest == tocsin.run(own(), 1).digest


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_in_a_rule_is_shown_by_its_line(workers: int) -> None:
    """If it failed, a slip in one's own file would be called a fault of tocsin, without a line."""
    rewritten(("        today = ", "        1 / 0\n        today = "))
    line = FRIDAY[: FRIDAY.index("        today = ")].count("\n") + 1
    with pytest.raises(RunError, match=rf"friday\.py:{line}: .*ZeroDivisionError") as failed:
        tocsin.ensemble(own(), 2, workers=workers)
    assert "your own mechanism" in str(failed.value)


VERBS = (
    ("check", "small.toml"), ("plan", "small.toml"), ("explain", "friday.strength"), ("resolve", "small.toml"),
    ("odd", "small.toml"),
    ("run", "small.toml", "--alone", "--runs", "2", "--days", "2", "--workers", "1", "--people-per-agent", "500"),
    ("sweep", "small.toml", "--over", "friday.strength=1,2", "--seeds", "1", "--days", "2", "--workers", "1"),
)  # fmt: skip


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_every_verb_takes_it(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, what one sees of a model before it runs would not be the model that runs."""
    assert main([*words, "--mechanism", "friday.py"]) == 0
    assert "friday" in capsys.readouterr().out


CLASS = "class Friday(Mechanism):"
REFUSED = {
    "phase": (('"coefficients"', '"coeficients"'), "the phase of 'friday' is 'coeficients'"),
    "name": (('name = "friday"', 'name = "fatigue"'), "the mechanism 'fatigue' of 'fatigue' is there already: fatigue"),
    "number": (('"X1"', '"M10"'), "the number 'M10' of 'friday' is there already: fatigue has it"),
    "column": (('Column("friday"', 'Column("turnout"'), "the column 'turnout' of 'friday' is there already"),
    "owned": (('Column("friday"', 'Column("loyal"'), "the column 'loyal' of 'friday' is there already: loyalty"),
    "switch": (('"meeting": ', '"first": '), "'friday' declares the parameter or switch 'first' twice"),
    "event": (("sets = ", 'events = (EventKind("arrival", "friday", "flag", 0.0, 1.0, "x"),)\n    sets = '),
              "the event 'arrival' of 'friday' is there already: intervention has it"),
    "foreign": (("sets = ", 'events = (EventKind("feast", "loyal", "flag", 0.0, 1.0, "x"),)\n    sets = '),
                "the event 'feast' changes the column 'loyal'"),
    "reads": (("sets = ", 'reads = ("turnot",)\n    sets = '), "`reads` of 'friday': unknown column 'turnot'"),
    "uses": (("sets = ", 'uses = ("law.nois",)\n    sets = '), "`uses` of 'friday': unknown parameter 'law.nois'"),
    "sets": (('("rate",)', '("rte",)'), "`sets` of 'friday': unknown coefficient 'rte'"),
    "draws": (("sets = ", 'draws = {"luck": "person"}\n    sets = '), "the draw 'luck' is keyed by 'person'"),
    "axes": (('"polity"', '"polty"'), "the axes of the column 'friday' are 'polty'"),
    "prior": (("lognormal(1.5, 0.3)", "lognormal(50.0, 0.3)"), "has its middle out of range"),
    "source": (('10.0, "assumed"', '10.0, ""'), "the parameter 'strength' lacks its unit, source or meaning"),
    "order": (('lognormal(1.5, 0.3), "ratio"', '"ratio", lognormal(1.5, 0.3)'), "`prior` of the Param 'strength'"),
    "comma": (('("rate",)', '("rate")'), "`sets` of Friday is 'rate'"),
    "missing": (('    number = "X1"\n', ""), "Friday declares no `number`"),
    "words": (('name = "friday"', 'name = "Friday.1"'), "the mechanism 'Friday.1' of 'Friday.1' is no name"),
    "taken": (('name = "friday"', 'name = "place"'), "a mechanism called 'place'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_misfits_are_refused(case: str) -> None:
    """If it failed, a slip in a declaration would run as another model, or end as a fault of tocsin in every worker."""
    change, said = REFUSED[case]
    name = rewritten(("fixed, lognormal", "fixed, lognormal, EventKind"), change)
    line = Path(name).read_text(encoding="utf-8").splitlines().index(CLASS) + 1
    with pytest.raises(ScenarioError) as refused:
        extensions_of(name)
    one = refused.value.faults[0] if isinstance(refused.value, ScenarioErrors) else refused.value
    assert said in one.found
    assert one.where == f"friday.py:{line}"
    assert one.expected
    assert one.do


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import numpy\n", "friday.py: no mechanism is defined here"),
        ("import numpy\n\nx = (\n", "friday.py:3: this file cannot be imported: SyntaxError"),
        ("import numpy\n\nimport no_such_thing\n", "friday.py:3: this file cannot be imported: ModuleNotFoundError"),
        ("raise SystemExit\n", "friday.py:1: this file cannot be imported: SystemExit"),
        ("from tocsin.mechanisms.fatigue import Fatigue\n", "friday.py: no mechanism is defined here"),
    ],
)  # fmt: skip
def test_files_that_are_none_are_refused(text: str, said: str) -> None:
    """If it failed, a file that defines nothing would be run with, and its author would believe that it acts."""
    Path("friday.py").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        extensions_of("friday.py")
    assert str(refused.value).startswith(said)
    assert refused.value.do


def test_two_that_clash_are_refused() -> None:
    """If it failed, the second of two files would write the columns of the first."""
    with pytest.raises(ScenarioErrors, match="the mechanism 'friday' of 'friday' is there already"):
        load("small.toml", ["friday.py", rewritten(name="again.py")])


def test_record_says_all_that_is_declared() -> None:
    """If it failed, a stored scenario would lose the meaning, the unit or the range of its own numbers."""
    scenario = own()
    Path("printed.toml").write_text(to_toml(scenario), encoding="utf-8")
    from tocsin.scenario.load import reread

    kept, made = reread(Path("printed.toml")).extensions[0], scenario.extensions[0]
    assert kept.mechanisms == made.mechanisms
    assert (kept.file, kept.digest, kept.origin) == (made.file, made.digest, "")
    assert declared.parameters(scenario.extensions).keys() > declared.parameters().keys()
    assert all(c.name in Plan(scenario).columns for c in (*PEOPLE_COLUMNS, *made.mechanisms[0].columns))
