"""A pane for each node: what it remembers, what the last step changed, what it decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.reactive import reactive

from playground.protocol import Pid
from playground.session.cells import (
    Cell,
    Line,
    clip,
    clip_line,
    length,
    line,
    pad,
    width,
    wrap_value,
)
from playground.session.view import NodeView, Row
from playground.tui.widgets.lines import Lines

WIDE = 22
"""Columns that a pane needs to be good to read."""

NARROW = 18
"""Columns that it can do with."""

LEAST = 3
"""Lines of the smallest pane: a frame, and one line in it."""

GROWTH = 3
"""So many lines more a pane may get for long values, where others want the room as well."""


class NodePane(Lines, can_focus=False):
    """One node, with a frame of its own."""

    def __init__(self, view: NodeView) -> None:
        super().__init__(id=f"node-{view.pid}")
        self.view = view
        self.selected = False
        self.since: int | None = None
        self.alone = False
        self._tallest: dict[int, tuple[NodeView, int]] = {}  # in so many columns, up to this view

    def needs(self, columns: int, growth: int) -> int:
        """Lines to show everything in so many columns, and a timer, and an old value; for long
        values at most `growth` more.  What a pane has needed once it keeps, lest all others jump
        with every step."""
        usual = max(len(self.view.rows) + 3, 6)
        seen, tallest = self._tallest.get(columns, (None, usual))
        if seen is not self.view:
            tallest = max(tallest, 2 + len(_whole_body(self.view, columns - 3)))
            self._tallest[columns] = self.view, tallest
        return min(tallest, usual + growth)

    def show_node(self, view: NodeView, since: int | None, selected: bool) -> None:
        if (view, since, selected) != (self.view, self.since, self.selected):
            self.view, self.since, self.selected = view, since, selected
            self.redraw()

    def redraw(self) -> None:
        columns, rows = self.outer_size
        lines = pane_lines(self.view, columns, rows, self.since, self.selected, self.alone)
        self.show(lines)

    def on_resize(self) -> None:
        self.redraw()


class Nodes(Container, can_focus=True):
    """All panes in a grid; one of them is selected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "select(-1)", "previous node", show=False),
        Binding("right,down", "select(1)", "next node", show=False),
        Binding("enter", "inspect", "everything about the node", show=False),
    ]
    selected: reactive[int] = reactive(0, repaint=False)

    class Inspect(Message):
        """Everything about this node is wanted."""

        def __init__(self, pid: Pid) -> None:
            super().__init__()
            self.pid = pid

    def __init__(self, views: Sequence[NodeView]) -> None:
        super().__init__(id="nodes")
        self.panes = [NodePane(view) for view in views]
        self.alone = False
        """Is the selected one all that is shown?"""

    def compose(self) -> ComposeResult:
        yield from self.panes

    @property
    def pid(self) -> Pid:
        """The selected node."""
        return self.panes[self.selected].view.pid

    def show(self, views: Sequence[NodeView], since: dict[Pid, int | None]) -> None:
        for index, (pane, view) in enumerate(zip(self.panes, views, strict=True)):
            chosen = self.has_focus and index == self.selected
            pane.show_node(view, since.get(view.pid), chosen)

    def fit(self, columns: int, most: int, growth: int = GROWTH) -> int:
        """Arrange the panes in so many columns; says how many lines they take, at most `most` if
        they can be that small."""
        self._show_selected()
        if self.alone:
            self.styles.grid_size_columns = 1
            self.styles.grid_rows = str(most)
            return most
        widths = dict.fromkeys(columns // least for least in range(WIDE, NARROW - 1, -1))
        arrangements = [self._arranged(columns, across, growth) for across in widths]
        across, heights = min(arrangements, key=lambda found: max(sum(found[1]) - most, 0))
        while sum(heights) > most and max(heights) > LEAST:
            tallest = max(heights)
            heights[len(heights) - 1 - heights[::-1].index(tallest)] -= 1
        self.styles.grid_size_columns = across
        self.styles.grid_rows = " ".join(map(str, heights))
        return sum(heights)

    def _show_selected(self) -> None:
        """All panes, or this one alone."""
        for index, pane in enumerate(self.panes):
            pane.alone = self.alone
            pane.display = not self.alone or index == self.selected

    def _arranged(self, columns: int, across: int, growth: int) -> tuple[int, list[int]]:
        """At most so many panes in a row, evenly; and the lines that each row needs."""
        rows = -(-len(self.panes) // max(across, 1))
        across = -(-len(self.panes) // rows)
        needs = [pane.needs(columns // across, growth) for pane in self.panes]
        return across, [max(needs[i : i + across]) for i in range(0, len(needs), across)]

    def watch_selected(self) -> None:
        self._show_selected()
        self._mark()
        self.panes[self.selected].scroll_visible(animate=False)

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._mark()

    def _mark(self) -> None:
        for index, pane in enumerate(self.panes):
            chosen = self.has_focus and index == self.selected
            pane.show_node(pane.view, pane.since, chosen)

    def action_select(self, by: int) -> None:
        self.selected = (self.selected + by) % len(self.panes)

    def action_inspect(self) -> None:
        self.post_message(self.Inspect(self.pid))

    @on(Lines.Chosen)
    def _clicked(self, event: Lines.Chosen) -> None:
        event.stop()
        again = self.has_focus and self.panes[self.selected] is event.lines
        self.selected = next(i for i, pane in enumerate(self.panes) if pane is event.lines)
        self.focus()
        if again and event.chain > 1:
            self.action_inspect()


# ---- one pane as lines


def pane_lines(
    view: NodeView,
    columns: int,
    rows: int,
    since: int | None = None,
    selected: bool = False,
    whole: bool = False,
) -> list[Line]:
    """The frame and what is in it, in exactly so many columns and rows; also what never changes, if
    it is to be the `whole`."""
    if columns < 6 or rows < 2:
        return []
    tag = "now" if view.moved else "focus" if selected else "frame" if view.up else "dim"
    side = "│" if view.up else "┊"
    inside = columns - 3  # its first columns are for marks, so it needs no margin on the left
    body, hidden = _body(view, inside, rows - 2, view.constants if whole else ())
    lines = [_top(view, columns, tag, selected)]
    for cells in body:
        inner = clip_line(cells, inside)
        blank = " " * (inside - length(inner))
        lines.append(line((side, tag), *inner, (f"{blank} {side}", tag)))
    lines.append(_bottom(view, columns, tag, since, hidden))
    return lines


def _top(view: NodeView, columns: int, tag: str, selected: bool) -> Line:
    state: list[Cell] = []
    if not view.up:
        state = [(" ✖ DOWN", "bad")]
    elif view.corrupt:
        state = [(" ☠ corrupt", "bad")]
    elif view.fuse is not None:
        state = [(f" ✂ crash after {view.fuse}", "warn")]
    room = columns - 5 - length(tuple(state)) - width(view.pid)
    role: Cell = (clip(f" {view.role}", max(room, 0)), "" if view.up else "dim")
    title = clip_line(line((view.pid, "name"), role, *state), columns - 5)
    rule = "─" * (columns - 4 - length(title))
    return line((f"╭{'▶' if selected else ' '}", tag), *title, (f" {rule}╮", tag))


def _bottom(view: NodeView, columns: int, tag: str, since: int | None, hidden: int) -> Line:
    left = ""
    if view.moved:
        left = " just now "
    elif since is not None:
        left = f" down since {since} "
    elif hidden:
        left = f" {hidden} more "
    right = clip(f" ★ {view.decision} " if view.decision else "", columns - 4)
    left = left if len(left) + width(right) <= columns - 4 else ""
    rule = "─" * (columns - 4 - width(left) - width(right))
    return line(("╰─", tag), (left, tag), (rule, tag), (right, "good"), ("─╯", tag))


def _body(
    view: NodeView, columns: int, rows: int, constants: Sequence[Row]
) -> tuple[list[Line], int]:
    """So many lines, and how many variables had no room.  What has changed is the first to get the
    lines that are left over."""
    timers = _timers(view)
    own = bool(timers) and (rows > 1 or not view.rows)  # have timers a line of their own?
    room = rows - own
    shown = _most_important(view.rows, room)
    names = _name_width((*shown, *constants), columns)
    parts = _parts(shown, names, columns, view.up)
    spare = room - len(shown)
    lines: dict[str, list[Line]] = {}
    for row in sorted(shown, key=lambda r: r.was is None):
        whole = parts[row.name]
        kept = whole[: 1 + spare]
        if len(kept) < len(whole):
            value = row.was is None or len(whole) - len(kept) > 1
            _margin, *more = whole[len(kept)] if value else [""]
            kept[-1] = _cut_short((*kept[-1], *more), columns, "…" if value else " ←…")
        spare -= len(kept) - 1
        lines[row.name] = kept
    body = [cells for row in shown for cells in lines[row.name]]
    for row in constants:
        body += _row(row, names, columns, up=False)[: max(room - len(body), 0)]
    body += [()] * (room - len(body))
    if timers and not own and body:
        body[-1] = _beside(body[-1], timers, columns)
    return body + ([timers] if own else []), len(view.rows) - len(shown)


def _beside(cells: Line, timers: Line, columns: int) -> Line:
    """The timers at the end of the only line, or at least a sign that there are some."""
    for told in (timers, (("◷", "warn"),)):
        if length(cells) + 1 + length(told) <= columns:
            return line(*cells, " " * (columns - length(cells) - length(told)), *told)
    return cells


def _whole_body(view: NodeView, columns: int) -> list[Line]:
    """All lines that there would be if there were room for them."""
    names = _name_width(view.rows, columns)
    parts = _parts(view.rows, names, columns, view.up)
    rows = [each for lines in parts.values() for each in lines]
    return [*rows, ()] if _timers(view) else rows


def _name_width(rows: Sequence[Row], columns: int) -> int:
    """How many of so many columns the names get."""
    return min(max((width(r.name) for r in rows), default=0), max(columns // 2, 8))


def _parts(rows: Sequence[Row], names: int, columns: int, up: bool) -> dict[str, list[Line]]:
    """The lines of each variable, by its name."""
    return {row.name: _row(row, names, columns, up) for row in rows}


def _most_important(rows: Sequence[Row], room: int) -> list[Row]:
    """What has just changed, then what says something, then what is on disk."""
    if len(rows) <= room:
        return list(rows)
    empty = ("-", "{}", "()", "0", '""', "false", "idle")
    ranked = sorted(rows, key=lambda r: (r.was is None, r.now in empty, not r.stable))
    return [row for row in rows if row in ranked[: max(room, 0)]]


def _row(row: Row, names: int, columns: int, up: bool) -> list[Line]:
    """ "■▸promised (1,p2) ← (1,p1)": on disk, just changed, its value, and the value before."""
    changed = row.was is not None
    tag = "now" if changed else "" if up else "dim"
    head = line(
        ("■" if row.stable else " ", "dim"),
        ("▸" if changed else " ", "now"),
        (pad(_tail(row.name, names), names), tag if changed else "dim"),
        " ",
    )
    margin = length(head)
    first, *rest = wrap_value(_brief(row.now), max(columns - margin, 4))
    lines = [head + line((first, tag)), *(line(" " * margin, (part, tag)) for part in rest)]
    if not changed:
        return lines
    was: Line = ((f" ← {_brief(row.was or '')}", "old"),)
    if length(lines[-1]) + length(was) <= columns:
        return [*lines[:-1], lines[-1] + was]
    for arrow in (" ← ", "←"):
        tight = f"{row.name} {_brief(row.now)}"
        cells = line(*head[:2], (tight, tag), (f"{arrow}{_brief(row.was or '')}", "old"))
        if length(cells) <= columns:
            return [cells]
    return [*lines, line(" " * 3, *clip_line(was, columns - 3))]


def _tail(name: str, columns: int) -> str:
    """The name of a field of an inner layer by its end, if it is too long: that says more."""
    if "." not in name or width(name) <= columns:
        return name
    return "…" + name[len(name) - columns + 1 :]


def _brief(value: str) -> str:
    """A map that holds nothing but "-" is shown as the set of its keys."""
    entries = value[1:-1].split(",")
    empty = value.startswith("{") and all(entry.endswith(":-") for entry in entries)
    return value.replace(":-", "") if empty else value


def _cut_short(cells: Line, columns: int, mark: str) -> Line:
    """The line with a mark at its end: there is more of the value, or an old value."""
    if length(cells) + width(mark) <= columns:
        return (*cells, (mark, "dim"))
    return clip_line((*cells, ("… ", "")), columns)


def _timers(view: NodeView) -> Line:
    cells: list[Cell] = [(f"{view.clock}  ", "dim")] if view.clock else []
    for text, new in view.timers:
        cells += [("◷ ", "now" if new else "warn"), (f"{text}  ", "now" if new else "")]
    return tuple(cells)
