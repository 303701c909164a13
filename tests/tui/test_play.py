"""The play screen, driven by keys, mouse, command line and palette."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.session import scenario
from playground.session.playback import Playback
from playground.session.typed import path, typed
from playground.session.verdicts import Word
from playground.tui.actions import PLAY
from playground.tui.form_screen import FormScreen
from playground.tui.widgets.prose import Log
from playground.tui.widgets.queue import Queue
from tests.tui.driver import on_screen, playing

# ---- the lesson of the house: duel, undo, forge, save, replay


@on_screen
async def test_a_duel_is_played_undone_broken_by_a_forgery_and_saved(home: Path) -> None:
    async with playing() as d:
        while d.play.game.scripted:
            d.play.action_next()
        words: dict[str, Word] = d.session.verdicts()
        assert (words["agreement"], words["chosen"]) == ("holds", "livelock")
        before = d.step
        await d.command("undo 10")
        assert d.step == before - 10
        for line in (
            "forge Accept p1>a1,a2 n=(90,p1) value=A",
            "deliver Accept p1>a1,a2 n=(90,p1)",
            "forge Accept p2>a1,a2 n=(91,p2) value=B",
            "deliver Accept p2>a1,a2 n=(91,p2)",
        ):
            assert d.play.say(line) is None
        await d.pilot.pause()
        assert "agreement VIOLATED" in d.text()
        assert "as the theory says: outside forged Accept" in d.text()
        await d.command("save broken")
        final = d.session.state
    saved = Playback(scenario.load(home / "broken.toml"))
    assert all(e.ok for played in saved.play() for e in played.expectations)
    assert all(e.ok for e in saved.end())
    assert saved.session.world == final.world


# ---- messages


@on_screen
async def test_enter_delivers_the_highlighted_message_and_the_next_is_highlighted() -> None:
    async with playing() as d:
        await d.press("space")  # p1's commands are on their way
        assert d.highlighted == "m7"
        await d.press("down", "enter")
        assert d.log()[-1] == "deliver m8"
        assert d.highlighted == "m9"
        assert "accepted ((1,p1),A)" in d.text()


@on_screen
async def test_messages_are_dropped_duplicated_and_held_by_key() -> None:
    async with playing() as d:
        await d.press("space", "x", "d", "h")
        assert d.log()[-3:] == ["drop m7", "duplicate m8", "hold m8"]
        assert "‖ held" in d.text() and "‶ copy of m8" in d.text()
        await d.press("enter")
        assert "m8 is held" in d.text() or "it is held" in d.text()
        await d.press("h")
        assert d.log()[-1] == "release m8"


@on_screen
async def test_what_a_message_would_do_is_shown_before_it_is_done() -> None:
    async with playing() as d:
        await d.press("space")
        text = d.text()
        assert "what m7 would do · a1 · Acceptor.accept" in text
        assert "→ sends Accepted (1,p1) A to p1" in text
        assert "▸     self.accepted = (n, value)" in text


@on_screen
async def test_what_can_not_be_delivered_stays_with_its_reason() -> None:
    async with playing() as d:
        await d.press("space")
        await d.command("crash a1")
        text = d.text()
        assert "Accept (1,p1) A  ✖ a1 down" in text and "can't arrive: a1 is down" in text
        assert "✖ DOWN" in text
        await d.press("enter")
        assert "a1 is down" in d.notices()


# ---- everything can be undone


GESTURES = [
    "deliver m7", "drop m7", "duplicate m7", "hold m7", "edit m7 value=Z", "replay m1",
    "forge Promise a1>p2 n=(1,p2) accepted=-", "ask p2 Propose value=B", "fire p1 Retry",
    "crash a1", "crash p1 after=1", "cut {p1,a1} | {a2,a3,p2}", "cut p1>a2", "step",
    "run fifo 5", "seed 7 random 9", "finish", "corrupt a3",
]  # fmt: skip


@on_screen
async def test_every_gesture_echoes_its_command_and_can_be_undone() -> None:
    async with playing() as d:
        d.play.action_next()
        start = d.session.state
        for line in GESTURES:
            assert d.play.say(line) is None, line
            assert d.log()[-1].replace(" ", "") == line.replace(" ", "")
            assert d.step > start.step
            d.play.action_undo_all()
            assert d.session.state == start, line
            d.play.act(f"redo {d.session.history.branch.tip - start.step}")
            d.play.act(f"undo {d.step - start.step}")
            await d.pilot.pause()


@on_screen
async def test_undo_goes_back_one_step_and_backspace_one_command() -> None:
    async with playing() as d:
        await d.press("space")
        assert d.step == 7
        await d.press("u", "u")
        assert d.step == 5
        await d.press("ctrl+r")
        assert d.step == 6
        await d.press("backspace")
        assert d.step == 0
        assert "narration · 0 of 11" in d.text()


# ---- forms


@on_screen
async def test_a_forgery_is_filled_in_checked_and_done() -> None:
    async with playing() as d:
        await d.press("space", "f")
        form = d.app.screen
        assert isinstance(form, FormScreen)
        assert "forge a message" in d.text()
        await d.press("down", "down", "down")
        await d.type("nine")
        assert "✗ nine is not (a whole number, a node)" in d.text()
        await d.press("enter")
        assert d.app.screen is form and d.step == 7  # nothing is lost, nothing is done
        await d.type("(9,p1)")
        assert ":forge Accept p1>a1 n=(9,p1) value=A" in d.text()
        assert "a1 would:" in d.text()
        await d.press("enter")
        assert d.log()[-1] == "forge Accept p1>a1 n=(9, p1) value=A"
        assert "outside: 1" in d.text() and "! forged" in d.text()


@on_screen
async def test_another_kind_of_message_makes_another_form() -> None:
    async with playing() as d:
        await d.press("space", "f", "d")  # jumps to Decide
        assert ":forge Decide p1>a1 value=A" in d.text()
        assert "(a whole number, a node)" not in d.text()
        await d.press("escape")
        assert d.step == 7


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (("a", "enter"), "ask p1 Propose value=A"),
        (("t", "enter"), "fire p1 Retry"),
        (("c", "enter"), "crash a1"),
        (("c", "down", "1", "enter"), "crash a1 after=1"),
        (("p", "enter"), "cut {a1} | {p1,p2,a2,a3}"),
        (("y", "enter"), "replay m6"),
        (("z", "enter"), "seed 1 random 20"),
        (("b", "enter"), "bookmark step7"),
        (("g", "enter"), "goto 0"),
    ],
    ids=lambda x: x[0] if isinstance(x, tuple) else None,
)
@on_screen
async def test_forms_come_up_filled_in(keys: tuple[str, ...], command: str) -> None:
    async with playing() as d:
        d.play.action_next()
        await d.press(*keys)
        assert d.log()[-1] == command


@on_screen
async def test_what_makes_no_sense_now_is_a_notice() -> None:
    async with playing() as d:
        await d.press("v", "P", "enter")
        notices = d.notices()
        assert "no node is down" in notices
        assert "no link is cut" in notices
        assert "nothing is in flight" in notices
        assert d.step == 0


# ---- the command line


@on_screen
async def test_a_wrong_line_stays_to_be_corrected() -> None:
    async with playing() as d:
        await d.press("colon")
        await d.type("delivr m7")
        await d.press("enter")
        assert "did you mean deliver?" in d.notices()
        assert "delivr m7" in d.text()
        await d.press("escape", "space")
        assert d.step == 7


@on_screen
async def test_a_line_is_completed_and_remembered() -> None:
    async with playing() as d:
        await d.press("space", "colon")
        await d.type("deliver m")
        await d.pilot.pause(0.05)
        await d.press("tab", "enter")
        assert d.log()[-1] == "deliver m7"
        await d.press("colon", "up")
        assert "deliver m7" in d.text().splitlines()[-2]


@on_screen
async def test_what_could_be_typed_stands_below_what_is_typed() -> None:
    async with playing() as d:
        await d.press("space", "colon")
        assert "esc closes" in d.text().splitlines()[-1]
        await d.type("drop A")
        assert d.text().splitlines()[-1].startswith(" tab drop Accept p1>a1 · drop Accept p1>a2 ·")


@on_screen
async def test_the_next_session_remembers_what_was_typed() -> None:
    async with playing() as d:
        await d.command("run fifo 2")
        await d.command("crash a1")
    async with playing("consensus/paxos") as d:
        await d.press("colon", "up", "up", "enter")
        assert d.log()[-1] == "run fifo 2"
    assert typed() == ["crash a1", "run fifo 2"]
    assert path().stat().st_mode & 0o077 == 0


@on_screen
async def test_the_name_of_an_action_can_be_typed() -> None:
    async with playing() as d:
        await d.command("next")
        assert d.step == 7
        await d.command("help")
        assert "The highlighted message" in d.text()


# ---- script


@on_screen
async def test_a_question_is_answered_before_the_script_goes_on() -> None:
    async with playing() as d:
        await d.press("space", "space", "space")
        assert "? Which value can still be chosen?" in d.text()
        assert "✓ either" not in d.text()
        done = d.play.game.playback.done if d.play.game.playback else 0
        await d.press("space")
        assert "✓ either" in d.text()
        assert d.play.game.playback and d.play.game.playback.done == done


@on_screen
async def test_a_script_that_no_longer_fits_says_so_with_its_place() -> None:
    async with playing() as d:
        await d.command("crash p1")
        await d.press("space")
        assert "px_duel.toml:" in d.notices() and "p1 is down" in d.notices()


@on_screen
async def test_a_protocol_without_script_begins_with_its_workload() -> None:
    async with playing("consensus/paxos") as d:
        assert d.log() == ["ask p1 Propose value=A"]
        await d.press("space")
        assert d.log()[-1] == "step"


# ---- running


@on_screen
async def test_it_runs_until_it_is_paused() -> None:
    async with playing("consensus/paxos") as d:
        await d.press("plus", "plus", "r")
        await d.pilot.pause(0.4)
        assert "▶" in d.text()
        await d.press("r")
        step = d.step
        assert step > 2
        await d.pilot.pause(0.2)
        assert d.step == step and "▶ " not in d.text()


# ---- what is seen


@on_screen
async def test_a_bug_is_called_a_bug() -> None:
    async with playing("consensus/px_no_log") as d:
        while d.play.game.scripted:
            d.play.action_next()
        await d.pilot.pause()
        assert "only_chosen VIOLATED at step 12" in d.text()
        assert "BUG: nothing that it needs was left" in d.text()
        agreement = next(b.step for b in d.session.state.broken if b.property == "agreement")
        await d.press("o", "enter")  # to the moment where the first one was broken
        assert d.step == agreement


@on_screen
async def test_verdicts_that_need_time_come_by_themselves() -> None:
    async with playing() as d:
        while d.play.game.scripted:
            d.play.action_next()
        await d.pilot.pause(0.8)
        assert "↻ chosen livelock" in d.text()


@on_screen
async def test_the_diagram_travels() -> None:
    async with playing() as d:
        await d.press("space", "3", "up", "up", "enter")
        assert d.step == 5
        assert "step 5 of 7" in d.text()
        assert d.log()[-1] == "goto 5"


@on_screen
async def test_everything_about_a_node_is_a_key_away() -> None:
    async with playing() as d:
        await d.press("1", "right", "right", "enter")
        assert "a1 at step 0" in d.text() and "(a1,a2,a3)" in d.text()


@on_screen
async def test_a_click_highlights_and_two_deliver() -> None:
    async with playing() as d:
        await d.press("space")
        queue = d.play.query_one(Queue)
        await d.pilot.click(queue, offset=(6, 3))
        assert d.highlighted == "m8"
        await d.pilot.double_click(queue, offset=(6, 3))
        await d.pilot.pause()
        assert d.log()[-1] == "deliver m8"


@on_screen
async def test_the_keys_below_can_be_clicked() -> None:
    async with playing() as d:
        await d.pilot.click("#keys", offset=(2, 0))
        await d.pilot.pause()
        assert d.step == 7


@on_screen
async def test_a_right_click_offers_what_can_be_done_to_a_message() -> None:
    async with playing() as d:
        await d.press("space")
        await d.pilot.click(Queue, offset=(6, 2), button=3)
        await d.pilot.pause()
        assert "One more copy of it is under way." in d.text()
        await d.press("down", "enter")
        await d.pilot.pause()
        assert d.log()[-1] == "drop m7"


@on_screen
async def test_the_palette_finds_actions_and_commands() -> None:
    async with playing() as d:
        await d.press("space", "ctrl+p")
        await d.type("crash a2")
        await d.pilot.pause(0.5)
        await d.press("enter")
        await d.pilot.pause()
        assert d.log()[-1] == "crash a2"


def test_every_action_is_in_the_registry_once() -> None:
    keys = [key for action in PLAY for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))
    assert len({a.id for a in PLAY}) == len(PLAY)
    from playground.tui.play import Play

    methods = {a.id.partition("(")[0] for a in PLAY if "." not in a.id}
    assert all(hasattr(Play, f"action_{name}") for name in methods)


@on_screen
async def test_a_click_selects_a_node_and_faults_mean_it() -> None:
    async with playing() as d:
        await d.pilot.click("#node-a2", offset=(3, 3))
        await d.pilot.pause()
        assert "╭▶a2 acceptor" in d.text()
        await d.press("c", "enter")
        assert d.log()[-1] == "crash a2"


@on_screen
async def test_the_log_opens_at_its_end() -> None:
    async with playing() as d:
        await d.press(*["s"] * 12, "l")
        log = d.play.query_one(Log)
        assert log.scroll_offset.y == log.max_scroll_y > 0
        await d.pilot.resize_terminal(120, 38)
        await d.pilot.pause()
        assert log.scroll_offset.y == log.max_scroll_y
