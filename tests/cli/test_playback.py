"""Playback as plain text reads well, line by line and aloud."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from playground.cli.narrate import sentences
from playground.session.events import Event
from playground.session.scenarios import names
from tests.cli.conftest import Cli

ACTS = """
title = "Every act"
protocol = "consensus/paxos"
lesson = "One *act* after the other."

[[step]]
say = '''
First **this**,

then `that`.'''
do = [
    "ask p1 Propose value=A", "duplicate m1", "hold m1", "release m1", "drop m1'",
    "edit m2 n=(9, p2)", "forge Accept p1>a2 n=(9,p1) value=X", "replay m3", "cut {p1} | {a1,a2}",
    "heal", "cut p1>a2", "heal p1>a2", "crash a3", "recover a3", "crash a2 after=1",
    "fire p1 Retry", "deliver m3", "deliver m1",
]
ask = { question = "Which?", choices = ["one", "two, or three"], answer = "one" }
expect = { p1 = "up", in_flight = 6, "a1.promised" = "(1, p1)", a2 = "down" }
"""

LINES = [
    "p1 is asked: Propose with value A.",
    "A copy m1' of the message from p1 to a1 is under way: Prepare with n (1, p1).",
    "Message m1 from p1 to a1 is held back: Prepare with n (1, p1).",
    "Message m1' from p1 to a1 is lost: Prepare with n (1, p1).",
    "The message from p1 to a2 is changed to m4: Prepare with n (9, p2). "
    "This is outside the model: edited Prepare.",
    "Message m5 from p1 to a2 is forged: Accept with n (9, p1) and value X.",
    "An old message is sent again as m6 from p1 to a3: Prepare with n (1, p1).",
    "The network is cut: a1 and a2 are cut off from p1.",
    "The network is healed.",
    "The network is cut: p1 no longer reaches a2.",
    "a3 crashes.",
    "a3 recovers.",
    "a2 will crash after 1 effect of its next step.",
    "The timer of p1 fires: Retry. p1 sends",
    "a1: promised was (0, none), is now (1, p1).",
    "a1 sends m11 to p1: Promise with n (1, p1) and accepted nothing.",
    "As expected, p1 is up.",
    "Not as expected: 6 messages in flight was due; it is ",
    "Not as expected: a2 is down was due; it is up.",
    "Step 1 of 1. First this,",
    "then that.",
    "Possible answers: one; two, or three.",
    "2 of 4 expectations are not met: see step 1.",
]


@pytest.fixture
def acts(tmp_path: Path) -> Path:
    path = tmp_path / "acts.toml"
    path.write_text(ACTS)
    return path


def test_every_act_is_told_in_a_sentence(cli: Cli, acts: Path) -> None:
    ran = cli("play", acts)
    assert ran.err == ""
    assert [line for line in LINES if line not in ran.out] == []
    assert ran.status == 1


def test_a_broken_property_is_told_where_it_breaks(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(
        'title = "Forged"\nprotocol = "consensus/paxos"\n[[step]]\n'
        'do = ["forge Decide p1>a1 value=X", "forge Decide p1>a2 value=Y", "deliver Decide *>*"]\n'
    )
    out = cli("play", path).out
    assert "The property validity is violated: " in out
    assert "This is outside the model: forged Decide." in out
    assert "Nothing was expected." in out


@pytest.mark.parametrize("name", names())
def test_every_scenario_reads_well(cli: Cli, name: str) -> None:
    ran = cli("play", name)
    assert ran.status == 0, ran.out[-500:]
    assert not re.search("[\x00-\x09\x0b-\x1f\u2190-\u21ff\u2500-\u27bf]", ran.out)  # no signs
    assert "**" not in ran.out and "`" not in ran.out
    assert re.search(r"\nAll \d+ expectations are met.\n$", ran.out)


def test_a_protocol_without_a_script_is_told_by_its_workload(cli: Cli) -> None:
    ran = cli("two_generals")  # the tests have no terminal
    assert ran.status == 0
    assert "is asked: Start with plan dawn." in ran.out


def test_one_scenario_follows_the_other(cli: Cli) -> None:
    out = cli("play", "px_happy", "px_duel").out
    assert out.index("One round is enough") < out.index("\n\nDueling leaders")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("tick", "The round is over, and the next one begins."),
        ("advance 2.5", "Time goes on by 2.5."),
        ("clock p1 rate=2", "The clock of p1 goes at a rate of 2 from now on."),
        (
            "clock p1 rate=1 strobe",
            "The clock of p1 goes at a rate of 1 from now on and is set to the real time.",
        ),
        ("clock * offset=-1", "The clock of every node is set by -1."),
        ("suspect p1 p2", "You make p1 suspect p2."),
        ("leader p1 p2", "You make p1 follow p2."),
        ("corrupt a1", "a1 is a traitor from now on."),
        ("corrupt a1 lies", "a1 is a traitor from now on, and follows lies."),
        ("heal", "The network is healed."),
        ("cut {a} | {b} | {c,d}", "The network is cut: a; b; c and d."),
    ],
)
def test_acts_of_other_models_are_told_too(command: str, sentence: str) -> None:
    event = Event(n=1, action=command.split()[0], command=command)
    assert sentences(event) == [sentence]
