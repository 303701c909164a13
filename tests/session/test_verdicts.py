"""Facts about blame: when a broken property is a bug, and when it is as the theory says."""

from __future__ import annotations

import pytest

from playground.protocol import Model
from playground.protocol.model import TRUST, Assumption
from playground.session.playback import Playback
from playground.session.scenario import load
from playground.session.scenarios import find
from playground.session.session import Session
from playground.session.verdicts import bugs
from tests.helpers import playback, played

GENERALS = """
title = "Who is to blame?"
protocol = "impossibility/two_generals"
setup = {{ K = 1 }}
model = {{ links = [{links}] }}
[[step]]
say = "The plan is lost, or late."
do = ["ask A Start plan=dawn", "{what}", "fire A Deadline", "fire B Deadline"]
[end]
agreement = "violated"
"""


def split(links: str, what: str) -> Session:
    """Two generals on such links who disagree."""
    play = playback(GENERALS.format(links=links, what=what))
    list(play.play())
    assert all(expectation.ok for expectation in play.end())
    return play.session


def blamed(session: Session) -> list[str]:
    return [b.property for b in bugs(session.state, session.properties)]


def test_what_needs_more_than_the_model_assumes_is_not_promised() -> None:
    lossy = split('"lossy"', "drop M A>B")
    assert (lossy.outside(), blamed(lossy)) == ([], [])


def test_what_breaks_after_an_assumption_that_it_needs_was_left_is_no_bug() -> None:
    reliable = split("", "drop M A>B")
    assert (reliable.outside(), blamed(reliable)) == (["drop on a reliable link"], [])


def test_a_deadline_that_comes_too_early_is_no_bug_where_no_delay_is_bounded() -> None:
    late = split("", "hold M A>B")
    assert (late.outside(), blamed(late)) == ([], [])


def test_what_breaks_with_all_that_it_needs_is_a_bug() -> None:
    wrong = played(
        "consensus/synod_ofcons",
        "ask p1 Propose value=v1",
        "deliver IMPOSE p1>p3",
        "ask p2 Propose value=v2",
        setup={"bug": "skip_all"},
    )
    assert blamed(wrong) == ["chosen_stays"]


def test_what_clashes_is_a_text_like_any_other() -> None:
    (broken,) = split("", "drop M A>B").state.broken
    assert broken.why and type(broken.why) is str


@pytest.mark.parametrize(
    ("assumption", "made", "not_made"),
    [
        ("reliable links", Model(), Model(links=("lossy",))),
        ("no duplication", Model(), Model(links=("duplicating",))),
        ("fifo", Model(links=("fifo",)), Model()),
        ("crash-stop", Model(recovery=False), Model()),
        ("synchrony", Model(timing="rounds"), Model()),
    ],
)
def test_a_model_makes_an_assumption_or_not(
    assumption: Assumption, made: Model, not_made: Model
) -> None:
    assert made.makes(assumption)
    assert not not_made.makes(assumption)


@pytest.mark.parametrize("assumption", sorted(TRUST))
def test_every_model_trusts_alike(assumption: Assumption) -> None:
    assert Model(links=("lossy", "duplicating")).makes(assumption)


def duel() -> Session:
    """Two leaders have starved each other for a while."""
    played = Playback(load(find("consensus/px_duel")))
    for _ in played.play():
        pass
    return played.session


def test_verdicts_that_take_long_pause_often_and_come_to_the_same() -> None:
    session = duel()
    session.say("step")
    pauses = sum(1 for _ in session.judging())
    assert pauses > session.state.step
    assert session.verdicts()["chosen"] == "livelock"
    assert not list(session.judging())  # they are known now


def test_a_circle_is_found_also_where_the_states_of_the_run_are_not_at_hand() -> None:
    session = duel()
    session.say("step")
    session.history._at_hand = {session.state.step: session.state}
    assert session.verdicts()["chosen"] == "livelock"
