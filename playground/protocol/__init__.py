"""The vocabulary that protocol files are written in.  It is all they may import.

A protocol is a module: a docstring (promise, source, failure model), a table of messages, roles in
the order in which messages flow, and then

    setup(...)       the nodes; its parameters are the protocol's sizes and options
    model(nodes)     what the theory assumes of links, crashes and keys
    workload(nodes)  what to ask of whom for one failure-free decision
    properties       functions under `@always`, `@eventually` or `@between`, or those of a problem
                     (`playground.protocol.consensus`, `playground.protocol.commit`)
    showpieces       functions under `@showpiece`: what is worth bringing about, if there is any

Known bugs live beside it, in `<name>_wrong.py`, as subclasses under `@breaks(...)`.
"""

from playground.protocol.crypto import Signed as Signed
from playground.protocol.crypto import Tagged as Tagged
from playground.protocol.crypto import signatures as signatures
from playground.protocol.events import Deadline as Deadline
from playground.protocol.events import Decision as Decision
from playground.protocol.events import Event as Event
from playground.protocol.events import Input as Input
from playground.protocol.events import Message as Message
from playground.protocol.events import Moment as Moment
from playground.protocol.events import Output as Output
from playground.protocol.events import Pid as Pid
from playground.protocol.events import Tick as Tick
from playground.protocol.events import Timer as Timer
from playground.protocol.events import ranked as ranked
from playground.protocol.model import Model as Model
from playground.protocol.observations import ever as ever
from playground.protocol.observations import inputs as inputs
from playground.protocol.observations import outputs as outputs
from playground.protocol.observations import sent as sent
from playground.protocol.observations import trace as trace
from playground.protocol.properties import Clash as Clash
from playground.protocol.properties import Property as Property
from playground.protocol.properties import System as System
from playground.protocol.properties import Verdict as Verdict
from playground.protocol.properties import always as always
from playground.protocol.properties import at_most_one as at_most_one
from playground.protocol.properties import between as between
from playground.protocol.properties import eventually as eventually
from playground.protocol.properties import monotone as monotone
from playground.protocol.properties import never_changes as never_changes
from playground.protocol.roles import Ask as Ask
from playground.protocol.roles import Layers as Layers
from playground.protocol.roles import Nodes as Nodes
from playground.protocol.roles import Role as Role
from playground.protocol.roles import breaks as breaks
from playground.protocol.roles import layer as layer
from playground.protocol.roles import majority as majority
from playground.protocol.roles import pids as pids
from playground.protocol.roles import stable as stable
from playground.protocol.roles import upon as upon
from playground.protocol.showpieces import showpiece as showpiece
from playground.values import Instant as Instant
from playground.values import Map as Map
