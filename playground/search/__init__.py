"""Searches of the worlds within reach.  They know the core only."""

from playground.search.errors import SearchError as SearchError
from playground.search.faults import Faults as Faults
from playground.search.library import search as search
from playground.search.result import Bounds as Bounds
from playground.search.result import Progress as Progress
from playground.search.result import Result as Result
