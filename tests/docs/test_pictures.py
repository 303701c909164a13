"""Facts about the pictures of the README: they are of the program as it is."""

from __future__ import annotations

import asyncio
import re

import pytest

from docs.pictures import LIMIT, PICTURES, Picture, rows, take

each_picture = pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)


def keys(picture: list[str]) -> str:
    """The last line of the screen."""
    return picture[-1].strip()


@each_picture
def test_a_picture_shows_what_the_text_around_it_says_and_the_keys_of_today(
    picture: Picture,
) -> None:
    fresh, kept = rows(asyncio.run(take(picture))), rows(picture.path.read_text(encoding="utf-8"))
    for text in picture.shows:
        assert text in "\n".join(fresh), "the script leads to another moment"
        assert text in "\n".join(kept), "run make docs"
    assert keys(kept) == keys(fresh), "run make docs"


@each_picture
def test_a_picture_is_small_and_needs_nothing_from_elsewhere(picture: Picture) -> None:
    svg = picture.path.read_text(encoding="utf-8")
    assert len(svg.encode()) < LIMIT
    assert not re.search(r"url\((?!#)|@import|@font-face|<script|<image", svg)


@each_picture
def test_a_picture_is_in_the_readme(picture: Picture) -> None:
    readme = (picture.path.parents[1] / "README.md").read_text(encoding="utf-8")
    assert f"](docs/{picture.path.name})" in readme
