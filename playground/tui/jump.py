"""Jump mode: a letter over each part of the screen, and the keys go to the one that is pressed."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.errors import NoWidget
from textual.geometry import Region
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from playground.tui.widgets.bars import Tabs
from playground.tui.widgets.nodes import Nodes

LETTERS = "asdfghjkl" + "".join(c for c in ascii_lowercase if c not in "asdfghjkl")
"""The keys on which the fingers rest come first."""


class Goal(NamedTuple):
    """A part of the screen, and the action that leads there."""

    region: Region
    action: str


class Jump(ModalScreen[str]):
    """Returns the action of the goal that was chosen, "" for none."""

    def __init__(self, goals: Sequence[Goal]) -> None:
        super().__init__()
        self._goals = dict(zip(LETTERS, goals, strict=False))

    def compose(self) -> ComposeResult:
        for letter, goal in self._goals.items():
            label = Static(f" {letter} ", id=f"jump-{letter}", classes="jump", markup=False)
            inside = goal.region.height > 2  # then it has a frame
            label.styles.offset = (goal.region.x + inside, goal.region.y + inside)
            yield label
        yield Static("a letter jumps there   esc stays", id="jump-keys", markup=False)

    def on_mount(self) -> None:
        self._placed = self.app.size

    def on_key(self, event: events.Key) -> None:
        """No other key does anything: it was meant for this."""
        event.stop()
        event.prevent_default()
        if event.key in self._goals:
            self.dismiss(self._goals[event.key].action)
        elif event.key in ("escape", "ctrl+o"):
            self.dismiss("")

    def on_click(self, event: events.Click) -> None:
        """To what stands under the mouse; the smallest, as one may lie in another."""
        under = [g for g in self._goals.values() if g.region.contains_point(event.screen_offset)]
        under.sort(key=lambda goal: goal.region.area)
        self.dismiss(under[0].action if under else "")

    def on_resize(self, event: events.Resize) -> None:
        """The parts of the screen are somewhere else now."""
        if event.size != self._placed:
            self._placed = event.size  # as there may be more such events before it is gone
            self.dismiss("")


def goals(screen: Screen[None]) -> list[Goal]:
    """What is in sight of the play screen: tabs, nodes, the other panes, and the verdicts."""
    tabs = screen.query_one(Tabs)
    found = [Goal(region, action) for region, action in tabs.places()]
    for index, node in enumerate(screen.query_one(Nodes).panes):
        found.append(Goal(_seen(node), f"node({index})"))
    panes = ("queue", "effect", "story", "diagram", "log")
    found += [Goal(_seen(screen.query_one(f"#{name}")), f"panel('{name}')") for name in panes]
    found.append(Goal(_seen(screen.query_one("#verdicts")), "properties"))
    return [goal for goal in found if goal.region]


def _seen(widget: Widget) -> Region:
    """Where it is to be seen; an empty region if it is not."""
    try:
        found = widget.screen.find_widget(widget)
    except NoWidget:
        return Region()
    return found.visible_region
