"""Bad input ends in one clear sentence on stderr and status 2: no traceback, nothing on stdout."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Ran

LESSON = """
title = "Lesson"
protocol = "consensus/paxos"
[setup]
acceptors = 3
[[step]]
do = ["ask p1 Propose value=A", "deliver Prepare p1>*"]
expect = { "p1.n" = "(1, p1)" }
"""


def refused(ran: Ran) -> str:
    """The one sentence."""
    [line] = ran.err.splitlines()
    assert ran.status == 2
    assert line.startswith("playground: ")
    assert "Traceback" not in line
    return line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("explain consensus/paxoz", "did you mean consensus/paxos?"),
        ("explain paxs", "did you mean paxos?"),
        ("explain no/such.py", "there is no file no/such.py"),
        ("play px_dule", "did you mean px_duel?"),
        ("play consensus/paxos", "consensus/paxos is a protocol, not a scenario"),
        ("play paxos", "paxos is a protocol, not a scenario"),
        ("play cap_tour", "try playground compare --script cap_tour"),
        ("explain px_duel", "px_duel is a scenario, not a protocol"),
        ("simulate consensus/px_duel", "consensus/px_duel is a scenario, not a protocol"),
        ("play ./nowhere.toml", "there is no file ./nowhere.toml"),
        ("play px_happy --speed fast", "'fast' is not a number"),
        ("play px_happy --until x", "'x' is not a whole number"),
        ("play px_happy --sped 2", "no such option: --sped (Possible options: --seed, --speed)"),
        ("play", "missing argument"),
        ("simulate paxos --schedule fifi", "did you mean fifo?"),
        ("simulate paxos --set acceptor=3", "did you mean acceptors?"),
        ("simulate paxos --set acceptors=many", "many is not a whole number"),
        ("simulate paxos --set acceptors=0", "at least one proposer and one acceptor"),
        ("simulate paxos --set acceptors=9999999", "9999999 is too large; at most 1000"),
        ("simulate paxos --set acceptors", "should be a name and a value"),
        ("simulate paxos --set n=3 --set n=4", "n is set twice"),
        ("simulate paxos --set bug=no_log", "did you mean no_log_round?"),
        ("simulate paxos --loss 2", "2.0 is not in the range"),
        ("simulate paxos --runs 0", "0 is not in the range"),
        ("export px_happy --to jsn", "did you mean json?"),
        ("export px_happy --to pdf", "there are json, text, svg"),
        ("export px_happy", "missing option '--to'"),
        ("new protcol x", "did you mean protocol?"),
        ("new protocol My-Ring", "use a-z, 0-9 and _, as in my_ring"),
        ("new protocol random", "a name that Python uses itself"),
        ("new protocol class", "a name that Python uses itself"),
        ("new scenario no/such/folder/x", "there is no folder no/such/folder"),
        ("lits", "there is no command 'lits'; did you mean list?"),
        ("--resum", "no such option: --resum"),
    ],
)
def test_a_slip_is_told_with_the_nearest_right_thing(cli: Cli, arguments: str, words: str) -> None:
    ran = cli(*arguments.split())
    assert ran.out == ""
    assert words in refused(ran)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ("p9 Propose value=A", "unknown node 'p9'"),
        ("p1 Propsoe value=A", "did you mean Propose?"),
        ("p1 Propose vlaue=A", "did you mean value?"),
        ("p1 Propose value=(1, 2)", "(1, 2) is not a text"),
        ("p1", "say who and what"),
        ("p1 Propose value=" + 1000 * "(", "nested more than 50 levels deep"),
    ],
)
def test_a_slip_in_an_ask_is_told(cli: Cli, ask: str, words: str) -> None:
    assert words in refused(cli("simulate", "paxos", "--ask", ask))


@pytest.mark.parametrize(
    ("was", "now", "place", "words"),
    [
        ('title = "Lesson"', "title = Lesson", ":2:", "this is no TOML"),
        ('protocol = "consensus/paxos"', 'protocol = "consensus/paxo"', ":3:", "consensus/paxos?"),
        ("acceptors", "aceptors", ":5:", "did you mean acceptors?"),
        ("acceptors = 3", 'acceptors = "three"', ":5:", "three is not a whole number"),
        ("[[step]]", "[[stepp]]", ":6:", "did you mean step?"),
        ("ask p1", "aks p1", ":7:", "did you mean ask?"),
        ("p1.n", "p1.m", ":8:", "unknown field of p1 'm'"),
        ("p1.n", "p9.n", ":8:", "unknown node 'p9'"),
        ('{ "p1.n" = "(1, p1)" }', "3", ":8:", "expected"),
    ],
)
def test_a_slip_in_a_scenario_is_told_with_its_place(
    cli: Cli, tmp_path: Path, was: str, now: str, place: str, words: str
) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text(LESSON.replace(was, now))
    line = refused(cli("check", path))
    assert f"{path}{place}" in line
    assert words in line


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("Prepare p1>*", "Prepare p2>*", ":7:"),
        ("Prepare p1>*", "m99", ":7:"),
        ("ask p1", "ask a1", ":7:"),
        ("Prepare p1>*", "Prepare p1>a9", "unknown node 'a9'"),
    ],
)
def test_a_line_that_can_not_be_done_is_told_with_its_place(
    cli: Cli, tmp_path: Path, was: str, now: str, words: str
) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text(LESSON.replace(was, now))
    assert words in refused(cli("play", path))
    ran = cli("play", path, "--json")
    assert ran.out == "" and words in refused(ran)


def test_check_looks_at_every_file_and_fails_if_one_is_wrong(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text("title = 3\n")
    ran = cli("check", "px_happy", path, "px_duel")
    assert ran.status == 2
    assert ran.out == "px_happy: fine\npx_duel: fine\n"
    assert len(ran.err.splitlines()) == 1


def test_a_file_that_is_no_text_is_told(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "picture.toml"
    path.write_bytes(b"\x89PNG\xff")
    assert "no UTF-8" in refused(cli("check", path))


def test_a_folder_is_no_scenario(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    refused(cli("play", tmp_path / "folder.toml"))


def test_a_handler_that_raises_is_told(cli: Cli, echo: Path) -> None:
    slip = echo.read_text().replace("self.send(Answer(text), to=src)", "self.nothing()")
    echo.write_text(slip)
    said = refused(cli("simulate", echo))
    assert "s failed on Question" in said and "'Server' object has no attribute 'nothing'" in said


def test_a_property_that_raises_is_told_with_its_line(cli: Cli, echo: Path) -> None:
    slip = echo.read_text().replace("asked = {(pid, wonder.text)", "asked = {(pid, wonder.txt)")
    assert slip != echo.read_text()
    echo.write_text(slip)
    assert f"{echo}:" in refused(cli("simulate", echo))


def test_a_protocol_that_is_no_python_is_told_with_its_line(cli: Cli, echo: Path) -> None:
    echo.write_text("def setup(:\n")
    assert f"{echo}:1:" in refused(cli("explain", echo))
    echo.write_text("x = 1\n")
    assert "it defines no setup()" in refused(cli("explain", echo))


def test_a_protocol_that_can_not_be_imported_is_told_with_its_line(
    cli: Cli, echo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = echo.read_text(encoding="utf-8").replace("def ask_again(", "def recover(")
    echo.write_text(text, encoding="utf-8")
    monkeypatch.chdir(echo.parent)
    number = text.splitlines().index("class Client(Role):") + 1
    assert f"{echo.name}:{number}: importing it raised" in refused(cli("simulate", echo.name))


def test_what_is_there_is_not_overwritten(cli: Cli, echo: Path) -> None:
    before = echo.read_text()
    assert "is there already" in refused(cli("new", "protocol", echo.with_suffix("")))
    assert echo.read_text() == before


def test_an_output_file_that_can_not_be_written_is_told(cli: Cli, tmp_path: Path) -> None:
    there = tmp_path / "no" / "run.json"
    said = refused(cli("export", "px_happy", "--to", "json", "-o", there))
    assert f"{there} can't be written" in said


def test_escape_codes_in_arguments_and_files_are_shown_not_obeyed(cli: Cli, tmp_path: Path) -> None:
    assert r"\x1b[31m" in refused(cli("explain", "\x1b[31mred"))
    assert r"\x9b31m" in refused(cli("play", "\x9b31mred"))
    path = tmp_path / "red.toml"
    path.write_text(LESSON.replace('"Lesson"', r'"[bold]\u001b[31mRed\u009b[0m"'), "utf-8")
    ran = cli("play", path)
    assert r"[bold]\x1b[31mRed\x9b[0m" in ran.out
    assert "\x1b" not in ran.out and "\x9b" not in ran.out


def test_escape_codes_in_json_are_escaped(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "red.toml"
    path.write_text(LESSON.replace("value=A", r"value=\"\u001b[31m\u009b\""), "utf-8")
    ran = cli("play", path, "--json")
    assert ran.json["state"]["p1"]["value"] == "\x1b[31m\x9b"
    assert "\x1b" not in ran.out and "\x9b" not in ran.out
