"""Facts about `playground search --cluster`."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest

from playground.search.cluster import frontier
from tests.cli.conftest import ROOT, Cli, environment
from tests.cli.test_search_faults import RAISING

TWO = ("--ask", "p1 Propose value=A", "--ask", "p2 Propose value=B", "--timers", "0")
LONG = ("consensus/paxos", *TWO, "--time", "40")

RING = '''
"""Counters in a ring."""

from playground.protocol import Input, Message, Model, Role, always, upon


class Go(Input):
    pass


class Hit(Message):
    n: int


class Node(Role):
    next: str
    heard: frozenset = frozenset()

    @upon(Go)
    def go(self):
        for n in range(5):
            self.send(Hit(n), to=self.next)

    @upon(Hit)
    def hit(self, src, n):
        self.heard |= {n}


@always()
def somebody_waits(system):
    return any(len(node.heard) < 5 for node in system.all(Node) if node.pid != "a")


def setup():
    return [Node("a", "b"), Node("b", "c"), Node("c", "a")]


def model(nodes):
    return Model()


def workload(nodes):
    return [("a", Go()), ("b", Go())]
'''


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few worlds are enough to be dealt out."""
    monkeypatch.setattr(frontier, "ENOUGH", 20)


def test_a_protocol_from_a_file_is_searched_there(
    cli: Cli, cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ring.py").write_text(RING)
    here = cli("search", "./ring.py", "--json").json
    ran = cli("search", "./ring.py", "--cluster", cluster, "--save", "found.toml")
    assert ran.status == 1 and "somebody_waits is violated" in ran.out
    assert "2 workers" in ran.out and "a shortest run" in ran.out
    assert f"  {len(here['violation']['trace'])}. " in ran.out
    assert cli("play", "found.toml").status == 0


def test_the_same_file_may_change_between_two_searches(
    cli: Cli, cluster: str, tmp_path: Path
) -> None:
    file = tmp_path / "ring.py"
    for count in (5, 4):
        file.write_text(RING.replace("range(5)", f"range({count})"))
        ran = cli("search", file, "--cluster", cluster, "--json")
        assert (ran.status, ran.json["states"]) == (int(count == 5), (2**count + 1) ** 2)


@pytest.mark.parametrize("how", [(), ("--walks", "20")])
def test_the_way_to_where_a_handler_raises_is_told(
    cli: Cli, cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
) -> None:
    monkeypatch.setattr(frontier, "ENOUGH", 2)
    file = tmp_path / "counts.py"
    file.write_text(RAISING)
    ran = cli("search", file, "--cluster", cluster, *how)
    assert ran.status == 2 and ran.out == ""
    first, head, *run = ran.err.splitlines()
    assert "counts.py: Node.hit raised ValueError: two is too many, on Hit(1) at b" in first
    assert head == "The way there:" and run[-1].startswith("   4. deliver ")


def test_what_was_never_tried_is_told_from_there(cli: Cli, cluster: str) -> None:
    small = ("consensus/paxos", "--set", "acceptors=2", *TWO)
    here, there = cli("search", *small), cli("search", *small, "--cluster", cluster)
    assert "2 workers" in there.out
    assert here.out.splitlines()[2:] == there.out.splitlines()[2:]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--cluster", "nowhere"), "'nowhere' is no address of a cluster; one looks like tcp://"),
        (("--cluster", "127.0.0.1:1"), "no Dask scheduler answers at 127.0.0.1:1; start one by"),
        (("--cluster", "127.0.0.1:1", "--fast"), "leave out either fast or the cluster"),
        (("--cluster", "127.0.0.1:1", "--symmetry", "Acceptor"), "leave out the symmetry"),
        (("--cluster", "127.0.0.1:1", "--property", "chosen"), "leave out the cluster"),
    ],
)
def test_bad_input_is_one_clear_sentence(cli: Cli, options: tuple[str, ...], sentence: str) -> None:
    ran = cli("search", "consensus/paxos", *options)
    assert ran.status == 2 and ran.out == ""
    assert sentence in ran.err and len(ran.err.splitlines()) == 1


def test_without_dask_the_extra_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    ran = cli("search", "consensus/paxos", "--cluster", "127.0.0.1:8786")
    assert ran.status == 2 and "pip install 'protocol-playground[cluster]'" in ran.err


def test_a_terminal_sees_how_far_it_is_and_ctrl_c_tells_what_was_covered(cluster: str) -> None:
    command = ["-m", "playground", "search", *LONG, "--cluster", cluster]
    screen = pexpect.spawn(
        sys.executable, command, cwd=str(ROOT), env=environment(), encoding="utf-8", timeout=50
    )
    screen.expect("[0-9]{2},[0-9]{3} states, [0-9,]+ a second, depth [0-9]+, [0-9,]+ to be tried")
    screen.sendintr()
    screen.expect("it was interrupted, with [0-9,]+ states to be tried")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 130
