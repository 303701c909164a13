"""The user's own themes, from files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.reference import CONFIG
from playground.session.config import Config, config_path, load, themes_path
from playground.session.errors import BadInput
from playground.tui.app import Playground
from playground.tui.game import Game
from playground.tui.keymap import keymap
from playground.tui.themes import themes, wanted
from tests.tui.driver import DUEL, on_screen, starting


@pytest.fixture(autouse=True)
def apart(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))


def theme(text: str, name: str = "dusk") -> Path:
    themes_path().mkdir(parents=True, exist_ok=True)
    path = themes_path() / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@on_screen
async def test_a_theme_is_called_as_its_file_and_can_be_wished_for() -> None:
    theme('primary = "#445566"\naccent = "orange"\ndark = false\nbackground = "rgb(250,240,230)"')
    app = Playground(game=Game.open(DUEL), config=Config(theme="dusk"))
    async with starting(app) as d:
        assert d.app.theme == "dusk" and not d.app.current_theme.dark
        assert d.app.screen.styles.background.rgb == (250, 240, 230)
        assert "playground-light" in d.app.available_themes


def test_what_a_theme_leaves_out_is_as_in_ours_so_no_two_signs_look_alike() -> None:
    theme('primary = "#ff00aa"\ndark = false\nbackground = "#ffffee"')
    dusk, light = themes()[-1], themes()[1]
    assert (dusk.accent, dusk.error, dusk.success) == (light.accent, light.error, light.success)
    assert dusk.panel is None  # follows from the background
    theme('primary = "#ff00aa"')
    assert themes()[-1].background == themes()[0].background


def test_without_a_folder_there_are_ours_alone() -> None:
    assert [found.name for found in themes()] == ["playground", "playground-light"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('primary = "#12345"\n', "1:1: primary: '#12345' is no colour, such as '#7aa2d8'"),
        ('accent = "red"\n', "the key 'primary' is missing"),
        ('primary = "red"\nacent = "red"\n', "2:1: unknown key 'acent'; did you mean accent?"),
        ('primary = "red"\ndark = "yes"\n', "2:1: dark: expected bool, got str"),
        ("primary = \n", "no TOML"),
    ],
)
def test_a_mistake_in_a_theme_is_told_with_its_place(text: str, why: str) -> None:
    path = theme(text)
    with pytest.raises(BadInput) as error:
        themes()
    assert why in str(error.value) and str(error.value).startswith(f"{path}:")


def test_a_theme_that_there_is_not_is_told_with_its_place() -> None:
    config_path().parent.mkdir(parents=True)
    config_path().write_text('theme = "dask"\n', encoding="utf-8")
    with pytest.raises(BadInput) as error:
        wanted(load(), ["dusk", "playground"])
    assert "config.toml:1:1: unknown theme 'dask'; did you mean dusk?" in str(error.value)


def test_the_examples_of_the_reference_are_right() -> None:
    config, own = re.findall(r"```toml\n(.*?)```", CONFIG, re.DOTALL)
    config_path().parent.mkdir(parents=True, exist_ok=True)
    config_path().write_text(config, encoding="utf-8")
    assert keymap(load()) == {"message.drop": "x,delete"}
    theme(own)
    assert themes()[-1].name == "dusk"
