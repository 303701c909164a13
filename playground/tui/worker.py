"""A child process that searches, as the screen has it: asked, listened to, and ended."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from playground.session.errors import BadInput
from playground.tui.lazy import later

if TYPE_CHECKING:
    from playground.search.result import Progress
    from playground.session import job
    from playground.session.job import Request, Told
else:
    job = later("playground.session.job")

GRACE = 2.0
"""Seconds that a process has to end by itself."""


class Lost(BadInput):
    """The process has ended before it answered."""


class Worker:
    """Started when it is first asked, and kept for the next time.  One question at a time."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._kills = 0

    @property
    def pid(self) -> int | None:
        """Of the process, if there is one."""
        return self._process.pid if self._process else None

    async def ask(
        self, request: Request, progress: Callable[[Progress], None] = lambda _: None
    ) -> Told:
        """Raises Lost."""
        process = None
        try:
            process = await self._started()
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(job.framed(request))
            await process.stdin.drain()
            while True:
                told = await _heard(process.stdout)
                if told.kind != "progress":
                    return told
                progress(told.what)
        except (OSError, EOFError, asyncio.IncompleteReadError, pickle.UnpicklingError) as error:
            how = await self._ended(process)
            raise Lost(f"the search is lost, since its process has ended{how}") from error

    def kill(self) -> None:
        """At once; a question that is open is Lost, and the next one has a process of its own."""
        process, self._process = self._process, None
        self._kills += 1
        if process is not None and process.stdin is not None:
            process.stdin.close()  # with its input the process ends

    async def close(self) -> None:
        """When this is over, so is the process."""
        process, self._process = self._process, None
        self._kills += 1
        if process is not None:
            await _end(process)

    async def _started(self) -> asyncio.subprocess.Process:
        process, kills = self._process, self._kills
        if process is None or process.returncode is not None:
            process = await asyncio.create_subprocess_exec(
                *job.argv(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            if kills != self._kills:  # this one was meant, too
                await _end(process)
                raise Lost("the search was stopped as it began")
            self._process = process
        return process

    async def _ended(self, process: asyncio.subprocess.Process | None) -> str:
        """How."""
        if process is None:
            return ""
        if self._process is process:
            self._process = None
        await _end(process)
        code = process.returncode or 0
        return f" by signal {-code}" if code < 0 else f" with status {code}" if code else ""


async def _end(process: asyncio.subprocess.Process) -> None:
    """By the end of its input.  To kill it is the last resort, as that takes the exit status away
    from asyncio, which would complain on the terminal."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), GRACE)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _heard(stream: asyncio.StreamReader) -> Told:
    head = await stream.readexactly(job.LENGTH.size)
    told: Told = pickle.loads(await stream.readexactly(*job.LENGTH.unpack(head)))
    return told
