"""Two themes of our own: one accent, for what has just happened; all else is calm.  And those of
the user."""

from __future__ import annotations

from pathlib import Path

import msgspec
from textual.color import Color, ColorParseError
from textual.theme import Theme

from playground.session.config import Config, ThemeFile, theme_files, wrong
from playground.session.errors import unknown

DEFAULT = "playground"

THEMES = (
    Theme(
        name=DEFAULT,
        primary="#7aa2d8",
        secondary="#8fb6c9",
        accent="#ffb454",
        warning="#e6c07b",
        error="#ff6b6b",
        success="#8cc98f",
        foreground="#e4e6ea",
        background="#14171c",
        surface="#1b1f26",
        panel="#262b34",
        dark=True,
    ),
    Theme(
        name="playground-light",
        primary="#2f5d9b",
        secondary="#3f7186",
        accent="#b04a00",
        warning="#8a6100",
        error="#b3261e",
        success="#23713a",
        foreground="#1c1f24",
        background="#fbfbf8",
        surface="#f1f1ec",
        panel="#e2e3dd",
        dark=False,
    ),
)

SIGNS = ("secondary", "accent", "warning", "error", "success")
"""Colours that say something, so that no two should be alike."""

GROUND = ("foreground", "background", "surface", "panel")
"""Those that go together."""


def themes() -> list[Theme]:
    """Ours and the user's.  Raises BadInput for a file that makes no theme, with the place."""
    return [*THEMES, *(_theme(path, found) for path, found in theme_files().items())]


def wanted(config: Config, available: list[str]) -> str:
    """The theme that the user likes.  Raises BadInput if there is none of that name."""
    if config.theme and config.theme not in available:
        raise wrong(unknown("theme", config.theme, available), "theme")
    return config.theme or DEFAULT


def _theme(path: Path, found: ThemeFile) -> Theme:
    said = msgspec.to_builtins(found)
    for key, value in said.items():
        if isinstance(value, str):
            try:
                Color.parse(value)
            except ColorParseError:
                why = f"{key}: {value!r} is no colour, such as '#7aa2d8' or 'orange'"
                raise wrong(why, key, path=path) from None
    dark, light = THEMES
    ours = dark if found.dark else light
    for part in SIGNS if found.background else (*SIGNS, *GROUND):
        said.setdefault(part, getattr(ours, part))
    return Theme(name=path.stem, **said)
