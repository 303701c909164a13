"""A long run comes to the same as its command, whatever its parts; stopped, to a shorter one."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.session import commands as c
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.grammar import parse
from playground.session.long_run import LongRun
from playground.session.session import Session


def begun(line: str) -> tuple[Session, LongRun, list[str]]:
    session = Session(load("detectors/heartbeat"))
    told: list[str] = []
    session.listeners.append(told.append)
    command = parse(line)
    assert isinstance(command, c.Run)
    return session, LongRun(session, command), told


@pytest.mark.parametrize("line", ["seed 7 random 700", "run fifo 700"])
def test_it_comes_to_the_same_as_the_command(line: str) -> None:
    session, run, told = begun(line)
    while not run.over:
        run.go_on(0.002)
    assert run.end() == range(1, 701)
    whole = Session(load("detectors/heartbeat"))
    whole.say(line)
    assert session.state == whole.state and told == [line]
    assert session.history.undo(300) == whole.history.undo(300)


def test_stopped_it_is_the_same_run_of_fewer_steps() -> None:
    session, run, told = begun("seed 7 random 100000")
    for _ in range(3):
        run.go_on(0.005)
    steps = run.end()
    assert told == [f"seed 7 random {run.done}"] and 0 < len(steps) == run.done < 100_000
    whole = Session(load("detectors/heartbeat"))
    whole.say(told[0])
    assert session.state == whole.state


def test_where_nothing_more_happens_it_is_over() -> None:
    session = Session(load("consensus/paxos"))
    session.say("ask p1 Propose value=A")
    session.say("crash p1")
    run = LongRun(session, c.Run("fifo", 9_000))
    while not run.over:
        run.go_on(1)
    assert run.done < 20 and run.end() == range(3, 3 + run.done)


FAILING = """
from playground.protocol import Ask, Input, Message, Model, Nodes, Role, upon

class Start(Input): pass
class Ball(Message): number: int

class Player(Role):
    @upon(Start)
    def start_it(self) -> None:
        self.send(Ball(200), to="b")

    @upon(Ball)
    def hit(self, src: str, number: int) -> None:
        self.send(Ball(number - number // number), to=src)

def setup() -> Nodes: return [Player("a"), Player("b")]
def model(nodes: Nodes) -> Model: return Model()
def workload(nodes: Nodes) -> list[Ask]: return []
"""


def test_a_step_that_can_not_be_taken_takes_all_of_it_back(tmp_path: Path) -> None:
    path = tmp_path / "failing.py"
    path.write_text(FAILING, encoding="utf-8")
    session = Session(load(str(path)))
    session.say("ask a Start")
    run = LongRun(session, c.Run("fifo", 9_000))

    def to_the_end() -> None:
        while not run.over:
            run.go_on(0.002)

    with pytest.raises(BadInput, match="ZeroDivisionError"):
        to_the_end()
    assert session.state.step == 1 == session.history.branch.tip
