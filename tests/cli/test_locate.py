"""playground locate"""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cli


@pytest.mark.parametrize(
    ("what", "end"), [("config", "/config.toml"), ("themes", "/themes"), ("data", ""), ("log", "")]
)
def test_every_place_is_told_alone_on_a_line(cli: Cli, what: str, end: str) -> None:
    ran = cli("locate", what)
    assert ran.status == 0 and ran.err == ""
    assert ran.out.count("\n") == 1 and "playground" in ran.out and ran.out.endswith(f"{end}\n")


def test_an_unknown_place_is_told_with_the_nearest_one(cli: Cli) -> None:
    ran = cli("locate", "theme")
    assert ran.status == 2 and "did you mean themes?" in ran.err
