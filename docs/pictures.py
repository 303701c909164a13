"""The pictures in docs/, taken from the running screen:  python -m docs.pictures

Each plays a scenario or comparison with the keys that a person would press, without a terminal.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from playground.session import comparisons, scenario, scenarios
from playground.session.compare import SideBySide
from playground.session.journal import Journal
from playground.session.playback import Playback
from playground.tui.app import Playground
from playground.tui.game import Game

HERE = Path(__file__).parent
LIMIT = 200_000
"""Bytes: a page with pictures should open at once."""

FONT = "ui-monospace, 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
"""What readers have, as nothing is to be loaded from elsewhere."""


class Picture(NamedTuple):
    """`keys` are pressed one after the other; one that begins with ":" is a line that is typed.

    `scenario` may be a comparison, too.  `shows` is what the text around the picture says of it.
    """

    name: str
    scenario: str
    size: tuple[int, int]
    keys: tuple[str, ...]
    shows: tuple[str, ...]

    @property
    def path(self) -> Path:
        return HERE / f"{self.name}.svg"


SIZE = (120, 40)
DUEL = ("space",) * 5
"""Up to the moment in which the commands of both leaders are under way."""

PICTURES = (
    Picture(
        "duel",
        "consensus/px_duel",
        SIZE,
        DUEL,
        ("Dueling leaders", "in flight", "what m7 would do", "narration · 4 of 11", "space-time",
         "p1 > a1", "sends AcceptRefused (1,p1) (1,p2) to p1", "chosen open", "agreement"),
    ),
    Picture(
        "broken",
        "consensus/px_duel",
        SIZE,
        (*DUEL, ":deliver Accept p2>a1,a2", ":forge Accept p1>a1,a2 n=(9,p1) value=A",
         ":deliver Accept p1>a1,a2 n=(9,p1)"),
        ("agreement VIOLATED", "ballot 1 of p2 chose B, ballot 9 of p1 chose A",
         "as the theory says: outside forged Accept", "outside: 1", "! m21"),
    ),
    Picture(
        "commander",
        "synchronous/om1_n4_commander",
        SIZE,
        ("space",) * 7,
        ("The treacherous commander", "byzantine 1/1, n=4 > 3f", "c commander ☠ corrupt",
         "l3 > l1", "Order (c,l3) RETREAT", "~ m4", "edit m3 value=RETREAT"),
    ),
    Picture(
        "cap",
        "compare/cap_tour",
        SIZE,
        ("space",) * 5,
        ("three ways through one partition", "available? consistent?", "side 1    ✗ no",
         "side 1    ✓ yes      ✗ no", "w1 Write B → ⊘ waits", "narration · 5 of 8",
         "where they differ"),
    ),
)  # fmt: skip


async def take(picture: Picture) -> str:
    """The picture as SVG, with nothing in it that a reader would have to load."""
    with TemporaryDirectory() as folder, _opened(picture.scenario, Path(folder)) as app:
        async with app.run_test(size=picture.size) as pilot:
            for key in picture.keys:
                await pilot.press(*(chain(key, ["enter"]) if key.startswith(":") else [key]))
            await pilot.pause()
            svg = app.export_screenshot(title=f"playground {picture.scenario.split('/')[1]}")
    return portable(svg)


@contextmanager
def _opened(name: str, folder: Path) -> Iterator[Playground]:
    """The app with this scenario or comparison; its journal goes into the folder."""
    if comparisons.exists(name):
        yield Playground(lanes=SideBySide(comparisons.find(name)))
        return
    playback = Playback(scenario.load(scenarios.find(name)))
    journal = Journal.begin(playback.session, playback, folder)
    yield Playground(game=Game(playback.session, playback, journal))
    journal.close()


def portable(svg: str) -> str:
    """With the reader's fonts, which are stretched to the grid, so that lines have no gaps."""
    svg = re.sub(r"@font-face\s*{.*?}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: Fira Code[^;]*;\s*font-size: 20px", f"font-family: {FONT};\n"
                 "        font-size: 21px", svg)  # fmt: skip
    return svg.replace(" textLength=", ' lengthAdjust="spacingAndGlyphs" textLength=')


def rows(svg: str) -> list[str]:
    """The text of a picture, line by line."""
    lines: dict[float, str] = {}
    for x, y, part in _TEXT.findall(svg):
        line = lines.get(float(y), "")
        lines[float(y)] = line.ljust(round(float(x) / _COLUMN)) + html.unescape(part)
    return [lines[y].replace("\xa0", " ") for y in sorted(lines)]


_TEXT = re.compile(r'<text [^>]*?x="([\d.]+)" y="([\d.]+)" [^>]*textLength[^>]*>(.*?)</text>')
_COLUMN = 12.2


def main() -> None:
    for picture in PICTURES:
        svg = asyncio.run(take(picture))
        picture.path.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
