"""A scenario for a protocol that has no script: its default workload, and a fair end."""

from __future__ import annotations

from playground.session import commands as c
from playground.session.catalog import ProtocolFile
from playground.session.errors import BadInput
from playground.session.scenario import Scenario, Step
from playground.session.session import Session
from playground.session.simulate import workload


def outline(protocol: ProtocolFile) -> Scenario:
    """Asks, finish, and all that is true of the properties then.  Raises BadInput."""
    session = Session(protocol)
    lines = workload(session)
    for line in lines:
        session.say(line)
    session.do(c.Finish())
    if not lines:
        raise BadInput(f"{protocol.name} has no workload")
    return Scenario(
        title=protocol.title.partition(":")[0],
        protocol=protocol.name,
        lesson=protocol.title,
        step=[
            Step(say="This is asked.", do=lines),
            Step(say="And now everything that is left to happen happens.", do=["finish"]),
        ],
        end={**session.verdicts(), "outside": session.outside()},
    )
