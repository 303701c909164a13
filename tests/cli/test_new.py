"""What `playground new` makes works at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, environment


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_protocol_can_be_simulated_and_explained(cli: Cli, folder: Path) -> None:
    assert cli("new", "protocol", "my_ring").status == 0
    assert sorted(path.name for path in folder.iterdir()) == ["my_ring.py", "test_my_ring.py"]
    ran = cli("simulate", "./my_ring.py", "--runs", "5", "--schedule", "random", "--loss", "0.3")
    assert (ran.status, ran.err) == (0, "")
    assert "# My ring: a server sends back" in cli("explain", "my_ring.py").out
    assert "echo" not in (folder / "my_ring.py").read_text().lower()


def test_a_protocol_passes_its_own_test(cli: Cli, folder: Path) -> None:
    cli("new", "protocol", "my_ring")
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "3 passed" in tested.stdout, tested.stdout


def test_a_scenario_can_be_played(cli: Cli, folder: Path) -> None:
    assert cli("new", "scenario", "my_lesson").status == 0
    assert cli("check", "my_lesson.toml").status == 0
    ran = cli("play", "./my_lesson.toml")
    assert ran.status == 0 and "expectations are met." in ran.out


def test_a_scenario_can_be_of_a_protocol_of_ones_own(cli: Cli, folder: Path) -> None:
    cli("new", "protocol", "my_ring")
    assert cli("new", "scenario", "my_lesson", "--of", "./my_ring.py").status == 0
    assert cli("play", "my_lesson.toml", "--json").json["properties"]["answered"] == "reached"


def test_what_it_suggests_to_try_works(cli: Cli, folder: Path) -> None:
    suggested = [
        line.split()[1:]
        for made in (cli("new", "protocol", "my_ring"), cli("new", "scenario", "my_lesson"))
        for line in made.out.splitlines()
        if line.startswith("  playground")
    ]
    assert len(suggested) == 4
    assert [cli(*words).status for words in suggested] == [0, 0, 0, 0]
