"""Keeps a run that a search has found: as a scenario, or as a pytest test."""

from __future__ import annotations

import re
from pathlib import Path

from playground.session.errors import BadInput
from playground.session.hunt import Found
from playground.session.save import script, write, write_text
from playground.session.trouble import Trouble

_TEST = '''"""Found by `playground search`: {why}."""

from playground.session.catalog import load
from playground.session.errors import BadInput
from playground.session.session import Session
{more}
RUN = {run}


def test_{name}_survives_this_run() -> None:
    session = Session(load({protocol!r}), {setup!r})
    for line in RUN:
        try:
            session.say(line)
        except BadInput:  # the run is not possible any more
            return
    {claim}
'''

_NO_BUG = "assert {name!r} not in {{b.property for b in bugs(session.state, session.properties)}}"
"""What is mended may say more, which then comes too late: so it may break outside the model."""

_HOLDS = 'assert session.verdicts()[{name!r}] != "violated"'

_HOPEFUL = 'assert session.verdicts()[{name!r}] not in ("blocked", "livelock")'
"""The run is one after which a goal is out of reach."""


def as_test(found: Found) -> str:
    """The source of a test that fails as long as this run breaks the property.  Raises BadInput if
    there is no run, or if it is of a model that the scenario has changed."""
    broken = found.result.violation
    if broken is None:
        raise BadInput("the search has found no run to save")
    session = found.session
    if session.world.rules.model != session.protocol.model(session.nodes):
        raise BadInput("the scenario changes the model of the protocol; save it as a .toml file")
    lines = [*script(session), *found.trace]
    run = "[\n" + "".join(f"    {line!r},\n" for line in lines) + "]"
    name = broken.property.name
    claim = _NO_BUG if found.bug else _HOLDS
    if broken.property.kind == "eventually":
        claim = _HOPEFUL
    return _TEST.format(
        why=re.sub(r'["\\]', "'", broken.why()),
        run=run,
        name=name,
        more="from playground.session.verdicts import bugs\n" if found.bug else "",
        claim=claim.format(name=name),
        protocol=session.protocol.name,
        setup=session.setup,
    )


def keep(found: Found, path: Path) -> None:
    """Saves the run: as a test if the file is to be Python, else as a scenario.  Raises
    BadInput."""
    if path.suffix == ".py":
        write_text(as_test(found), path)
    else:
        write(found.scenario(), path)


def keep_trouble(trouble: Trouble, path: Path) -> None:
    """Saves the run up to where a handler raises, as a scenario.  Raises BadInput."""
    if path.suffix == ".py":
        raise BadInput("a handler that raises is no test; save the way there as a .toml file")
    write(trouble.lesson, path)
