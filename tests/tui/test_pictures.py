"""The screen at three sizes and in both themes, as text and styles, beside what it was last time.

After a change that is meant, look at the screen, and then write the pictures anew:

    PICTURES=new python -m pytest tests/tui/test_pictures.py

A picture that is not as it was is also left as an SVG, in a place that the failure names.
"""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path
from string import ascii_letters

import pytest

from playground.session.config import Config
from playground.tui.app import Playground
from playground.tui.game import Game
from tests.tui.driver import DUEL, Driver, on_screen, starting

FOLDER = Path(__file__).with_name("pictures")

SIZES = ((80, 24), (120, 40), (200, 60))
THEMES = ("playground", "playground-light")
SCENES = {"duel": (), "forge": ("f",), "lecture": ("L", "space", "n", "1")}
"""What is pressed after the first steps of the duel."""


def picture(d: Driver) -> str:
    """Each row of the screen, then a letter for each of its cells' styles, then the styles."""
    letters: dict[str, str] = {}
    texts, looks = [], []
    for strip in d.app.screen._compositor.render_strips():
        texts.append(strip.text.rstrip())
        look = ""
        for segment in strip:
            style = segment.style
            told = " ".join(str(style.without_color + style.from_color(style.color, style.bgcolor))
                            .split()) if style else "none"  # fmt: skip
            letters.setdefault(told, ascii_letters[len(letters) % len(ascii_letters)])
            look += letters[told] * segment.cell_length
        looks.append(" ".join(f"{k}{len(list(g))}" for k, g in groupby(look)))
    legend = [f"{letter} {told}" for told, letter in letters.items()]
    return "\n".join([*texts, "", *looks, "", *legend, ""])


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_screen_looks_as_it_did(size: tuple[int, int], scene: str, tmp_path: Path) -> None:
    drawn: dict[str, tuple[str, str]] = {}

    @on_screen
    async def look() -> None:
        app = Playground(game=Game.open(DUEL), config=Config(theme=THEMES[0]))
        async with starting(app, size) as d:
            await d.press("space", "space", "enter")
            await d.until(lambda: "bivalent A|B" in d.text() or "-valent" in d.text())
            await d.press(*SCENES[scene])
            for theme in THEMES:
                app.theme = theme
                await d.pilot.pause()
                drawn[theme] = picture(d), app.export_screenshot()

    look()
    for theme, (found, svg) in drawn.items():
        path = FOLDER / f"{scene}-{size[0]}x{size[1]}-{theme}.txt"
        if os.environ.get("PICTURES") == "new":
            FOLDER.mkdir(exist_ok=True)
            path.write_text(found, encoding="utf-8")
        new = tmp_path / f"{path.stem}.svg"
        new.write_text(svg, encoding="utf-8")
        was = path.read_text(encoding="utf-8").splitlines()
        assert found.splitlines() == was, f"what it looks like now: {new}"
