"""playground lincheck: statuses, JSON, and what it draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.cli.lincheck import MODELS
from playground.formats.models import MODELS as READERS
from tests.cli.conftest import Cli

STALE = """\
0 :invoke :write 1
0 :ok :write 1
1 :invoke :write 2
2 :invoke :write 5
1 :ok :write 2
0 :invoke :read nil
0 :ok :read 1
3 :invoke :read nil
3 :ok :read 5
"""
FINE = STALE.replace("0 :ok :read 1", "0 :ok :read 2")


@pytest.fixture
def stale(tmp_path: Path) -> Path:
    file = tmp_path / "stale.log"
    file.write_text(STALE, encoding="utf-8")
    return file


@pytest.fixture
def fine(tmp_path: Path) -> Path:
    file = tmp_path / "fine.log"
    file.write_text(FINE, encoding="utf-8")
    return file


def test_a_linearizable_history_gives_0_and_says_so_in_words(cli: Cli, fine: Path) -> None:
    ran = cli("lincheck", fine)
    assert (ran.status, ran.err) == (0, "")
    first, second = ran.out.splitlines()
    assert first == (
        f"{fine}: 5 operations of 4 processes; the model is register, guessed from its operations."
    )
    assert second.startswith("Linearizable (")


def test_another_gives_1_the_clash_in_a_sentence_and_the_intervals(cli: Cli, stale: Path) -> None:
    ran = cli("lincheck", stale, "--model", "register")
    assert ran.status == 1
    assert "the model is register." in ran.out
    assert "Process 0 read 1, but the register could only hold 2 or 5 then." in ran.out
    assert "So no order explains the first 4 operations, up to line 7;" in ran.out
    drawn = ran.out.splitlines()[-4:]
    assert [line.split("  ")[0] for line in drawn] == [
        "process 0 wrote 1",
        "process 1 wrote 2",
        "process 2 wanted to write 5",
        "process 0 read 1",
    ]
    assert drawn[2].endswith("> line 4, no answer".replace("> ", ">  "))
    assert drawn[3].endswith("]   lines 6 to 7, the clash")


def test_for_programs_all_is_one_object(cli: Cli, stale: Path, fine: Path) -> None:
    good = cli("lincheck", fine, "--json")
    assert good.status == 0
    assert good.json["verdict"] == "linearizable"
    assert good.json["prefix"] is None and good.json["clash"] is None
    bad = cli("lincheck", stale, "--json")
    assert bad.status == 1
    result = bad.json
    assert {k: result[k] for k in ("file", "model", "verdict", "operations", "possible")} == {
        "file": str(stale),
        "model": "register",
        "verdict": "not linearizable",
        "operations": 5,
        "possible": [2, 5],
    }
    assert result["seconds"] >= 0
    assert result["prefix"][-1] == {
        "process": 0,
        "f": "read",
        "key": None,
        "value": None,
        "result": 1,
        "outcome": "ok",
        "invoked": 6,
        "responded": 7,
    }
    assert [op["outcome"] for op in result["prefix"]] == ["ok", "ok", "info", "ok"]


def test_the_first_state_decides(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "h.edn"
    entry = "{{:process 0 :type {} :f :txn :value [[:read :x {}] [:read :y {}]]}}"
    file.write_text(entry.format(":invoke", "nil", "nil") + entry.format(":ok", 0, 1))
    assert cli("lincheck", file, "--init", "{:x 0 :y 1}").status == 0
    ran = cli("lincheck", file, "--init", "{:x 0 :y 2}", "--json")
    assert ran.status == 1
    assert ran.json["possible"] == [{"x": 0, "y": 2}]
    assert ran.json["prefix"][0]["value"] == [["read", "x", None], ["read", "y", None]]


def test_what_is_not_known_in_time_gives_3(cli: Cli, tmp_path: Path) -> None:
    """Forty transactions at once, and an answer that only a search of all their orders refutes."""
    entries = [f"{i} :invoke :txn [[:write {i % 5} {i}]]\n" for i in range(40)]
    entries += [f"{i} :ok :txn [[:write {i % 5} {i}]]\n" for i in range(40)]
    entries += ["0 :invoke :txn [[:read 0 nil]]\n", "0 :ok :txn [[:read 0 99]]\n"]
    file = tmp_path / "hard.log"
    file.write_text("".join(entries), encoding="utf-8")
    ran = cli("lincheck", file, "--time", "0.2")
    assert ran.status == 3
    assert ran.out.splitlines()[1].startswith("Not known: there was no answer within 0.2 seconds")
    assert cli("lincheck", file, "--time", "0.2", "--json").json["verdict"] == "unknown"


def test_keys_are_drawn_alone(cli: Cli, tmp_path: Path) -> None:
    lines = [
        '{:process 0 :type :invoke :f :append :key "x" :value "a"}',
        '{:process 0 :type :ok     :f :append :key "x" :value "a"}',
        '{:process 0 :type :invoke :f :put    :key "y" :value "b"}',
        '{:process 0 :type :ok     :f :put    :key "y" :value "b"}',
        '{:process 1 :type :invoke :f :get    :key "x"}',
        '{:process 1 :type :ok     :f :get    :key "x" :value ""}',
    ]
    file = tmp_path / "kv.edn"
    file.write_text("\n".join(lines), encoding="utf-8")
    ran = cli("lincheck", file)
    assert ran.status == 1
    assert 'Process 1 read "" of x, but it could only hold a then.' in ran.out
    assert "the first 2 operations on x, up to line 6" in ran.out
    assert "wrote" not in ran.out


def test_a_long_history_is_drawn_in_part(cli: Cli, tmp_path: Path) -> None:
    steps = [f"0 :invoke :write {i}\n0 :ok :write {i}\n" for i in range(100)]
    file = tmp_path / "long.log"
    file.write_text("".join(steps) + "1 :invoke :read nil\n1 :ok :read 3\n", encoding="utf-8")
    ran = cli("lincheck", file)
    assert len(ran.out.splitlines()) < 40
    assert ran.out.splitlines()[-1] == "77 operations before or beside these are not drawn."


def test_escape_codes_in_values_are_shown_and_not_obeyed(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "h.edn"
    file.write_text(
        '{:process 0 :type :invoke :f :read}{:process 0 :type :ok :f :read :value "\x1b[31m"}',
        encoding="utf-8",
    )
    for more in ((), ("--json",)):
        ran = cli("lincheck", file, *more)
        assert ran.status == 1
        assert "\x1b" not in ran.out


def test_the_models_that_help_names_are_those_there_are() -> None:
    assert tuple(READERS) == MODELS


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "missing argument"),
        (("nowhere.edn",), "nowhere.edn can't be read: No such file or directory"),
        (("{stale}", "--model", "registre"), "unknown model 'registre'; did you mean register?"),
        (("{stale}", "--model", "mutex"), ":1:1: unknown operation of a mutex 'write'"),
        (("{stale}", "--time", "soon"), "'soon' is not a number"),
        (("{stale}", "--time", "nan"), "--time"),
        (("{stale}", "--time", "0"), "0"),
        (("{stale}", "--init", "[1"), "--init:1:1: the vector that begins here has no end"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    cli: Cli, stale: Path, arguments: tuple[str, ...], words: str
) -> None:
    ran = cli("lincheck", *(a.replace("{stale}", str(stale)) for a in arguments))
    assert (ran.status, ran.out) == (2, "")
    [line] = ran.err.splitlines()
    assert words in line
