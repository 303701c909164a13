"""The screen on small and large terminals, and texts that would like to be obeyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driver import DUEL, on_screen, playing

HOSTILE = r"""
title = "[red]Duel[/red] \u001b[31m \u202e"
protocol = "consensus/paxos"
lesson = "[bold]x[/bold] [@click=app.quit]y[/]"
[setup]
proposers = 2
[[step]]
say = "\u001b]0;owned\u0007 [blink]z[/blink] **bold**"
do = [
  'ask p1 Propose value="[red]A[/red] \u001b[31m"',
  "deliver Prepare p1>*",
  "deliver Promise *>p1",
]
"""


@on_screen
async def test_on_80x24_there_are_tabs_with_the_verdicts_always_in_sight() -> None:
    async with playing(size=(80, 24)) as d:
        await d.press("space")
        for key, sight in (
            ("1", "p1 proposer"),
            ("2", "what m7 would do"),
            ("3", "space-time"),
            ("4", "p1 would lead"),
        ):
            await d.press(key)
            text = d.text()
            assert sight in text
            assert "✓ agreement" in text and "last: deliver m6" in text and "? help" in text
        await d.pilot.click("#tabs", offset=(3, 0))
        await d.pilot.pause()
        assert "╭▶p1 proposer" in d.text()


@on_screen
async def test_on_120x40_everything_is_in_sight_at_once() -> None:
    async with playing() as d:
        await d.press("space")
        text = d.text()
        for sight in (
            "╭ a3 acceptor",
            "in flight",
            "would do",
            "narration · 1 of 11",
            "space-time",
        ):
            assert sight in text
        for row in text.splitlines():
            assert len(row) == 120


@on_screen
async def test_on_200x60_the_log_stands_beside_the_diagram() -> None:
    async with playing(size=(200, 60)) as d:
        await d.press("space")
        assert "> deliver Prepare p1>*" in d.text() and "space-time" in d.text()


@on_screen
async def test_l_shows_the_log_where_the_diagram_was() -> None:
    async with playing() as d:
        await d.press("space", "l")
        assert "> deliver Prepare p1>*" in d.text() and "space-time" not in d.text()
        await d.press("l")
        assert "space-time" in d.text()


@on_screen
async def test_below_60x16_a_sentence_says_so_and_a_larger_one_brings_it_back() -> None:
    async with playing(size=(50, 12)) as d:
        assert "50x12 is too small to play in; 60x16 is enough." in d.text()
        await d.pilot.resize_terminal(120, 40)
        await d.pilot.pause()
        assert "╭ p1 proposer" in d.text()


@pytest.mark.parametrize("size", [(60, 16), (99, 29), (100, 30), (159, 45), (300, 100)])
@on_screen
async def test_no_size_breaks_it(size: tuple[int, int]) -> None:
    async with playing(size=size) as d:
        for _ in range(3):
            d.play.action_next()
        await d.press("f", "escape", "o", "escape")
        assert "narration" in d.text() or "[2 Queue]" in d.text()


@on_screen
async def test_sixteen_nodes_fit(home: Path) -> None:
    lines = ['title = "Many"', 'protocol = "consensus/paxos"', "[setup]", "acceptors = 14"]
    (home / "many.toml").write_text("\n".join(lines), encoding="utf-8")
    async with playing("many.toml") as d:
        assert all(f"╭ a{n} acceptor" in d.text() for n in range(1, 15))
        await d.command("ask p1 Propose value=A")
        assert "▸round 1 ← 0" in d.text() or "▸phase prepare ← idle" in d.text()


@on_screen
async def test_markup_and_escapes_in_texts_are_shown_and_not_obeyed(home: Path) -> None:
    (home / "hostile.toml").write_text(HOSTILE, encoding="utf-8")
    async with playing("hostile.toml") as d:
        text = d.text()
        assert "[red]Duel[/red] ␛[31m \\u202e" in text
        assert "[bold]x[/bold] [@click=app.quit]y[/]" in text
        await d.press("space")
        text = d.text()
        assert "␛]0;owned␇ [blink]z[/blink] bold" in text
        assert '"[red]A[/red]' in text
        assert "\x1b" not in text and "\x07" not in text
        await d.press("enter", "o")
        assert "\x1b" not in d.text()


@on_screen
async def test_states_are_not_told_by_colour_alone() -> None:
    async with playing(DUEL) as d:
        await d.press("space")
        assert "▸promises {a1,a2}" in d.text()  # changed
        assert "▸ m7" in d.text()  # highlighted
        assert "■" in d.text()  # on disk
        await d.command("crash a1")
        text = d.text()
        assert "a1 acceptor ✖ DOWN" in text and "┊" in text  # down
        assert "just now" in text


@on_screen
@pytest.mark.parametrize(
    ("scenario", "size", "keys"),
    [
        ("synchronous/om1_n4_commander", (120, 40), ("i tick", "C corrupt", "f forge")),
        ("synchronous/om1_n4_commander", (80, 24), ("i tick", "f forge")),
        ("synchronous/flood_chain", (120, 40), ("i tick", "p partition")),
        ("leases/lease_drift", (80, 24), ("n advance", "x drop")),
    ],
)
async def test_the_keys_that_a_model_needs_most_are_in_sight(
    scenario: str, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    async with playing(scenario, size) as d:
        footer = d.text().splitlines()[-1]
        assert [key for key in keys if key not in footer] == []


@on_screen
async def test_the_keys_stay_with_their_pane_whatever_the_size() -> None:
    async with playing() as d:
        await d.press("space", "3")
        await d.pilot.resize_terminal(80, 24)
        await d.pilot.pause()
        assert "[3 Diagram]" in d.text() and d.play.query_one("#diagram").has_focus
        await d.press("2")
        for size in ((50, 12), (120, 40), (50, 12), (80, 24)):
            await d.pilot.resize_terminal(*size)
            await d.pilot.pause()
        assert "[2 Queue]" in d.text() and d.play.query_one("#queue").has_focus
        await d.press("enter")
        assert d.log()[-1] == "deliver m7"
