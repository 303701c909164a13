"""Other keys for actions, as the user's config file wants them."""

from __future__ import annotations

import re

from playground.session.config import Config, wrong
from playground.session.errors import unknown
from playground.tui.actions import COMPARE, LECTURE, MENU, PLAY, UserAction

_KEY = re.compile(r"((ctrl|shift|alt)\+)*(\S|[a-z0-9_]+)")


def keymap(config: Config) -> dict[str, str]:
    """The keys of actions by their names, such as {"message.drop": "x,delete"}.  Raises BadInput
    for an action that there is not, a key that can't be, and two actions that share one."""
    screens = (PLAY, MENU, LECTURE, COMPARE)
    known = {action.name for screen in screens for action in screen}
    for name, keys in config.keys.items():
        if name not in known:
            raise wrong(unknown("action", name, sorted(known)), "keys", name)
        for key in keys.split(","):
            if not _KEY.fullmatch(key.strip()):
                why = f"{key!r} is no key, such as x, f5, ctrl+d or question_mark"
                raise wrong(why, "keys", name)
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
                raise wrong(f"{key} is the key of {other} already", "keys", action.name)
