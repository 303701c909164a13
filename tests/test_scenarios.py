"""Every scenario that ships plays with the outcome that it states."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.session import scenarios
from playground.session.playback import Playback
from playground.session.save import as_scenario
from playground.session.scenario import dump, parse
from playground.session.scenario import load as load_scenario

each_scenario = pytest.mark.parametrize("name", scenarios.names())


@each_scenario
def test_it_plays_with_the_outcome_that_it_states(name: str) -> None:
    playback = Playback(load_scenario(scenarios.find(name)))
    compared = [e for played in playback.play() for e in played.expectations] + playback.end()
    assert compared, "a scenario that expects nothing can't fail"
    assert [e for e in compared if not e.ok] == []


@each_scenario
def test_it_tells_a_lesson_and_where_the_lecture_has_it(name: str) -> None:
    scenario = load_scenario(scenarios.find(name)).scenario
    assert scenario.lesson and scenario.seeds
    assert all(step.say or step.ask for step in scenario.step)


@each_scenario
def test_saved_at_its_end_it_replays_to_the_same_world(name: str) -> None:
    one = Playback(load_scenario(scenarios.find(name)))
    list(one.play())
    again = Playback(parse(dump(as_scenario(one.session, "Saved")), Path("saved.toml")))
    list(again.play())
    assert [e for e in again.end() if not e.ok] == []
    assert again.session.world == one.session.world
