"""Other keys for actions, as the user's config file wants them."""

from __future__ import annotations

import re

from playground.session.config import Config, config_path
from playground.session.errors import BadInput, unknown
from playground.session.files import place, text_of
from playground.tui.actions import LECTURE, MENU, PLAY, UserAction

_KEY = re.compile(r"((ctrl|shift|alt)\+)*(\S|[a-z0-9_]+)")


def keymap(config: Config) -> dict[str, str]:
    """The keys of actions by their names, such as {"message.drop": "x,delete"}.  Raises BadInput
    for an action that there is not, a key that can't be, and two actions that share one."""
    screens = (PLAY, MENU, LECTURE)
    known = {action.name for screen in screens for action in screen}
    for name, keys in config.keys.items():
        if name not in known:
            raise _bad(unknown("action", name, sorted(known)), name)
        for key in keys.split(","):
            if not _KEY.fullmatch(key.strip()):
                raise _bad(f"{key!r} is no key, such as x, f5, ctrl+d or question_mark", name)
    found = {
        name: ",".join(k.strip() for k in keys.split(",")) for name, keys in config.keys.items()
    }
    for screen in screens:
        _check_clashes(screen, found)
    return found


def _check_clashes(screen: tuple[UserAction, ...], found: dict[str, str]) -> None:
    owners: dict[str, str] = {}
    for action in sorted(screen, key=lambda a: a.name in found):
        for key in found.get(action.name, action.keys).split(","):
            other = owners.setdefault(key, action.name)
            if other != action.name and action.name in found:
                raise _bad(f"{key} is the key of {other} already", action.name)


def _bad(sentence: str, name: str) -> BadInput:
    path = config_path()
    return BadInput(sentence, place(text_of(path), path, "keys", name) if path.is_file() else None)
