"""Facts about saved sessions: what was told on the way is told again."""

from __future__ import annotations

from pathlib import Path

from playground.session import scenarios
from playground.session.playback import Playback
from playground.session.save import as_scenario
from playground.session.scenario import dump, load, parse


def duel(steps: int) -> Playback:
    """The dueling leaders, so far."""
    playback = Playback(load(scenarios.find("px_duel")))
    list(playback.play(steps))
    return playback


def again(one: Playback) -> Playback:
    """What was saved, played."""
    saved = as_scenario(one.session, "Saved", "A lesson", one.told)
    other = Playback(parse(dump(saved), Path("saved.toml")))
    assert [e for played in other.play() for e in played.expectations] == []
    assert [e for e in other.end() if not e.ok] == []
    assert other.session.world == one.session.world
    return other


def test_the_script_keeps_its_narration_and_its_questions() -> None:
    one = duel(4)
    other = again(one)
    assert [s.say for s in other.scenario.step] == [s.say for s in one.scenario.step[:4]]
    assert other.scenario.step[2].ask == one.scenario.step[2].ask is not None


def test_what_was_done_besides_the_script_comes_where_it_was_done() -> None:
    one = duel(2)
    one.session.say("drop m7")
    list(one.play(4))
    one.session.say("forge Accept p1>a1,a2 n=(9, p1) value=X")
    steps = again(one).scenario.step
    assert [bool(step.say) for step in steps] == [True, True, True, True, False]
    assert steps[2].do == ["drop Accept p1>a1"]
    assert [line.split()[0] for line in steps[4].do] == ["forge", "forge"]


def test_what_was_undone_is_not_told() -> None:
    one = duel(4)
    one.session.say("undo 3")
    steps = again(one).scenario.step
    assert [s.say for s in steps[:3]] == [s.say for s in one.scenario.step[:3]]
    assert steps[3].say == "" and len(steps) == 4
