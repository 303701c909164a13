"""The journal: whatever happens to the terminal, nothing is lost."""

from __future__ import annotations

import os
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
    two, _ = journal.resume(book.path)
    assert two.state == one.state
    assert len(two.history.branches) == len(one.history.branches) == 2


def test_the_place_in_the_script_is_resumed(tmp_path: Path) -> None:
    duel = playback(DUEL)
    book = Journal.begin(duel.session, duel, tmp_path)
    duel.next()
    book.script(duel.done)
    book.close()
    _, again = journal.resume(book.path)
    assert again is not None and again.done == 1


def test_a_resumed_session_goes_on_in_the_same_journal(tmp_path: Path) -> None:
    one = session()
    book = Journal.begin(one, None, tmp_path)
    one.say(LINES[0])
    book.close()
    two, _ = journal.resume(book.path)
    more = Journal.go_on(book.path, two)
    two.say(LINES[1])
    more.close()
    three, _ = journal.resume(book.path)
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
    again, _ = journal.resume(found.path)
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
    two, _ = journal.resume(book.path)
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
    full = Journal.go_on(Path("/dev/full"), one)
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
    assert os.stat(book.path).st_mode & 0o077 == 0
