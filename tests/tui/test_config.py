"""What a user likes: other keys and another theme, from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.session.config import Config, config_path, load
from playground.session.errors import BadInput
from playground.tui.actions import REMAPPED
from playground.tui.app import Playground
from playground.tui.game import Game
from playground.tui.keymap import keymap
from tests.tui.driver import DUEL, on_screen, starting


@pytest.fixture(autouse=True)
def apart(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))


def wish(text: str) -> Config:
    config_path().parent.mkdir(parents=True, exist_ok=True)
    config_path().write_text(text, encoding="utf-8")
    return load()


@on_screen
async def test_keys_are_the_users_own_also_in_footer_and_help() -> None:
    config = wish('theme = "playground-light"\n[keys]\n"message.drop" = "delete,X"\n')
    async with starting(Playground(game=Game.open(DUEL), config=config)) as d:
        assert d.app.theme == "playground-light"
        await d.press("space", "x")
        assert d.log()[-1] != "drop m7"
        await d.press("X")
        assert d.log()[-1] == "drop m7"
        assert "delete drop" in d.text().splitlines()[-1]
        await d.press("question_mark")
        assert "delete X" in d.text()
    REMAPPED.clear()


def test_without_a_file_there_are_no_wishes() -> None:
    assert load() == Config() and keymap(load()) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[keys]\n"message.dorp" = "X"\n', "did you mean message.drop?"),
        ('[keys]\n"message.drop" = "u"\n', "u is the key of time.undo already"),
        ('[keys]\n"message.drop" = ""\n', "is no key"),
        ('colour = "red"\n', "colour"),
        ("[keys\n", "no TOML"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(text: str, why: str) -> None:
    with pytest.raises(BadInput) as error:
        keymap(wish(text))
    assert why in str(error.value) and "config.toml:" in str(error.value)
