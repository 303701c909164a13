"""Facts about the lessons on synchronous agreement."""

from __future__ import annotations

from contextlib import suppress

import pytest

from playground.session import scenarios
from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.playback import Playback
from playground.session.scenario import Scenario
from playground.session.scenario import load as load_scenario
from playground.session.session import Session
from playground.session.verdicts import bugs
from tests.helpers import session

NAMES = [name for name in scenarios.names() if name.startswith("synchronous/")]


def lesson(name: str) -> Scenario:
    return load_scenario(scenarios.find(name)).scenario


def played(name: str) -> Session:
    playback = Playback(load_scenario(scenarios.find(name)))
    list(playback.play())
    return playback.session


def broken(run: Session) -> set[str]:
    """What has broken inside the model."""
    return {b.property for b in bugs(run.state, run.properties)}


BUGGY = [n for n in NAMES if "bug" in lesson(n).setup and not lesson(n).end["outside"]]


def test_every_known_bug_has_a_lesson() -> None:
    for protocol in {lesson(name).protocol for name in NAMES}:
        shown = {lesson(n).setup["bug"] for n in BUGGY if lesson(n).protocol == protocol}
        assert shown == set(load(protocol).bugs)


@pytest.mark.parametrize("name", BUGGY)
def test_a_lesson_on_a_bug_shows_all_that_it_breaks(name: str) -> None:
    run = played(name)
    promised = {run.protocol.property(p).name for p in run.protocol.bugs[run.setup["bug"]].breaks}
    assert broken(run) == promised - set(run.world.rules.model.gives_up)


@pytest.mark.parametrize("name", BUGGY)
def test_without_its_bug_the_same_script_breaks_nothing(name: str) -> None:
    scenario = lesson(name)
    run = session(scenario.protocol, {k: v for k, v in scenario.setup.items() if k != "bug"})
    for line in (line for step in scenario.step for line in step.do):
        with suppress(BadInput):  # what the bug alone would have sent is not in flight
            run.say(line)
    assert broken(run) == set()


@pytest.mark.parametrize("name", [n for n in NAMES if n not in BUGGY])
def test_any_other_lesson_breaks_nothing_inside_its_model(name: str) -> None:
    assert broken(played(name)) == set()


# ---- two views that can't be told apart


def view(run: Session, pid: str) -> list[object]:
    """All that happens to a node, as it sees it itself."""
    seen: list[object] = []
    for event in run.past():
        if event.action == "tick":
            seen.append("tick")
        elif event.action == "deliver" and event.dst == pid:
            seen.append((event.src, event.what))
    return seen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("synchronous/om1_n3", "synchronous/om1_n3_case2"),
        ("synchronous/om1_n3_own", "synchronous/om1_n3_own_case2"),
        ("synchronous/om1_n4_lieutenant", "synchronous/om1_n4_commander"),
    ],
)
def test_l1_can_not_tell_a_lying_lieutenant_from_a_lying_commander(one: str, other: str) -> None:
    first, second = played(one), played(other)
    assert view(first, "l1") == view(second, "l1")
    assert first.world.nodes["l1"] == second.world.nodes["l1"]
    assert first.world.corrupt != second.world.corrupt


def test_with_signatures_it_can() -> None:
    first, second = played("synchronous/sm_forge_rejected"), played("synchronous/sm1_n3")
    assert first.world.nodes["l1"] != second.world.nodes["l1"]
