"""Facts about README and CONTRIBUTING: what they show is what happens."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from playground.session.catalog import load
from playground.session.session import Session
from tests.cli.conftest import Cli, environment
from tests.helpers import ROOT

PAGES = ("README.md", "CONTRIBUTING.md")


class Block(NamedTuple):
    """A fenced block.  The title, which readers do not see, is the file that the text is of, or to
    which it is added if a plus stands before the name."""

    language: str
    title: str
    text: str


def blocks(page: str) -> list[Block]:
    source = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w+)(?: title=(\S+))?\n(.*?)^```$", source, re.MULTILINE | re.DOTALL)
    return [Block(*each) for each in found]


def commands(text: str) -> Iterator[tuple[list[str], str]]:
    """The lines that begin with "$ ", each with what follows it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield shlex.split(line), output


def same(shown: str, printed: str) -> bool:
    """Three dots stand for anything, and blanks do not count."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(shown, printed, flags)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_is_what_happens(page: str, cli: Cli, folder: Path) -> None:
    """Its files are written and its commands typed, from its beginning to its end."""
    for block in blocks(page):
        if block.title:
            with (folder / block.title.lstrip("+")).open("a", encoding="utf-8") as file:
                file.write(block.text)
        elif block.language == "console":
            for (program, *arguments), shown in commands(block.text):
                printed = typed(cli, program, arguments)
                assert same(shown, printed), f"{program} {arguments} printed\n{printed}"


def typed(cli: Cli, program: str, arguments: list[str]) -> str:
    if program == "playground":
        return "".join(cli(*arguments)[1:])
    assert program == "python"
    done = subprocess.run(
        [sys.executable, *arguments], env=environment(), capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_no_sample_is_left_untried(page: str) -> None:
    """A block is a file, or typed, or one of the few that set up or draw."""
    for block in blocks(page):
        tried = bool(block.title) or block.language == "console"
        assert tried or block.language in ("sh", "text"), block.text


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    source = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", source)
    assert links
    for link in links:
        assert re.match(r"https://", link) or (ROOT / link).exists(), link


def test_make_has_every_target_that_a_page_names() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for page in PAGES:
        source = (ROOT / page).read_text(encoding="utf-8")
        assert set(re.findall(r"(?:`|^)make ([a-z]+)", source, re.MULTILINE)) <= known


def test_the_first_commands_of_the_readme_set_up_and_run_and_set_up_and_test() -> None:
    first = [block.text.strip() for block in blocks("README.md") if block.language == "sh"]
    assert first[:2] == ["make play", "make test"]


def test_the_ring_of_the_readme_has_about_30_lines_and_can_be_broken_by_a_forgery(
    folder: Path,
) -> None:
    [ring] = [block for block in blocks("README.md") if block.title == "ring.py"]
    assert sum(bool(line.strip()) for line in ring.text.splitlines()) < 40
    (folder / "ring.py").write_text(ring.text, encoding="utf-8")
    session = Session(load(os.fspath(folder / "ring.py")))
    for line in ("ask p3 Start", "forge Candidate p1>p2 number=2", "deliver Candidate p1>p2"):
        session.say(line)
    session.say("finish")
    assert session.verdicts()["one_leader"] == "violated"
    assert session.outside() == ["forged Candidate"]
