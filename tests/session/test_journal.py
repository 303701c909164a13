"""The journal: whatever happens to the terminal, nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from playground.session import journal
from playground.session.errors import BadInput
from playground.session.journal import Journal
from tests.helpers import ROOT, playback, session
from tests.session.test_scenario import DUEL

LINES = ["ask p1 Propose value=A", "deliver Prepare p1>a1", "hold m2", "undo 2", "drop m3"]


def test_a_resumed_session_is_where_it_was(tmp_path: Path) -> None:
    one = session()
    book = Journal.begin(one, None, tmp_path)
    for line in LINES:
        one.say(line)
    book.close()
    two = journal.resume(book.path).session
    assert two.state == one.state
    assert len(two.history.branches) == len(one.history.branches) == 2


def test_the_place_in_the_script_is_resumed(tmp_path: Path) -> None:
    duel = playback(DUEL)
    book = Journal.begin(duel.session, duel, tmp_path)
    duel.next()
    book.script(duel.done)
    book.close()
    again = journal.resume(book.path).playback
    assert again is not None and again.done == 1


def test_a_resumed_session_goes_on_in_the_same_journal(tmp_path: Path) -> None:
    one = session()
    book = Journal.begin(one, None, tmp_path)
    one.say(LINES[0])
    book.close()
    resumed = journal.resume(book.path)
    two = resumed.session
    more = Journal.go_on(book.path, resumed)
    two.say(LINES[1])
    more.close()
    three = journal.resume(book.path).session
    assert three.state == two.state and three.state.step == 2


def test_kill_minus_nine_loses_nothing(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from tests.helpers import session
from playground.session.journal import Journal
s = session()
Journal.begin(s, None, Path({str(tmp_path)!r}))
for line in {LINES!r}:
    s.say(line)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    found = journal.left(tmp_path)
    assert found is not None and found.steps == len(LINES)
    again = journal.resume(found.path).session
    here = session()
    for line in LINES:
        here.say(line)
    assert again.state == here.state


def test_a_line_that_was_cut_short_counts_as_not_written(tmp_path: Path) -> None:
    one = session()
    book = Journal.begin(one, None, tmp_path)
    one.say(LINES[0])
    book.close()
    with book.path.open("a") as file:
        file.write("deliver Prep")
    two = journal.resume(book.path).session
    assert two.state.step == 1


def test_a_journal_that_is_being_written_is_not_left(tmp_path: Path) -> None:
    one = session()
    book = Journal.begin(one, None, tmp_path)
    one.say(LINES[0])
    assert journal.left(tmp_path) is None
    book.close()
    assert journal.left(tmp_path) is not None


def test_a_session_in_which_nothing_was_done_leaves_no_journal(tmp_path: Path) -> None:
    book = Journal.begin(session(), None, tmp_path)
    book.close()
    assert list(tmp_path.iterdir()) == []


def test_only_the_newest_journals_are_kept(tmp_path: Path) -> None:
    for _ in range(journal.KEPT + 3):
        one = session()
        book = Journal.begin(one, None, tmp_path)
        one.say(LINES[0])
        book.close()
    assert len(list(tmp_path.iterdir())) == journal.KEPT


def test_a_folder_that_can_not_be_made_leaves_the_session_playing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    one = session()
    book = Journal.begin(one, None, blocked)
    one.say(LINES[0])
    assert one.state.step == 1
    assert book.problem is not None and "can't be written" in book.problem


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_a_full_disk_leaves_the_session_playing(tmp_path: Path) -> None:
    one = session()
    book = Journal.begin(one, None, tmp_path)
    full = Journal.go_on(Path("/dev/full"), journal.Resumed(one, None, [], None))
    one.say(LINES[0])
    assert one.state.step == 1
    assert full.problem is not None and "No space left" in full.problem
    assert book.problem is None
    book.close()


@pytest.mark.parametrize("content", ["", "nonsense\n", "{}\n", '{"scenario": null}\n'])
def test_a_file_that_is_no_journal_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.journal"
    path.write_text(content)
    with pytest.raises(BadInput, match="journal"):
        journal.resume(path)
    assert journal.left(tmp_path) is None


def test_journals_are_for_their_owner_only(tmp_path: Path) -> None:
    one = session()
    book = Journal.begin(one, None, tmp_path)
    assert book.path.stat().st_mode & 0o077 == 0


def test_a_line_that_can_not_be_carried_out_again_costs_only_what_came_after(
    tmp_path: Path,
) -> None:
    one = session()
    book = Journal.begin(one, None, tmp_path)
    one.say(LINES[0])
    one.say(LINES[1])
    book.close()
    book.path.write_text(book.path.read_text() + "deliver m99\ndrop m2\n")
    resumed = journal.resume(book.path)
    assert resumed.session.state == one.state
    assert resumed.problem is not None and "2 of 4 lines" in resumed.problem
    more = Journal.go_on(book.path, resumed)
    resumed.session.say("drop m2")
    more.close()
    again = journal.resume(more.path)
    assert again.problem is None and again.session.state == resumed.session.state


def test_a_protocol_from_a_file_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (ROOT / "protocols/impossibility/two_generals.py").read_text()
    (tmp_path / "my_generals.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    one = session("my_generals.py")
    book = Journal.begin(one, None, tmp_path)
    one.say("ask A Start plan=dawn")
    book.close()
    monkeypatch.chdir("/")
    assert journal.resume(book.path).session.state.step == 1
