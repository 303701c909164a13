"""What a user likes: a theme, and other keys; in files that `playground locate` tells."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from platformdirs import user_config_path

from playground.session.errors import BadInput
from playground.session.files import place, read, text_of


class Config(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """
    theme = "playground-light"

    [keys]
    "message.drop" = "x,delete"
    """

    theme: Annotated[str, msgspec.Meta(description="of those in the palette")] = ""
    keys: Annotated[dict[str, str], msgspec.Meta(description="action = keys with commas")] = {}


class ThemeFile(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A theme, called as its file is; what is left out is as in ours.

    primary = "#7aa2d8"  # what the keys go to
    accent = "#ffb454"   # what has just happened
    """

    primary: str
    dark: bool = True
    secondary: str | None = None
    accent: str | None = None
    warning: str | None = None
    error: str | None = None
    success: str | None = None
    foreground: str | None = None
    background: str | None = None
    surface: str | None = None
    panel: str | None = None


def _folder() -> Path:
    return user_config_path("playground", appauthor=False)


def config_path() -> Path:
    """Where the file stands, if there is one."""
    return _folder() / "config.toml"


def themes_path() -> Path:
    """The folder of theme files, if there is one."""
    return _folder() / "themes"


def load(path: Path | None = None) -> Config:
    """The user's wishes; by default there are none.  Raises BadInput, with the place."""
    path = path or config_path()
    return read(text_of(path), path, Config) if path.is_file() else Config()


def theme_files() -> dict[Path, ThemeFile]:
    """The user's own themes.  Raises BadInput, with the place."""
    paths = sorted(themes_path().glob("*.toml"))
    return {path: read(text_of(path), path, ThemeFile) for path in paths}


def wrong(sentence: str, *keys: str, path: Path | None = None) -> BadInput:
    """An error about the thing of these keys in the config file, or in the one at `path`."""
    path = path or config_path()
    return BadInput(sentence, place(text_of(path), path, *keys) if path.is_file() else None)
