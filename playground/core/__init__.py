"""The pure core: worlds are values, and `step` is the only way one comes from another."""

from playground.core.actions import Action as Action
from playground.core.actions import Ask as Ask
from playground.core.actions import Corrupt as Corrupt
from playground.core.actions import Crash as Crash
from playground.core.actions import Cut as Cut
from playground.core.actions import Deliver as Deliver
from playground.core.actions import Drop as Drop
from playground.core.actions import Duplicate as Duplicate
from playground.core.actions import Edit as Edit
from playground.core.actions import Fire as Fire
from playground.core.actions import Forge as Forge
from playground.core.actions import Heal as Heal
from playground.core.actions import Recover as Recover
from playground.core.actions import Replay as Replay
from playground.core.actions import Tick as Tick
from playground.core.errors import HandlerFailed as HandlerFailed
from playground.core.errors import Impossible as Impossible
from playground.core.network import Envelope as Envelope
from playground.core.step import Step as Step
from playground.core.step import begin as begin
from playground.core.step import enabled as enabled
from playground.core.step import perform as perform
from playground.core.step import step as step
from playground.core.step import undeliverable as undeliverable
from playground.core.world import World as World
