"""Everything that a user can do on the screen, once: keys, footer, palette and help come from here.

An action is carried out by the method `action_<id>` of the screen that it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from textual.binding import Binding

Group = Literal[
    "message", "node", "link", "run", "script", "search", "time", "session", "view", "menu"
]

GROUPS: dict[Group, str] = {
    "script": "The script",
    "message": "The highlighted message",
    "node": "Nodes",
    "link": "Links",
    "run": "Running",
    "search": "Searching",
    "time": "Time",
    "session": "Session",
    "view": "Screen",
    "menu": "Menu",
}


@dataclass(frozen=True)
class UserAction:
    """keys: separated by commas; footer: the larger, the sooner it is shown (0: never)."""

    id: str
    keys: str
    label: str
    help: str
    group: Group
    footer: int = 0

    @property
    def name(self) -> str:
        """By which it is known to the config file."""
        return f"{self.group}.{self.label.replace(' ', '_')}"

    @property
    def pressed(self) -> str:
        """Its keys, which may be the user's own."""
        return REMAPPED.get(self.name, self.keys)

    @property
    def key(self) -> str:
        """The first key, as it is printed on a keyboard."""
        return printed(self.pressed.split(",")[0])


REMAPPED: dict[str, str] = {}
"""The keys that the user has chosen, by the names of actions; set once, as the app begins."""


def printed(key: str) -> str:
    """ "ctrl+r" as "^r", "question_mark" as "?"."""
    names = {
        "question_mark": "?",
        "colon": ":",
        "greater_than_sign": ">",
        "less_than_sign": "<",
        "plus": "+",
        "minus": "-",
        "escape": "esc",
        "slash": "/",
        "asterisk": "*",
        "left_square_bracket": "[",
        "right_square_bracket": "]",
        "left_curly_bracket": "{",
        "right_curly_bracket": "}",
        "left_parenthesis": "(",
        "right_parenthesis": ")",
        "full_stop": ".",
    }
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    return names.get(key, key)


PLAY: tuple[UserAction, ...] = (
    UserAction(
        "next", "space", "next", "The script goes on, or answers its question; without one, as s.",
        "script", 90,
    ),
    UserAction("deliver", "enter", "deliver", "It arrives.", "message", 100),
    UserAction("drop", "x", "drop", "It is lost.", "message", 70),
    UserAction("duplicate", "d", "duplicate", "One more copy of it is under way.", "message", 40),
    UserAction("hold", "h", "hold", "No schedule delivers it; again to let go.", "message", 20),
    UserAction("filter", "slash", "filter", "Only the messages that words fit.", "message", 11),
    UserAction("mark", "asterisk", "mark", "Then x, d, h and enter are for all marked.", "message"),
    UserAction("mark_all", "A", "mark all", "All that are shown; again: none.", "message"),
    UserAction("fold", "G", "fold", "Of each kind only the oldest, with a count.", "message"),
    UserAction("whole_queue", "escape", "show all", "No filter, fold or marks.", "message"),
    UserAction("edit", "e", "edit", "It says something else from now on.", "message", 35),
    UserAction("forge", "f", "forge", "A message that nobody sent, like it.", "message", 60),
    UserAction("replay", "y", "replay", "A message of the past is sent once more.", "message", 5),
    UserAction("ask", "a", "ask", "Give a node an input.", "node", 45),
    UserAction("fire", "t", "timer", "A timer runs out.", "node", 30),
    UserAction("crash", "c", "crash", "At once, or in the middle of a step.", "node", 55),
    UserAction("recover", "v", "recover", "It comes back, with its disk or without.", "node", 15),
    UserAction("corrupt", "C", "corrupt", "Its keys are yours; it may follow a strategy.", "node"),
    UserAction("cut", "p", "partition", "Cut links: two sides, or one direction.", "link", 50),
    UserAction("heal", "P", "heal", "Mend all links, or one.", "link", 10),
    UserAction("step", "s", "step", "One step of the fair schedule: oldest first.", "run", 42),
    UserAction("run", "r", "run", "Step after step; again to pause.", "run", 38),
    UserAction("until", "R", "until", "Run until something is so.", "run", 7),
    UserAction("faster", "plus,greater_than_sign", "faster", "Run at a higher speed.", "run"),
    UserAction("slower", "minus,less_than_sign", "slower", "Run at a lower speed.", "run"),
    UserAction("tick", "i", "tick", "The round is over, where there are rounds.", "run"),
    UserAction("advance", "n", "advance", "Time passes, where there is time.", "run"),
    UserAction("clock", "K", "clock", "A clock goes wrong, or right again.", "run"),
    UserAction("random", "z", "random", "Random steps from a seed.", "run"),
    UserAction("finish", "F", "finish", "Heal, and run fairly to the end.", "run", 8),
    UserAction("search", "S", "search", "What can go wrong or be reached from here; again: stop.",
               "search", 36),
    UserAction("show", "I", "interesting", "Bring about what is worth seeing.", "search", 13),
    UserAction("undo", "u,ctrl+z", "undo", "Back one step.", "time", 80),
    UserAction("undo_all", "U,backspace", "undo all", "Back before the last command.", "time"),
    UserAction("redo", "ctrl+r,ctrl+y", "redo", "Forward again one step.", "time", 25),
    UserAction("goto", "g", "go to", "To a step or a bookmark.", "time"),
    UserAction("bookmark", "b", "bookmark", "Give this moment a name.", "time"),
    UserAction("history", "T", "history", "Branches and bookmarks, to go to.", "time", 4),
    UserAction("changed", "D", "difference", "What changed between two moments.", "time"),
    UserAction("command", "colon", "command", "Type it: deliver m3, undo 10 ...", "session", 65),
    UserAction("copy", "Y", "copy", "Message, step, node or log, to the clipboard.", "session", 3),
    UserAction("save", "w,ctrl+s", "save", "Save as a scenario that ends here.", "session", 28),
    UserAction("properties", "o", "verdicts", "Properties, costs, what is outside.", "view", 12),
    UserAction("panel('nodes')", "1", "nodes", "To the nodes.", "view"),
    UserAction("panel('queue')", "2", "queue", "To the messages in flight.", "view"),
    UserAction("panel('diagram')", "3", "diagram", "To the space-time diagram.", "view"),
    UserAction("panel('story')", "4", "story", "To the narration.", "view"),
    UserAction("maximise", "M", "maximise", "One pane alone; again, or esc: all.", "view", 1),
    UserAction("jump", "ctrl+o", "jump", "A letter over each pane leads there.", "view", 2),
    UserAction("along(-1)", "left_square_bracket", "sent by", "To where an arrow begins.", "view"),
    UserAction("along(1)", "right_square_bracket", "arrives", "To where an arrow ends.", "view"),
    UserAction("zoom(1)", "left_parenthesis", "zoom out", "Many steps in a row of it.", "view"),
    UserAction("zoom(-1)", "right_parenthesis", "zoom in", "Fewer steps in a row.", "view"),
    UserAction(
        "landmark(-1)", "left_curly_bracket", "mark before", "The last crash, cut, bookmark ...",
        "view",
    ),
    UserAction(
        "landmark(1)", "right_curly_bracket", "next mark", "The next crash, cut, bookmark ...",
        "view",
    ),
    UserAction("clocks", "V", "clocks", "Vector clocks in the diagram.", "view"),
    UserAction("lecture", "L", "lecture", "Large, for an audience: ? tells its keys.", "view", 9),
    UserAction("log", "l", "log", "The log of commands, or the diagram again.", "view", 6),
    UserAction("help", "question_mark,f1", "help", "What all the keys do.", "view", 98),
    UserAction("app.command_palette", "ctrl+p", "palette", "Find any action.", "view", 48),
    UserAction("menu", "m", "menu", "Choose another protocol.", "session", 18),
    UserAction("quit", "q,ctrl+q", "quit", "Leave; --resume goes on from here.", "session", 44),
)  # fmt: skip

MENU: tuple[UserAction, ...] = (
    UserAction("open", "enter", "open", "Play what is highlighted.", "menu", 90),
    UserAction("move(-1)", "up", "up", "The line above.", "menu"),
    UserAction("move(1)", "down", "down", "The line below.", "menu"),
    UserAction("move(-10)", "pageup", "page up", "Ten lines up.", "menu"),
    UserAction("move(10)", "pagedown", "page down", "Ten lines down.", "menu"),
    UserAction("family(1)", "right,tab", "next family", "Show the next family alone.", "menu", 50),
    UserAction("family(-1)", "left,shift+tab", "family before", "Show that one alone.", "menu"),
    UserAction("clear", "escape", "clear", "Show everything again; then leave.", "menu", 30),
    UserAction("help", "f1", "help", "What the keys do.", "menu", 40),
    UserAction("quit", "ctrl+q", "quit", "Leave.", "menu", 60),
)


LECTURE: tuple[UserAction, ...] = (
    UserAction(
        "forward", "space,pagedown,right,enter", "forward", "The answer, or what comes next.",
        "script",
    ),
    UserAction("back", "pageup,left,backspace", "back", "To the step before.", "script"),
    UserAction("blank", "b,full_stop", "blank", "Nothing on the screen; again to go on.", "view"),
    UserAction("large", "t", "letters", "Large, or the terminal's own.", "view"),
    UserAction("copy", "y,Y", "copy", "What is told, to the clipboard.", "view"),
    UserAction("properties", "o", "verdicts", "Properties, costs, what is outside.", "view"),
    UserAction("notes", "n", "notes", "What the scenario notes for the lecturer.", "view"),
    UserAction("auto", "a", "auto", "It goes on by itself; again to stop.", "run"),
    UserAction("pace(1)", "plus", "faster", "It goes on sooner.", "run"),
    UserAction("pace(-1)", "minus", "slower", "It waits longer.", "run"),
    *(
        UserAction(f"vote({n})", str(n), f"vote {n}", "One more for this choice.", "script")
        for n in range(1, 7)
    ),
    UserAction("leave", "escape,L,q", "leave", "Back to all the panes.", "view"),
    UserAction("help", "question_mark,f1", "help", "What all the keys do.", "view"),
    UserAction("quit", "ctrl+q", "quit", "Leave; --resume goes on from here.", "session"),
)  # fmt: skip


COMPARE: tuple[UserAction, ...] = (
    UserAction("next", "space,pagedown", "next", "The script goes on, in all lanes.", "script", 90),
    UserAction("back", "u,pageup,backspace,ctrl+z", "undo", "Back, in all lanes.", "time", 80),
    UserAction("step", "s", "step", "One step of the fair schedule in each.", "run", 40),
    UserAction("finish", "F", "finish", "Heal all, and run fairly to the end.", "run", 35),
    UserAction("command", "colon", "command", "Type it, for all lanes: cut a | b.", "session", 60),
    UserAction("lane(1)", "right,tab", "next lane", "Choose the lane to the right.", "view", 50),
    UserAction("lane(-1)", "left,shift+tab", "lane before", "Choose the one to the left.", "view"),
    *(
        UserAction(f"choose({n})", str(n), f"lane {n}", "Choose this lane.", "view")
        for n in range(1, 7)
    ),
    UserAction("open", "enter", "open lane", "Play it on by itself, from here.", "session", 70),
    UserAction("help", "question_mark,f1", "help", "What all the keys do.", "view", 75),
    UserAction("menu", "m", "menu", "Choose something else.", "session", 30),
    UserAction("quit", "q,ctrl+q", "quit", "Leave.", "session", 44),
)  # fmt: skip


def suited(timing: str, scripted: bool, liars: bool = False) -> list[UserAction]:
    """The actions of the play screen, with what this model and this session need most in front:
    the end of a round, the passing of time, and traitors, where the theory knows them."""
    wanted = {"rounds": "tick", "timed": "advance"}.get(timing)
    found = []
    for action in PLAY:
        if action.id == wanted:
            action = replace(action, footer=65)
        elif action.id == "corrupt" and liars:
            action = replace(action, footer=52)
        elif action.id == "next" and not scripted:
            action = replace(action, label="step")
        found.append(action)
    return found


def bindings(actions: Iterable[UserAction], priority: bool = False) -> list[Binding]:
    """What Textual needs to know of the keys; each has an id, so that it can be remapped."""
    return [
        Binding(
            a.keys,
            a.id,
            a.label,
            show=False,
            id=a.name,
            priority=priority,
        )
        for a in actions
    ]


def named(word: str) -> UserAction | None:
    """The play action that a typed word means: its id or its label."""
    for action in PLAY:
        if word.lower() in (action.id, action.label):
            return action
    return None
