"""Facts about `playground search` where nodes lie, clocks go wrong, or a handler raises."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli

GENERALS = ("synchronous/om", "--corrupt", "1", "--forgeries", "2")
TWO_HOLDERS = ("--ask", "h1 Acquire", "--ask", "h2 Acquire", "--property", "LS.S1")


def test_one_traitor_among_four_generals_can_do_nothing(cli: Cli) -> None:
    ran = cli("search", *GENERALS, "--json")
    assert ran.status == 0 and ran.json["complete"]


def test_one_traitor_among_three_generals_can_and_that_is_outside(cli: Cli) -> None:
    ran = cli("search", *GENERALS, "--set", "n=3", "--json")
    assert ran.status == 1
    assert ran.json["violation"]["bug"] is False
    assert ran.json["violation"]["outside"] == ["1 traitor > 0"]
    assert ran.json["violation"]["trace"][0].startswith("corrupt ")


def test_a_traitor_may_be_named(cli: Cli) -> None:
    ran = cli("search", *GENERALS, "--set", "bug=takes_late", "--corrupt", "c", "--json")
    assert ran.status == 1 and ran.json["violation"]["bug"]
    assert ran.json["violation"]["trace"][0] == "corrupt c silent"


@pytest.mark.parametrize("bug", ["takes_short", "counts_again"])
def test_with_signatures_a_traitor_forges_by_its_own_key_alone(cli: Cli, bug: str) -> None:
    lies = ("synchronous/sm", "--corrupt", "1", "--forgeries", "2", "--json")
    assert cli("search", *lies).json["complete"]
    ran = cli("search", *lies, "--set", f"bug={bug}")
    assert ran.status == 1 and ran.json["violation"]["outside"] == []


def test_with_authenticators_a_traitor_can_split_the_others_but_not_give_orders(cli: Cli) -> None:
    lies = ("synchronous/sm", "--set", "proof=authenticator", "--corrupt", "1", "--forgeries", "2")
    obeyed = cli("search", *lies, "--property", "IC2", "--json")
    assert obeyed.status == 0 and obeyed.json["complete"]
    ran = cli("search", *lies, "--property", "IC1", "--json")
    assert ran.status == 1 and ran.json["violation"]["outside"] == []
    assert ran.json["violation"]["trace"][0] == "corrupt c silent"
    assert not ran.json["violation"]["bug"]
    told = cli("search", *lies, "--property", "IC1").out
    assert "As the theory says: it is not promised here." in told


def test_a_forged_message_breaks_paxos_outside_its_model(cli: Cli) -> None:
    ran = cli("search", "consensus/paxos", "--forgeries", "1", "--json")
    assert ran.status == 1 and ran.json["violation"]["bug"] is False
    assert ran.json["violation"]["outside"] == ["forged Decide"]


def test_where_there_is_time_it_is_part_of_a_run(cli: Cli, tmp_path: Path) -> None:
    kept = tmp_path / "found.toml"
    bug = ("leases/lease_service", "--set", "bug=term_from_receipt", *TWO_HOLDERS)
    ran = cli("search", *bug, "--horizon", "12", "--save", kept, "--json")
    assert ran.status == 1 and ran.json["violation"]["bug"]
    assert "advance 4" in ran.json["violation"]["trace"]
    assert cli("play", kept).status == 0


def test_a_lease_is_safe_within_a_short_time(cli: Cli) -> None:
    ran = cli("search", "leases/lease_service", "--horizon", "8", "--set", "holders=1", "--json")
    assert ran.status == 0 and ran.json["complete"]
    assert "a time of at most 8" in cli("search", "leases/lease_service", "--horizon", "8").out


def test_where_no_time_passes_it_has_no_bound(cli: Cli) -> None:
    for bound in (("--horizon", "5"), ("--grain", "2"), ("--horizon", "any")):
        ran = cli("search", "synchronous/om", *bound)
        assert ran.status == 2 and "no time passes in this model" in ran.err


def test_clocks_that_drift_break_a_lease_that_reckons_without_them(cli: Cli) -> None:
    slow = ("--set", "rho=1/2", "--set", "term=4", "--set", "retry=4", "--drifts", "1", "--json")
    bug = ("leases/lease_service", "--set", "bug=full_term", *TWO_HOLDERS, *slow)
    ran = cli("search", *bug)
    assert ran.status == 1 and ran.json["violation"]["bug"]
    assert any(line.startswith("clock ") for line in ran.json["violation"]["trace"])


RAISING = '''
"""A node that counts to two, and fails."""

from playground.protocol import Input, Message, Model, Role, always, upon


class Go(Input):
    pass


class Hit(Message):
    n: int


class Node(Role):
    count: int = 0

    @upon(Go)
    def go(self):
        self.send(Hit(1), to="b")

    @upon(Hit)
    def hit(self, src, n):
        self.count += n
        if self.count == 2:
            raise ValueError("two is too many")


@always()
def fine(system):
    return True


def setup():
    return [Node("a"), Node("b"), Node("c")]


def model(nodes):
    return Model()


def workload(nodes):
    return [("a", Go()), ("c", Go())]
'''


@pytest.mark.parametrize("how", [(), ("--walks", "20")])
def test_the_way_to_where_a_handler_raises_is_told_and_kept(
    cli: Cli, tmp_path: Path, how: tuple[str, ...]
) -> None:
    file, kept = tmp_path / "counts.py", tmp_path / "way.toml"
    file.write_text(RAISING)
    ran = cli("search", file, "--save", kept, *how)
    assert ran.status == 2 and ran.out == ""
    first, head, *run, saved = ran.err.splitlines()
    assert "counts.py: Node.hit raised ValueError: two is too many, on Hit(1) at b" in first
    assert head == "The way there:" and run[-1].startswith("   4. deliver ")
    assert str(kept) in " ".join([*run, saved])
    played = cli("play", kept, "--json")
    assert played.status == 0


def test_the_way_there_is_no_test(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "counts.py"
    file.write_text(RAISING)
    ran = cli("search", file, "--save", tmp_path / "test_way.py")
    assert ran.status == 2 and "save the way there as a .toml file" in ran.err
