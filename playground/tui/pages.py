"""Pages that lie over the screen: help, the verdicts with what they rest on, all about a node."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding
from textual.widget import Widget

from playground.protocol import Pid
from playground.session.cells import line, prose, visible
from playground.session.moments import branches, changed
from playground.session.session import Session
from playground.session.state import cost
from playground.session.verdicts import Word
from playground.session.view import Row, assumptions, judged, node_view, property_rows
from playground.tui.actions import GROUPS, UserAction, printed
from playground.tui.pick_screen import Item
from playground.tui.widgets.lines import Lines

SIGNS = (
    ("■", "a field on disk: it survives a crash"),
    ("▸ ←", "a field that has just changed, and what it was"),
    ("◷", "a timer that is set"),
    ("★", "what the node decided"),
    ("✖ ┊", "down"),
    ("☠", "corrupt: its keys are yours"),
    ("✂", "crashes in the middle of its next step"),
    ("● ○", "in the diagram: a node ran; it ignored or rejected the message"),
    ("×", "a message lost"),
    ("‶", "a copy, or an old message again"),
    ("!", "a forgery"),
    ("~", "an edit"),
    ("‖", "a message that is held"),
    ("◆ ↑ ↓ ·", "in the diagram: the chosen step, its causes, what it caused, concurrent steps"),
    ("═ ─ ║", "links are cut, or mended; some are cut now"),
    ("◌", "what a failure detector says, or a clock that is set"),
    ("━ ● ◇", "below the diagram: the run, the present moment, the chosen step"),
    ("⚑ ┴", "a bookmark; another branch leaves here"),
    ("█▌", "in the diagram from far away: how many steps the node took"),
    ("┄", "a round is over, or time has passed"),
    ("✓ ✗", "holds or reached; violated"),
    ("⊘", "blocked: not even a fair run gets there"),
    ("↻", "livelock: the run goes round in a circle"),
    ("…", "open: not reached yet"),
    ("bivalent A|B", "either can still be decided, by what is under way and what the script asks"),
    ("A-valent", "nothing but A can be decided any more; else there is no decision"),
    ("valence ?", "that is not known, within 20,000 states"),
)


PANES = {
    "nodes": "The nodes: what each remembers. ■ is on disk, ▸ has just changed, ← is what it was. "
    "The keys for nodes mean the selected one; a click selects, a double click tells all about it.",
    "queue": "The messages in flight: what can happen next, and why some of it can't. The keys for "
    "messages mean the highlighted one; a double click delivers, the right button offers the rest.",
    "effect": "What the highlighted message would do: what changes, and the code that says why. ▸ "
    "are the lines that would run.",
    "story": "The script: what is told, what is asked, and what was done.",
    "diagram": "The steps of this line, also those that were undone. The chosen one is marked with "
    "its causes and what it caused. A double click travels to a step, one on the lower edge to any "
    "place of the run; ctrl and the wheel zoom.",
    "log": "What was done, as it can be typed and copied into a scenario.",
}
"""What there is to say of each, by its name on the screen."""


def pane_help(pane: Widget | None) -> list[Item]:
    """What the pane is about that has the keys, and the keys that it has of its own."""
    if pane is None or pane.id not in PANES:
        return []
    items = [Item(line(("Here", "strong"))), Item(line("  ", PANES[pane.id]), "", 2)]
    kinds = [k for k in type(pane).__mro__ if issubclass(k, Widget) and k not in Lines.__mro__]
    own = [b for k in kinds for b in vars(k).get("BINDINGS", ()) if isinstance(b, Binding)]
    keys = {" ".join(map(printed, b.key.split(","))): b.description for b in own}
    longest = max(map(len, keys), default=0) + 2
    items += [Item(line((f"  {k:<{longest}}", "key"), told), "", 16) for k, told in keys.items()]
    return items


def help_page(actions: Iterable[UserAction], pane: Widget | None = None) -> list[Item]:
    """The pane that has the keys; every action with its keys, by groups; then the signs."""
    items = pane_help(pane)
    for group, title in GROUPS.items():
        own = [a for a in actions if a.group == group]
        if own:
            items.append(Item(line((title, "strong"))))
        for a in own:
            keys = " ".join(printed(key) for key in a.pressed.split(","))
            cells = line((f"  {keys:<14}", "key"), f"{a.label:<14}", (a.help, "dim"))
            items.append(Item(cells, a.id, 30))
    items.append(Item(line(("Lists", "strong"))))
    items.append(Item(line(("  ↑ ↓ home end  ", "key"), "move; ", ("tab ", "key"), "next pane")))
    items.append(Item(line(("Signs", "strong"))))
    items += [Item(line((f"  {sign:<14}", "now"), meaning), "", 16) for sign, meaning in SIGNS]
    return items


def verdict_page(session: Session, words: dict[str, Word]) -> list[Item]:
    """Properties, the assumptions and what left them, and what the run cost."""
    tags = {"holds": "good", "reached": "good", "open": "warn"}
    outside = session.outside()
    items = []
    for row in property_rows(session, words):
        tag = tags.get(row.word, "bad")
        names = f"{row.name} {' '.join(row.ids)}".strip()
        value = f":goto {row.step}" if row.word == "violated" else ""
        head = line((f"{row.sign} {row.word:<9}", tag), (names, "strong"))
        items.append(Item(head, value))
        if row.word == "violated":
            items.append(Item(line("    ", (visible(row.why), "bad")), value))
            verdict = f"    {judged(row, outside)}; enter goes to step {row.step}"
            items.append(Item(line((verdict, "dim")), value))
        items.append(Item(line("    ", *prose(row.doc)), value))
    allowed = assumptions(session.world)
    items.append(Item(line(("The theory assumes ", "strong"), allowed)))
    items.append(Item(line(("Outside of it ", "strong"), ", ".join(outside) or "nothing")))
    spent = cost(session.state)
    kinds = ", ".join(f"{n} {kind}" for kind, n in spent["messages"].items())
    items.append(Item(line(("Messages ", "strong"), f"{spent['total']}: {kinds or 'none'}")))
    delays = f"{spent['delays']} message delays, {spent['stable_writes']} disk writes"
    items.append(Item(line(("Cost ", "strong"), delays)))
    return items


def node_page(session: Session, pid: Pid) -> list[Item]:
    """Every field in full, and what can be done to the node."""
    view = node_view(pid, None, session.state)
    state = "up" if view.up else "down"
    items = [Item(line((f"{view.role}, {state}", "strong")))]
    items += [_field(row, "■" if row.stable else " ") for row in view.rows]
    items += [_field(row, "=") for row in view.constants]
    items += [Item(line(("◷ ", "warn"), timer), f":fire {pid} {timer}") for timer, _ in view.timers]
    if view.decision:
        items.append(Item(line(("★ ", "good"), view.decision)))
    told = session.state.told.get(pid)
    if told is not None:
        items.append(Item(line(("last told ", "dim"), f"{told.output} at step {told.step}")))
    command = f"crash {pid}" if view.up else f"recover {pid}"
    items.append(Item(line(("enter: ", "key"), command), f":{command}"))
    return items


def history_page(session: Session) -> list[Item]:
    """Where one can go, and what has changed since moments that have a name."""
    history = session.history
    items = [Item(line(("Branches; enter goes to the end of one", "strong")))]
    items += [Item(cells, f":goto {where}", 16) for cells, where in branches(history)]
    items += [Item(()), Item(line(("Bookmarks; enter goes there, b makes one", "strong")))]
    for name, (branch, step) in history.bookmarks.items():
        told = line((f"  {name:<14}", "name"), (f" step {step} of branch {branch.number}", "dim"))
        items.append(Item(told, f":goto {name}"))
    items += [Item(()), Item(line(("What changed", "strong")))]
    for name in ("0", *history.bookmarks):
        since = "the start" if name == "0" else name
        items.append(Item(line(f"  since {since}"), f":changed {name}"))
    items.append(Item(line("  between any two moments"), "changed"))
    return items


def changes_page(session: Session, where: str, there: str) -> list[Item]:
    """What is different in the second of two moments.  Raises BadInput if one of them is none."""
    told = [Item(cells) for cells in changed(session, where, there)]
    return told or [Item(line("Nothing is different."))]


def _field(row: Row, mark: str) -> Item:
    return Item(line((f"{mark} ", "dim"), (f"{row.name:<12} ", "dim"), visible(row.now)), "", 15)
