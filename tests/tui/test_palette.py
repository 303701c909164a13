"""Facts about the palette."""

from __future__ import annotations

from tests.tui.driver import on_screen, playing


@on_screen
async def test_textual_adds_only_what_the_registry_has_not() -> None:
    async with playing() as d:
        added = {command.title for command in d.app.get_system_commands(d.app.screen)}
        assert added == {"Theme", "Screenshot"}
