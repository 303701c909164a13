"""The forger's matrix: what one forged message can break, and that a check of who sent it helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli

TWO_HOLDERS = ("--ask", "h1 Acquire", "--ask", "h2 Acquire", "--horizon", "4")
TWO_WRITERS = ("--ask", "c1 Store value=A", "--ask", "c2 Store value=B", "--horizon", "4")
MATRIX = {
    "consensus/paxos": ("validity", ("--ask", "p1 Propose value=A", "--timers", "0")),
    "consensus/synod_ofcons": ("validity", ("--ask", "p1 Propose value=A")),
    "consensus/omega_consensus": ("validity", ("--ask", "p1 Propose value=A")),
    "leases/lease_service": ("LS.S1", TWO_HOLDERS),
    "leases/fencing": ("FN.S2", (*TWO_WRITERS, "--timers", "1")),
    "detectors/heartbeat": ("accuracy", ("--horizon", "14")),
    "detectors/recovery_notice": ("accuracy", ()),
    "synchronous/om": ("IC2", ("--ask", "c Command value=ATTACK")),
    "synchronous/sm": ("IC2", ("--ask", "c Command value=ATTACK", "--corrupt", "l2")),
}
"""For each protocol a property that its forgeries can break, and what else it takes."""
SIZES = {"detectors/heartbeat": 2, "synchronous/om": 3}
"""Three generals bear no liar, so one forgery is one too many."""


def searched(cli: Cli, tmp_path: Path, protocol: str, auth: str) -> tuple[bool, list[str]]:
    """Was the property broken, and what was outside?"""
    broken, options = MATRIX[protocol]
    size = f"[setup]\nn = {SIZES[protocol]}\n" if protocol in SIZES else ""
    path = tmp_path / "forged.toml"
    path.write_text(f'title = "F"\nprotocol = "{protocol}"\n{size}[model]\nauth = "{auth}"\n')
    bounds = ("--states", "40000", "--property", broken, "--forgeries", "1", *options)
    found = cli("search", path, *bounds, "--json").json["violation"]
    return found is not None, found["outside"] if found else []


@pytest.mark.parametrize("auth", ["none", "channel"])
@pytest.mark.parametrize("protocol", [name for name in MATRIX if name != "synchronous/sm"])
def test_where_nobody_checks_who_speaks_one_forgery_does_harm(
    cli: Cli, tmp_path: Path, protocol: str, auth: str
) -> None:
    broken, outside = searched(cli, tmp_path, protocol, auth)
    assert broken and all(left.startswith("forged ") for left in outside) and outside


@pytest.mark.parametrize("auth", ["mac", "sig"])
@pytest.mark.parametrize("protocol", list(MATRIX))
def test_where_a_tag_tells_who_speaks_it_does_none(
    cli: Cli, tmp_path: Path, protocol: str, auth: str
) -> None:
    if (protocol, auth) != ("synchronous/sm", "mac"):  # what others have said needs a signature
        assert searched(cli, tmp_path, protocol, auth) == (False, [])
