"""The child process that searches can be ended at any moment, also while it begins."""

from __future__ import annotations

import asyncio

import pytest

from playground.session.catalog import load
from playground.session.job import Moment, Request
from playground.session.session import Session
from playground.tui.worker import Lost, Worker
from tests.tui.driver import on_screen


def request(line: str) -> Request:
    session = Session(load("consensus/paxos"))
    session.say("ask p1 Propose value=A")
    return Request(Moment.of(session), line)


@on_screen
async def test_a_search_that_is_stopped_as_it_begins_leaves_no_process_to_the_next() -> None:
    worker = Worker()
    first = asyncio.create_task(worker.ask(request("search time=60 crashes=1 timers=3")))
    await asyncio.sleep(0)  # its process is about to be started
    worker.kill()
    told = await worker.ask(request("reach chosen"))
    assert told.kind == "answer"
    with pytest.raises(Lost):
        await first
    await worker.close()
    assert worker.pid is None
