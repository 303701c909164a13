"""Facts about the palette."""

from __future__ import annotations

from tests.tui.driver import on_screen, playing


@on_screen
async def test_what_a_value_says_is_no_markup() -> None:
    async with playing("consensus/paxos") as d:
        assert d.play.say('ask p2 Propose value="[/red] [/] [b]"') is None
        for line in ("deliver Prepare p2>*", "deliver Promise *>p2"):
            assert d.play.say(line) is None
        await d.press("ctrl+p")
        await d.type("accept")
        await d.until(lambda: '[/red] [/] [b]"' in d.text())
        await d.type("")
        await d.until(lambda: "next (space)" in d.text())


@on_screen
async def test_textual_adds_only_what_the_registry_has_not() -> None:
    async with playing() as d:
        added = {command.title for command in d.app.get_system_commands(d.app.screen)}
        assert added == {"Theme", "Screenshot"}
