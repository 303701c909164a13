"""What a user likes: a theme, and other keys; in a file that `playground locate config` names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from platformdirs import user_config_path

from playground.session.files import read, text_of


class Config(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """
    theme = "playground-light"

    [keys]
    "message.drop" = "x,delete"
    """

    theme: Annotated[str, msgspec.Meta(description="of those in the palette")] = ""
    keys: Annotated[dict[str, str], msgspec.Meta(description="action = keys with commas")] = {}


def config_path() -> Path:
    """Where the file stands, if there is one."""
    return user_config_path("playground", appauthor=False) / "config.toml"


def load(path: Path | None = None) -> Config:
    """The user's wishes; by default there are none.  Raises BadInput, with the place."""
    path = path or config_path()
    return read(text_of(path), path, Config) if path.is_file() else Config()
