"""Facts about `playground search`: its verdicts, its JSON, and what it keeps."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

from tests.cli.conftest import ROOT, Cli, environment, process

BUG = ("consensus/paxos", "--set", "bug=decide_on_accept", "--timers", "0")
TWO = ("--ask", "p1 Propose value=A", "--ask", "p2 Propose value=B")
SMALL = ("consensus/paxos", "--set", "acceptors=2", *TWO, "--timers", "0")


def test_a_clean_search_is_complete_and_says_what_it_never_tried(cli: Cli) -> None:
    ran = cli("search", *SMALL, "--json")
    assert ran.status == 0 and ran.err == ""
    assert list(ran.json) == [
        "verdict", "states", "transitions", "depth", "complete", "stopped", "seconds",
        "states_per_s", "violation", "never_reached", "actions_never_taken",
        "lines_never_run", "never_judged",
    ]  # fmt: skip
    assert ran.json["verdict"] == "complete" and ran.json["complete"] is True
    assert ran.json["violation"] is None
    assert ran.json["actions_never_taken"] == ["Proposer.retry on Retry"]
    assert ran.json["lines_never_run"] == [] and ran.json["never_judged"] == []
    idle = cli("search", "consensus/paxos", "--ask", "p1 Propose value=A", "--depth", "1", "--json")
    assert "agreement" in idle.json["never_judged"]


def test_a_fast_search_tells_the_odds_that_it_missed_something(cli: Cli) -> None:
    exact = cli("search", *SMALL, "--json").json
    ran = cli("search", *SMALL, "--fast", "--json")
    assert (ran.json["states"], ran.json["verdict"]) == (exact["states"], "complete")
    assert "odds_of_a_miss" not in exact and 0 < ran.json["odds_of_a_miss"] < 1e-9
    assert "the odds that one was missed are" in cli("search", *SMALL, "--fast").out
    rounds = cli("search", "synchronous/flood_set", "--fast")
    assert "The fast search knows no rounds" in rounds.out


def test_a_violation_is_told_step_by_step(cli: Cli) -> None:
    ran = cli("search", *BUG, "--property", "px.s5", "--json")
    assert ran.status == 1
    violation = ran.json["violation"]
    assert violation["property"] == "only_chosen"
    assert (violation["bug"], violation["minimal"], violation["outside"]) == (True, "shortest", [])
    assert violation["trace"] == [
        "ask p1 Propose value=A",
        "deliver Prepare p1>a1",
        "deliver Promise a1>p1",
        "deliver Prepare p1>a2",
        "deliver Promise a2>p1",
        "deliver Accept p1>a1",
    ]


def test_in_words_it_says_the_same(cli: Cli) -> None:
    ran = cli("search", *BUG)
    assert ran.status == 1
    assert "only_chosen is violated: a1 decided A, which is not chosen." in ran.out
    assert "so this is a bug" in ran.out
    assert "a1 hears Prepare((1, p1)) from p1" in ran.out


def test_what_it_keeps_is_confirmed_by_play(cli: Cli, tmp_path: Path) -> None:
    kept = tmp_path / "found.toml"
    assert cli("search", *BUG, "--save", kept).status == 1
    played = cli("play", kept, "--json")
    assert played.status == 0
    assert played.json["properties"]["only_chosen"] == "violated"
    assert cli("check", kept).status == 0


LATE = ("synchronous/flood_set", "--set", "bug=only_round_one", "--timers", "0", "--crashes", "1")
"""Without the bug more is said, and the same run leaves the model."""


@pytest.mark.parametrize("wrong", [BUG, LATE], ids=["paxos", "flood_set"])
def test_what_it_keeps_as_a_test_fails_until_the_bug_is_mended(
    cli: Cli, tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    kept = tmp_path / "test_found.py"
    assert cli("search", *wrong, "--save", kept).status == 1
    assert run_pytest(kept) == 1
    kept.write_text(re.sub(r"'bug': '\w+'", "", kept.read_text()))
    assert run_pytest(kept) == 0


def test_a_run_into_a_dead_end_is_kept_as_a_test_that_fails(cli: Cli, tmp_path: Path) -> None:
    kept = tmp_path / "test_found.py"
    blocks = ("commit/two_phase_commit", "--crashes", "1", "--recoveries", "0")
    assert cli("search", *blocks, "--property", "decided", "--save", kept).status == 1
    assert run_pytest(kept) == 1


def run_pytest(file: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    return subprocess.run(
        command, cwd=file.parent, env=environment(), capture_output=True, check=False
    ).returncode


def test_a_crash_in_the_middle_of_a_step_is_part_of_a_run(cli: Cli, tmp_path: Path) -> None:
    kept = tmp_path / "found.toml"
    bug = ("consensus/paxos", "--set", "bug=reply_before_log", "--set", "proposers=1")
    ran = cli("search", *bug, "--timers", "0", "--crashes", "1", "--property", "PX.S5",
              "--save", kept, "--json")  # fmt: skip
    assert ran.status == 1
    assert any(line.startswith("crash a") and "after=" in line
               for line in ran.json["violation"]["trace"])  # fmt: skip
    assert cli("play", kept).status == 0


def test_random_walks_give_a_run_in_which_each_step_matters(cli: Cli) -> None:
    ran = cli("search", *BUG, "--walks", "500", "--seed", "1", "--json")
    assert ran.status == 1 and ran.json["violation"]["minimal"] == "1-minimal"


@pytest.mark.parametrize(
    ("bound", "stopped"), [("--states", "states"), ("--depth", "depth"), ("--time", "seconds")]
)
def test_a_search_that_stops_at_a_bound_says_so(cli: Cli, bound: str, stopped: str) -> None:
    number = {"--states": "5000", "--depth": "6", "--time": "0.2"}[bound]
    ran = cli("search", "consensus/paxos", *TWO, bound, number, "--json")
    assert ran.status == 0
    assert (ran.json["verdict"], ran.json["stopped"]) == ("bounded", stopped)
    assert ran.json["complete"] is False


def test_a_scenario_is_searched_from_its_set_up_with_what_it_asks(cli: Cli) -> None:
    ran = cli("search", "px_happy", "--timers", "0", "--json")
    assert ran.status == 0 and ran.json["complete"]
    later = cli("search", "px_happy", "--until", "1", "--timers", "0", "--json")
    assert later.status == 0 and later.json["states"] < ran.json["states"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["consensus/paxos", "--property", "agrement"], "did you mean agreement?"),
        (["consensus/paxos", "--states", "0"], "--states"),
        (["consensus/paxos", "--depth", "-1"], "--depth"),
        (["consensus/paxos", "--timers", "few"], "--timers should be a number or any"),
        (["registers/abd_atomic", "--forgeries", "1"], "no finite set of forgeries"),
        (["consensus/paxos", "--corrupt", "9"], "there are only 5 nodes, and not 9 traitors"),
        (["consensus/paxos", "--corrupt", "p1,p9"], "unknown node 'p9'"),
        (["consensus/paxos", "--horizon", "soon"], "--horizon should be an amount of time"),
        (["leases/lease_service", "--grain", "0"], "--grain should be an amount of time"),
        (["leases/lease_service", "--drifts", "1"], "no clock may drift in this model"),
        (["consensus/paxos", "--until", "2"], "has no step 2"),
        (["paxos", "--property", "decided", "--walks", "5"], "walks can't tell that a goal is"),
        (["px_happy", "--until", "99"], "has only"),
        (["px_happy", "--set", "n=3"], "leave out --set"),
        (["consensus/paxos", "--time", "nan"], "--time should be a number of seconds"),
        (["consensus/paxos", "--save", "found.txt"], "--save takes a .toml or a .py file"),
        (["consensus/paxos", "--save", "no/where.toml"], "there is no folder no"),
        (["consensus/paxus"], "did you mean"),
        (["consensus/paxos", "--set", "acceptors"], "as in --set"),
    ],
)
def test_bad_input_is_one_clear_sentence(cli: Cli, arguments: list[str], sentence: str) -> None:
    ran = cli("search", *arguments)
    assert ran.status == 2 and ran.out == ""
    assert sentence in ran.err and len(ran.err.splitlines()) == 1


PROTOCOL = '''
"""Chance: a protocol that must be refused."""

import random

from playground.protocol import Input, Message, Model, Role, always, upon


class Go(Input):
    pass


class Hello(Message):
    n: int


class Node(Role):
    seen: int = 0

    @upon(Go)
    def go(self):
        self.send(Hello({number}), to="b")

    @upon(Hello)
    def hello(self, src, n):
        self.seen = n


@always()
def fine(system):
    return {verdict}


def setup():
    return [Node("a"), Node("b")]


def model(nodes):
    return Model()


def workload(nodes):
    return [("a", Go())]


def forgeries(nodes):
    return [("a", "b", Hello(7))]
'''


def written(folder: Path, number: str = "1", verdict: str = "True") -> Path:
    file = folder / "chance.py"
    file.write_text(PROTOCOL.format(number=number, verdict=verdict))
    return file


def test_a_handler_that_is_not_deterministic_is_named(cli: Cli, tmp_path: Path) -> None:
    ran = cli("search", written(tmp_path, number="random.random()"))
    assert ran.status == 2
    assert "Node.go is not deterministic: asked twice on Go() at a" in ran.err


def test_a_property_that_raises_is_named(cli: Cli, tmp_path: Path) -> None:
    ran = cli("search", written(tmp_path, verdict="system.all(Node)[5 * system.all(Node)[1].seen]"))
    assert ran.status == 2 and "the property fine raised IndexError" in ran.err


def test_a_property_that_forgets_to_answer_is_named(cli: Cli, tmp_path: Path) -> None:
    ran = cli("search", written(tmp_path, verdict="None if system.all(Node)[1].seen else True"))
    assert ran.status == 2 and "the property fine raised TypeError: it returned None" in ran.err


def test_a_property_that_draws_lots_is_named(cli: Cli, tmp_path: Path) -> None:
    verdict = "not system.all(Node)[1].seen or random.random() < 0.5"
    file = written(tmp_path, verdict=verdict)
    told = {cli("search", file, "--walks", str(n)).err for n in range(1, 30)}
    assert any("the property fine is not deterministic: asked twice" in said for said in told)


def test_a_message_that_could_change_is_named(cli: Cli, tmp_path: Path) -> None:
    ran = cli("search", written(tmp_path, number="[1]"))
    assert ran.status == 2 and "Node.go raised TypeError: unhashable type: 'list'" in ran.err


def test_a_field_that_could_change_is_named(cli: Cli, tmp_path: Path) -> None:
    file = written(tmp_path)
    source = file.read_text().replace("self.seen = n", "self.seen = (n, [n])")
    file.write_text(source)
    ran = cli("search", file)
    assert ran.status == 2 and "Node.seen can't be compared or hashed" in ran.err


@pytest.mark.parametrize(
    ("offer", "sentence"),
    [
        ("iter(lambda: ('a', 'b', Hello(7)), None)", "offers more than 100,000 forgeries"),
        ("[('a', 'b')]", "offers ('a', 'b') as a forgery, and not a (sender, receiver, message)"),
        ("[('a', 'z', Hello(7))]", "as a forgery: unknown node 'z'"),
        ("1 // 0", "chance.py raised ZeroDivisionError"),
    ],
)
def test_forgeries_that_make_no_sense_are_named(
    cli: Cli, tmp_path: Path, offer: str, sentence: str
) -> None:
    file = written(tmp_path)
    source = file.read_text()
    start = source.index("def forgeries")
    file.write_text(f"{source[:start]}def forgeries(nodes):\n    return {offer}\n")
    ran = cli("search", file, "--forgeries", "1")
    assert ran.status == 2 and sentence in ran.err and len(ran.err.splitlines()) == 1


def test_what_a_protocol_prints_does_not_get_into_the_json(cli: Cli, tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_text(file.read_text().replace("self.seen = n", "self.seen = n; print('hello')"))
    ran = cli("search", file, "--json")
    assert ran.json["verdict"] == "complete" and "hello" in ran.err


def test_a_handler_that_raises_is_named(cli: Cli, tmp_path: Path) -> None:
    ran = cli("search", written(tmp_path, number="1 // 0"))
    assert ran.status == 2 and "chance.py: Node.go raised ZeroDivisionError" in ran.err
    assert ran.err.splitlines()[1:] == ["The way there:", "   1. ask a Go"]


def test_what_the_protocol_offers_is_forged(cli: Cli, tmp_path: Path) -> None:
    file = written(tmp_path, verdict="all(n.seen != 7 for n in system.all(Node))")
    assert cli("search", file).status == 0
    ran = cli("search", file, "--forgeries", "1", "--json")
    assert ran.status == 1
    assert ran.json["violation"]["outside"] == ["forged Hello"]
    assert ran.json["violation"]["bug"] is False
    assert ran.json["violation"]["trace"] == ["forge Hello a>b n=7", "deliver Hello a>b"]


def test_it_finds_the_same_under_every_hash_seed() -> None:
    bug = ("commit/two_phase_commit", "--set", "bug=tell_before_log", "--crashes", "1")
    first, second = (
        process("search", *bug, "--json", PYTHONHASHSEED=seed).json for seed in ("1", "2")
    )
    for key in ("states", "transitions", "violation"):
        assert first[key] == second[key]


LONG = ("consensus/paxos", *TWO, "--timers", "2")


def test_ctrl_c_tells_what_was_covered() -> None:
    command = [sys.executable, "-m", "playground", "search", *LONG]
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    time.sleep(3)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    if out:  # it had begun by then
        assert "it was interrupted, with" in out and "Nothing broke in what was seen." in out
    assert "Traceback" not in err


def test_a_terminal_sees_how_far_it_is() -> None:
    command = ["-m", "playground", "search", *LONG, "--time", "4"]
    screen = pexpect.spawn(
        sys.executable, command, cwd=str(ROOT), env=environment(), encoding="utf-8", timeout=40
    )
    screen.expect("states, [0-9,]+ a second, depth [0-9]+, [0-9,]+ to be tried")
    screen.expect("--time 4 stopped it")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0


def test_it_starts_as_fast_as_a_list() -> None:
    """What costs time to import waits until it is needed."""
    code = (
        "import sys; from playground.cli.app import run; run(['search', '--help']); "
        "print(sorted({'textual', 'rich', 'numpy', 'distributed', 'playground.search.engine'}"
        " & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert ran.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("option", [("--symmetry", "Acceptor"), ("--fast",)])
def test_walks_refuse_what_they_have_no_use_for(cli: Cli, option: tuple[str, ...]) -> None:
    ran = cli("search", "paxos", "--walks", "5", *option)
    assert ran.status == 2 and "random walks have no use for" in ran.err


def test_a_folder_is_no_file_to_save_to(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "found.toml"
    folder.mkdir()
    ran = cli("search", "paxos", "--save", folder)
    assert ran.status == 2 and "can't be written; choose another file" in ran.err


def test_what_is_lost_already_is_told_without_a_way(cli: Cli) -> None:
    ran = cli("search", "omega_no_relay", "--until", "1", "--property", "decided")
    assert ran.status == 1 and "It is so from the beginning." in ran.out
    assert "The way there" not in ran.out
