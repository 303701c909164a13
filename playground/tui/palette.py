"""The palette: every action of the registry, and every command that makes sense now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher

from playground.session.cells import visible
from playground.tui.actions import PLAY
from playground.tui.lazy import later

if TYPE_CHECKING:
    from playground.session import suggest
    from playground.tui.play import Play
else:
    suggest = later("playground.session.suggest")


class PlayCommands(Provider):
    """For the play screen."""

    @property
    def _play(self) -> Play | None:
        from playground.tui.play import Play

        return self.screen if isinstance(self.screen, Play) else None

    def _entries(self) -> Iterator[tuple[str, Callable[[], Any], str]]:
        play = self._play
        if play is None:
            return
        for action in PLAY:
            if action.id != "app.command_palette":
                name = f"{action.label} ({action.key})"
                yield name, partial(play.run_action, action.id), action.help
        for command, about in suggest.possible(play.game.session):
            yield visible(command), partial(play.act, command), visible(about)

    async def discover(self) -> Hits:
        for name, act, about in self._entries():
            yield DiscoveryHit(Content(name), act, text=name, help=_no_markup(about))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, act, about in self._entries():
            score = max(matcher.match(name), 0.7 * matcher.match(about))
            if score > 0:
                yield Hit(score, _marked(matcher, name), act, text=name, help=_no_markup(about))


def _marked(matcher: Matcher, name: str) -> Content:
    """What fits is marked; a value that looks like markup is none."""
    content = Content(name)
    for at in matcher.fuzzy_search.match(matcher.query, name)[1]:
        content = content.stylize(matcher.match_style, at, at + 1)
    return content


def _no_markup(text: str) -> str:
    """For Textual, which reads the help as markup."""
    return text.replace("[", r"\[")
