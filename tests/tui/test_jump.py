"""Jump mode: letters over the panes."""

from __future__ import annotations

from playground.tui.jump import Jump
from playground.tui.widgets.nodes import Nodes
from tests.tui.driver import Driver, on_screen, playing


def letters(d: Driver) -> dict[str, str]:
    """By where they lead."""
    screen = d.app.screen
    assert isinstance(screen, Jump)
    return {goal.action: key for key, goal in screen._goals.items()}


def letter(d: Driver, action: str) -> str:
    return letters(d)[action]


def focused(d: Driver) -> str:
    return (d.app.focused and d.app.focused.id) or ""


@on_screen
async def test_a_letter_leads_to_every_pane() -> None:
    async with playing(size=(200, 60)) as d:
        for name in ("story", "diagram", "effect", "log", "queue"):
            await d.press("ctrl+o")
            await d.press(letter(d, f"panel('{name}')"))
            assert focused(d) == name
        await d.press("ctrl+o")
        await d.press(letter(d, "node(3)"))
        assert focused(d) == "nodes" and d.play.query_one(Nodes).pid == "a2"
        await d.press("ctrl+o")
        await d.press(letter(d, "properties"))
        assert d.where == "PickScreen"


@on_screen
async def test_esc_leaves_and_other_keys_do_nothing() -> None:
    async with playing() as d:
        await d.press("ctrl+o", "space", "tab", "5")
        assert d.where == "Jump" and d.step == 0
        await d.press("escape")
        assert d.where == "Play" and focused(d) == "queue"


@on_screen
async def test_on_a_small_screen_letters_lead_to_the_tabs() -> None:
    async with playing(size=(80, 24)) as d:
        await d.press("ctrl+o")
        assert "node(0)" not in letters(d)
        await d.press(letter(d, "panel('nodes')"))
        assert "p1 proposer" in d.text()
        await d.press("ctrl+o")
        await d.press(letter(d, "node(4)"))
        assert d.play.query_one(Nodes).pid == "a3"


@on_screen
async def test_a_click_leads_to_what_is_under_it_and_another_size_ends_it() -> None:
    async with playing() as d:
        await d.press("ctrl+o")
        await d.pilot.click(offset=(60, 35))
        await d.pilot.pause()
        assert focused(d) == "diagram"
        await d.press("ctrl+o")
        await d.pilot.resize_terminal(100, 32)
        await d.pilot.pause()
        assert d.where == "Play"
