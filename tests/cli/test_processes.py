"""What only a process of its own shows: pipes, signals, imports, hash seeds, the shell."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import environment, process


def imported(*arguments: str) -> set[str]:
    """The modules that a command line imports."""
    code = (
        "import sys\nfrom playground.cli.app import run\n"
        f"status = run({list(arguments)!r})\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines())


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["list", "--json"], ["--version"]])
def test_help_and_list_import_nothing_heavy(arguments: list[str]) -> None:
    modules = imported(*arguments)
    heavy = ("textual", "rich", "msgspec", "tomli", "immutables", "importlib.metadata", "asyncio")
    assert {
        m for m in modules if m.startswith((*heavy, "protocols.", "playground.protocol"))
    } == set()


@pytest.mark.parametrize("arguments", [["play", "px_happy"], ["simulate", "paxos"], ["schema"]])
def test_only_the_screen_imports_textual(arguments: list[str]) -> None:
    assert {m for m in imported(*arguments) if m.startswith(("textual", "rich"))} == set()


def test_a_seed_gives_the_same_runs_under_every_hash_seed() -> None:
    line = (
        "simulate", "paxos", "--schedule", "random", "--runs", "6", "--seed", "3", "--json",
        "--loss", "0.1", "--duplicate", "0.1", "--crash", "1", "--set", "bug=no_log_round",
        "--ask", "p1 Propose value=A", "--ask", "p2 Propose value=B",
    )  # fmt: skip
    runs = [process(*line, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    assert runs[0].err == "" and runs[0] == runs[1]
    assert json.loads(runs[0].out)["runs"] == 6


def test_a_scenario_plays_the_same_under_every_hash_seed() -> None:
    runs = [process("play", "px_duel", "--json", PYTHONHASHSEED=seed) for seed in ("1", "2")]
    assert runs[0].status == 0 and runs[0] == runs[1]


def test_without_a_terminal_the_dueling_leaders_play_as_text() -> None:
    ran = process()
    assert ran.status == 0 and ran.err == ""
    assert ran.out.startswith("Dueling leaders. A scenario of consensus/paxos.\n")
    assert "\x1b" not in ran.out


def test_a_session_is_not_resumed_without_a_terminal() -> None:
    ran = process("--resume")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "playground: a session can only be resumed on a terminal\n"


@pytest.mark.parametrize("line", ["list", "play px_duel px_happy", "explain paxos", "--help"])
def test_a_pipe_that_is_closed_early_ends_it_quietly(line: str) -> None:
    command = f"{sys.executable} -m playground {line} | head -1"
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    assert done.returncode in (0, 141)  # 0: it was faster than head


def test_a_full_disk_is_told_in_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "playground", "list"],
            env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "playground: the output can't be used: No space left on device\n"


def test_ctrl_c_in_playback_tells_how_far_it_came() -> None:
    playing = subprocess.Popen(
        [sys.executable, "-m", "playground", "play", "px_duel", "--speed", "2"],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert playing.stdout is not None
    while "Step 1 of" not in playing.stdout.readline():
        pass
    playing.send_signal(signal.SIGINT)
    _, err = playing.communicate()
    assert err == "playground: Interrupted at step 1 of 11.\n"
    assert playing.returncode == 130


def test_an_old_encoding_spells_out_what_it_can_not_write() -> None:
    ran = process("list", PYTHONIOENCODING="ascii")
    assert ran.status == 0 and ran.err == ""


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("playground exp", {"explain", "export"}),
        ("playground consensus/pa", {"consensus/paxos"}),
        ("playground px_due", {"px_duel", "px_duel_ends"}),
        ("playground play consensus/px_due", {"consensus/px_duel", "consensus/px_duel_ends"}),
        ("playground explain two_g", {"two_generals"}),
        ("playground simulate paxos --schedule ", {"fifo", "random", "rounds"}),
        ("playground export px_duel --to ", {"json", "text", "svg"}),
        ("playground new ", {"protocol", "scenario"}),
        ("playground check ./play", {"./playground/"}),
    ],
)
def test_the_shell_completes_commands_and_names(words: str, found: set[str]) -> None:
    last = str(len(words.split(" ")) - 1)
    ran = process(
        cwd=Path(__file__).parents[2],
        _PLAYGROUND_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=last,
    )  # fmt: skip
    assert set(ran.out.split()) == found


def test_zsh_shows_titles_beside_the_names() -> None:
    asked = "playground explain consensus/pa"
    ran = process(_PLAYGROUND_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=asked)
    assert '"consensus/paxos":"Paxos' in ran.out
    assert len(ran.out.splitlines()) == 1


def test_options_may_stand_before_a_command() -> None:
    assert process("--", "list").out == process("list").out != ""


def test_the_version_is_told() -> None:
    from playground import __version__

    assert process("--version").out == f"playground {__version__}\n"
